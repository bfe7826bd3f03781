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

// A slot of the walk, kept alive by the leaves below it.
using SharedSlot = std::shared_ptr<const KvSlot>;

// The end of a program: what its requests need to go on.
struct Leaf {
  std::vector<std::size_t> requests;  // all with this program and this prompt (and seeds of their own)
  at::Tensor rows;                    // hidden [1 + answer tokens fed, width]: the prompt's last row, then the answer's
  std::vector<SharedSlot> slots;      // one a position of the program, each holding prompt and answer tokens fed
};

class JointDecoder {
 public:
  JointDecoder(const LanguageModel& model, const DecodingOptions& options, std::span<const ExecutionRequest> requests,
               bool draft)
      : model_(model), options_(options), requests_(requests), draft_(draft) {}

  // Writes the executions of the leaves' requests. Returns the layer-tokens that decoding computed.
  std::int64_t finish(std::vector<Leaf>& leaves, std::span<Execution> results) const;

 private:
  struct Live;
  // logits: one row, [vocabulary], for each of the leaf's.
  void start(const Leaf& leaf, std::span<const at::Tensor> logits, std::vector<Live>& live,
             std::span<Execution> results) const;
  std::int64_t step(std::vector<Live>& live, std::span<Execution> results) const;
  at::Tensor advance(std::vector<Live>& live) const;

  const LanguageModel& model_;
  const DecodingOptions& options_;
  std::span<const ExecutionRequest> requests_;
  bool draft_;
};

}  // namespace polar
