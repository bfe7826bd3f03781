#include "train/trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>
#include <sstream>

#include "support/error.h"
#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/batches.h"
#include "train/best_weights.h"
#include "train/decoding.h"
#include "train/one_thread.h"
#include "train/predictor_network.h"
#include "train/targets.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;
using Stop = std::function<bool()>;

struct EncodedSet {
  std::vector<QuestionTargets> questions;
  std::vector<at::Tensor> encodings;  // [T, inputWidth] of each question
};

EncodedSet encode(TargetSet targets, const QuestionEncoder& encoder, Progress& progress, const Stop& stop) {
  EncodedSet set{std::move(targets.questions), {}};
  for (const QuestionTargets& question : set.questions) {
    requireGoingOn(stop);
    set.encodings.push_back(encoder.encode(question.labels->example).to(at::kCPU, at::kFloat).contiguous());
    progress.advance(1);
  }
  return set;
}

// Rises over the warm-up, then falls along a cosine to 0 behind the last step. step: from 0.
double learningRate(const TrainSettings& settings, std::int64_t step, std::int64_t steps) {
  const std::int64_t warmup = std::min<std::int64_t>(settings.warmupSteps, steps - 1);
  if (step < warmup) return settings.learningRate * static_cast<double>(step + 1) / static_cast<double>(warmup);
  const double progress = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
  return settings.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

struct WeightedLoss {
  at::Tensor sum;     // Σ weight × loss, differentiable
  double weight = 0;  // Σ weight
};

WeightedLoss batchLoss(ProgramPredictor::Network& network, const EncodedSet& set, std::span<const Pair> pairs,
                       int depth) {
  std::vector<std::int64_t> rows;  // of each pair in the batch of questions
  std::vector<at::Tensor> questions;
  std::vector<std::int64_t> lengths;
  std::vector<float> boundaries, weights;
  std::vector<std::int64_t> ops;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i == 0 || pairs[i].question != pairs[i - 1].question) {
      questions.push_back(set.encodings[pairs[i].question]);
      lengths.push_back(questions.back().size(0));
    }
    rows.push_back(static_cast<std::int64_t>(questions.size()) - 1);
    const ProgramTarget& target = set.questions[pairs[i].question].programs[pairs[i].program];
    boundaries.insert(boundaries.end(), target.boundaries.begin(), target.boundaries.end());
    ops.insert(ops.end(), target.ops.begin(), target.ops.end());
    weights.push_back(static_cast<float>(target.weight));
  }
  const auto padded = torch::nn::utils::rnn::pad_sequence(questions, /*batch_first=*/true);
  const auto padding = torch::arange(padded.size(1)).unsqueeze(0).ge(torch::tensor(lengths).unsqueeze(1));
  auto logits = network.forward(padded, padding);
  const auto index = torch::tensor(rows);
  logits = {logits.boundary.index_select(0, index), logits.op.index_select(0, index)};
  const auto count = static_cast<std::int64_t>(pairs.size());
  const auto loss = programLoss(logits, torch::tensor(boundaries).reshape({count, depth}),
                                torch::tensor(ops).reshape({count, depth}));
  const auto weight = torch::tensor(weights);
  return {(loss * weight).sum(), weight.sum().item<double>()};
}

struct Score {
  double loss = 0, passAt1 = 0;
  bool betterThan(const Score& other) const {
    return passAt1 != other.passAt1 ? passAt1 > other.passAt1 : loss < other.loss;
  }
};

// The verdicts of programs that the predictor proposes, each asked for once: from the question's labels, which were made
// by running it, else by running it now.
class Verdicts {
 public:
  Verdicts(const EncodedSet& set, const RunProgram& run) : set_(set), run_(run), known_(set.questions.size()) {
    for (std::size_t q = 0; q < known_.size(); ++q)
      for (const LabelledProgram& label : set.questions[q].labels->programs)
        if (!label.isSample()) known_[q][label.program] = label.evaluation.right();
  }

  bool isRight(std::size_t question, const Program& program) {
    const auto [entry, isNew] = known_[question].try_emplace(program, false);
    if (isNew && run_) entry->second = run_(set_.questions[question].labels->example, program);
    return entry->second;
  }

 private:
  const EncodedSet& set_;
  const RunProgram& run_;
  std::vector<std::map<Program, bool>> known_;
};

// Questions one by one and unpadded, through propose(): what is watched here is what `polar eval` runs.
std::optional<Score> validate(ProgramPredictor& predictor, const EncodedSet& set, Verdicts& verdicts,
                              const Stop& stop) {
  if (set.questions.empty()) return std::nullopt;
  predictor.network().eval();
  const torch::NoGradGuard noGrad;
  Score score;
  for (std::size_t q = 0; q < set.questions.size(); ++q) {
    requireGoingOn(stop);
    std::vector<Pair> pairs;
    for (std::size_t p = 0; p < set.questions[q].programs.size(); ++p) pairs.push_back({q, p});
    const auto loss = batchLoss(predictor.network(), set, pairs, predictor.shape().depth);
    score.loss += loss.sum.item<double>() / loss.weight;
    const auto proposed = predictor.propose(set.encodings[q], 1, 1);
    score.passAt1 += verdicts.isRight(q, proposed.front().program) ? 1 : 0;
  }
  const auto count = static_cast<double>(set.questions.size());
  return Score{score.loss / count, score.passAt1 / count};
}

class Training {
 public:
  Training(ProgramPredictor& predictor, const EncodedSet& train, const TrainSettings& settings, std::uint64_t seed,
           const Stop& stop)
      : predictor_(predictor), train_(train), settings_(settings), seed_(seed), stop_(stop),
        pairs_(pairCount(train.questions)), steps_(settings.epochs * batchCount(pairs_, settings.batch)),
        optimizer_(predictor.network().parameters(),
                   torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)),
        progress_("train", "pairs", static_cast<std::size_t>(settings.epochs) * pairs_) {}

  // Returns the mean loss of a question.
  double epoch(int number) {
    predictor_.network().train();
    Random random(seed_, "epoch " + std::to_string(number));
    const auto order = epochOrder(train_.questions, random);
    double sum = 0, weight = 0;
    for (std::size_t from = 0; from < order.size(); from += static_cast<std::size_t>(settings_.batch)) {
      requireGoingOn(stop_);
      const std::size_t size = std::min(order.size() - from, static_cast<std::size_t>(settings_.batch));
      const auto loss = step({order.data() + from, size});
      sum += loss.sum.item<double>();
      weight += loss.weight;
      progress_.advance(size);
    }
    requireFinite(sum, number, "train.learning_rate");
    return sum / weight;
  }

  void show(const std::string& note) { progress_.advance(0, note); }

  double learningRateNow() const { return learningRate(settings_, std::max<std::int64_t>(0, step_ - 1), steps_); }

 private:
  WeightedLoss step(std::span<const Pair> pairs) {
    for (auto& group : optimizer_.param_groups()) group.options().set_lr(learningRate(settings_, step_, steps_));
    optimizer_.zero_grad();
    auto loss = batchLoss(predictor_.network(), train_, pairs, predictor_.shape().depth);
    (loss.sum / loss.weight).backward();
    optimizer_.step();
    ++step_;
    return loss;
  }

  ProgramPredictor& predictor_;
  const EncodedSet& train_;
  const TrainSettings& settings_;
  std::uint64_t seed_;
  const Stop& stop_;
  std::size_t pairs_;
  std::int64_t steps_, step_ = 0;
  torch::optim::AdamW optimizer_;
  Progress progress_;
};

Json scoreJson(const std::optional<Score>& score, double Score::* value) {
  return score ? Json((*score).*value) : Json();
}

std::string noteOf(int epoch, const TrainSettings& settings, double loss, const std::optional<Score>& score) {
  std::ostringstream note;
  note.precision(3);
  note << "epoch " << epoch << "/" << settings.epochs << ", loss " << loss;
  if (score) note << ", validation loss " << score->loss << ", validation pass@1 " << 100 * score->passAt1 << " %";
  return note.str();
}

std::string keptSettings(const TrainSettings& settings, std::uint64_t seed, const TrainingSummary& summary,
                         const std::optional<Score>& best) {
  const Json kept{{"encoder_layer", settings.encoderLayer},
                  {"epochs", settings.epochs},
                  {"batch", settings.batch},
                  {"learning_rate", settings.learningRate},
                  {"weight_decay", settings.weightDecay},
                  {"warmup_steps", settings.warmupSteps},
                  {"max_programs", settings.maxPrograms},
                  {"standard_weight", settings.standardWeight},
                  {"seed", seed},
                  {"train_questions", summary.trainQuestions},
                  {"validation_questions", summary.validationQuestions},
                  {"programs", summary.programs},
                  {"dropped_programs", summary.dropped},
                  {"best_epoch", summary.bestEpoch},
                  {"validation_loss", scoreJson(best, &Score::loss)},
                  {"validation_pass_at_1", scoreJson(best, &Score::passAt1)}};
  return kept.dump();
}

void requireTargets(const TargetSet& train) {
  if (!train.questions.empty()) return;
  throw InputError("labels", "no train question with a right program that the predictor can write" +
                                 (train.dropped == 0 ? std::string()
                                                     : " (" + std::to_string(train.dropped) +
                                                           " right programs need more than repeats of two passes)"),
                   "at least one",
                   "search more: raise search.budget or data.train.limit, then run polar search again");
}

// Runs the epochs, writes log.jsonl after each, and leaves the best weights in the predictor.
BestWeights<Score> fit(ProgramPredictor& predictor, const EncodedSet& train, const EncodedSet& validation,
         const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                       const RunProgram& run, const Stop& stop) {
  const TorchSeed dropoutSeed(Random(seed, "predictor dropout").next());
  Training training(predictor, train, settings, seed, stop);
  BestWeights<Score> best;
  Verdicts verdicts(validation, run);
  std::string log;
  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    const double loss = training.epoch(epoch);
    const auto score = validate(predictor, validation, verdicts, stop);
    const bool isBest = best.offer(epoch, score, predictor.network());
    log += Json{{"epoch", epoch},
                {"learning_rate", training.learningRateNow()},
                {"train_loss", loss},
                {"validation_loss", scoreJson(score, &Score::loss)},
                {"validation_pass_at_1", scoreJson(score, &Score::passAt1)},
                {"best", isBest}}
               .dump() +
           "\n";
    writeFileAtomically(folder / "log.jsonl", log);
    training.show(noteOf(epoch, settings, loss, score));
  }
  best.restore(predictor.network());
  return best;
}

}  // namespace

TrainingSummary trainPredictor(const std::vector<ExampleLabels>& labels, const QuestionEncoder& encoder, int depth,
                               const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                               const RunProgram& run, const Stop& stop) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  TargetSet trainTargets = makeTargets(labels, "train", depth, settings);
  requireTargets(trainTargets);
  TargetSet validationTargets = makeTargets(labels, "validation", depth, settings);
  TrainingSummary summary;
  summary.trainQuestions = static_cast<int>(trainTargets.questions.size());
  summary.validationQuestions = static_cast<int>(validationTargets.questions.size());
  summary.programs = trainTargets.programs;
  summary.dropped = trainTargets.dropped;

  EncodedSet train, validation;
  {
    Progress progress("encode", "questions", trainTargets.questions.size() + validationTargets.questions.size());
    train = encode(std::move(trainTargets), encoder, progress, stop);
    validation = encode(std::move(validationTargets), encoder, progress, stop);
  }
  ProgramPredictor predictor(
      {depth, encoder.width(), settings.width, settings.heads, settings.blocks, settings.dropout},
      Random(seed, "predictor weights").next());
  const BestWeights<Score> best = fit(predictor, train, validation, settings, seed, folder, run, stop);
  summary.bestEpoch = best.epoch();
  summary.bestValidation = best.score() ? best.score()->passAt1 : 0;
  predictor.save(folder, keptSettings(settings, seed, summary, best.score()));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
