#include "train/chooser_trainer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/chooser_fit.h"
#include "train/menu_training.h"
#include "train/one_thread.h"
#include "train/trained_files.h"

namespace polar {
namespace {

using GoingOn = std::function<bool()>;
using Rows = std::vector<std::int64_t>;

struct ChooserData {
  LabelledMenu labelled;
  at::Tensor valid;  // [Q, K]: what is learned
  std::vector<Fold> folds;
};

// What models that saw neither of two folds say of them; `second` is `first` where one fold was left out.
struct Trial {
  std::size_t first = 0, second = 0;
  std::vector<double> firstLoss = {}, secondLoss = {};  // at each penalty, summed over the fold's questions
  std::vector<at::Tensor> scores = {};                  // of the first fold's questions, where one fold was left out
};

at::Tensor validTargets(const LabelledMenu& labelled, const MenuTarget& target, const Workers& workers) {
  if (!target) return labelled.right;
  std::vector<at::Tensor> rows(labelled.table.questions.size());
  workers.run(rows.size(),
              [&](std::size_t q) { rows[q] = at::tensor(target(*labelled.table.questions[q], labelled.table.menu)); });
  return at::stack(rows);
}

// All questions but those of two folds.
Rows rowsWithout(const ChooserData& data, std::size_t first, std::size_t second) {
  std::vector<bool> isOut(static_cast<std::size_t>(data.labelled.count()));
  for (const std::size_t fold : {first, second})
    for (const std::int64_t row : data.folds[fold].heldOut) isOut[static_cast<std::size_t>(row)] = true;
  Rows rows;
  for (std::size_t q = 0; q < isOut.size(); ++q)
    if (!isOut[q]) rows.push_back(static_cast<std::int64_t>(q));
  return rows;
}

class ChooserTraining {
 public:
  ChooserTraining(const ChooserData& data, const MenuChoice& menu, const ChooserSettings& settings, std::string name,
                  std::uint64_t seed, const GoingOn& stop)
      : data_(data), menu_(menu), settings_(settings), name_(std::move(name)), seed_(seed), stop_(stop) {
    std::ranges::sort(settings_.penalties, std::greater());
  }

  // Every fold alone, and with each other one where penalties are to be compared within the others.
  void runTrials(const Workers& workers) {
    for (std::size_t f = 0; f < data_.folds.size(); ++f)
      for (std::size_t g = f; g < (settings_.penalties.size() > 1 ? data_.folds.size() : f + 1); ++g)
        trials_.push_back({f, g});
    Progress progress(name_ + " model", "fits", trials_.size() * settings_.penalties.size());
    workers.run(trials_.size(), [&](std::size_t t) { run(trials_[t], progress); });
  }

  // Index of the penalty with the least loss on folds that were not fitted to, without a look at `fold`.
  std::size_t chosen(std::optional<std::size_t> fold = {}) const {
    const std::vector<double> losses = lossesWithout(fold);
    return static_cast<std::size_t>(std::ranges::min_element(losses) - losses.begin());
  }

  // At each penalty: the loss on all folds, each by models that saw neither it nor `fold`.
  std::vector<double> lossesWithout(std::optional<std::size_t> fold = {}) const {
    std::vector<double> losses(settings_.penalties.size(), 0);
    for (const Trial& trial : trials_)
      for (std::size_t p = 0; p < losses.size(); ++p) {
        const bool isAlone = trial.first == trial.second;
        if (!fold && isAlone) losses[p] += trial.firstLoss[p];
        if (fold && !isAlone && trial.first == *fold) losses[p] += trial.secondLoss[p];
        if (fold && !isAlone && trial.second == *fold) losses[p] += trial.firstLoss[p];
      }
    return losses;
  }

  // Of each fold's questions, by a model that saw nothing of them.
  std::vector<at::Tensor> heldOutScores() const {
    std::vector<at::Tensor> scores;
    for (const Trial& trial : trials_)
      if (trial.first == trial.second) scores.push_back(trial.scores[chosen(trial.first)]);
    return scores;
  }

  std::unique_ptr<ChooserModel> finalModel() const {
    return ChooserFit(data_.labelled.features, data_.valid, menu_, settings_, seedOf("")).at(penalty(), stop_);
  }

  double penalty() const { return settings_.penalties[chosen()]; }
  const std::vector<double>& penalties() const { return settings_.penalties; }  // by size, the largest first

 private:
  std::uint64_t seedOf(const std::string& part) const { return Random(seed_, name_ + part + " weights").next(); }

  void run(Trial& trial, Progress& progress) const {
    const Rows rows = rowsWithout(data_, trial.first, trial.second);
    const std::string part = " without " + std::to_string(trial.first) + " " + std::to_string(trial.second);
    if (rows.empty()) {  // two folds: none is left to compare penalties within
      trial.firstLoss = trial.secondLoss = std::vector<double>(settings_.penalties.size(), 0);
      return;
    }
    const ChooserFit fit(rowsOf(data_.labelled.features, rows), rowsOf(data_.valid, rows), menu_, settings_,
                         seedOf(part));
    for (const double penalty : settings_.penalties) {
      const auto model = fit.at(penalty, stop_);
      trial.firstLoss.push_back(lossOn(*model, trial.first));
      trial.secondLoss.push_back(lossOn(*model, trial.second));
      if (trial.first == trial.second) trial.scores.push_back(scoresOf(*model, trial.first));
      progress.advance(1);
    }
  }

  at::Tensor scoresOf(const ChooserModel& model, std::size_t fold) const {
    return model.scores(rowsOf(data_.labelled.features, data_.folds[fold].heldOut));
  }

  double lossOn(const ChooserModel& model, std::size_t fold) const {
    const at::Tensor valid = rowsOf(data_.valid, data_.folds[fold].heldOut);
    return setLoss(scoresOf(model, fold), valid).item<double>() * teaches(valid).sum().item<double>();
  }

  const ChooserData& data_;
  const MenuChoice& menu_;
  ChooserSettings settings_;
  std::string name_;
  std::uint64_t seed_;
  const GoingOn& stop_;
  std::vector<Trial> trials_;
};

// Fitted to all folds but `fold`; to all without one.
ScoreCalibration calibrationOf(const ChooserData& data, const std::vector<at::Tensor>& scores,
                               std::optional<std::size_t> fold = {}) {
  const auto columns = data.labelled.right.size(1);
  std::vector<at::Tensor> all{at::empty({0, columns}, at::kDouble)}, right{at::empty({0, columns})};
  for (std::size_t f = 0; f < scores.size(); ++f) {
    if (fold && f == *fold) continue;
    all.push_back(scores[f]);
    right.push_back(rowsOf(data.labelled.right, data.folds[f].heldOut));
  }
  return ScoreCalibration::fitted(at::cat(all), at::cat(right));
}

std::string keptChooserSettings(const TrainSettings& settings, std::uint64_t seed, const ChooserTraining& training,
                                const ChooserSummary& summary) {
  std::vector<double> losses = training.lossesWithout();
  for (double& loss : losses) loss /= std::max(1, summary.teaching);
  const OrderedJson kept{{"layers", settings.value.layers},
                         {"steps", settings.chooser.steps},
                         {"penalties", training.penalties()},
                         {"out_of_fold_loss", losses},
                         {"penalty", summary.penalty},
                         {"seed", seed},
                         {"questions", summary.questions},
                         {"teaching_questions", summary.teaching},
                         {"held_out_pass_at_1", summary.passAt1},
                         {"held_out_executed", summary.executed},
                         {"standard_pass_at_1", summary.standardPassAt1}};
  return kept.dump();
}

// How good held-out choices are.
void measureHeldOut(const MenuChoice& choice, ChooserSummary& summary) {
  const HeldOut& heldOut = choice.heldOut;
  if (heldOut.right.empty()) return;
  const auto rows = [&](const std::vector<float>& values) {
    return at::tensor(values).reshape({-1, static_cast<std::int64_t>(choice.menu().size())});
  };
  const ValidationScore score = scoreChoices(choice, rows(heldOut.probability), rows(heldOut.right));
  summary.passAt1 = score.passAt1;
  summary.executed = score.executed.value_or(0);
}

}  // namespace

ChooserSummary trainChooser(const std::vector<ExampleLabels>& labels, const QuestionFeatures& features, int depth,
                            const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                            const ChooserKind& kind, const GoingOn& stop, int workerCount) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  const Workers workers(workerCount);
  const MenuChoice menu(commonMenu(labels, depth, kind.name + " model"), depth);
  ChooserData data{readLabelled(labels, menu.menu(), features, 0, kind.name, workers, stop), {}, {}};
  data.valid = validTargets(data.labelled, kind.target, workers);
  data.folds = makeFolds(data.labelled, settings.folds);

  ChooserTraining training(data, menu, settings.chooser, kind.name, seed, stop);
  training.runTrials(workers);
  const auto model = training.finalModel();
  const std::vector<at::Tensor> scores = training.heldOutScores();
  model->weights.calibration = calibrationOf(data, scores).parameters.to(at::kFloat);
  HeldOut& heldOut = model->choice.heldOut;
  heldOut = predictHeldOut(data.labelled, data.folds,
                           [&](std::size_t f) { return calibrationOf(data, scores, f).probabilities(scores[f]); });
  heldOut.readingCost = shareOfAnswer(data.labelled.layerTokens, labels, depth);

  ChooserSummary summary;
  summary.questions = static_cast<int>(data.labelled.count());
  summary.teaching = teaches(data.valid).sum().item<int>();
  summary.programs = static_cast<int>(menu.menu().size());
  summary.penalty = training.penalty();
  summary.standardPassAt1 = data.labelled.right.slice(1, 0, 1).mean().item<double>();
  summary.rule = ruleText(model->choice.rule({}), 0);
  measureHeldOut(model->choice, summary);
  writeCalibration(folder / (kind.name + "_calibration.json"), heldOut);
  model->save(folder, kind.name, keptChooserSettings(settings, seed, training, summary));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
