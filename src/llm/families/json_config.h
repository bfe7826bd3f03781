// What families read out of config.json and GGUF metadata in the same way.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "llm/model_config.h"
#include "weights/gguf.h"

namespace polar {

class JsonConfig {
 public:
  // InputError where the text is not a JSON object. `where` names the file in errors.
  JsonConfig(const std::string& text, std::string where);

  int integer(const char* key) const;                 // required
  int integer(const char* key, int otherwise) const;  // missing or null: otherwise
  double number(const char* key, double otherwise) const;
  bool flag(const char* key, bool otherwise) const;
  std::string text(const char* key, const std::string& otherwise) const;

  std::vector<int> integers(const char* key) const;  // missing or null: none

  // hidden_act must be this; a flag must be absent or false: arithmetic that we do not have is refused by name.
  void requireActivation(const std::string& name) const;
  void requireAbsent(const char* flag) const;
  // No layer may attend to a sliding window: by `layer_types`, or, without it, where `use_sliding_window` puts one on
  // layers from `max_window_layers` up to `depth` (0: on any layer).
  void requireFullAttention(int depth) const;

  // Sizes, norm epsilon, rotary settings (top-level or `rope_parameters`/`rope_scaling`), tied embeddings.
  ModelConfig common() const;

 private:
  const nlohmann::json* find(const char* key) const;
  void readRotary(ModelConfig& config) const;

  std::string where_;
  nlohmann::json json_;
};

// The keys "ARCH.block_count" and so on.
ModelConfig commonFromGguf(const GgufFile& file, const std::string& architecture);

}  // namespace polar
