// Programs of one example as a trie over layer indices: a node is computed once, however many programs pass through it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "program/program.h"

namespace polar {

struct TrieNode {
  LayerIndex layer = 0;  // executed to come here from the parent; none for the root
  const TrieNode* parent = nullptr;
  std::vector<std::unique_ptr<TrieNode>> children;  // in order of first use
  std::vector<std::size_t> ends;                    // requests whose program ends here

  void add(const Program& program, std::size_t request) {
    TrieNode* node = this;
    for (const LayerIndex next : program.layers()) node = &node->child(next);
    node->ends.push_back(request);
  }
  // The child by this layer, or null.
  const TrieNode* find(LayerIndex next) const {
    for (const auto& known : children)
      if (known->layer == next) return known.get();
    return nullptr;
  }

 private:
  TrieNode& child(LayerIndex next) {
    for (const auto& known : children)
      if (known->layer == next) return *known;
    children.push_back(std::make_unique<TrieNode>());
    children.back()->layer = next;
    children.back()->parent = this;
    return *children.back();
  }
};

}  // namespace polar
