#include "train/predictor_network.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "train/decoding.h"

namespace polar {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;

struct Attended {
  at::Tensor queries, keys, values;  // [B, N, width]; queries of one for all: B 1
};

at::Tensor splitIntoHeads(const at::Tensor& rows, std::int64_t heads) {
  return rows.unflatten(-1, {heads, rows.size(-1) / heads}).transpose(1, 2);  // [B, heads, N, width / heads]
}

// What torch's MultiheadAttention computes after its three input projections, with dropout on the shares of attention.
at::Tensor mixture(const nn::MultiheadAttentionImpl& attention, const Attended& attended, const at::Tensor& padding,
                   Dropout& dropout) {
  const std::int64_t heads = attention.options.num_heads();
  const auto queries = splitIntoHeads(attended.queries, heads);
  const double scale = 1 / std::sqrt(static_cast<double>(queries.size(-1)));
  auto scores = torch::matmul(queries * scale, splitIntoHeads(attended.keys, heads).transpose(-2, -1));
  if (padding.defined())
    scores = scores.masked_fill(padding.unsqueeze(1).unsqueeze(1), -std::numeric_limits<float>::infinity());
  const auto mixed = torch::matmul(dropout(scores.softmax(-1)), splitIntoHeads(attended.values, heads));
  return torch::linear(mixed.transpose(1, 2).flatten(2), attention.out_proj->weight, attention.out_proj->bias);
}

at::Tensor normed(const nn::LayerNormImpl& norm, const at::Tensor& x) {
  return torch::layer_norm(x, norm.options.normalized_shape(), norm.weight, norm.bias, norm.options.eps());
}

// Torch's post-norm TransformerEncoderLayer.
at::Tensor blockForward(const nn::TransformerEncoderLayerImpl& block, const at::Tensor& x, Dropout& dropout) {
  const nn::MultiheadAttentionImpl& attention = *block.self_attn;
  const auto parts = torch::linear(x, attention.in_proj_weight, attention.in_proj_bias).chunk(3, -1);
  const auto attended = mixture(attention, {parts[0], parts[1], parts[2]}, {}, dropout);
  const auto middle = normed(*block.norm1, x + dropout(attended));
  const auto wide = dropout(torch::relu(torch::linear(middle, block.linear1->weight, block.linear1->bias)));
  return normed(*block.norm2, middle + dropout(torch::linear(wide, block.linear2->weight, block.linear2->bias)));
}

}  // namespace

ProgramPredictor::Network::Network(const PredictorShape& shape) {
  projection = register_module("projection", nn::Linear(shape.inputWidth, shape.width));
  layerEmbedding = register_module("layer_embedding", nn::Embedding(shape.depth, shape.width));
  crossAttention = register_module(
      "cross_attention",
      nn::MultiheadAttention(nn::MultiheadAttentionOptions(shape.width, shape.heads).dropout(shape.dropout)));
  // Not nn::TransformerEncoder: it copies one layer, so all blocks would start with the same weights.
  blocks = register_module("blocks", nn::ModuleList());
  for (int i = 0; i < shape.blocks; ++i)
    blocks->push_back(nn::TransformerEncoderLayer(nn::TransformerEncoderLayerOptions(shape.width, shape.heads)
                                                      .dim_feedforward(4 * shape.width)
                                                      .dropout(shape.dropout)));
  boundaryHead = register_module("boundary_head", nn::Linear(shape.width, 1));
  opHead = register_module("op_head", nn::Linear(shape.width, 3));
}

ProgramPredictor::Network::Logits ProgramPredictor::Network::forward(const at::Tensor& questions,
                                                                     const at::Tensor& padding, Dropout dropout) const {
  const auto width = layerEmbedding->weight.size(1);
  // The layers' queries are the same for every question: one product makes them for all.
  const auto weights = crossAttention->in_proj_weight.split_with_sizes({width, 2 * width});
  const auto biases = crossAttention->in_proj_bias.split_with_sizes({width, 2 * width});
  const auto queries = torch::linear(layerEmbedding->weight, weights[0], biases[0]).unsqueeze(0);
  const auto projected = torch::linear(questions, projection->weight, projection->bias);
  const auto tokens = torch::linear(projected, weights[1], biases[1]).chunk(2, -1);
  auto x = mixture(*crossAttention, {queries, tokens[0], tokens[1]}, padding, dropout);
  for (const auto& block : *blocks) x = blockForward(*block->as<nn::TransformerEncoderLayer>(), x, dropout);
  return {torch::linear(x, boundaryHead->weight, boundaryHead->bias).squeeze(-1),
          torch::linear(x, opHead->weight, opHead->bias)};
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

std::vector<ScoredProgram> proposals(const ProgramPredictor::Network::Logits& logits, int k, int beam) {
  const auto boundary = logits.boundary.contiguous(), op = logits.op.contiguous();
  return decodePrograms({boundary.data_ptr<float>(), static_cast<std::size_t>(boundary.numel())},
                        {op.data_ptr<float>(), static_cast<std::size_t>(op.numel())}, k, beam);
}

}  // namespace polar
