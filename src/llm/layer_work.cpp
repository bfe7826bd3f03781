#include "llm/layer_work.h"

#include <ATen/ATen.h>

#include "llm/language_model.h"

namespace polar {
namespace {

int lowestLayer(std::span<LayerWork* const> works) {
  int lowest = -1;
  for (const LayerWork* work : works)
    if (const int layer = work->nextLayer(); layer >= 0 && (lowest < 0 || layer < lowest)) lowest = layer;
  return lowest;
}

}  // namespace

void runLayers(const LanguageModel& model, std::span<LayerWork* const> works) {
  for (int layer = lowestLayer(works); layer >= 0; layer = lowestLayer(works)) {
    std::vector<at::Tensor> rows;
    std::vector<RowsOfSlot> parts;
    std::vector<std::pair<LayerWork*, std::int64_t>> wanted;
    for (LayerWork* work : works) {
      const std::size_t before = parts.size();
      work->collect(layer, rows, parts);
      std::int64_t count = 0;
      for (std::size_t i = before; i < parts.size(); ++i) count += parts[i].rows - parts[i].from;
      if (parts.size() > before) wanted.emplace_back(work, count);
    }
    const at::Tensor out = model.layer(layer).forward(rows.size() == 1 ? rows.front() : at::cat(rows), parts);
    std::int64_t row = 0;
    for (const auto& [work, count] : wanted) {
      work->distribute(out.narrow(0, row, count));
      row += count;
    }
  }
}

}  // namespace polar
