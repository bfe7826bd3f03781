#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "train/router_network.h"
#include "train/router_trainer.h"
#undef CHECK
#include "byte_tokenizer.h"
#include "catch.h"
#include "input_error.h"

namespace polar {
namespace {

using testing::ByteTokenizer;

constexpr int kDepth = 6;

struct Setting {
  std::shared_ptr<const LanguageModel> model = LanguageModel::load(testing::fixture("llm/tiny-llama-a"));
  PromptBuilder prompts{PromptTemplate{.name = "test", .head = "", .body = "Q: {question}\n", .system = "", .stop = ""},
                        std::make_shared<ByteTokenizer>(model->config().vocabulary)};
  TrainSettings settings;
  Setting() {
    at::set_num_threads(1);
    settings.epochs = 30;
    settings.batch = 8;
    settings.learningRate = 1e-2;
  }
};

// Questions of the letter a need layer 2 skipped, those of the letter b need layer 4 twice.
std::vector<ExampleLabels> plantedLabels(int count) {
  std::vector<ExampleLabels> all;
  for (int i = 0; i < count; ++i) {
    ExampleLabels labels;
    labels.example.id = std::to_string(i);
    labels.example.question = std::string(10, i % 2 == 0 ? 'a' : 'b') + std::to_string(i);
    labels.split = i % 4 == 3 || i % 4 == 2 ? "validation" : "train";
    for (const char* text : {"0-5", "0-1,3-5", "0-4,4-5", "0-5,4-5"}) {
      LabelledProgram label;
      label.program = Program::parse(text, kDepth);
      const bool right = std::string(text) == (i % 2 == 0 ? "0-1,3-5" : "0-4,4-5") || std::string(text) == "0-5,4-5";
      label.evaluation.verdict = right ? Verdict::right : Verdict::wrong;
      labels.programs.push_back(label);
    }
    all.push_back(labels);
  }
  return all;
}

}  // namespace

TEST_CASE("programs as per-layer counts") {
  CHECK(layerCounts(Program::parse("0-1,3-5", 6), 6) == std::vector<int>{1, 1, 0, 1, 1, 1});
  CHECK(layerCounts(Program::parse("0-4,4-5", 6), 6) == std::vector<int>{1, 1, 1, 1, 2, 1});
  CHECK_FALSE(layerCounts(Program::parse("0-5,4-5", 6), 6));  // a loop over two layers
  CHECK_FALSE(layerCounts(Program::parse("0-4,4,4-5", 6), 6));
}

TEST_CASE("windows are means of equal parts, of root mean square 1") {
  const at::Tensor hidden = at::arange(12, at::kFloat).reshape({6, 2});
  const at::Tensor windows = pooledWindows(hidden, 3);
  const at::Tensor mean = (hidden[2] + hidden[3]) / 2;
  CHECK((windows[1] - mean / mean.square().mean().sqrt()).abs().max().item<double>() < 1e-5);
  CHECK(pooledWindows(hidden.slice(0, 0, 1), 3).sizes() == at::IntArrayRef({3, 2}));
}

TEST_CASE("focal loss is weighted cross-entropy times (1 - p)^gamma, effective numbers favour rare classes") {
  const at::Tensor logits = at::tensor({2.0f, 0.0f, 1.0f, 0.5f, 0.5f, 0.0f}).reshape({2, 3});
  const at::Tensor classes = at::tensor({0, 2}, at::kLong), weights = at::tensor({1.0f, 1.0f, 3.0f});
  const at::Tensor loss = focalLoss(logits, classes, weights, 2);
  const double p = std::exp(2.0) / (std::exp(2.0) + 1 + std::exp(1.0)), r = 1 / (1 + 2 * std::exp(0.5));
  CHECK(std::abs(loss[0].item<double>() + (1 - p) * (1 - p) * std::log(p)) < 1e-5);
  CHECK(std::abs(loss[1].item<double>() + 3 * (1 - r) * (1 - r) * std::log(r)) < 1e-5);
  const auto balanced = effectiveNumberWeights({10, 1000, 0}, 0.999);
  CHECK(std::abs(balanced[0] + balanced[1] - 2) < 1e-9);
  CHECK(std::abs(balanced[0] / balanced[1] - (1 - std::pow(0.999, 1000)) / (1 - std::pow(0.999, 10))) < 1e-6);
  CHECK(balanced[2] == 0);
}

TEST_CASE("routers learn a planted rule, save it, and repeat it by seed") {
  Setting setting;
  const testing::TemporaryFolder folder, again;
  const auto labels = plantedLabels(48);
  const RunProgram run = [](const Example&, const Program&) { return false; };
  const RouterSummary summary =
      trainRouter(labels, setting.model, setting.prompts, setting.settings, 1, folder.path(), run);
  CHECK(summary.trainQuestions == 24);
  CHECK(summary.validationQuestions == 24);
  CHECK(summary.passAt1 >= 0.9);
  const auto router = LayerRouter::load(folder.path(), kDepth);
  const PromptStates states(setting.model);
  int right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i].split == "validation")
      right +=
          router->route(states, setting.prompts.build(labels[i].example)).text() == (i % 2 == 0 ? "0-1,3-5" : "0-4,4-5")
              ? 1
              : 0;
  CHECK(right == static_cast<int>(24 * summary.passAt1 + 0.5));
  setting.settings.epochs = 2;
  trainRouter(labels, setting.model, setting.prompts, setting.settings, 1, folder.path(), run);
  trainRouter(labels, setting.model, setting.prompts, setting.settings, 1, again.path(), run, {}, 3);
  for (const char* file : {"router.safetensors", "router.json", "router_log.jsonl"})
    CHECK(testing::slurp(folder.path() / file) == testing::slurp(again.path() / file));
  // A validation question counts even if no program answers it.
  auto harder = labels;
  for (LabelledProgram& program : harder[3].programs) program.evaluation.verdict = Verdict::wrong;
  const RouterSummary all = trainRouter(harder, setting.model, setting.prompts, setting.settings, 1, again.path(), run);
  CHECK(all.validationQuestions == 24);
  CHECK(testing::errorOf([&] {
          trainRouter({}, setting.model, setting.prompts, setting.settings, 1, folder.path(), run);
        }).find("no train question") != std::string::npos);
}

}  // namespace polar
