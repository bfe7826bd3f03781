#include "llm/families/json_config.h"

#include "support/error.h"
#include "support/json.h"
#include "weights/weight_values.h"

namespace polar {
namespace {

std::string brief(const nlohmann::json& value) {
  const std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return text.size() > 40 ? text.substr(0, 40) + "…" : text;
}

int toInt(std::int64_t value, const std::string& where) {
  if (value < 0 || value > 1 << 30) throw InputError(where, std::to_string(value), "a number from 0 to 2^30");
  return static_cast<int>(value);
}

}  // namespace

JsonConfig::JsonConfig(const std::string& text, std::string where)
    : where_(std::move(where)), json_(parseJson(text, where_, "a Hugging Face config.json")) {
  if (!json_.is_object()) throw InputError(where_, "no JSON object", "a Hugging Face config.json");
}

const nlohmann::json* JsonConfig::find(const char* key) const {
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

int JsonConfig::integer(const char* key) const {
  const std::string where = where_ + ": " + key;
  const nlohmann::json* value = find(key);
  if (!value) throw InputError(where, "no such key", "a number");
  if (!value->is_number_integer()) throw InputError(where, brief(*value), "a whole number");
  return toInt(value->get<std::int64_t>(), where);
}

int JsonConfig::integer(const char* key, int otherwise) const { return find(key) ? integer(key) : otherwise; }

std::vector<int> JsonConfig::integers(const char* key) const {
  const nlohmann::json* list = find(key);
  if (!list) return {};
  const std::string where = where_ + ": " + key;
  if (!list->is_array()) throw InputError(where, brief(*list), "a list of whole numbers");
  std::vector<int> values;
  for (const nlohmann::json& value : *list) {
    if (!value.is_number_integer()) throw InputError(where, brief(value), "whole numbers");
    values.push_back(toInt(value.get<std::int64_t>(), where));
  }
  return values;
}

double JsonConfig::number(const char* key, double otherwise) const {
  const nlohmann::json* value = find(key);
  if (!value) return otherwise;
  if (!value->is_number()) throw InputError(where_ + ": " + key, brief(*value), "a number");
  return value->get<double>();
}

bool JsonConfig::flag(const char* key, bool otherwise) const {
  const nlohmann::json* value = find(key);
  if (!value) return otherwise;
  if (!value->is_boolean()) throw InputError(where_ + ": " + key, brief(*value), "true or false");
  return value->get<bool>();
}

std::string JsonConfig::text(const char* key, const std::string& otherwise) const {
  const nlohmann::json* value = find(key);
  if (!value) return otherwise;
  if (!value->is_string()) throw InputError(where_ + ": " + key, brief(*value), "a string");
  return value->get<std::string>();
}

void JsonConfig::requireActivation(const std::string& name) const {
  const std::string found = text("hidden_act", name);
  if (found != name) throw InputError(where_ + ": hidden_act", found, name);
}

void JsonConfig::requireAbsent(const char* key) const {
  if (flag(key, false)) throw InputError(where_ + ": " + key, "true", "false: this arithmetic is not supported");
}

void JsonConfig::requireFullAttention(int depth) const {
  const char* const kWanted = "full attention in every layer: sliding windows are not supported";
  if (const nlohmann::json* types = find("layer_types")) {
    if (!types->is_array()) throw InputError(where_ + ": layer_types", brief(*types), "a list of names");
    for (const nlohmann::json& type : *types)
      if (type != "full_attention") throw InputError(where_ + ": layer_types", brief(type), kWanted);
    return;
  }
  if (!flag("use_sliding_window", false) || !find("sliding_window")) return;
  if (depth == 0 || integer("max_window_layers", 0) < depth)
    throw InputError(where_ + ": use_sliding_window", "true", kWanted);
}

void JsonConfig::readRotary(ModelConfig& config) const {
  // transformers 5 writes rope_parameters; before that rope_theta was at the top and scaling in rope_scaling.
  const nlohmann::json* rotary = find("rope_parameters") ? find("rope_parameters") : find("rope_scaling");
  config.ropeTheta = number("rope_theta", 10000);
  if (!rotary) return;
  const JsonConfig inner(rotary->dump(), where_ + ": rope_parameters");
  config.ropeTheta = inner.number("rope_theta", config.ropeTheta);
  const std::string type = inner.text("rope_type", inner.text("type", "default"));
  if (type == "default") return;
  if (type != "llama3") throw InputError(inner.where_ + ".rope_type", type, "default or llama3");
  config.ropeFactor = inner.number("factor", 8);
  config.ropeLowFrequency = inner.number("low_freq_factor", 1);
  config.ropeHighFrequency = inner.number("high_freq_factor", 4);
  config.ropeOriginalPositions = inner.number("original_max_position_embeddings", 8192);
}

ModelConfig JsonConfig::common() const {
  ModelConfig config;
  config.depth = integer("num_hidden_layers");
  config.width = integer("hidden_size");
  config.feedForward = integer("intermediate_size");
  config.heads = integer("num_attention_heads");
  config.kvHeads = integer("num_key_value_heads", config.heads);
  config.headSize = integer("head_dim", config.heads > 0 ? config.width / config.heads : 0);
  config.vocabulary = integer("vocab_size");
  config.maxPositions = integer("max_position_embeddings", 2048);
  config.normEpsilon = static_cast<float>(number("rms_norm_eps", 1e-6));
  config.tiedEmbeddings = flag("tie_word_embeddings", false);
  readRotary(config);
  return config;
}

namespace {

// Llama 3's frequency scaling as llama.cpp's converter writes it down.
void readRopeDivisors(const GgufFile& file, ModelConfig& config) {
  const char* const kName = "rope_freqs.weight";
  if (!file.has(kName)) return;
  const auto shape = file.shape(kName);
  if (shape.size() != 1 || shape[0] != config.headSize / 2)
    throw InputError(file.path().string() + ": tensor " + kName, "a first extent of " + std::to_string(shape[0]),
                     "a row of half a head's width, " + std::to_string(config.headSize / 2));
  config.ropeDivisors.resize(static_cast<std::size_t>(shape[0]));
  readWeights(file, kName, config.ropeDivisors, file.path().string());
}

}  // namespace

ModelConfig commonFromGguf(const GgufFile& file, const std::string& architecture) {
  const auto key = [&](const char* name) { return architecture + "." + name; };
  const auto integer = [&](const char* name) {
    return toInt(file.integer(key(name)), file.path().string() + ": " + key(name));
  };
  ModelConfig config;
  config.depth = integer("block_count");
  config.width = integer("embedding_length");
  config.feedForward = integer("feed_forward_length");
  config.heads = integer("attention.head_count");
  config.kvHeads = file.hasKey(key("attention.head_count_kv")) ? integer("attention.head_count_kv") : config.heads;
  config.headSize = file.hasKey(key("attention.key_length")) ? integer("attention.key_length")
                    : config.heads > 0                       ? config.width / config.heads
                                                             : 0;
  config.maxPositions = integer("context_length");
  config.normEpsilon = static_cast<float>(file.number(key("attention.layer_norm_rms_epsilon")));
  if (file.hasKey(key("rope.freq_base"))) config.ropeTheta = file.number(key("rope.freq_base"));
  const std::string scaling = key("rope.scaling.type"), window = key("attention.sliding_window");
  if (file.hasKey(scaling) && file.text(scaling) != "none")
    throw InputError(file.path().string() + ": " + scaling, file.text(scaling), "none: this scaling is not supported");
  if (file.hasKey(window) && file.integer(window) != 0)
    throw InputError(file.path().string() + ": " + window, std::to_string(file.integer(window)),
                     "full attention in every layer: sliding windows are not supported");
  readRopeDivisors(file, config);
  config.vocabulary = file.has("token_embd.weight") ? toInt(file.shape("token_embd.weight").front(), "token_embd") : 0;
  config.tiedEmbeddings = !file.has("output.weight");
  return config;
}

}  // namespace polar
