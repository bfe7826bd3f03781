// What a config says, written out: the resolved YAML and the keys of a stage's results.
#include "config/experiment.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <stdexcept>

#include "config/experiment_keys.h"

namespace polar {
namespace {

std::string valueText(bool value) { return value ? "true" : "false"; }

std::string valueText(double value) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), error == std::errc() ? end : buffer.data());
  // YAML 1.1 readers take "5e-04" for text.
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

template <typename Integer>
  requires std::is_integral_v<Integer>
std::string valueText(Integer value) {
  return std::to_string(value);
}

// Plain where every YAML reader takes it for text, else quoted as JSON, which is YAML too.
std::string valueText(const std::string& value) {
  static const std::regex plain("[A-Za-z/][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)*");
  static const std::set<std::string> words = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  std::string lower = value;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (value.size() < 200 && std::regex_match(value, plain) && !words.contains(lower)) return value;
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename T>
std::string listText(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += (text.empty() ? "" : ", ") + valueText(value);
  return "[" + text + "]";
}

class YamlVisitor {
 public:
  template <typename T>
  void field(const Key& key, const T& value) {
    line(key.name + ": " + valueText(value));
  }
  void names(const Key& key, const std::vector<std::string>& values) { line(key.name + ": " + listText(values)); }
  void numbers(const Key& key, const std::vector<double>& values) { line(key.name + ": " + listText(values)); }
  void seeds(const Key& key, const std::vector<std::uint64_t>& values) { line(key.name + ": " + listText(values)); }
  template <typename Body>
  void group(const std::string& name, const std::string&, Body body) {
    line(name + ":");
    indented(body);
  }
  template <typename Body>
  void items(const Key& key, const std::vector<DatasetSettings>& values, Body body) {
    line(key.name + ":" + (values.empty() ? " []" : ""));
    for (const DatasetSettings& value : values) {
      bullet_ = true;
      indented([&] { indented([&] { body(value); }); });
    }
  }
  template <typename Body>
  void nameOrGroup(const Key& key, const std::string& name, const bool& isGroup, Body body) {
    if (!isGroup) return field(key, name);
    group(key.name, key.meaning, body);
  }

  std::string text;

 private:
  void line(const std::string& content) {
    std::string indent(static_cast<std::size_t>(2 * depth_), ' ');
    if (std::exchange(bullet_, false)) indent[indent.size() - 2] = '-';
    text += indent + content + "\n";
  }
  template <typename Body>
  void indented(Body body) {
    ++depth_;
    body();
    --depth_;
  }

  int depth_ = 0;
  bool bullet_ = false;
};

class ResultKeyVisitor {
 public:
  explicit ResultKeyVisitor(Stage stage) : stage_(stage) {}

  template <typename T>
  void field(const Key& key, const T& value) {
    if (counts(key)) keys[prefix_ + key.name] = valueText(value);
  }
  void names(const Key& key, const std::vector<std::string>& values) {
    if (counts(key))
      keys[prefix_ + key.name] = nlohmann::json(values).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  void numbers(const Key& key, const std::vector<double>& values) {
    if (counts(key)) keys[prefix_ + key.name] = listText(values);
  }
  void seeds(const Key& key, const std::vector<std::uint64_t>& values) {
    if (counts(key)) keys[prefix_ + key.name] = listText(values);
  }
  template <typename Body>
  void group(const std::string& name, const std::string&, Body body) {
    const std::string outer = prefix_;
    prefix_ += name + ".";
    body();
    prefix_ = outer;
  }
  template <typename Body>
  void items(const Key& key, const std::vector<DatasetSettings>& values, Body body) {
    for (std::size_t i = 0; i < values.size(); ++i)
      group(key.name + "[" + std::to_string(i) + "]", key.meaning, [&] { body(values[i]); });
  }
  template <typename Body>
  void nameOrGroup(const Key& key, const std::string& name, const bool& isGroup, Body body) {
    field(key, name);
    if (isGroup) group(key.name, key.meaning, body);
  }

  std::map<std::string, std::string> keys;

 private:
  bool counts(const Key& key) const { return key.affects == Affects::results && key.stage <= stage_; }

  Stage stage_;
  std::string prefix_;
};

}  // namespace

std::string resolvedYaml(const ExperimentConfig& config) {
  YamlVisitor visitor;
  visitKeys(config, visitor);
  return visitor.text;
}

std::map<std::string, std::string> resultKeys(const ExperimentConfig& config, Stage stage) {
  ResultKeyVisitor visitor(stage);
  visitKeys(config, visitor);
  return visitor.keys;
}

}  // namespace polar
