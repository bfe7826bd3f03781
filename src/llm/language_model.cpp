#include "llm/language_model.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "llm/families.h"
#include "support/error.h"
#include "support/machine.h"
#include "weights/weight_values.h"

namespace polar {
namespace {

at::ScalarType scalarType(const std::string& dtype) {
  if (dtype == "fp32") return at::kFloat;
  if (dtype == "bf16") return at::kBFloat16;
  throw InputError("model.dtype", dtype, "fp32 or bf16");
}

at::Device openDevice(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name.rfind("cuda", 0) != 0) throw InputError("model.device", name, "cpu, cuda or cuda:N");
  if (!at::hasCUDA())
    throw InputError("model.device", name + ", but this build or machine has no CUDA", "cpu",
                     "build against a CUDA libtorch (CMAKE_PREFIX_PATH) on a machine with a GPU");
  try {
    return at::Device(name);
  } catch (const c10::Error&) {
    throw InputError("model.device", name, "cpu, cuda or cuda:N");
  }
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

// Reads tensors by HF name, checks shapes, converts to the wanted type and place, counts.
class Reader {
 public:
  Reader(const WeightFile& weights, std::string where, at::TensorOptions options)
      : weights_(weights), where_(std::move(where)), options_(options) {}

  at::Tensor required(const std::string& name, const std::vector<std::int64_t>& shape) {
    if (!weights_.has(name))
      throw InputError(where_ + ": tensor " + name, "no such tensor", "one of shape " + shapeText(shape),
                       "the checkpoint does not fit its config: fetch it again");
    const auto found = weights_.shape(name);
    if (found != shape)
      throw InputError(where_ + ": tensor " + name, "shape " + shapeText(found), "shape " + shapeText(shape),
                       "the checkpoint does not fit its config: fetch it again");
    at::Tensor values = at::empty(shape, at::kFloat);
    readWeights(weights_, name, {values.data_ptr<float>(), static_cast<std::size_t>(values.numel())}, where_);
    parameters_ += values.numel();
    return values.to(options_.device(), c10::typeMetaToScalarType(options_.dtype()));
  }
  at::Tensor optional(const std::string& name, std::vector<std::int64_t> shape) {
    return weights_.has(name) ? required(name, std::move(shape)) : at::Tensor();
  }
  std::int64_t parameters() const { return parameters_; }

 private:
  const WeightFile& weights_;
  std::string where_;
  at::TensorOptions options_;
  std::int64_t parameters_ = 0;
};

GatedUnit readUnit(Reader& reader, const std::string& at, std::int64_t inner, std::int64_t width) {
  const at::Tensor gate = reader.required(at + ".gate_proj.weight", {inner, width}),
                   up = reader.required(at + ".up_proj.weight", {inner, width}),
                   down = reader.required(at + ".down_proj.weight", {width, inner});
  return {gate, up, down};
}

ExpertMixture readExperts(Reader& reader, const ModelConfig& config, const std::string& at) {
  const at::Tensor router = reader.required(at + ".gate.weight", {config.experts, config.width}),
                   sharedGate = reader.required(at + ".shared_expert_gate.weight", {1, config.width});
  GatedUnit shared = readUnit(reader, at + ".shared_expert", config.sharedFeedForward, config.width);
  std::vector<GatedUnit> experts;
  for (int i = 0; i < config.experts; ++i)
    experts.push_back(readUnit(reader, at + ".experts." + std::to_string(i), config.expertFeedForward, config.width));
  return {
      router, sharedGate, std::move(shared), std::move(experts), config.expertsPerToken, config.expertSharesSumToOne};
}

DecoderLayer::Weights readLayer(Reader& reader, const ModelConfig& config, int index) {
  const std::string at = "model.layers." + std::to_string(index) + ".";
  const std::int64_t width = config.width, queries = config.heads * config.headSize,
                     keys = config.kvHeads * config.headSize;
  DecoderLayer::Weights weights;
  weights.inputNorm = reader.required(at + "input_layernorm.weight", {width});
  const at::Tensor query = reader.required(at + "self_attn.q_proj.weight", {queries, width}),
                   key = reader.required(at + "self_attn.k_proj.weight", {keys, width}),
                   value = reader.required(at + "self_attn.v_proj.weight", {keys, width}),
                   out = reader.required(at + "self_attn.o_proj.weight", {width, queries});
  at::Tensor bias, outBias;
  if (config.attentionBias) {
    bias = at::cat({reader.required(at + "self_attn.q_proj.bias", {queries}),
                    reader.required(at + "self_attn.k_proj.bias", {keys}),
                    reader.required(at + "self_attn.v_proj.bias", {keys})});
    outBias = reader.optional(at + "self_attn.o_proj.bias", {width});
  }
  weights.queryKeyValue = Linear(at::cat({query, key, value}), bias);
  weights.out = Linear(out, outBias);
  if (config.headNorm) {
    weights.queryNorm = reader.required(at + "self_attn.q_norm.weight", {config.headSize});
    weights.keyNorm = reader.required(at + "self_attn.k_norm.weight", {config.headSize});
  }
  weights.postNorm = reader.required(at + "post_attention_layernorm.weight", {width});
  if (config.hasExperts(index))
    weights.experts = readExperts(reader, config, at + "mlp");
  else
    weights.feedForward = readUnit(reader, at + "mlp", config.feedForward, width);
  return weights;
}

}  // namespace

std::shared_ptr<const LanguageModel> LanguageModel::load(const std::filesystem::path& path,
                                                         const LoadOptions& options) {
  const at::Device device = openDevice(options.device);
  const Checkpoint checkpoint = openCheckpoint(path);
  const ModelConfig& config = checkpoint.config;
  Reader reader(*checkpoint.weights, path.string(),
                at::TensorOptions().dtype(scalarType(options.dtype)).device(device));

  auto model = std::shared_ptr<LanguageModel>(new LanguageModel);
  model->config_ = config;
  model->options_ = options;
  model->format_ = checkpoint.format;
  model->embedding_ = reader.required("model.embed_tokens.weight", {config.vocabulary, config.width});
  model->outputNorm_ = reader.required("model.norm.weight", {config.width});
  model->output_ = Linear(config.tiedEmbeddings ? model->embedding_
                                                : reader.required("lm_head.weight", {config.vocabulary, config.width}));
  std::vector<DecoderLayer::Weights> layers;
  for (int i = 0; i < config.depth; ++i) layers.push_back(readLayer(reader, config, i));
  // By now head_dim has been checked against the weights; before that, the table could be of any size.
  model->rotary_ = makeRotaryTable(config, device);
  for (DecoderLayer::Weights& weights : layers) model->layers_.emplace_back(config, std::move(weights), model->rotary_);
  model->parameters_ = reader.parameters();
  model->weightsSha256_ = checkpoint.weights->sha256();
  SelfCheckMemory memory(options.selfCheckFile);
  model->checkNumerics(memory);
  memory.save();
  return model;
}

// Sets the row rule of every product: one measurement a shape.
void LanguageModel::checkNumerics(SelfCheckMemory& memory) {
  const std::string place = options_.device == "cpu" ? options_.device : gpuName(options_.device),
                    where = options_.dtype + " " + place + " ";
  const auto use = [&](const std::string& name, Linear& product) {
    const std::string shape = std::to_string(product.inner()) + "x" + std::to_string(product.outer());
    product.setRule(memory.rule(where + shape, [&] { return measureRowRule(product); }));
    const bool known = std::ranges::any_of(check_.products, [&](const SelfCheck::Product& other) {
      return other.inner == product.inner() && other.outer == product.outer();
    });
    if (!known) check_.products.push_back({name, product.inner(), product.outer(), product.rule()});
  };
  for (DecoderLayer& layer : layers_) layer.forEachProduct(use);
  use("logits", output_);
  // All that the arithmetic of a layer depends on, so that no model takes over what another one's layers came to.
  std::string shape = where + config_.architecture;
  for (const int number :
       {config_.width, config_.heads, config_.kvHeads, config_.headSize, config_.feedForward, config_.experts,
        config_.expertsPerToken, config_.expertFeedForward, config_.sharedFeedForward,
        int{config_.expertSharesSumToOne}, int{config_.attentionBias}, int{config_.headNorm}})
    shape += " " + std::to_string(number);
  const at::TensorOptions attention = attentionOptions(tensorOptions());
  const auto holds = [&](const AttentionWay& way) {
    for (DecoderLayer& layer : layers_) layer.attendBy(way.attend);
    check_.attention = way.name;
    return memory.invariant(shape + " " + way.name, [&] {
      return attentionIsInvariant(way.attend, config_, attention) && layersAreInvariant(*this);
    });
  };
  for (const AttentionWay& way : attentionWays()) {
    check_.layerInvariant = way.available(config_, attention) && holds(way);
    if (check_.layerInvariant) break;
  }
}

int LanguageModel::maxTokens() const { return static_cast<int>(rotary_->cos.size(0)) - kSafeRows; }

at::Tensor LanguageModel::embed(std::span<const std::int32_t> tokens) const {
  at::Tensor ids = at::empty({static_cast<std::int64_t>(tokens.size())}, at::kLong);
  auto* out = ids.data_ptr<std::int64_t>();
  for (const std::int32_t token : tokens) {
    if (token < 0 || token >= config_.vocabulary)
      throw InputError("prompt", "token id " + std::to_string(token),
                       "ids below the model's vocabulary of " + std::to_string(config_.vocabulary),
                       "the tokenizer does not belong to this model");
    *out++ = token;
  }
  return at::embedding(embedding_, ids.to(embedding_.device()));
}

at::Tensor LanguageModel::normed(const at::Tensor& hidden) const {
  return at::rms_norm(padPass(hidden), {config_.width}, outputNorm_, config_.normEpsilon).narrow(0, 0, hidden.size(0));
}

at::Tensor LanguageModel::logits(const at::Tensor& hidden) const {
  const at::Tensor x = at::rms_norm(padPass(hidden), {config_.width}, outputNorm_, config_.normEpsilon);
  return output_(x).narrow(0, 0, hidden.size(0)).to(at::kFloat);
}

KvSlot LanguageModel::makeSlot(int capacity) const {
  return KvSlot(config_, capacity, attentionOptions(tensorOptions()));
}

at::Tensor hiddenStates(const LanguageModel& model, std::span<const std::int32_t> tokens, int layer) {
  useOneThread();
  // No inference mode: a trainer may save these rows for its backward pass. Nothing here requires a gradient.
  at::Tensor hidden = model.embed(tokens);
  for (int i = 0; i < layer; ++i) {
    KvSlot slot = model.makeSlot(static_cast<int>(tokens.size()));
    hidden = model.layer(i).forward(hidden, slot);
  }
  return hidden.to(at::kCPU, at::kFloat);
}

}  // namespace polar
