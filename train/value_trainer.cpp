#include "train/value_trainer.h"

#include <chrono>
#include <memory>
#include <span>
#include <utility>

#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/calibration.h"
#include "train/one_thread.h"
#include "train/trained_files.h"
#include "train/value_member.h"
#include "train/value_table.h"
#include "train/workers.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

// All labelled questions that are used: first those to train on, then those of validation.
struct Labelled {
  ValueRows rows;
  std::vector<const ExampleLabels*> questions;
  std::int64_t trainCount = 0;
  double layerTokens = 0;  // of reading one, on average
};

ValueRows tableRows(const ValueTable& table, const at::Tensor& features, double softness) {
  const std::vector<std::int64_t> shape{features.size(0), static_cast<std::int64_t>(table.menu.size())};
  const at::Tensor right = torch::tensor(table.right).reshape(shape);
  return {features, right, (1 - softness) * right + softness * torch::tensor(table.probability).reshape(shape)};
}

Labelled readLabelled(const std::vector<ExampleLabels>& labels, const std::vector<Program>& menu,
                      const QuestionFeatures& features, const ValueSettings& settings, const Workers& workers,
                      const Stop& stop) {
  ValueTable table = valueTable(labels, "train", menu, settings.questions);
  const ValueTable validation = valueTable(labels, "validation", menu);
  if (table.questions.empty())
    throw InputError("value model", "no labels of train questions", "some", "lower data.validation_fraction");
  const auto trainCount = static_cast<std::int64_t>(table.questions.size());
  const auto append = [](auto& all, const auto& more) { all.insert(all.end(), more.begin(), more.end()); };
  append(table.questions, validation.questions);
  append(table.right, validation.right);
  append(table.probability, validation.probability);

  Progress progress("value features", "questions", table.questions.size());
  std::vector<at::Tensor> rows(table.questions.size());
  std::vector<std::int64_t> tokens(rows.size());
  workers.run(rows.size(), [&](std::size_t q) {
    requireGoingOn(stop);
    rows[q] = features.read(table.questions[q]->example);
    tokens[q] = features.layerTokens(table.questions[q]->example);
    progress.advance(1);
  });
  double layerTokens = 0;
  for (const std::int64_t each : tokens) layerTokens += static_cast<double>(each) / static_cast<double>(tokens.size());
  return {tableRows(table, torch::stack(rows), settings.softness), table.questions, trainCount, layerTokens};
}

// Rows of the questions to train on, to choose the best epoch by, and to predict.
struct Fold {
  std::vector<std::int64_t> train, validation, heldOut;
};

// Each question is held out once. A fold without questions to predict or without others to train on is left out.
std::vector<Fold> makeFolds(const Labelled& labelled, int count) {
  std::vector<Fold> folds(static_cast<std::size_t>(count));
  for (std::size_t q = 0; q < labelled.questions.size(); ++q) {
    const std::size_t own = foldOf(labelled.questions[q]->example, count);
    const auto row = static_cast<std::int64_t>(q);
    for (std::size_t f = 0; f < folds.size(); ++f)
      (f == own ? folds[f].heldOut : row < labelled.trainCount ? folds[f].train : folds[f].validation).push_back(row);
  }
  std::erase_if(folds, [](const Fold& fold) { return fold.heldOut.empty() || fold.train.empty(); });
  return folds;
}

// A model with the questions that it learns from.
struct Fit {
  std::unique_ptr<ValueModel> model;
  ValueRows train, validation;
  std::string name;  // of its streams of random numbers
};

Fit makeFit(const ValueShape& shape, const std::vector<Program>& menu, ValueRows train, ValueRows validation,
            const std::string& name, std::uint64_t seed) {
  return {std::make_unique<ValueModel>(shape, menu, Random(seed, name + " weights").next()), std::move(train),
          std::move(validation), name};
}

// Fits all members of all models, and returns the log lines of the first.
std::string runFits(const std::vector<Fit>& fits, const ValueSettings& settings, std::uint64_t seed,
                    const Workers& workers, const Stop& stop) {
  const auto members = static_cast<std::size_t>(settings.members);
  Progress progress("value model", "epochs", fits.size() * members * static_cast<std::size_t>(settings.epochs));
  std::vector<std::string> logs(fits.size() * members);
  workers.run(logs.size(), [&](std::size_t number) {
    const Fit& fit = fits[number / members];
    const int member = static_cast<int>(number % members);
    const Random random(seed, fit.name + " member " + std::to_string(member));
    logs[number] = fitMember({*fit.model, member, fit.train, fit.validation, random}, settings, progress, stop);
  });
  std::string first;
  for (std::size_t member = 0; member < members; ++member) first += logs[member];
  return first;
}

std::vector<float> flat(const at::Tensor& tensor) {
  const at::Tensor rows = tensor.contiguous();
  return {rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel()};
}

// What the models of the folds predict for the questions that they did not learn from. fits: of each fold.
HeldOut predictHeldOut(const Labelled& labelled, const std::vector<Fold>& folds, std::span<const Fit> fits) {
  HeldOut heldOut;
  heldOut.folds = static_cast<int>(folds.size());
  for (std::size_t f = 0; f < folds.size(); ++f) {
    const ValueRows rows = labelled.rows.select(folds[f].heldOut);
    for (const float p : flat(fits[f].model->probabilities(rows.features))) heldOut.probability.push_back(p);
    for (const float right : flat(rows.right)) heldOut.right.push_back(right);
  }
  return heldOut;
}

void writeCalibration(const std::filesystem::path& file, const HeldOut& heldOut) {
  const Calibration calibration = calibrate(heldOut.probability, heldOut.right);
  OrderedJson json{{"predictions", heldOut.right.size()},
                   {"expected_calibration_error", calibration.error},
                   {"brier", calibration.brier}};
  for (const CalibrationBin& bin : calibration.bins)
    json["bins"].push_back(
        {{"low", bin.low}, {"high", bin.high}, {"n", bin.n}, {"predicted", bin.predicted}, {"observed", bin.observed}});
  writeFileAtomically(file, json.dump(2) + "\n");
}

std::string keptSettings(const ValueSettings& settings, std::uint64_t seed, const ValueSummary& summary) {
  const OrderedJson kept{{"layers", settings.layers},
                         {"epochs", settings.epochs},
                         {"batch", settings.batch},
                         {"learning_rate", settings.learningRate},
                         {"weight_decay", settings.weightDecay},
                         {"softness", settings.softness},
                         {"gain_weight", settings.gainWeight},
                         {"class_weights", settings.classWeights},
                         {"seed", seed},
                         {"train_questions", summary.trainQuestions},
                         {"validation_questions", summary.validationQuestions},
                         {"validation_pass_at_1", summary.passAt1},
                         {"validation_executed", summary.executed},
                         {"validation_standard_pass_at_1", summary.standardPassAt1}};
  return kept.dump();
}

// How good the choices of the finished ensemble are on validation.
void measure(const ValueModel& model, const ValueRows& validation, ValueSummary& summary) {
  if (validation.count() == 0) return;
  const ValidationScore score = scoreChoices(model, model.probabilities(validation.features), validation.right);
  summary.passAt1 = score.passAt1;
  summary.executed = score.executed.value_or(0);
  summary.standardPassAt1 = validation.right.slice(1, 0, 1).mean().item<double>();
}

// Rows of the questions from `from` to before `to`.
ValueRows between(const ValueRows& rows, std::int64_t from, std::int64_t to) {
  return {rows.features.slice(0, from, to), rows.right.slice(0, from, to), rows.labels.slice(0, from, to)};
}

}  // namespace

ValueSummary trainValueModel(const std::vector<ExampleLabels>& labels, const QuestionFeatures& features, int depth,
                             const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                             const Stop& stop, int workerCount) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  const Workers workers(workerCount);
  const ValueSettings& value = settings.value;
  const std::vector<Program> menu = commonMenu(labels, depth);
  const Labelled labelled = readLabelled(labels, menu, features, value, workers, stop);
  const auto count = static_cast<std::int64_t>(labelled.questions.size());
  const ValueShape shape{depth,       features.width(), static_cast<int>(menu.size()),
                         value.width, value.members,    value.dropout};

  const std::vector<Fold> folds = makeFolds(labelled, settings.folds);
  std::vector<Fit> fits;
  fits.push_back(makeFit(shape, menu, between(labelled.rows, 0, labelled.trainCount),
                         between(labelled.rows, labelled.trainCount, count), "value", seed));
  for (std::size_t f = 0; f < folds.size(); ++f)
    fits.push_back(makeFit(shape, menu, labelled.rows.select(folds[f].train), labelled.rows.select(folds[f].validation),
                           "value fold " + std::to_string(f), seed));
  writeFileAtomically(folder / "value_log.jsonl", runFits(fits, value, seed, workers, stop));

  ValueModel& model = *fits.front().model;
  model.heldOut = predictHeldOut(labelled, folds, std::span(fits).subspan(1));
  model.heldOut.readingCost = shareOfAnswer(labelled.layerTokens, labels, depth);
  ValueSummary summary;
  summary.trainQuestions = static_cast<int>(labelled.trainCount);
  summary.validationQuestions = static_cast<int>(count - labelled.trainCount);
  summary.programs = static_cast<int>(menu.size());
  summary.rule = ruleText(model.rule(0), 0);
  measure(model, fits.front().validation, summary);
  writeCalibration(folder / "calibration.json", model.heldOut);
  model.save(folder, keptSettings(value, seed, summary));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
