// The torch module of the predictor. Internal: it brings <torch/torch.h>, so only train/*.cpp and its tests include it.
#pragma once

#include <torch/torch.h>

#include <mutex>

#include "train/dropout.h"
#include "train/predictor.h"

namespace polar {

// As the paper's release builds it: the attention's output goes to the blocks without a residual of the layer queries;
// blocks are torch's post-norm TransformerEncoderLayer (ReLU). Torch's modules hold the weights; forward() computes what
// they would, with the stream of dropout that it is given. Parameter names are those of the same module in Python:
//   projection, layer_embedding, cross_attention, blocks.N, boundary_head, op_head.
struct ProgramPredictor::Network : torch::nn::Module {
  explicit Network(const PredictorShape& shape);

  struct Logits {
    at::Tensor boundary;  // [B, D]: does a segment start at this layer (entry 0 is never looked at)
    at::Tensor op;        // [B, D, 3]: skip, keep, repeat of the segment that starts here (SegmentOp's order)
  };
  // questions: [B, T, inputWidth] fp32; padding: [B, T] bool, true where there is no token, or undefined for none.
  // Changes nothing, so that threads may share the network; their gradients are torch::autograd::grad's.
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

// Torch draws initial weights from one global generator. While this lives, that generator is this thread's
// alone and runs from `seed`; then it goes on where it was.
class TorchSeed {
 public:
  explicit TorchSeed(std::uint64_t seed);
  ~TorchSeed();
  TorchSeed(const TorchSeed&) = delete;
  TorchSeed& operator=(const TorchSeed&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  at::Generator generator_;
  at::Tensor before_;
};

}  // namespace polar
