#include "stages/run_plan.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "data/reader.h"
#include "stages/eval_stage.h"
#include "stages/search_stage.h"
#include "stages/trained_artefacts.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

void requireTrainQuestions(const ExperimentConfig& config, const LoadedSet& train) {
  const auto isTrain = [&](const Example& example) {
    return !inFraction(example, config.data.validationFraction, config.seed);
  };
  if (std::ranges::any_of(train.examples, isTrain)) return;
  for (const TrainedArtefact& artefact : trainedArtefacts())
    if (wantsPolicy(config, artefact.policy))
      throw InputError(std::string("eval.policies: ") + artefact.policy,
                       "none of " + std::to_string(train.examples.size()) + " questions left to train on",
                       "at least one that is not held for validation", "lower data.validation_fraction");
}

// These read what each program does on each question.
void requireCommonPrograms(const ExperimentConfig& config, const SearchPreview& preview) {
  for (const PolicyRow& row : policyRows()) {
    const std::size_t needed = row.common ? static_cast<std::size_t>(row.common(config.eval)) : 0;
    if (wantsPolicy(config, row.name) && preview.common < needed)
      throw InputError(
          std::string("eval.policies: ") + row.name,
          "search.strategy " + config.search.strategy + ", which runs only " + std::to_string(preview.common) +
              " program(s) on every question",
          std::to_string(needed) + " or more, the standard program included",
          std::string("use search.strategy enumerate or menu, raise search.budget, or leave ") + row.name + " out");
  }
}

// Makes what training and evaluation will make, so that the same lines refuse it.
void requireReaders(const Session& session) {
  QuestionReaders readers;
  for (const TrainedArtefact& artefact : trainedArtefacts())
    if (wantsPolicy(session.config(), artefact.policy) && artefact.prepare) artefact.prepare(session, readers);
}

// Runs that a policy may ask for one question, and those of its first answer alone.
struct Runs {
  std::int64_t all = 0, answer = 0;
};

Runs runsOf(const EvalSettings& eval, const std::string& policy) {
  const PolicyRow& row = policyRow(policy);
  const int answer = row.answerRuns ? row.answerRuns(eval) : 1;
  return {row.ranks ? eval.topK : answer, answer};
}

std::string number(double value) {
  std::ostringstream text;
  text.precision(value < 100 ? 3 : 12);
  text << value;
  return text.str();
}

class Estimate {
 public:
  Estimate(const Session& session, double secondsEach)
      : config_(session.config()), each_(secondsEach), workers_(session.workers()) {}

  std::string search(std::size_t questions, double programs, int samples) {
    const double evaluations = static_cast<double>(questions) * (programs + samples);
    return std::to_string(questions) + " questions x " + number(programs) + " programs" +
           (samples > 0 ? " and " + std::to_string(samples) + " samples" : "") + ": at most " +
           number(std::round(evaluations)) + " evaluations, " + together(evaluations);
  }

  std::string evaluation(const LoadedSet& set, bool inDistribution) {
    Runs runs;
    const auto variants = evaluatedPolicies(config_, inDistribution);
    for (const PolicyVariant& variant : variants) {
      const Runs own = runsOf(config_.eval, variant.policy);
      runs.all += own.all;
      runs.answer += own.answer;
    }
    const std::size_t timed = std::min(set.examples.size(), static_cast<std::size_t>(config_.eval.timedQuestions));
    const double evaluations = static_cast<double>(set.examples.size()) * static_cast<double>(runs.all),
                 again = static_cast<double>(timed) * static_cast<double>(runs.answer);
    seconds_ += again * each_;
    return set.name + ", " + std::to_string(set.examples.size()) + " questions x " + std::to_string(variants.size()) +
           " policies with at most " + std::to_string(runs.all) + " runs: " + number(evaluations) + " evaluations, " +
           together(evaluations) +
           (timed == 0 ? ""
                       : "; " + std::to_string(timed) + " of them once more, timed: about " + duration(again * each_));
  }

  double seconds() const { return seconds_; }

 private:
  // With all workers.
  std::string together(double evaluations) {
    const double seconds = evaluations * each_ / workers_;
    seconds_ += seconds;
    return "about " + duration(seconds);
  }

  const ExperimentConfig& config_;
  double each_;
  int workers_;
  double seconds_ = 0;
};

// What is trained, or nothing.
std::string trainings(const ExperimentConfig& config) {
  std::vector<std::string> trained;
  for (const TrainedArtefact& artefact : trainedArtefacts())
    if (wantsPolicy(config, artefact.policy)) trained.push_back(artefact.policy);
  if (trained.empty()) return "";
  return joinNames(trained) + ", " + std::to_string(trainingSeeds(config).size()) +
         " seed(s): not estimated, as it depends on how many right programs the search finds";
}

}  // namespace

RunPlan planRun(const Session& session) {
  const ExperimentConfig& config = session.config();
  RunPlan plan{loadTrainSet(config.data), {}, {}};
  for (const DatasetSettings& settings : testSets(config.data))
    plan.tests.push_back(loadTestSet(config.data, settings));
  requireTrainQuestions(config, plan.train);
  requireReaders(session);
  plan.preview = previewSearch(session, plan.train.examples);
  requireCommonPrograms(config, plan.preview);
  return plan;
}

std::vector<std::pair<std::string, std::string>> estimates(const Session& session, const RunPlan& plan,
                                                           double secondsEach) {
  const ExperimentConfig& config = session.config();
  Estimate estimate(session, secondsEach);
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("search",
                     config.search.strategy + ", " +
                         estimate.search(plan.train.examples.size(), plan.preview.programs, config.search.samples));
  if (searchesTest(config))
    lines.emplace_back("oracle", plan.tests.front().name + ", " +
                                     estimate.search(plan.tests.front().examples.size(), plan.preview.programs, 0));
  const std::string trained = trainings(config);
  if (!trained.empty()) lines.emplace_back("train", trained);
  for (std::size_t i = 0; i < plan.tests.size(); ++i)
    lines.emplace_back("eval", estimate.evaluation(plan.tests[i], i == 0));
  lines.emplace_back(
      "total", "at most " + duration(estimate.seconds()) + (trained.empty() ? "" : " and the training") + ", with " +
                   std::to_string(session.workers()) + " worker(s) and " + number(secondsEach * 1e3) +
                   " ms an evaluation: the standard program's, measured alone. Programs of a question that "
                   "begin alike share their layers, so it is less as a rule; a program that rambles takes longer");
  return lines;
}

}  // namespace polar
