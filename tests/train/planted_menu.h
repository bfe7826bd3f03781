// Another planted rule: of nine programs, the standard one and those that leave out one layer, three are right for each
// kind of question, and the standard one is right for none.
#pragma once

#include <algorithm>
#include <array>

#include "planted.h"

namespace polar::testing::planted {

// The layers that a kind can do without. Each of layers 1 to 6 is in two of the sets, so that how often leaving it out
// is right says nothing; and at each layer keeping it is right more often than leaving it out.
inline constexpr std::array<std::array<int, 3>, 4> kSpared{{{1, 2, 3}, {3, 4, 5}, {5, 6, 1}, {2, 4, 6}}};

inline Program withoutLayer(int layer) {
  std::vector<LayerIndex> layers;
  for (int each = 0; each < kDepth; ++each)
    if (each != layer) layers.push_back(static_cast<LayerIndex>(each));
  return Program(layers);
}

inline bool spares(int kind, const Program& program) {
  return std::ranges::any_of(kSpared[static_cast<std::size_t>(kind)],
                             [&](int layer) { return program == withoutLayer(layer); });
}

// Texts: right programs agree, each other one gives an answer of its own.
inline std::vector<ExampleLabels> menuLabels(int count) {
  auto all = plantedLabels(count);
  for (ExampleLabels& labels : all) {
    labels.example.answer = "7";
    labels.programs.clear();
    for (int layer = -1; layer < kDepth; ++layer) {  // -1: the standard program
      LabelledProgram program;
      program.program = withoutLayer(layer);
      const bool right = spares(kindOfQuestion(labels.example), program.program);
      program.evaluation.verdict = right ? Verdict::right : Verdict::wrong;
      program.evaluation.text = right ? "The answer is 7." : "The answer is " + std::to_string(100 + layer) + ".";
      program.order = static_cast<std::uint32_t>(layer + 1);
      labels.programs.push_back(program);
    }
  }
  return all;
}

}  // namespace polar::testing::planted
