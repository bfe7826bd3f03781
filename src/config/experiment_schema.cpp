// The key description as JSON Schema, draft 2020-12: what editors complete and check in a YAML file.
#include <cmath>
#include <nlohmann/json.hpp>

#include "config/experiment_keys.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;

std::string described(const Key& key) {
  if (key.affects == Affects::speed) return key.meaning + " (changes speed, never results)";
  if (key.affects == Affects::place) return key.meaning + " (changes neither results nor speed)";
  return key.meaning + " (changes results, from " + name(key.stage) + " on)";
}

Json typeOf(bool) { return "boolean"; }
Json typeOf(double) { return "number"; }
Json typeOf(const std::string&) { return "string"; }
template <typename Integer>
  requires std::is_integral_v<Integer>
Json typeOf(Integer) {
  return "integer";
}

void addLimits(Json& schema, const Key& key) {
  const auto bound = [](double value) {
    return value == std::floor(value) ? Json(static_cast<std::int64_t>(value)) : Json(value);
  };
  if (std::isfinite(key.low)) schema["minimum"] = bound(key.low);
  if (std::isfinite(key.high)) schema["maximum"] = bound(key.high);
  if (!key.choices.empty()) schema["enum"] = key.choices;
  if (!key.pattern.empty()) schema["pattern"] = key.pattern;
}

Json emptyObject(const std::string& meaning) {
  return {
      {"type", "object"}, {"description", meaning}, {"additionalProperties", false}, {"properties", Json::object()}};
}

class SchemaVisitor {
 public:
  template <typename T>
  void field(const Key& key, const T& standard) {
    Json schema = {{"type", typeOf(standard)}, {"description", described(key)}};
    addLimits(schema, key);
    if (key.isRequired) {
      if constexpr (std::is_same_v<T, std::string>) schema["minLength"] = 1;
      require(key.name);
    } else {
      schema["default"] = standard;
    }
    add(key.name, std::move(schema));
  }
  void names(const Key& key, const std::vector<std::string>& standard) {
    add(key.name, {{"type", "array"},
                   {"description", described(key)},
                   {"items", {{"type", "string"}}},
                   {"minItems", key.mayBeEmpty ? 0 : 1},
                   {"uniqueItems", true},
                   {"default", standard}});
  }
  void numbers(const Key& key, const std::vector<double>& standard) {
    Json item = {{"type", "number"}};
    addLimits(item, key);
    add(key.name, {{"type", "array"},
                   {"description", described(key)},
                   {"items", item},
                   {"uniqueItems", true},
                   {"default", standard}});
  }
  void seeds(const Key& key, const std::vector<std::uint64_t>& standard) {
    const Json count = {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}};
    const Json list = {{"type", "array"}, {"items", {{"type", "integer"}, {"minimum", 0}}}, {"uniqueItems", true}};
    add(key.name, {{"description", described(key)}, {"oneOf", Json::array({count, list})}, {"default", standard}});
  }
  // A group with a required key is required itself.
  template <typename Body>
  void group(const std::string& name, const std::string& meaning, Body body) {
    Json schema = object(meaning, body);
    if (schema.contains("required")) require(name);
    add(name, std::move(schema));
  }
  template <typename Body>
  void items(const Key& key, const std::vector<DatasetSettings>&, Body body) {
    const DatasetSettings item;
    add(key.name, {{"type", "array"},
                   {"description", described(key)},
                   {"items", object("one set", [&] { body(item); })},
                   {"default", Json::array()}});
  }
  template <typename Body>
  void nameOrGroup(const Key& key, const std::string& standard, const bool&, Body body) {
    Json choices = Json::array();
    choices.push_back({{"type", "string"}});
    choices.push_back(object("the prompt, written out", body));
    add(key.name, {{"description", described(key)}, {"oneOf", std::move(choices)}, {"default", standard}});
  }

  Json root = emptyObject("An experiment of Polar");

 private:
  template <typename Body>
  Json object(const std::string& meaning, Body body) {
    Json outer = std::exchange(root, emptyObject(meaning));
    body();
    return std::exchange(root, std::move(outer));
  }
  void add(const std::string& name, Json schema) { root["properties"][name] = std::move(schema); }
  void require(const std::string& name) { root["required"].push_back(name); }
};

}  // namespace

std::string experimentSchema() {
  const ExperimentConfig defaults;
  SchemaVisitor visitor;
  visitKeys(defaults, visitor);
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Polar experiment"}};
  schema.update(visitor.root);
  return schema.dump(2) + "\n";
}

}  // namespace polar
