// Labels made up for tests: every kind of value a column can hold.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "store/label_store.h"
#include "support/random.h"

namespace polar::testing {

inline LabelProvenance sampleProvenance() {
  LabelProvenance p;
  p.depth = 6;
  p.fingerprint = "f1";
  p.config = "name: tests\nsearch:\n  budget: 3\n";
  p.toolVersion = "0.1.0";
  p.gitRevision = "abc";
  p.weightsSha256 = "w";
  p.tokenizerSha256 = "t";
  p.dataSha256 = "d";
  p.promptTemplate = "zero-shot";
  p.dtype = "fp32";
  p.device = "cpu";
  p.graderVersion = "1";
  p.seed = std::numeric_limits<std::uint64_t>::max();
  p.computedOn = "AMD EPYC 9B45, AVX512, libtorch 2.13.0";
  p.weightsFormat = "GGUF, Q4_1";
  p.leftOut = 7;
  return p;
}

inline LabelledProgram sampleProgram(Random& random, std::uint32_t order) {
  LabelledProgram labelled;
  std::vector<LayerIndex> layers;
  for (int layer = 0; layer < 6; ++layer)
    for (std::uint64_t times = random.below(3); times > 0; --times) layers.push_back(static_cast<LayerIndex>(layer));
  labelled.program = Program(layers);
  Evaluation& e = labelled.evaluation;
  e.verdict = static_cast<Verdict>(random.below(3));
  e.answerLogprob =
      random.below(5) == 0 ? std::numeric_limits<float>::quiet_NaN() : -static_cast<float>(random.uniform());
  e.margin = static_cast<float>(random.uniform());
  e.executed = labelled.program.executed();
  e.unique = labelled.program.unique();
  e.text = random.below(4) == 0 ? "" : "π = " + std::to_string(random.below(1000)) + "}";
  e.rule = "box/integer";
  e.prefillLayerTokens = static_cast<std::int64_t>(random.next() >> 8);
  e.decodeLayerTokens = 3;
  labelled.order = order;
  labelled.parent = static_cast<std::int32_t>(order) - 1;
  labelled.origin = order == 0 ? "standard" : "enumerate";
  return labelled;
}

// A pure function of its index, as a search is.
inline ExampleLabels sampleExample(int index, int programs = 3) {
  Random random(5, "example " + std::to_string(index));
  ExampleLabels labels;
  labels.example.id = "set/train/" + std::to_string(index);
  labels.example.question = "Wie viel ist " + std::to_string(index) + " × 2?\n";
  labels.example.answer = std::to_string(2 * index);
  labels.example.solution = index % 2 ? "" : "double it";
  if (index % 3) labels.example.level = index % 3;
  labels.example.subject = "sums";
  labels.example.source = "tests";
  if (index % 4 == 1) labels.example.options = {"one", "", "three"};
  labels.standardVerdict = static_cast<Verdict>(random.below(3));
  labels.split = index % 4 ? "train" : "validation";
  for (int i = 0; i < programs; ++i) labels.programs.push_back(sampleProgram(random, static_cast<std::uint32_t>(i)));
  return labels;
}

inline LabelFile sampleFile(int examples, int programs = 3) {
  LabelFile file{sampleProvenance(), {}};
  for (int i = 0; i < examples; ++i) file.examples.push_back(sampleExample(i, programs));
  return file;
}

}  // namespace polar::testing
