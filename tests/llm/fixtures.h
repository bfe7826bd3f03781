// What the tests of src/llm share without torch: fixtures as JSON, and files broken on purpose.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catch.h"
#include "program/program.h"
#include "support/error.h"
#include "weights/weight_file.h"
#include "weights/weight_values.h"

namespace polar::testing {

using Json = nlohmann::json;

inline std::filesystem::path llmFixture(const std::string& name) { return fixture("llm") / name; }

inline const Json& tinyLlama() {
  static const Json json = Json::parse(slurp(llmFixture("tiny_llama.json")));
  return json;
}

inline std::vector<std::int32_t> ids(const Json& json) { return json.get<std::vector<std::int32_t>>(); }
inline std::vector<float> floats(const Json& json) { return json.get<std::vector<float>>(); }
inline Program programOf(const Json& json) { return Program(json.get<std::vector<LayerIndex>>()); }

// A copy of a fixture folder whose files may be broken.
inline std::filesystem::path copied(const TemporaryFolder& folder, const std::string& name) {
  const auto to = folder.path() / std::filesystem::path(name).filename();
  std::filesystem::copy(llmFixture(name), to, std::filesystem::copy_options::recursive);
  return to;
}

// All values of a tensor.
inline std::vector<float> values(const WeightFile& file, const std::string& name) {
  std::size_t count = 1;
  for (const std::int64_t extent : file.shape(name)) count *= static_cast<std::size_t>(extent);
  std::vector<float> out(count);
  file.read(name, out);
  return out;
}

// Reads every tensor as a model's loader does.
inline void readAllWeights(const WeightFile& file, const std::filesystem::path& path) {
  for (const std::string& name : file.names()) {
    std::size_t count = 1;
    for (const std::int64_t extent : file.shape(name)) count *= static_cast<std::size_t>(extent);
    std::vector<float> out(count);
    readWeights(file, name, out, path.string());
  }
}

// "" where `open` succeeds, the message where it throws InputError; anything else that is thrown fails the test.
template <typename Open>
std::string refusal(Open open) {
  try {
    open();
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

// `what` contains every one of `parts`, in one line: an error a user can act on.
inline bool names(const std::string& what, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    if (what.find(part) == std::string::npos) {
      std::cerr << "message without \"" << part << "\": " << what << "\n";
      return false;
    }
  return !what.empty() && what.find('\n') == std::string::npos;
}

}  // namespace polar::testing
