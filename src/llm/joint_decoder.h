// Finishes programs whose prompt has been run: scores the answer, accepts it as a draft as far as it is what greedy
// decoding says, and decodes the rest of all programs together, layer by layer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ATen/core/TensorBody.h>

#include "llm/executor.h"
#include "llm/generation.h"
#include "llm/language_model.h"

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

// Serves one call of an executor, on one thread. Programs wait until enough of them make a full product: a pass of few rows
// costs as much as its weights take to arrive from memory.
class JointDecoder {
 public:
  // results: one a request. `sharing`: drafts, and the bytes of keys and values from which programs no longer wait.
  JointDecoder(const LanguageModel& model, const DecodingOptions& options, std::span<const ExecutionRequest> requests,
               const SharingOptions& sharing, std::span<Execution> results);

  ~JointDecoder();

  void add(Leaf leaf);
  // Decodes whatever still waits. Then every request added has its result.
  void finish();
  // Layer-tokens computed by decoding.
  std::int64_t layerTokens() const { return layerTokens_; }

 private:
  struct Live;
  void startWaiting();
  // logits: one row, [vocabulary], for each of the leaf's.
  void start(Leaf& leaf, std::span<const at::Tensor> logits);
  std::vector<KvSlot> slotsFor(Leaf& leaf, std::size_t request, int length, bool last) const;
  void step();
  at::Tensor advance();

  const LanguageModel& model_;
  const DecodingOptions& options_;
  std::span<const ExecutionRequest> requests_;
  SharingOptions sharing_;
  std::span<Execution> results_;
  std::vector<Leaf> waiting_;
  std::int64_t waitingRows_ = 0, waitingBytes_ = 0;
  std::vector<Live> live_;
  std::int64_t liveBytes_ = 0, layerTokens_ = 0;
};

}  // namespace polar
