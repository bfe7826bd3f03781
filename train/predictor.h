// The paper's program predictor (PoLar, Section 3.2): layer queries attend to question tokens; a transformer encoder
// over the D layer states; a boundary head and an op head write segments.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "program/program.h"
#include "train/decoding.h"

namespace polar {

struct PredictorShape {
  int depth = 0;       // D of the LLM
  int inputWidth = 0;  // of the question encoder
  int width = 256;     // d, a multiple of heads
  int heads = 4;
  int blocks = 2;
  double dropout = 0.1;
};

// Thread-safe for proposing; training mutates it.
class ProgramPredictor {
 public:
  // Fresh weights, a pure function of (shape, seed). InputError where the shape is impossible.
  ProgramPredictor(const PredictorShape& shape, std::uint64_t seed);
  ~ProgramPredictor();

  // Reads predictor.safetensors and predictor.json of a train folder. InputError where a file is missing or broken, the
  // two do not belong together, a tensor has another shape than the JSON says, or the predictor was trained for another
  // depth than `expectedDepth` (0: any).
  static std::unique_ptr<ProgramPredictor> load(const std::filesystem::path& folder, int expectedDepth = 0);
  // Writes both, each atomically, the JSON last and with the weights' SHA-256, so that load() recognises a half-written
  // pair. `extra`: text of a JSON object with what the training wants to keep (config, best epoch), under "training".
  void save(const std::filesystem::path& folder, const std::string& extra) const;

  const PredictorShape& shape() const { return shape_; }
  // Trained numbers: 2,113,284 for the paper's shape (D 28, input width 1024, d 256).
  std::int64_t parameters() const;

  // Decodes as train/decoding.h says; up to k distinct programs, best first. question: [T, inputWidth], T ≥ 1.
  // InputError where the question has another width.
  std::vector<ScoredProgram> propose(const at::Tensor& question, int k, int beam) const;

  // The torch module (train/predictor_network.h).
  struct Network;
  Network& network() const { return *network_; }

 private:
  PredictorShape shape_;
  std::unique_ptr<Network> network_;
};

}  // namespace polar
