// What each program of a menu gave on each labelled question: what plans of several runs are tuned on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/label_store.h"

namespace polar {

struct MenuCell {
  bool right = false;
  float margin = 0;
  std::int64_t decodeLayerTokens = 0;
  const std::string* text = nullptr;
};

struct MenuTable {
  std::vector<Program> menu;                 // those that were run on every question, by rankPrograms
  std::size_t standard = 0;                  // place of the standard program in it
  std::vector<std::vector<MenuCell>> cells;  // [program][question]
  std::vector<std::int64_t> promptTokens;    // [question]
};

// What a question's programs gave, each greedily; for looking up alone, as it has no order. It points into `question`.
std::unordered_map<Program, const Evaluation*> evaluationsOf(const ExampleLabels& question);

// `labels` must outlive the table. InputError naming the policy `who` where no program but the standard one was run on
// every question, or not even that.
MenuTable menuTable(const std::vector<ExampleLabels>& labels, int depth, const std::string& who);

}  // namespace polar
