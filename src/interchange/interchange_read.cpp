// The two foreign layouts, and what becomes of them in Polar's store.
#include <algorithm>
#include <limits>
#include <map>
#include <regex>
#include <set>

#include "data/reader.h"
#include "interchange/interchange_fields.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/version.h"

namespace polar {
namespace {

using foreign::find;
using foreign::Json;
using foreign::kind;

// The field keeps a file for each difficulty: …/dart-math-diff-4/merged_mcts_samples.json.
std::optional<int> levelOfPath(const std::filesystem::path& file) {
  const std::string name = file.parent_path().filename().string() + "/" + file.filename().string();
  std::smatch match;
  static const std::regex pattern("diff(?:iculty)?[-_]?([0-9]{1,3})(?![0-9])");
  return std::regex_search(name, match, pattern) ? std::optional<int>(std::stoi(match[1])) : std::nullopt;
}

const Json& samplesOf(const Json& json, const std::string& file) {
  if (!json.is_array() && !json.is_object()) throw InputError(file, kind(json), "a list or an object of samples");
  const auto found = json.is_object() ? json.find("samples") : json.end();
  if (found == json.end()) return json;
  if (!found->is_array() && !found->is_object())
    throw InputError(file + ": samples", kind(*found), "a list of samples");
  return *found;
}

std::string textOrNumber(const Json& value, const std::string& where) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  throw InputError(where, kind(value), "a text or a whole number");
}

ForeignSample polarSample(const Json& json, const std::string& where, std::optional<int> level) {
  ForeignSample sample{where, {}, {}, {}};
  if (!json.is_object()) throw InputError(where, kind(json), "a sample: an object with question and programs");
  const Json* question = find(json, {"question", "sample_info.question"});
  if (!question) throw InputError(where + ": question", "no such field", "a text");
  foreign::takeQuestion(*question, where, sample.example);
  const Json* answer = find(json, {"gt_ans", "ground_truth", "answer", "sample_info.gt_ans", "sample_info.ground_truth",
                                   "sample_info.answer"});
  if (!answer)
    throw InputError(where + ": gt_ans", "no such field", "the reference answer, as gt_ans, ground_truth or answer");
  foreign::takeAnswer(*answer, where, sample.example);
  if (const Json* score = find(json, {"initial_score", "initial_transition_metric", "evaluation_result.initial_score"}))
    sample.standardRight = foreign::takeFlag(*score, where + ": initial_score");
  if (const Json* id = find(json, {"query_id", "sample_info.query_id"}))
    sample.example.id = textOrNumber(*id, where + ": query_id");
  sample.example.level = level;
  if (const Json* own = find(json, {"level"}); own && own->is_number_unsigned() && own->get<std::uint64_t>() < 1000)
    sample.example.level = own->get<int>();
  for (const auto& [field, verdict] : {std::pair{"final_valid_transitions", Verdict::right},
                                       {"final_invalid_transitions", Verdict::wrong},
                                       {"undecided_transitions", Verdict::undecided}})
    foreign::takePrograms(find(json, {field}), field, verdict, sample);
  return sample;
}

// A column of Dr.LLM's file, or null where it is absent and may be.
const Json* column(const Json& json, const char* name, std::size_t rows, const std::string& file, bool required) {
  const Json* found = find(json, {name});
  if (!found && !required) return nullptr;
  const std::string where = file + ": " + name;
  if (!found) throw InputError(where, "no such list", "one entry for each question");
  if (!found->is_array()) throw InputError(where, kind(*found), "a list");
  if (found->size() != rows)
    throw InputError(where, std::to_string(found->size()) + " entries",
                     std::to_string(rows) + ", as many as questions");
  return found;
}

bool holds(const ForeignSample& sample, const Program& program) {
  return std::any_of(sample.programs.begin(), sample.programs.end(),
                     [&](const ForeignSample::Entry& entry) { return entry.program == program; });
}

// The layer index and place of what leaves the depth, and programs with two verdicts.
void checkPrograms(const ForeignSample& sample, int depth) {
  std::map<Program, const ForeignSample::Entry*> seen;
  for (const ForeignSample::Entry& entry : sample.programs) {
    const auto layers = entry.program.layers();
    for (std::size_t i = 0; i < layers.size(); ++i)
      if (layers[i] >= depth)
        throw InputError(sample.where + ": " + entry.where + "[" + std::to_string(i) + "]",
                         "layer " + std::to_string(layers[i]), "a layer below the depth, " + std::to_string(depth),
                         "give the model's depth with --depth");
    const auto [earlier, fresh] = seen.emplace(entry.program, &entry);
    if (!fresh && earlier->second->verdict != entry.verdict)
      throw InputError(sample.where + ": " + entry.where, "a program that is also at " + earlier->second->where,
                       "one verdict for each program");
  }
}

int inferredDepth(const std::vector<ForeignSample>& samples, const std::string& file) {
  int depth = 0;
  for (const ForeignSample& sample : samples)
    for (const ForeignSample::Entry& entry : sample.programs)
      for (const LayerIndex layer : entry.program.layers()) depth = std::max(depth, layer + 1);
  if (depth == 0)
    throw InputError(file, "no program with a layer", "programs that show the model's depth", "give it with --depth");
  return depth;
}

ExampleLabels labelsOf(const ForeignSample& sample, int depth, ImportSummary& summary) {
  ExampleLabels labels;
  labels.example = sample.example;
  labels.split = inFraction(sample.example, 0.25, 1) ? "validation" : "train";  // as an experiment's defaults do
  const Program standard = Program::standard(depth);
  std::optional<Verdict> given, found;
  if (sample.standardRight) given = *sample.standardRight ? Verdict::right : Verdict::wrong;
  for (const ForeignSample::Entry& entry : sample.programs) {
    LabelledProgram labelled;
    labelled.program = entry.program;
    labelled.evaluation.verdict = entry.verdict;
    labelled.evaluation.answerLogprob = labelled.evaluation.margin = std::numeric_limits<float>::quiet_NaN();
    labelled.evaluation.executed = entry.program.executed();
    labelled.evaluation.unique = entry.program.unique();
    labelled.evaluation.rule = "import";
    labelled.order = static_cast<std::uint32_t>(labels.programs.size());
    labelled.origin = "import";
    if (entry.program == standard) found = entry.verdict;
    labels.programs.push_back(std::move(labelled));
  }
  summary.contradictingStandard += given && found && *given != *found;
  labels.standardVerdict = given ? *given : found.value_or(Verdict::undecided);
  summary.programs += labels.programs.size();
  return labels;
}

}  // namespace

std::vector<ForeignSample> readPolarSamples(const Json& json, const std::filesystem::path& file) {
  const Json& list = samplesOf(json, file.string());
  const std::optional<int> level = levelOfPath(file);
  std::vector<ForeignSample> samples;
  for (const auto& [key, value] : list.items()) {
    if (list.is_object() && key == "metadata") continue;
    const std::string name = list.is_object() ? "'" + key + "'" : key;
    samples.push_back(polarSample(value, file.string() + ": sample " + name, level));
  }
  if (samples.empty()) throw InputError(file.string(), "no sample", "a list of samples");
  return samples;
}

std::vector<ForeignSample> readDrllmResults(const Json& json, const std::filesystem::path& file) {
  const std::string name = file.string();
  const Json* questions = json.is_object() ? find(json, {"questions"}) : nullptr;
  if (!questions || !questions->is_array() || questions->empty())
    throw InputError(name + ": questions", questions ? kind(*questions) : "no such list", "a list of questions");
  const std::size_t rows = questions->size();
  const Json& answers = *column(json, "best_response", rows, name, true);
  const Json& good = *column(json, "good_paths", rows, name, true);
  const Json* best = column(json, "best_path", rows, name, false);
  const Json* original = column(json, "original_correct", rows, name, false);
  const Json* solved = column(json, "mcts_correct", rows, name, false);
  std::vector<ForeignSample> samples;
  for (std::size_t i = 0; i < rows; ++i) {
    ForeignSample sample{name + ": sample " + std::to_string(i), {}, {}, {}};
    foreign::takeQuestion((*questions)[i], sample.where, sample.example);
    foreign::takeAnswer(answers[i], sample.where, sample.example);
    if (original && !(*original)[i].is_null())
      sample.standardRight = foreign::takeFlag((*original)[i], sample.where + ": original_correct");
    if (!good[i].is_null()) foreign::takePrograms(&good[i], "good_paths", Verdict::right, sample);
    // Every right program is in good_paths; one that was only the best of the wrong ones is here alone.
    if (best && !(*best)[i].is_null()) {
      const Program program = foreign::takeProgram((*best)[i], sample.where + ": best_path");
      const bool graded = solved && !(*solved)[i].is_null();
      const bool right = !graded || foreign::takeFlag((*solved)[i], sample.where + ": mcts_correct");
      if (!holds(sample, program) && !(program.executed() == 0 && !right))
        sample.programs.push_back({program, right ? Verdict::right : Verdict::wrong, "best_path"});
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

bool looksLikeDrllm(const Json& json) {
  return json.is_object() && json.contains("questions") && (json.contains("good_paths") || json.contains("best_path"));
}

LabelFile labelsOf(std::vector<ForeignSample> samples, const std::filesystem::path& file, int depth,
                   ImportSummary& summary) {
  summary.depthInferred = depth == 0;
  summary.depth = depth > 0 ? depth : inferredDepth(samples, file.string());
  LabelFile labels;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    ForeignSample& sample = samples[i];
    checkPrograms(sample, summary.depth);
    const std::string stem = file.stem().stem().string();
    const std::string id = sample.example.id.empty() ? stem + "/" + std::to_string(i) : sample.example.id;
    sample.example.id = id;
    for (int copy = 2; !ids.insert(sample.example.id).second; ++copy)
      sample.example.id = id + "#" + std::to_string(copy);
    summary.renamed += sample.example.id != id;
    sample.example.source = stem;
    labels.examples.push_back(labelsOf(sample, summary.depth, summary));
  }
  LabelProvenance& from = labels.provenance;
  from.depth = summary.depth;
  from.dataSha256 = sha256File(file);
  from.config = "imported: " + file.filename().string() + "\n";
  from.fingerprint = sha256("import\n" + from.dataSha256 + "\n" + std::to_string(from.depth));
  from.toolVersion = toolVersion();
  from.gitRevision = gitRevision();
  from.weightsSha256 = from.tokenizerSha256 = from.promptTemplate = from.dtype = from.device = "unknown";
  from.graderVersion = "import";
  return labels;
}

}  // namespace polar
