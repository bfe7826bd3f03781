// Programs of one example as a trie over layer indices: a node is computed once, however many programs pass through it.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "program/program.h"

namespace polar {

struct TrieNode {
  std::vector<std::pair<LayerIndex, std::unique_ptr<TrieNode>>> children;  // in order of first use
  std::vector<std::size_t> ends;                                           // requests whose program ends here

  TrieNode& child(LayerIndex layer) {
    for (auto& [known, node] : children)
      if (known == layer) return *node;
    return *children.emplace_back(layer, std::make_unique<TrieNode>()).second;
  }

  void add(const Program& program, std::size_t request) {
    TrieNode* node = this;
    for (const LayerIndex layer : program.layers()) node = &node->child(layer);
    node->ends.push_back(request);
  }
};

}  // namespace polar
