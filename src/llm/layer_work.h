// Work that goes through layers, whoever it belongs to: rows that wait for the same layer share its product, because a
// pass of few rows costs as much as the layer's weights take to arrive from memory.
#pragma once

#include <ATen/core/TensorBody.h>

#include <span>
#include <vector>

#include "llm/kv_slot.h"

namespace polar {

class LanguageModel;

class LayerWork {
 public:
  virtual ~LayerWork() = default;
  // The lowest layer that any of its rows waits for; -1: none waits.
  virtual int nextLayer() const = 0;
  // Appends the rows [n, width] that wait for `layer`, and the sequences they belong to.
  virtual void collect(int layer, std::vector<at::Tensor>& rows, std::vector<RowsOfSlot>& parts) = 0;
  // The wanted rows of what was just collected, after the layer.
  virtual void distribute(const at::Tensor& rows) = 0;
};

// Runs all of them until no row waits: always the lowest layer that any waits for, so that programs meet again after a
// skip or a repeat.
void runLayers(const LanguageModel& model, std::span<LayerWork* const> works);

}  // namespace polar
