// Labels of a menu of five programs that were run on every question, with planted answers and margins.
#pragma once

#include <string>
#include <vector>

#include "eval/planted.h"

namespace polar::testing::planted_runs {

inline constexpr int kDepth = 12;
inline constexpr int kPrompt = 40, kDecoded = 4;  // tokens

// The standard program and four that skip one layer, from the last to the ninth.
inline Program menuProgram(int p) {
  std::vector<LayerIndex> layers;
  for (int layer = 0; layer < kDepth; ++layer)
    if (p == 0 || layer != kDepth - p) layers.push_back(static_cast<LayerIndex>(layer));
  return Program(layers);
}

// `answer(question, program)`: a text, "" for none; to question q the number q + 1 is right.
template <typename Answer, typename Margin>
std::vector<ExampleLabels> labelsOfTexts(int questions, Answer answer, Margin margin) {
  std::vector<ExampleLabels> labels;
  for (int q = 0; q < questions; ++q) {
    ExampleLabels example;
    example.example = plantedExample(q);
    example.split = "train";
    for (int p = 0; p <= 4; ++p) {
      const std::string given = answer(q, p);
      const Verdict verdict = given == std::to_string(q + 1) ? Verdict::right : Verdict::wrong;
      LabelledProgram run = planted(menuProgram(p).text(), kDepth, verdict);
      run.evaluation.text = given.empty() ? "I do not know" : given + "}";
      run.evaluation.margin = margin(q, p);
      run.evaluation.prefillLayerTokens = kPrompt * run.evaluation.executed;
      run.evaluation.decodeLayerTokens = kDecoded * run.evaluation.executed;
      example.programs.push_back(std::move(run));
    }
    labels.push_back(std::move(example));
  }
  return labels;
}

}  // namespace polar::testing::planted_runs
