#include "train/value_trainer.h"

#include <chrono>
#include <memory>
#include <utility>

#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/menu_training.h"
#include "train/one_thread.h"
#include "train/trained_files.h"
#include "train/value_member.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

ValueRows valueRows(const LabelledMenu& labelled, double softness) {
  const at::Tensor probability = torch::tensor(labelled.table.probability).reshape(labelled.right.sizes());
  return {labelled.features, labelled.right, (1 - softness) * labelled.right + softness * probability};
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
  const ValidationScore score = scoreChoices(model.choice, model.probabilities(validation.features), validation.right);
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
  const LabelledMenu labelled = readLabelled(labels, menu, features, value.questions, "value", workers, stop);
  const ValueRows rows = valueRows(labelled, value.softness);
  const std::int64_t count = rows.count();
  const ValueShape shape{depth,       features.width(), static_cast<int>(menu.size()),
                         value.width, value.members,    value.dropout};

  const std::vector<Fold> folds = makeFolds(labelled, settings.folds);
  std::vector<Fit> fits;
  fits.push_back(makeFit(shape, menu, between(rows, 0, labelled.trainCount), between(rows, labelled.trainCount, count),
                         "value", seed));
  for (std::size_t f = 0; f < folds.size(); ++f)
    fits.push_back(makeFit(shape, menu, rows.select(folds[f].train), rows.select(folds[f].validation),
                           "value fold " + std::to_string(f), seed));
  writeFileAtomically(folder / "value_log.jsonl", runFits(fits, value, seed, workers, stop));

  ValueModel& model = *fits.front().model;
  HeldOut& heldOut = model.choice.heldOut;
  heldOut = predictHeldOut(labelled, folds, [&](std::size_t f) {
    return fits[1 + f].model->probabilities(rowsOf(labelled.features, folds[f].heldOut));
  });
  heldOut.readingCost = shareOfAnswer(labelled.layerTokens, labels, depth);
  ValueSummary summary;
  summary.trainQuestions = static_cast<int>(labelled.trainCount);
  summary.validationQuestions = static_cast<int>(count - labelled.trainCount);
  summary.programs = static_cast<int>(menu.size());
  summary.rule = ruleText(model.choice.rule({}), 0);
  measure(model, fits.front().validation, summary);
  writeCalibration(folder / "calibration.json", heldOut);
  model.save(folder, keptSettings(value, seed, summary));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
