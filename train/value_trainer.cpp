#include "train/value_trainer.h"

#include <chrono>
#include <cmath>
#include <numbers>
#include <optional>
#include <sstream>

#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/best_weights.h"
#include "train/calibration.h"
#include "train/one_thread.h"
#include "train/predictor_network.h"
#include "train/trained_files.h"
#include "train/value_network.h"
#include "train/value_table.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

struct Split {
  ValueTable table;
  at::Tensor features, right, labels;  // [Q, F], [Q, K], [Q, K]: what is learned
  std::int64_t count() const { return static_cast<std::int64_t>(table.questions.size()); }
};

Split readSplit(const std::vector<ExampleLabels>& labels, const char* name, const std::vector<Program>& menu,
                const QuestionFeatures& features, double softness, std::int64_t most, Progress& progress,
                const Stop& stop) {
  Split split{valueTable(labels, name, menu, most), {}, {}, {}};
  std::vector<at::Tensor> rows;
  for (const ExampleLabels* question : split.table.questions) {
    requireGoingOn(stop);
    rows.push_back(features.read(question->example));
    progress.advance(1);
  }
  split.features = rows.empty() ? torch::empty({0, features.width()}) : torch::stack(rows);
  const std::vector<std::int64_t> shape{split.count(), static_cast<std::int64_t>(menu.size())};
  split.right = torch::tensor(split.table.right).reshape(shape);
  split.labels = (1 - softness) * split.right + softness * torch::tensor(split.table.probability).reshape(shape);
  return split;
}

// [Q, K]: what a label counts in the loss.
at::Tensor labelWeights(const at::Tensor& right, const ValueSettings& settings) {
  at::Tensor weights = torch::ones_like(right);
  if (settings.classWeights) {
    const at::Tensor share = right.mean(0, /*keepdim=*/true).clamp(0.01, 0.99);
    weights = right * (0.5 / share) + (1 - right) * (0.5 / (1 - share));
  }
  return weights + settings.gainWeight * right.ne(right.slice(1, 0, 1)).to(torch::kFloat);
}

struct Score {
  double loss = 0, passAt1 = 0, executed = 0;
  bool betterThan(const Score& other) const {
    return passAt1 != other.passAt1 ? passAt1 > other.passAt1 : loss < other.loss;
  }
};

// Choices at price 0 from probabilities [Q, K], as executed.
Score scoreChoices(const ValueModel& model, const at::Tensor& probabilities, const ValueTable& table) {
  Score score;
  const at::Tensor rows = probabilities.to(torch::kDouble).contiguous();
  const std::size_t count = model.menu().size();
  for (std::size_t q = 0; q < table.questions.size(); ++q) {
    const double* row = rows.data_ptr<double>() + q * count;
    const std::size_t choice = model.rank({row, row + count}, 0, 0, 1).front();
    score.passAt1 += table.isRight(q, choice) ? 1 : 0;
    score.executed += model.menu()[choice].executed();
  }
  const auto questions = static_cast<double>(table.questions.size());
  score.passAt1 /= questions;
  score.executed /= questions;
  return score;
}

at::Tensor meanLoss(const at::Tensor& logits, const at::Tensor& right, const at::Tensor& weights) {
  const auto each = torch::nn::functional::binary_cross_entropy_with_logits(
      logits, right, torch::nn::functional::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kNone));
  return (each * weights).sum() / weights.sum();
}

class MemberTraining {
 public:
  MemberTraining(const ValueModel& model, int member, const Split& train, const Split& validation,
                 const ValueSettings& settings, std::uint64_t seed, const Stop& stop)
      : model_(model), member_(member), network_(model.member(member)), train_(train), validation_(validation),
        settings_(settings), weights_(labelWeights(train.right, settings)), stop_(stop),
        random_(seed, "value member " + std::to_string(member)), seeded_(random_.next()),
        optimizer_(network_.parameters(),
                   torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)),
        steps_(settings.epochs * ((train.count() + settings.batch - 1) / settings.batch)) {
    network_.standardise(train.features);
  }

  // Leaves the best weights in the network; appends lines to `log`.
  void run(std::string& log, Progress& progress) {
    BestWeights<Score> best;
    for (int epoch = 1; epoch <= settings_.epochs; ++epoch) {
      const double loss = runEpoch();
      progress.advance(1);
      requireFinite(loss, epoch, "train.value.learning_rate");
      if (epoch % settings_.evaluateEvery != 0 && epoch != settings_.epochs) continue;
      const auto score = validate();
      const bool isBest = best.offer(epoch, score, network_);
      log += lineOf(epoch, loss, score, isBest) + "\n";
    }
    best.restore(network_);
  }

 private:
  double runEpoch() {
    network_.train();
    std::vector<std::int64_t> order(static_cast<std::size_t>(train_.count()));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    random_.shuffle(order);
    const at::Tensor rows = torch::tensor(order);
    double sum = 0;
    for (const at::Tensor& batch : rows.split(settings_.batch)) {
      requireGoingOn(stop_);
      for (auto& group : optimizer_.param_groups()) group.options().set_lr(learningRate());
      optimizer_.zero_grad();
      const at::Tensor loss = meanLoss(network_.forward(train_.features.index_select(0, batch), model_.edits()),
                                       train_.labels.index_select(0, batch), weights_.index_select(0, batch));
      loss.backward();
      optimizer_.step();
      ++step_;
      sum += loss.item<double>() * static_cast<double>(batch.numel());
    }
    return sum / static_cast<double>(train_.count());
  }

  double learningRate() const {
    const double progress = static_cast<double>(step_) / static_cast<double>(steps_);
    return settings_.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * progress));
  }

  std::optional<Score> validate() {
    if (validation_.count() == 0) return std::nullopt;
    network_.eval();
    const torch::NoGradGuard noGrad;
    const at::Tensor logits = network_.forward(validation_.features, model_.edits());
    Score score = scoreChoices(model_, torch::sigmoid(logits), validation_.table);
    score.loss = meanLoss(logits, validation_.labels, torch::ones_like(logits)).item<double>();
    return score;
  }

  std::string lineOf(int epoch, double loss, const std::optional<Score>& score, bool isBest) const {
    OrderedJson line{{"member", member_}, {"epoch", epoch}, {"learning_rate", learningRate()}, {"train_loss", loss}};
    line["validation_loss"] = score ? OrderedJson(score->loss) : OrderedJson();
    line["validation_pass_at_1"] = score ? OrderedJson(score->passAt1) : OrderedJson();
    line["validation_executed"] = score ? OrderedJson(score->executed) : OrderedJson();
    line["best"] = isBest;
    return line.dump();
  }

  const ValueModel& model_;
  int member_;
  ValueNetwork& network_;
  const Split &train_, &validation_;
  const ValueSettings& settings_;
  at::Tensor weights_;
  const Stop& stop_;
  Random random_;
  TorchSeed seeded_;  // of dropout
  torch::optim::AdamW optimizer_;
  std::int64_t steps_, step_ = 0;
};

void writeCalibration(const std::filesystem::path& file, const ValueValidation& validation) {
  const Calibration calibration = calibrate(validation.probability, validation.right);
  OrderedJson json{{"predictions", validation.right.size()},
                   {"expected_calibration_error", calibration.error},
                   {"brier", calibration.brier}};
  for (const CalibrationBin& bin : calibration.bins)
    json["bins"].push_back({{"low", bin.low},
                            {"high", bin.high},
                            {"n", bin.n},
                            {"predicted", bin.predicted},
                            {"observed", bin.observed}});
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

std::vector<float> flat(const at::Tensor& tensor) {
  const at::Tensor rows = tensor.contiguous();
  return {rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel()};
}

// What the finished ensemble says of validation.
void measure(ValueModel& model, const Split& validation, ValueSummary& summary) {
  if (validation.count() == 0) return;
  const at::Tensor probabilities = model.probabilities(validation.features);
  model.validation = {flat(probabilities), validation.table.right};
  const Score score = scoreChoices(model, probabilities, validation.table);
  summary.passAt1 = score.passAt1;
  summary.executed = score.executed;
  summary.standardPassAt1 = validation.right.slice(1, 0, 1).mean().item<double>();
}

}  // namespace

ValueSummary trainValueModel(const std::vector<ExampleLabels>& labels, const QuestionFeatures& features, int depth,
                             const ValueSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                             const Stop& stop) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  const std::vector<Program> menu = commonMenu(labels, depth);
  Progress reading("value features", "questions", labels.size());
  const Split train = readSplit(labels, "train", menu, features, settings.softness, settings.questions, reading, stop);
  const Split validation = readSplit(labels, "validation", menu, features, settings.softness, 0, reading, stop);
  if (train.count() == 0)
    throw InputError("value model", "no labels of train questions", "some", "lower data.validation_fraction");
  ValueSummary summary;
  summary.trainQuestions = static_cast<int>(train.count());
  summary.validationQuestions = static_cast<int>(validation.count());
  summary.programs = static_cast<int>(menu.size());
  const ValueShape shape{depth, features.width(), summary.programs, settings.width, settings.members, settings.dropout};
  ValueModel model(shape, menu, Random(seed, "value weights").next());
  std::string log;
  {
    Progress progress("value model", "epochs", static_cast<std::size_t>(settings.members * settings.epochs));
    for (int member = 0; member < settings.members; ++member) {
      MemberTraining(model, member, train, validation, settings, seed, stop).run(log, progress);
      writeFileAtomically(folder / "value_log.jsonl", log);
    }
  }
  measure(model, validation, summary);
  writeCalibration(folder / "calibration.json", model.validation);
  model.save(folder, keptSettings(settings, seed, summary));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
