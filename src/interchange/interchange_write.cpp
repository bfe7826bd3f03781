#include <nlohmann/json.hpp>

#include "interchange/interchange.h"
#include "program/segments.h"
#include "search/oracle_search.h"

namespace polar {
namespace {

using OrderedJson = nlohmann::ordered_json;

// What PoLar's own loader can parse: its predictor writes segments of at most 4 layers, repeated once.
constexpr SegmentLimits kPolarLimits{4, 2};

const char* listFor(Verdict verdict) {
  if (verdict == Verdict::right) return "final_valid_transitions";
  return verdict == Verdict::wrong ? "final_invalid_transitions" : "undecided_transitions";
}

void writeQuestion(const Example& example, OrderedJson& sample) {
  sample["query_id"] = example.id;
  if (example.options.empty()) {
    sample["question"] = example.question;
    sample["gt_ans"] = example.answer;
    return;
  }
  sample["question"] = {{"question", example.question}, {"options", example.options}, {"category", example.subject}};
  const bool letter = example.answer.size() == 1 && example.answer[0] >= 'A' &&
                      static_cast<std::size_t>(example.answer[0] - 'A') < example.options.size();
  if (letter)
    sample["gt_ans"] = example.answer[0] - 'A';
  else
    sample["gt_ans"] = example.answer;
}

OrderedJson sampleOf(const ExampleLabels& labels, int depth, const ExportOptions& options, ExportSummary& summary) {
  OrderedJson sample;
  writeQuestion(labels.example, sample);
  if (labels.example.level) sample["level"] = *labels.example.level;
  if (labels.standardVerdict != Verdict::undecided)
    sample["initial_score"] = labels.standardVerdict == Verdict::right ? 1 : 0;
  sample["final_valid_transitions"] = sample["final_invalid_transitions"] = OrderedJson::array();
  for (const LabelledProgram& each : labels.programs) {
    if (each.isSample()) {
      ++summary.temperatureSamples;
    } else if (options.parseableByPolar && !canonicalParse(each.program, depth, kPolarLimits)) {
      ++summary.unparseable;
    } else {
      const auto layers = each.program.layers();
      sample[listFor(each.evaluation.verdict)].push_back(std::vector<LayerIndex>(layers.begin(), layers.end()));
      ++summary.programs;
    }
  }
  return sample;
}

std::string dumped(const OrderedJson& json) { return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

}  // namespace

std::string polarSamplesJson(const LabelFile& labels, const ExportOptions& options, ExportSummary& summary) {
  const LabelProvenance& from = labels.provenance;
  const OrderedJson metadata = {
      {"tool", "polar " + from.toolVersion},    {"depth", from.depth},
      {"fingerprint", from.fingerprint},        {"weights_sha256", from.weightsSha256},
      {"prompt_template", from.promptTemplate}, {"parseable_by_polar", options.parseableByPolar}};
  std::string text = "{\"metadata\": " + dumped(metadata) + ",\n\"samples\": [";
  for (const ExampleLabels& example : labels.examples) {
    if (options.level && example.example.level != options.level) continue;
    text += summary.samples++ > 0 ? ",\n" : "\n";
    text += dumped(sampleOf(example, from.depth, options, summary));
  }
  return text + "\n]}\n";
}

}  // namespace polar
