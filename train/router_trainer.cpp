#include "train/router_trainer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <numeric>

#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "text/prompt.h"
#include "train/best_weights.h"
#include "train/one_thread.h"
#include "train/predictor_network.h"
#include "train/router_network.h"
#include "train/trained_files.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

constexpr double kGamma = 2;      // of the focal loss
constexpr double kBeta = 0.999;   // of the effective number

struct RouterQuestion {
  const ExampleLabels* labels = nullptr;
  std::vector<int> counts;  // [D]: the label
  at::Tensor windows;       // [D, windows, width]: states in front of each layer, as the label runs them; train only
};

// The shortest right program that routers can make, ties by text.
std::optional<std::vector<int>> labelOf(const ExampleLabels& example, int depth) {
  std::optional<std::vector<int>> best;
  std::pair<int, std::string> bestKey;
  for (const LabelledProgram& label : example.programs) {
    if (label.isSample() || !label.evaluation.right()) continue;
    auto counts = layerCounts(label.program, depth);
    const std::pair<int, std::string> key{label.program.executed(), label.program.text()};
    if (!counts || (best && bestKey <= key)) continue;
    best = std::move(counts);
    bestKey = key;
  }
  return best;
}

at::Tensor forcedWindows(const PromptStates& states, const Prompt& prompt, const std::vector<int>& counts, int windows) {
  std::vector<at::Tensor> rows;
  PromptWalk walk = states.walk(prompt.tokens, prompt.headTokens);
  for (std::size_t layer = 0; layer < counts.size(); ++layer) {
    rows.push_back(pooledWindows(walk.states(), windows));
    for (int pass = 0; pass < counts[layer]; ++pass) walk.run(static_cast<LayerIndex>(layer));
  }
  return at::stack(rows);
}

std::vector<RouterQuestion> questionsOf(const std::vector<ExampleLabels>& labels, const std::string& split, int depth) {
  std::vector<RouterQuestion> questions;
  for (const ExampleLabels& example : labels) {
    if (example.split != split) continue;
    if (auto counts = labelOf(example, depth)) questions.push_back({&example, std::move(*counts), {}});
  }
  return questions;
}

std::vector<std::int64_t> classCounts(const std::vector<RouterQuestion>& questions) {
  std::vector<std::int64_t> counts(3, 0);
  for (const RouterQuestion& question : questions)
    for (const int count : question.counts) ++counts[static_cast<std::size_t>(count)];
  return counts;
}

struct Score {
  double passAt1 = 0;
  bool betterThan(const Score& other) const { return passAt1 > other.passAt1; }
};

class RouterTraining {
 public:
  RouterTraining(LayerRouter& router, std::vector<RouterQuestion> train, std::vector<RouterQuestion> validation,
                 const PromptStates& states, const PromptBuilder& prompts, const TrainSettings& settings,
                 std::uint64_t seed, const RunProgram& run, const Stop& stop)
      : router_(router), train_(std::move(train)), validation_(std::move(validation)), states_(states), prompts_(prompts),
        settings_(settings), run_(run), stop_(stop), random_(seed, "router epochs"), known_(validation_.size()),
        optimizer_(router.network().parameters(),
                   torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)) {
    const auto weights = effectiveNumberWeights(classCounts(train_), kBeta);
    classWeights_ = torch::tensor(std::vector<float>(weights.begin(), weights.end()));
  }

  BestWeights<Score> fit(const std::filesystem::path& log) {
    BestWeights<Score> best;
    std::string lines;
    for (int epoch = 1; epoch <= settings_.epochs; ++epoch) {
      const double loss = runEpoch();
      requireFinite(loss, epoch, "train.learning_rate");
      const auto score = validate();
      const bool isBest = best.offer(epoch, score, router_.network());
      OrderedJson line{{"epoch", epoch}, {"train_loss", loss}};
      line["validation_pass_at_1"] = score ? OrderedJson(score->passAt1) : OrderedJson();
      line["best"] = isBest;
      lines += line.dump() + "\n";
      writeFileAtomically(log, lines);
    }
    best.restore(router_.network());
    return best;
  }

 private:
  double runEpoch() {
    router_.network().train();
    std::vector<std::size_t> order(train_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    random_.shuffle(order);
    double sum = 0;
    for (std::size_t from = 0; from < order.size(); from += static_cast<std::size_t>(settings_.batch)) {
      requireGoingOn(stop_);
      const std::size_t until = std::min(order.size(), from + static_cast<std::size_t>(settings_.batch));
      optimizer_.zero_grad();
      const at::Tensor loss = batchLoss({order.data() + from, until - from});
      loss.backward();
      optimizer_.step();
      sum += loss.item<double>() * static_cast<double>(until - from);
    }
    return sum / static_cast<double>(order.size());
  }

  // Mean over the batch's questions and all layers.
  at::Tensor batchLoss(std::span<const std::size_t> batch) {
    std::vector<at::Tensor> windows, logits;
    std::vector<std::int64_t> classes;
    for (const std::size_t i : batch) windows.push_back(train_[i].windows);
    const at::Tensor rows = torch::stack(windows);  // [B, D, windows, width]
    for (int layer = 0; layer < router_.shape().depth; ++layer) {
      logits.push_back(router_.network().forward(rows.select(1, layer), layer));
      for (const std::size_t i : batch) classes.push_back(train_[i].counts[static_cast<std::size_t>(layer)]);
    }
    return focalLoss(torch::cat(logits), torch::tensor(classes), classWeights_, kGamma).mean();
  }

  std::optional<Score> validate() {
    if (validation_.empty()) return std::nullopt;
    router_.network().eval();
    Score score;
    for (std::size_t q = 0; q < validation_.size(); ++q) {
      requireGoingOn(stop_);
      const Example& example = validation_[q].labels->example;
      score.passAt1 += isRight(q, router_.route(states_, prompts_.build(example))) ? 1 : 0;
    }
    score.passAt1 /= static_cast<double>(validation_.size());
    return score;
  }

  bool isRight(std::size_t question, const Program& program) {
    if (known_[question].empty())
      for (const LabelledProgram& label : validation_[question].labels->programs)
        if (!label.isSample()) known_[question][label.program] = label.evaluation.right();
    const auto [entry, isNew] = known_[question].try_emplace(program, false);
    if (isNew && run_) entry->second = run_(validation_[question].labels->example, program);
    return entry->second;
  }

  LayerRouter& router_;
  std::vector<RouterQuestion> train_, validation_;
  const PromptStates& states_;
  const PromptBuilder& prompts_;
  const TrainSettings& settings_;
  const RunProgram& run_;
  const Stop& stop_;
  Random random_;
  std::vector<std::map<Program, bool>> known_;
  at::Tensor classWeights_;
  torch::optim::AdamW optimizer_;
};

}  // namespace

RouterSummary trainRouter(const std::vector<ExampleLabels>& labels, std::shared_ptr<const LanguageModel> model,
                          const PromptBuilder& prompts, const TrainSettings& settings, std::uint64_t seed,
                          const std::filesystem::path& folder, const RunProgram& run, const Stop& stop) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  const int depth = model->depth();
  auto train = questionsOf(labels, "train", depth), validation = questionsOf(labels, "validation", depth);
  if (train.empty())
    throw InputError("labels", "no train question with a right program of per-layer skips and repeats", "at least one",
                     "search more: raise search.budget or data.train.limit, then run polar search again");
  LayerRouter router({depth, model->config().width}, Random(seed, "router weights").next());
  const PromptStates states(std::move(model));
  RouterSummary summary;
  summary.trainQuestions = static_cast<int>(train.size());
  summary.validationQuestions = static_cast<int>(validation.size());
  {
    Progress progress("router states", "questions", train.size());
    for (RouterQuestion& question : train) {
      requireGoingOn(stop);
      question.windows =
          forcedWindows(states, prompts.build(question.labels->example), question.counts, router.shape().windows);
      progress.advance(1);
    }
  }
  RouterTraining training(router, std::move(train), std::move(validation), states, prompts, settings, seed, run, stop);
  const BestWeights<Score> best = training.fit(folder / "router_log.jsonl");
  summary.bestEpoch = best.epoch();
  summary.passAt1 = best.score() ? best.score()->passAt1 : 0;
  const OrderedJson kept{{"seed", seed},
                         {"train_questions", summary.trainQuestions},
                         {"validation_questions", summary.validationQuestions},
                         {"best_epoch", summary.bestEpoch},
                         {"validation_pass_at_1", summary.passAt1}};
  router.save(folder, kept.dump());
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
