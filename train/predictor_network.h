// The torch module of the predictor. Internal: it brings <torch/torch.h>, so only train/*.cpp and its tests include it.
#pragma once

#include <torch/torch.h>

#include "train/dropout.h"
#include "train/predictor.h"

namespace polar {

// As in the paper's release: the attention's output goes to the blocks without a residual of the layer queries; blocks
// are torch's post-norm TransformerEncoderLayer (ReLU). Torch's modules hold the weights; forward() computes what they
// would compute, with the dropout that it gets. Parameter names are those of the same module in Python:
//   projection, layer_embedding, cross_attention, blocks.N, boundary_head, op_head.
struct ProgramPredictor::Network : torch::nn::Module {
  explicit Network(const PredictorShape& shape);

  struct Logits {
    at::Tensor boundary;  // [B, D]: does a segment start at this layer (entry 0 is never used)
    at::Tensor op;        // [B, D, 3]: skip, keep, repeat of the segment that starts here (SegmentOp's order)
  };
  // questions: [B, T, inputWidth] fp32; padding: [B, T] bool, true where there is no token, or undefined for none.
  // Changes nothing, so that threads may share the network; they take gradients with torch::autograd::grad.
  Logits forward(const at::Tensor& questions, const at::Tensor& padding = {}, Dropout dropout = {}) const;

  torch::nn::Linear projection{nullptr};
  torch::nn::Embedding layerEmbedding{nullptr};
  torch::nn::MultiheadAttention crossAttention{nullptr};
  torch::nn::ModuleList blocks{nullptr};
  torch::nn::Linear boundaryHead{nullptr}, opHead{nullptr};
};

// The loss of each row: mean binary cross-entropy of boundaries[1:], plus mean cross-entropy of the ops where one is
// given. boundaries: [N, D] fp32 0 or 1; ops: [N, D] int64, -1 where no segment starts. Returns [N].
at::Tensor programLoss(const ProgramPredictor::Network::Logits& logits, const at::Tensor& boundaries,
                       const at::Tensor& ops);

// What train/decoding.h makes of the logits of one question.
std::vector<ScoredProgram> proposals(const ProgramPredictor::Network::Logits& logits, int k, int beam);

}  // namespace polar
