// Dr.LLM's per-layer router (arXiv 2510.12773): before each layer a small network reads the hidden states and says
// skip, execute or repeat. It decides while the program runs; only the routers are computed in addition.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "program/program.h"

namespace polar {

class PromptStates;
struct Prompt;

struct RouterShape {
  int depth = 0;
  int inputWidth = 0;  // of the LLM's hidden states
  int width = 128;     // of a router's hidden layer
  int windows = 8;     // tokens are pooled to the means of so many windows
};

// How often each layer runs (0, 1, 2) where the program only skips and repeats single layers; nothing for loops over
// several layers.
std::optional<std::vector<int>> layerCounts(const Program& program, int depth);

// [windows, width] from hidden states [T, width]: means of windows of equal length, rounded. A prompt with fewer tokens
// than windows gives each token several times. Rows are scaled to a root mean square of 1.
at::Tensor pooledWindows(const at::Tensor& hidden, int windows);

struct RouterNetwork;

// Thread-safe for routing; training mutates it.
class LayerRouter {
 public:
  LayerRouter(const RouterShape& shape, std::uint64_t seed);
  ~LayerRouter();

  // router.safetensors and router.json of a train folder, as ProgramPredictor::load reads its two.
  static std::unique_ptr<LayerRouter> load(const std::filesystem::path& folder, int expectedDepth = 0);
  void save(const std::filesystem::path& folder, const std::string& extra) const;

  const RouterShape& shape() const { return shape_; }
  // The program that the routers choose for a prompt. Each is asked once, with the states that the layers before it
  // made of the tokens after the head (the question's tokens; what all prompts share says nothing about the question).
  Program route(const PromptStates& states, const Prompt& prompt) const;

  RouterNetwork& network() const { return *network_; }

 private:
  RouterShape shape_;
  std::unique_ptr<RouterNetwork> network_;
};

}  // namespace polar
