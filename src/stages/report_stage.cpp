// From a run's finished stages to its Report: facts, summaries, findings.
#include "eval/report/label_statistics.h"
#include "eval/report/oracle_findings.h"
#include "eval/report/primary_comparison.h"
#include "eval/report/report.h"
#include "eval/report/report_sets.h"
#include "stages/report_runs.h"
#include "stages/search_stage.h"
#include "store/label_store.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// Limits below a set's size make a report partial: its banner says which.
std::string partialReason(const std::vector<SetResult>& sets) {
  std::string text;
  for (const SetResult& set : sets) {
    const auto run = set.policies.empty() ? 0 : static_cast<std::int64_t>(set.policies.front().rows.size());
    if (run < set.available)
      text +=
          (text.empty() ? "" : ", ") + set.name + " " + std::to_string(run) + " of " + std::to_string(set.available);
  }
  return text.empty() ? "" : "questions run: " + text;
}

std::string labelCounts(const LabelFile& labels) {
  std::size_t programs = 0, train = 0;
  for (const ExampleLabels& example : labels.examples) {
    programs += example.programs.size();
    train += example.split == "train" ? 1u : 0u;
  }
  return std::to_string(programs) + " evaluations of " + std::to_string(labels.examples.size()) + " questions (" +
         std::to_string(train) + " to train, " + std::to_string(labels.examples.size() - train) + " to validate)";
}

// `lines`: LabelProvenance::computedOn.
void addLabelMachines(Report& report, const std::string& lines) {
  std::string machines;
  for (const char c : lines) machines += c == '\n' ? std::string("; ") : std::string(1, c);
  report.facts.emplace_back("oracle labels were computed on", machines.empty() ? "not recorded" : machines);
  if (lines.find('\n') != std::string::npos)
    report.remarks.push_back(
        "Oracle labels: parts were computed on unlike machines or by unlike libtorch versions, whose "
        "arithmetic may differ in the last bits; “What was run” names them.");
}

// How the checkpoint stores its weights: 4-bit blocks stay what they are when computed in fp32.
std::string weightsFact(const LabelProvenance& from) {
  const std::string digest = "SHA-256 " + from.weightsSha256.substr(0, 16);
  return from.weightsFormat.empty() ? digest
                                    : "stored as " + from.weightsFormat + ", computed in " + from.dtype + "; " + digest;
}

void addLeftOut(Report& report, const LabelFile& labels) {
  const std::int64_t leftOut = labels.provenance.leftOut;
  if (leftOut < 0) return;
  report.facts.emplace_back("leak guard",
                            std::to_string(leftOut) + " of " +
                                std::to_string(static_cast<std::int64_t>(labels.examples.size()) + leftOut) +
                                " train questions left out: near-duplicates of test questions");
}

}  // namespace

Report reportStage(const RunPaths& paths) {
  const ExperimentConfig config = readRunConfig(paths);
  const std::vector<SetResult> sets = readSets(config, paths);
  const LabelFile labels = readLabels(paths.labels);

  Report report;
  report.title = config.name;
  report.description =
      "Accuracy against cost of programs written for a frozen LLM. Every verdict was "
      "executed for this report; the oracle uses the answer and is an upper bound, not a method.";
  report.partialReason = partialReason(sets);
  report.partial = !report.partialReason.empty();
  report.confidence = config.eval.confidence;
  report.configYaml = resolvedYaml(config);
  const LabelProvenance& from = labels.provenance;
  report.facts = {
      {"model",
       config.model.path + " (" + std::to_string(from.depth) + " layers, " + from.dtype + " on " + from.device + ")"},
      {"weights", weightsFact(from)},
      {"prompt",
       from.promptTemplate + ", at most " + std::to_string(config.prompt.maxNewTokens) + " new tokens, greedy"},
      {"search", config.search.strategy + ", " + std::to_string(config.search.budget) + " programs a question at most"},
      {"oracle labels", labelCounts(labels)},
      {"tool", "polar " + from.toolVersion + " (" + from.gitRevision + "), seed " + std::to_string(config.seed)}};
  addLeftOut(report, labels);
  addLabelMachines(report, from.computedOn);
  for (const SetResult& set : sets) {
    addSet(report, set);
    for (auto& fact : setFacts(set)) report.facts.push_back(std::move(fact));
  }
  report.primary = primaryComparison(sets, config.eval.primary, config.eval.primarySets, config.eval.confidence);
  report.findings = oracleFindings(labels.examples, from.depth, config.eval.confidence);
  report.labels = labelStatistics(labels.examples, from.depth);
  if (searchesTest(config) && fs::exists(paths.oracle) && !sets.empty()) {
    LabelFile oracle = readLabels(paths.oracle);
    for (ExampleLabels& example : oracle.examples) example.split = sets.front().name;
    for (LabelStatistics& test : labelStatistics(oracle.examples, from.depth)) report.labels.push_back(std::move(test));
  }
  writeReport(paths.report, report);
  return report;
}

}  // namespace polar
