// The paper's program predictor (PoLar, Section 3.2): layer queries attend to question tokens; a transformer encoder over
// the D layer states; a boundary head and an op head write segments.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/TensorBody.h>

#include "program/program.h"

namespace polar {

struct PredictorShape {
  int depth = 0;        // D of the LLM
  int inputWidth = 0;   // of the question encoder
  int width = 256;      // d
  int heads = 4;
  int blocks = 2;
  double dropout = 0.1;
};

struct ScoredProgram {
  Program program;
  double logProbability = 0;  // of its ops given the decoded boundaries
};

// Thread-safe for proposing; training mutates it.
class ProgramPredictor {
 public:
  ProgramPredictor(const PredictorShape& shape, std::uint64_t seed);
  ~ProgramPredictor();

  // Reads predictor.safetensors and predictor.json of a train folder. InputError where they do not fit `depth`.
  static std::unique_ptr<ProgramPredictor> load(const std::filesystem::path& folder);
  // Writes both, atomically. `extra`: JSON object text with what the training wants to keep (config, best epoch).
  void save(const std::filesystem::path& folder, const std::string& extra) const;

  const PredictorShape& shape() const;
  std::int64_t parameters() const;

  // Decode: boundary threshold 0.5, boundaries inserted so that no segment is longer than 4, beam over the top-2 ops of
  // each segment; up to k distinct programs, best first. question: [T, inputWidth].
  std::vector<ScoredProgram> propose(const at::Tensor& question, int k, int beam) const;

  // The torch module behind it (train/trainer.cpp).
  struct Network;
  Network& network();

 private:
  PredictorShape shape_;
  std::unique_ptr<Network> network_;
};

}  // namespace polar
