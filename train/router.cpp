#include "train/router.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "text/prompt.h"
#include "train/question_encoder.h"
#include "train/router_network.h"
#include "train/torch_seed.h"
#include "train/trained_files.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "polar-router-2";

void requireShape(const RouterShape& shape, const std::string& where) {
  const auto require = [&](int value, const char* what, int most) {
    if (value < 1 || value > most)
      throw InputError(where, std::string(what) + " " + std::to_string(value), "1 to " + std::to_string(most),
                       kTrainAgain);
  };
  require(shape.depth, "depth", 4096);
  require(shape.inputWidth, "input width", 1 << 20);
  require(shape.width, "width", 1 << 16);
  require(shape.windows, "windows", 4096);
}

}  // namespace

std::optional<std::vector<int>> layerCounts(const Program& program, int depth) {
  std::vector<int> counts(static_cast<std::size_t>(depth), 0);
  for (const LayerIndex layer : program.layers()) ++counts[layer];
  std::vector<LayerIndex> spelled;
  for (int layer = 0; layer < depth; ++layer)
    spelled.insert(spelled.end(), static_cast<std::size_t>(counts[static_cast<std::size_t>(layer)]),
                   static_cast<LayerIndex>(layer));
  const bool fits = std::all_of(counts.begin(), counts.end(), [](int count) { return count <= 2; });
  return fits && Program(spelled) == program ? std::optional(counts) : std::nullopt;
}

at::Tensor pooledWindows(const at::Tensor& hidden, int windows) {
  const std::int64_t tokens = hidden.size(0);
  std::vector<at::Tensor> means;
  for (int i = 0; i < windows; ++i) {
    const std::int64_t from = std::min(tokens - 1, i * tokens / windows);
    const std::int64_t until = std::max(from + 1, (i + 1) * tokens / windows);
    means.push_back(hidden.slice(0, from, until).to(at::kCPU, at::kFloat).mean(0));
  }
  return scaledRows(at::stack(means));
}

RouterNetwork::RouterNetwork(const RouterShape& shape) {
  narrow = register_module("narrow", torch::nn::ModuleList());
  wide = register_module("wide", torch::nn::ModuleList());
  for (int layer = 0; layer < shape.depth; ++layer) {
    narrow->push_back(torch::nn::Linear(shape.inputWidth, shape.width));
    wide->push_back(torch::nn::Linear(shape.width, 3));
  }
}

at::Tensor RouterNetwork::forward(const at::Tensor& windows, int layer) {
  const auto index = static_cast<std::size_t>(layer);
  const at::Tensor hidden = torch::gelu(narrow[index]->as<torch::nn::Linear>()->forward(windows));
  return wide[index]->as<torch::nn::Linear>()->forward(hidden).mean(1);
}

at::Tensor focalLoss(const at::Tensor& logits, const at::Tensor& classes, const at::Tensor& classWeights,
                     double gamma) {
  const at::Tensor logs = torch::log_softmax(logits, 1).gather(1, classes.unsqueeze(1)).squeeze(1);
  return -classWeights.index_select(0, classes) * (1 - logs.exp()).pow(gamma) * logs;
}

std::vector<double> effectiveNumberWeights(const std::vector<std::int64_t>& counts, double beta) {
  std::vector<double> weights;
  double sum = 0;
  int present = 0;
  for (const std::int64_t count : counts) {
    weights.push_back(count == 0 ? 0 : (1 - beta) / (1 - std::pow(beta, static_cast<double>(count))));
    sum += weights.back();
    present += count == 0 ? 0 : 1;
  }
  for (double& weight : weights) weight *= present / sum;
  return weights;
}

LayerRouter::LayerRouter(const RouterShape& shape, std::uint64_t seed) : shape_(shape) {
  requireShape(shape, "router");
  const TorchSeed seeded(seed);
  network_ = std::make_unique<RouterNetwork>(shape);
  network_->eval();
}

LayerRouter::~LayerRouter() = default;

std::unique_ptr<LayerRouter> LayerRouter::load(const fs::path& folder, int expectedDepth) {
  const TrainedFiles files(folder, "router", kFormat, "a trained router");
  const RouterShape shape{files.number<int>("depth"), files.number<int>("input_width"), files.number<int>("width"),
                          files.number<int>("windows")};
  requireShape(shape, files.where());
  files.requireDepth(shape.depth, expectedDepth);
  files.requireTensor("narrow.0.weight", {shape.width, shape.inputWidth});
  files.requireTensor("wide." + std::to_string(shape.depth - 1) + ".weight", {3, shape.width});
  auto router = std::make_unique<LayerRouter>(shape, 0);
  const torch::NoGradGuard noGrad;
  for (auto& item : router->network_->named_parameters()) files.read(item.key(), item.value());
  return router;
}

void LayerRouter::save(const fs::path& folder, const std::string& extra) const {
  std::map<std::string, at::Tensor> parameters;
  for (const auto& item : network_->named_parameters()) parameters[item.key()] = item.value();
  OrderedJson json{{"format", kFormat},
                   {"depth", shape_.depth},
                   {"input_width", shape_.inputWidth},
                   {"width", shape_.width},
                   {"windows", shape_.windows}};
  json["training"] = OrderedJson::parse(extra);
  writeTrained(folder, "router", parameters, std::move(json));
}

Program LayerRouter::route(const PromptStates& states, const Prompt& prompt) const {
  const LanguageModel& model = states.model();
  if (model.depth() != shape_.depth || model.config().width != shape_.inputWidth)
    throw InputError("router", "a model of " + std::to_string(model.depth()) + " layers",
                     std::to_string(shape_.depth) + " layers of width " + std::to_string(shape_.inputWidth),
                     kTrainAgain);
  const torch::NoGradGuard noGrad;
  std::vector<LayerIndex> layers;
  PromptWalk walk = states.walk(prompt.tokens, prompt.headTokens);
  for (int layer = 0; layer < shape_.depth; ++layer) {
    const at::Tensor logits = network_->forward(pooledWindows(walk.states(), shape_.windows).unsqueeze(0), layer);
    for (std::int64_t pass = logits.argmax(1).item<std::int64_t>(); pass > 0; --pass) {
      layers.push_back(static_cast<LayerIndex>(layer));
      walk.run(layers.back());
    }
  }
  return Program(std::move(layers));
}

}  // namespace polar
