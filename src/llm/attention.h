// Causal attention with grouped KV heads (Ainslie et al., 2023) of the rows of a pass over
// what their slots hold: every row has the same bits whatever rows and keys are beside it.
#pragma once

#include <ATen/core/TensorBody.h>

#include <span>

#include "llm/kv_slot.h"

namespace polar {

// Row r of a part sees every key before it in its slot, and its own, which is in the slot by now.
//   query: [Σ part.rows or more, heads, headSize], rotated and scaled; a row's heads follow each other.
//   out:   [Σ part.rows - part.from, heads · headSize], contiguous; written.
using Attend = void (*)(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out);

// Type and device of queries, keys and values for a model of such options. fp32 on a CPU, whatever the model's type:
// keys and values are then what bf16 products gave, kept and used without a further rounding, and the fast way is open.
inline at::TensorOptions attentionOptions(const at::TensorOptions& model) {
  return model.device().is_cpu() ? model.dtype(at::kFloat) : model;
}

struct AttentionWay {
  const char* name;
  Attend attend;
  // Whether this libtorch, on this machine, has it for models of such heads in tensors of such options.
  bool (*available)(const ModelConfig& config, const at::TensorOptions& options);
};

// The fastest first; the last is available everywhere. The self-check takes the first that keeps the promise above.
std::span<const AttentionWay> attentionWays();

// By libtorch's batched products, any type on any device.
void attendInTiles(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out);

// By oneDNN's products for small blocks, which read and write in place: CPUs with AVX-512. On the
// machine of src/README.md, "Speed", these run at 2.5 times the rate of the batched ones, at three rows 10 times.
void attendInBlocks(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out);
bool canAttendInBlocks(const ModelConfig& config, const at::TensorOptions& options);

// By libtorch's FlashAttention over sequences of different lengths (Dao, 2023), all parts in
// one kernel, which goes through a row's keys from the last block to the first and never
// splits them over thread blocks: bf16 on NVIDIA GPUs from compute capability 8.0.
void attendByFlash(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out);
bool canAttendByFlash(const ModelConfig& config, const at::TensorOptions& options);

// Keys that row 0 of the wanted rows of a part sees; every further row sees one more.
// Where a slot holds several passes, this is what HF's attention does without a mask:
// one row sees every key, several see as many as their position says.
inline std::int64_t keysSeen(const RowsOfSlot& part) {
  const std::int64_t tokens = part.rows - part.from;
  return (tokens == 1 ? part.slot->length() : part.slot->position()) - tokens + 1;
}

}  // namespace polar
