// Model families: how a checkpoint's own names become ModelConfig and tensors. One file and one list line each.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "llm/model_config.h"
#include "weights/gguf.h"
#include "weights/weight_file.h"

namespace polar {

struct Family {
  std::string architecture;      // config.json `architectures[0]`
  std::string ggufArchitecture;  // `general.architecture`, "" where GGUF is not supported
  // config.json text → shape and flags. `where` names the file in errors.
  ModelConfig (*fromJson)(const std::string& json, const std::string& where);
  ModelConfig (*fromGguf)(const GgufFile& file);
  // GGUF of this family stores q and k rows in interleaved rotary order (converted back on reading).
  bool ggufInterleavesRotary = false;
};

// All families, in the order that error messages list them.
const std::vector<Family>& families();

// A checkpoint opened but not yet loaded: its config, and its weights under HF's names
// ("model.layers.3.self_attn.q_proj.weight") with HF's row order whatever the file format.
struct Checkpoint {
  ModelConfig config;
  std::shared_ptr<const WeightFile> weights;
  std::string format;  // "safetensors" or "GGUF", and the type of most weights: "GGUF, Q4_1"
};

// `model`: an HF folder or a .gguf file. InputError on anything else, naming the known families.
Checkpoint openCheckpoint(const std::filesystem::path& model);

}  // namespace polar
