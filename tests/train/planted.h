// A rule from question to program that training must find: each question has one of four kinds as a feature, and one
// program is right for each kind.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "store/label_store.h"
#include "support/hash.h"
#include "support/random.h"
#include "train/question_encoder.h"
#include "train/question_features.h"

namespace polar::testing::planted {

inline constexpr int kDepth = 8, kWidth = 12;
inline const char* const kPlanted[] = {"0-7", "0-2,5-7", "0-3,2-7", "1-7"};  // standard, skip 3-4, repeat 2-3, skip 0

inline int kindOfQuestion(const Example& example) { return example.question[0] - '0'; }

// Noise of three to six tokens; one of them carries the question's kind.
class PlantedEncoder final : public QuestionEncoder {
 public:
  explicit PlantedEncoder(float scale = 1) : scale_(scale) {}
  at::Tensor encode(const Example& example) const override {
    Random random(1, example.id);
    const auto tokens = 3 + static_cast<std::int64_t>(random.below(4));
    at::Tensor rows = at::empty({tokens, kWidth});
    for (std::int64_t i = 0; i < rows.numel(); ++i)
      rows.data_ptr<float>()[i] = scale_ * static_cast<float>(random.uniform() - 0.5);
    const auto at = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(tokens)));
    rows[at][kindOfQuestion(example)] += 2 * scale_;
    return rows;
  }
  int width() const override { return kWidth; }
  std::int64_t layerTokens(const Example&) const override { return 0; }

 private:
  float scale_;
};

// Noise in six numbers; one of the first four carries the kind.
class PlantedFeatures final : public QuestionFeatures {
 public:
  explicit PlantedFeatures(float scale = 1) : scale_(scale) {}
  at::Tensor read(const Example& example) const override {
    Random random(2, example.id);
    at::Tensor row = at::empty({6});
    for (int i = 0; i < 6; ++i) row.data_ptr<float>()[i] = static_cast<float>(random.uniform() - 0.5);
    row.data_ptr<float>()[kindOfQuestion(example)] += 3 * scale_;
    return row;
  }
  int width() const override { return 6; }
  std::int64_t layerTokens(const Example&) const override { return 30; }

 private:
  float scale_;
};

inline std::vector<ExampleLabels> plantedLabels(int count) {
  std::vector<ExampleLabels> all;
  for (int i = 0; i < count; ++i) {
    ExampleLabels labels;
    labels.example.id = "planted/" + std::to_string(i);
    labels.example.question = std::to_string(stableHash(labels.example.id) % 4) + " of " + labels.example.id;
    labels.split = i % 4 == 3 ? "validation" : "train";
    for (int kind = 0; kind < 4; ++kind) {
      LabelledProgram program;
      program.program = Program::parse(kPlanted[kind], kDepth);
      program.evaluation.verdict = kind == kindOfQuestion(labels.example) ? Verdict::right : Verdict::wrong;
      program.order = static_cast<std::uint32_t>(kind);
      labels.programs.push_back(program);
    }
    all.push_back(labels);
  }
  return all;
}

}  // namespace polar::testing::planted
