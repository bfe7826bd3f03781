#include "stages/stages.h"

#include "eval/policies/policies.h"
#include "search/strategies.h"
#include "stages/eval_stage.h"
#include "stages/report_stage.h"
#include "stages/search_stage.h"
#include "stages/train_stage.h"
#include "support/output.h"
#include "support/progress.h"

namespace polar {
namespace {

void search(const StageCall& call) { searchStage(call.session, call.paths, call.shard, call.start, call.lock); }
void train(const StageCall& call) { trainStage(call.session, call.paths, call.start, call.lock); }
void evaluate(const StageCall& call) { evalStage(call.session, call.paths, call.start, call.lock); }
void report(const StageCall& call) {
  writeText(markdownTable(reportStage(call.paths)));
  logLine("report: " + (call.paths.report / "index.html").string());
}

constexpr StageEntry kStages[] = {
    {Stage::search, search}, {Stage::train, train}, {Stage::eval, evaluate}, {Stage::report, report}};

}  // namespace

std::span<const StageEntry> stages() { return kStages; }

void checkNames(const ExperimentConfig& config) {
  makeStrategy({config.search});
  requirePolicyNames(config.eval.policies);
  requirePrimary(config);
}

}  // namespace polar
