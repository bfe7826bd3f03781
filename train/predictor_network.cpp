#include "train/predictor_network.h"

#include <algorithm>

namespace polar {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;

std::mutex& generatorMutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

ProgramPredictor::Network::Network(const PredictorShape& shape) {
  projection = register_module("projection", nn::Linear(shape.inputWidth, shape.width));
  layerEmbedding = register_module("layer_embedding", nn::Embedding(shape.depth, shape.width));
  crossAttention = register_module(
      "cross_attention",
      nn::MultiheadAttention(nn::MultiheadAttentionOptions(shape.width, shape.heads).dropout(shape.dropout)));
  // Not nn::TransformerEncoder: it copies one layer, so that all blocks would start from the same weights.
  blocks = register_module("blocks", nn::ModuleList());
  for (int i = 0; i < shape.blocks; ++i)
    blocks->push_back(nn::TransformerEncoderLayer(nn::TransformerEncoderLayerOptions(shape.width, shape.heads)
                                                      .dim_feedforward(4 * shape.width)
                                                      .dropout(shape.dropout)));
  boundaryHead = register_module("boundary_head", nn::Linear(shape.width, 1));
  opHead = register_module("op_head", nn::Linear(shape.width, 3));
}

ProgramPredictor::Network::Logits ProgramPredictor::Network::forward(const at::Tensor& questions,
                                                                     const at::Tensor& padding) {
  // torch's C++ attention wants [sequence, batch, width].
  const auto tokens = projection->forward(questions).transpose(0, 1);
  const auto queries = layerEmbedding->weight.unsqueeze(1).expand({-1, questions.size(0), -1});
  auto x = std::get<0>(crossAttention->forward(queries, tokens, tokens, padding, /*need_weights=*/false));
  for (const auto& block : *blocks) x = block->as<nn::TransformerEncoderLayer>()->forward(x);
  x = x.transpose(0, 1);
  return {boundaryHead->forward(x).squeeze(-1), opHead->forward(x)};
}

at::Tensor programLoss(const ProgramPredictor::Network::Logits& logits, const at::Tensor& boundaries,
                       const at::Tensor& ops) {
  const auto rows = boundaries.size(0), depth = boundaries.size(1);
  const auto element = F::binary_cross_entropy_with_logits(
      logits.boundary, boundaries, F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kNone));
  // Not mean(): a model of one layer has no boundary to learn.
  const auto boundaryLoss = element.slice(1, 1).sum(1) / static_cast<double>(std::max<std::int64_t>(1, depth - 1));
  const auto token = F::cross_entropy(logits.op.reshape({rows * depth, 3}), ops.reshape({rows * depth}),
                                      F::CrossEntropyFuncOptions().ignore_index(-1).reduction(torch::kNone));
  const auto starts = ops.ge(0).sum(1).clamp_min(1);
  return boundaryLoss + token.reshape({rows, depth}).sum(1) / starts;
}

TorchSeed::TorchSeed(std::uint64_t seed)
    : lock_(generatorMutex()), generator_(at::globalContext().defaultGenerator(at::kCPU)) {
  const std::lock_guard inner(generator_.mutex());
  before_ = generator_.get_state();
  generator_.set_current_seed(seed);
}

TorchSeed::~TorchSeed() {
  const std::lock_guard inner(generator_.mutex());
  generator_.set_state(before_);
}

}  // namespace polar
