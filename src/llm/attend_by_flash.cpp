#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "llm/attention.h"

namespace polar {
namespace {

// Where each sequence begins, and where the last ends.
at::Tensor starts(const std::vector<std::int32_t>& lengths, const at::Device& device) {
  const at::Tensor all = at::zeros({static_cast<std::int64_t>(lengths.size()) + 1}, at::kInt);
  auto* at = all.data_ptr<std::int32_t>();
  for (std::size_t i = 0; i < lengths.size(); ++i) at[i + 1] = at[i] + lengths[i];
  return all.to(device);
}

std::int64_t longest(const std::vector<std::int32_t>& lengths) {
  return *std::max_element(lengths.begin(), lengths.end());
}

// query [Σ queries, heads, headSize], keys and values [Σ keys, kvHeads, headSize] → query's shape; the last query of a
// sequence sees all of its keys.
at::Tensor flash(const at::Tensor& query, const at::Tensor& keys, const at::Tensor& values,
                 const std::vector<std::int32_t>& queriesOf, const std::vector<std::int32_t>& keysOf) {
  // If it knew that no sequence has more than one query, the kernel would go another way.
  const std::int64_t most = std::max<std::int64_t>(longest(queriesOf), 2);
  return std::get<0>(at::_flash_attention_forward(query, keys, values, starts(queriesOf, query.device()),
                                                  starts(keysOf, query.device()), most, longest(keysOf),
                                                  /*dropout_p=*/0.0,
                                                  /*is_causal=*/true, /*return_debug_mask=*/false, /*scale=*/1.0));
}

}  // namespace

bool canAttendByFlash(const ModelConfig& config, const at::TensorOptions& options) {
  if (!options.device().is_cuda() || options.dtype() != at::kBFloat16) return false;
  try {
    const at::Tensor query = at::zeros({1, config.heads, config.headSize}, options),
                     keys = at::zeros({1, config.kvHeads, config.headSize}, options);
    flash(query, keys, keys, {1}, {1});
  } catch (const c10::Error&) {  // the GPU, the size of a head or the build: there is no way to ask
    return false;
  }
  return true;
}

void attendByFlash(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out) {
  std::vector<at::Tensor> queries, keys, values;
  std::vector<std::int32_t> queriesOf, keysOf;
  std::int64_t row = 0;
  for (const RowsOfSlot& part : parts) {
    const std::int64_t wanted = part.rows - part.from, seen = keysSeen(part) + wanted - 1;
    queries.push_back(query.narrow(0, row + part.from, wanted));
    keys.push_back(part.slot->keys().narrow(2, 0, seen).permute({2, 0, 1}));
    values.push_back(part.slot->values().narrow(1, 0, seen).transpose(0, 1));
    queriesOf.push_back(static_cast<std::int32_t>(wanted));
    keysOf.push_back(static_cast<std::int32_t>(seen));
    row += part.rows;
  }
  out.view({-1, query.size(1), query.size(2)})
      .copy_(flash(at::cat(queries), at::cat(keys), at::cat(values), queriesOf, keysOf));
}

}  // namespace polar
