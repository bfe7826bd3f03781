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
#include "train/workers.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

constexpr double kGamma = 2;      // of the focal loss
constexpr double kBeta = 0.999;   // of the effective number

struct RouterQuestion {
  const ExampleLabels* labels = nullptr;
  std::vector<int> counts;  // [D]: the label; train only
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

// Those with a label.
std::vector<RouterQuestion> trainQuestions(const std::vector<ExampleLabels>& labels, int depth) {
  std::vector<RouterQuestion> questions;
  for (const ExampleLabels& example : labels) {
    if (example.split != "train") continue;
    if (auto counts = labelOf(example, depth)) questions.push_back({&example, std::move(*counts), {}});
  }
  return questions;
}

// All: a route is right or wrong whether or not there is a label.
std::vector<const ExampleLabels*> validationQuestions(const std::vector<ExampleLabels>& labels) {
  std::vector<const ExampleLabels*> questions;
  for (const ExampleLabels& example : labels)
    if (example.split == "validation") questions.push_back(&example);
  return questions;
}

std::vector<std::int64_t> classCounts(const std::vector<RouterQuestion>& questions) {
  std::vector<std::int64_t> counts(3, 0);
  for (const RouterQuestion& question : questions)
    for (const int count : question.counts) ++counts[static_cast<std::size_t>(count)];
  return counts;
}

struct RouterScore {
  double passAt1 = 0;
  bool betterThan(const RouterScore& other) const { return passAt1 > other.passAt1; }
};

class RouterTraining {
 public:
  RouterTraining(LayerRouter& router, std::vector<RouterQuestion> train, std::vector<const ExampleLabels*> validation,
                 const PromptStates& states, const PromptBuilder& prompts, const TrainSettings& settings,
                 std::uint64_t seed, const RunProgram& run, const Workers& workers, const Stop& stop)
      : router_(router), train_(std::move(train)), validation_(std::move(validation)), states_(states), prompts_(prompts),
        settings_(settings), run_(run), workers_(workers), stop_(stop), random_(seed, "router epochs"),
        known_(validation_.size()),
        optimizer_(router.network().parameters(),
                   torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)) {
    const auto weights = effectiveNumberWeights(classCounts(train_), kBeta);
    classWeights_ = torch::tensor(std::vector<float>(weights.begin(), weights.end()));
  }

  BestWeights<RouterScore> fit(const std::filesystem::path& log) {
    BestWeights<RouterScore> best;
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

  std::optional<RouterScore> validate() {
    if (validation_.empty()) return std::nullopt;
    router_.network().eval();
    std::vector<char> right(validation_.size());
    workers_.run(right.size(), [&](std::size_t q) {
      requireGoingOn(stop_);
      right[q] = isRight(q, router_.route(states_, prompts_.build(validation_[q]->example)));
    });
    const auto count = std::count(right.begin(), right.end(), 1);
    return RouterScore{static_cast<double>(count) / static_cast<double>(right.size())};
  }

  bool isRight(std::size_t question, const Program& program) {
    if (known_[question].empty())
      for (const LabelledProgram& label : validation_[question]->programs)
        if (!label.isSample()) known_[question][label.program] = label.evaluation.right();
    const auto [entry, isNew] = known_[question].try_emplace(program, false);
    if (isNew && run_) entry->second = run_(validation_[question]->example, program);
    return entry->second;
  }

  LayerRouter& router_;
  std::vector<RouterQuestion> train_;
  std::vector<const ExampleLabels*> validation_;
  const PromptStates& states_;
  const PromptBuilder& prompts_;
  const TrainSettings& settings_;
  const RunProgram& run_;
  const Workers& workers_;
  const Stop& stop_;
  Random random_;
  std::vector<std::map<Program, bool>> known_;
  at::Tensor classWeights_;
  torch::optim::AdamW optimizer_;
};

}  // namespace

RouterSummary trainRouter(const std::vector<ExampleLabels>& labels, std::shared_ptr<const LanguageModel> model,
                          const PromptBuilder& prompts, const TrainSettings& settings, std::uint64_t seed,
                          const std::filesystem::path& folder, const RunProgram& run, const Stop& stop,
                          int workerCount) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  const Workers workers(workerCount);
  const int depth = model->depth();
  auto train = trainQuestions(labels, depth);
  auto validation = validationQuestions(labels);
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
    workers.run(train.size(), [&](std::size_t q) {
      requireGoingOn(stop);
      train[q].windows =
          forcedWindows(states, prompts.build(train[q].labels->example), train[q].counts, router.shape().windows);
      progress.advance(1);
    });
  }
  RouterTraining training(router, std::move(train), std::move(validation), states, prompts, settings, seed, run, workers,
                          stop);
  const BestWeights<RouterScore> best = training.fit(folder / "router_log.jsonl");
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
