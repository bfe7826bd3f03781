// Finishes programs whose prompt has been run: scores the answer, accepts it as a draft as far as it is what greedy
// decoding says, and decodes the rest of all programs together, layer by layer.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "llm/executor.h"
#include "llm/generation.h"
#include "llm/language_model.h"
#include "llm/layer_work.h"

namespace polar {

using SharedSlot = std::shared_ptr<KvSlot>;

// The end of a program: what its requests need to go on.
struct Leaf {
  std::vector<std::size_t> requests;  // all with this program and this prompt (and seeds of their own)
  at::Tensor rows;                    // hidden [1 + answer tokens fed, width]: the prompt's last row, then the answer's
  // One a position of the program, each holding prompt and answer tokens fed. Others may hold the same slot: then it is
  // copied before it is written.
  std::vector<SharedSlot> slots;
};

// Serves one call of an executor, on one thread. One token of every live program is one step: begin, runLayers, end.
class JointDecoder final : public LayerWork {
 public:
  // results: one a request. `sharing`: drafts, and the bytes of keys and values that `overBudget` compares with.
  JointDecoder(const LanguageModel& model, const DecodingOptions& options, std::span<const ExecutionRequest> requests,
               const SharingOptions& sharing, std::span<Execution> results);
  ~JointDecoder() override;

  void add(std::vector<Leaf> leaves);
  bool empty() const { return live_.empty(); }
  bool many() const;  // enough for a pass of theirs to pay
  bool overBudget() const { return liveBytes_ >= sharing_.leafBytes; }

  void begin();
  int nextLayer() const override;
  void collect(int layer, std::vector<at::Tensor>& rows, std::vector<RowsOfSlot>& parts) override;
  void distribute(const at::Tensor& rows) override;
  void end();

  // Layer-tokens computed by decoding.
  std::int64_t layerTokens() const { return layerTokens_; }

 private:
  struct Live;
  // logits: one row, [vocabulary], for each of the leaf's.
  void start(Leaf& leaf, std::span<const at::Tensor> logits);
  std::vector<KvSlot> slotsFor(Leaf& leaf, std::size_t request, int length, bool last) const;
  std::span<const LayerIndex> layersOf(const Live& one) const;

  const LanguageModel& model_;
  const DecodingOptions& options_;
  std::span<const ExecutionRequest> requests_;
  SharingOptions sharing_;
  std::span<Execution> results_;
  std::vector<Live> live_;
  std::int64_t liveBytes_ = 0, layerTokens_ = 0;
  // Within a step.
  at::Tensor hidden_;                   // [live programs, width]
  std::vector<std::int64_t> together_;  // the programs collected last
};

}  // namespace polar
