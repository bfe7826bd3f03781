// YAML → ExperimentConfig: two visits of the key description, the first for names, the second for values.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <type_traits>

#include "config/experiment_keys.h"
#include "config/yaml_tree.h"
#include "support/error.h"
#include "support/files.h"

namespace polar {
namespace {

std::string joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

// Collects the dotted path of every key and group; list items as "data.ood[].path".
class NameVisitor {
 public:
  template <typename T>
  void field(const Key& key, T&) {
    paths.push_back(joined(prefix_, key.name));
  }
  template <typename T>
  void list(const Key& key, const std::vector<T>&) {
    paths.push_back(joined(prefix_, key.name));
  }
  void names(const Key& key, const std::vector<std::string>& values) { list(key, values); }
  void numbers(const Key& key, const std::vector<double>& values) { list(key, values); }
  void seeds(const Key& key, const std::vector<std::uint64_t>& values) { list(key, values); }
  template <typename Body>
  void group(const std::string& name, const std::string&, Body body) {
    paths.push_back(joined(prefix_, name));
    const std::string outer = std::exchange(prefix_, paths.back());
    body();
    prefix_ = outer;
  }
  template <typename Body>
  void items(const Key& key, std::vector<DatasetSettings>&, Body body) {
    DatasetSettings item;
    group(key.name, key.meaning, [] {});
    const std::string outer = std::exchange(prefix_, joined(prefix_, key.name) + "[]");
    body(item);
    prefix_ = outer;
  }
  template <typename Body>
  void nameOrGroup(const Key& key, std::string&, bool&, Body body) {
    group(key.name, key.meaning, body);
  }

  std::vector<std::string> paths;

 private:
  std::string prefix_;
};

// Where a value is: "configs/a.yaml:12: search.budget" or "command line: search.budget=x".
class Places {
 public:
  explicit Places(std::string label) : label_(std::move(label)) {}

  std::string of(const YamlNode& node, const std::string& path) const {
    if (!node.assignment.empty()) return "command line: " + node.assignment;
    return label_ + ":" + std::to_string(node.line) + ": " + path;
  }
  const std::string& label() const { return label_; }

 private:
  std::string label_;
};

// Refuses keys that the description does not have, with the nearest one it has.
class NameCheck {
 public:
  NameCheck(std::vector<std::string> known, const Places& places) : known_(std::move(known)), places_(places) {}

  // pattern: the description's path of `node`; path: the one to show.
  void check(const YamlNode& node, const std::string& pattern = "", const std::string& path = "") const {
    const std::vector<std::string> children = childrenOf(pattern);
    if (node.kind == YamlNode::Kind::map && !children.empty()) {
      for (const auto& [name, value] : node.map) {
        if (std::find(children.begin(), children.end(), joined(pattern, name)) == children.end())
          refuse(value, name, joined(path, name), children);
        check(value, joined(pattern, name), joined(path, name));
      }
    }
    for (std::size_t i = 0; i < node.list.size(); ++i)
      check(node.list[i], pattern + "[]", path + "[" + std::to_string(i) + "]");
  }

 private:
  std::vector<std::string> childrenOf(const std::string& pattern) const {
    std::vector<std::string> children;
    for (const std::string& path : known_) {
      const std::size_t dot = path.rfind('.');
      if ((dot == std::string::npos ? "" : path.substr(0, dot)) == pattern) children.push_back(path);
    }
    return children;
  }

  [[noreturn]] void refuse(const YamlNode& value, const std::string& name, const std::string& path,
                           const std::vector<std::string>& children) const {
    std::string meant = nearestName(path, children);
    if (meant.empty()) {
      // A key of another group, or of the top level one step too deep.
      for (const std::string& other : known_)
        if (other.ends_with("." + name) && meant.empty()) meant = other;
      if (meant.empty()) meant = nearestName(path, known_);
    }
    throw InputError(places_.of(value, path), "an unknown key", "one of " + joinNames(children),
                     meant.empty() ? "polar schema lists every key" : "did you mean " + meant + "?");
  }

  std::vector<std::string> known_;
  const Places& places_;
};

std::string number(double value) {
  std::ostringstream text;
  text.precision(15);
  text << value;
  return text.str();
}

std::string rangeInWords(const Key& key) {
  if (std::isfinite(key.low) && std::isfinite(key.high)) return " from " + number(key.low) + " to " + number(key.high);
  if (std::isfinite(key.low)) return " from " + number(key.low);
  return "";
}

// "010" is 8 to one YAML reader and 10 to the next, "yes" true or text: both are refused, not guessed.
bool hasLeadingZero(const std::string& text) {
  const std::size_t first = text.find_first_not_of("+-");
  return first != std::string::npos && first + 1 < text.size() && text[first] == '0' &&
         std::isdigit(static_cast<unsigned char>(text[first + 1])) != 0;
}

template <typename Number>
bool parseNumber(const std::string& text, Number& value) {
  const char* begin = text.data() + (text.starts_with('+') && !text.starts_with("+-") ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && !hasLeadingZero(text);
}

class ReadVisitor {
 public:
  ReadVisitor(const YamlNode& root, const Places& places) : map_(&root), places_(places) {}

  template <typename T>
  void field(const Key& key, T& value) {
    if (const YamlNode* node = lookUp(key)) read(*node, key, value);
  }

  void names(const Key& key, std::vector<std::string>& values) {
    const YamlNode* node = lookUp(key);
    if (!node) return;
    list(*node, key, "a list such as [a, b]", "each name once", values);
    if (values.empty() && !key.mayBeEmpty) refuse(*node, key, "at least one name", "an empty list");
  }

  void numbers(const Key& key, std::vector<double>& values) {
    if (const YamlNode* node = lookUp(key)) list(*node, key, "a list such as [0, 0.5]", "each number once", values);
  }

  void seeds(const Key& key, std::vector<std::uint64_t>& values) {
    const YamlNode* node = lookUp(key);
    if (!node) return;
    if (node->kind == YamlNode::Kind::list) return list(*node, key, "a list such as [1, 2]", "each seed once", values);
    std::uint64_t count = 0;
    read(*node, resultKey(key.stage, key.name, key.meaning).between(1, 1000), count);
    values.clear();
    for (std::uint64_t seed = 1; seed <= count; ++seed) values.push_back(seed);
  }

  template <typename Body>
  void group(const std::string& name, const std::string&, Body body) {
    const YamlNode* node = map_ ? map_->find(name) : nullptr;
    // "search:" with nothing below it says nothing, as if it were absent.
    if (node && node->kind == YamlNode::Kind::nothing) node = nullptr;
    if (node && node->kind != YamlNode::Kind::map)
      throw InputError(placeOf(*node, name), node->shown(), "a map of keys",
                       "write them indented below '" + name + ":'");
    inside(node, joined(path_, name), body);
  }

  template <typename Body>
  void items(const Key& key, std::vector<DatasetSettings>& values, Body body) {
    const YamlNode* node = lookUp(key);
    if (!node) return;
    if (node->kind != YamlNode::Kind::list) refuse(*node, key, "a list of maps, each after '- '");
    values.clear();
    for (const YamlNode& item : node->list) {
      const std::string path = joined(path_, key.name) + "[" + std::to_string(values.size()) + "]";
      if (item.kind != YamlNode::Kind::map) throw InputError(places_.of(item, path), item.shown(), "a map with a path");
      DatasetSettings& value = values.emplace_back();
      inside(&item, path, [&] { body(value); });
    }
  }

  template <typename Body>
  void nameOrGroup(const Key& key, std::string& name, bool& isGroup, Body body) {
    const YamlNode* node = lookUp(key);
    if (!node) return;
    isGroup = node->kind == YamlNode::Kind::map;
    if (!isGroup) return read(*node, key, name);
    name = "inline";
    inside(node, joined(path_, key.name), body);
  }

 private:
  // Items that are read as single values are, none twice.
  template <typename T>
  void list(const YamlNode& node, const Key& key, const char* expected, const char* once, std::vector<T>& values) {
    if (node.kind != YamlNode::Kind::list) refuse(node, key, expected);
    values.clear();
    for (const YamlNode& item : node.list) {
      T value{};
      read(item, key, value);
      if (std::find(values.begin(), values.end(), value) != values.end())
        throw InputError(placeOf(item, key.name), "'" + item.scalar + "' a second time", once);
      values.push_back(value);
    }
  }

  const YamlNode* lookUp(const Key& key) const {
    const YamlNode* node = map_ ? map_->find(key.name) : nullptr;
    if (!node && key.isRequired)
      throw InputError(
          map_ && map_->line > 1 ? placeOf(*map_, key.name) : places_.label() + ": " + joined(path_, key.name),
          "no such key", "it: " + key.meaning, "add " + joined(path_, key.name));
    return node;
  }

  template <typename Body>
  void inside(const YamlNode* map, const std::string& path, Body body) {
    const YamlNode* outerMap = std::exchange(map_, map);
    const std::string outerPath = std::exchange(path_, path);
    body();
    map_ = outerMap;
    path_ = outerPath;
  }

  std::string placeOf(const YamlNode& node, const std::string& name) const {
    return places_.of(node, joined(path_, name));
  }

  [[noreturn]] void refuse(const YamlNode& node, const Key& key, const std::string& expected, std::string found = "",
                           const std::string& mend = "") const {
    if (found.empty()) found = node.shown();
    throw InputError(placeOf(node, key.name), found, expected + " (" + key.meaning + ")", mend);
  }

  void read(const YamlNode& node, const Key& key, bool& value) const {
    const bool plain = node.kind == YamlNode::Kind::scalar && !node.quoted;
    if (!plain || (node.scalar != "true" && node.scalar != "false")) refuse(node, key, "true or false");
    value = node.scalar == "true";
  }

  void read(const YamlNode& node, const Key& key, std::string& value) const {
    if (node.kind != YamlNode::Kind::scalar) refuse(node, key, "text");
    if (key.isRequired && node.scalar.empty()) refuse(node, key, "text", "empty text");
    if (!key.choices.empty() && std::find(key.choices.begin(), key.choices.end(), node.scalar) == key.choices.end()) {
      const std::string meant = nearestName(node.scalar, key.choices);
      refuse(node, key, "one of " + joinNames(key.choices), "", meant.empty() ? "" : "did you mean " + meant + "?");
    }
    if (!key.pattern.empty() && !std::regex_match(node.scalar, std::regex(key.pattern)))
      refuse(node, key, key.patternMeaning);
    value = node.scalar;
  }

  template <typename Number>
    requires std::is_arithmetic_v<Number>
  void read(const YamlNode& node, const Key& key, Number& value) const {
    const std::string expected = (std::is_integral_v<Number> ? "a whole number" : "a number") + rangeInWords(key);
    Number parsed{};
    if (node.kind != YamlNode::Kind::scalar || node.quoted || !parseNumber(node.scalar, parsed)) {
      const bool zero = node.kind == YamlNode::Kind::scalar && hasLeadingZero(node.scalar);
      refuse(node, key, expected, "", zero ? "write it without the leading zero" : "");
    }
    const double wide = static_cast<double>(parsed);
    if (!std::isfinite(wide) || wide < key.low || wide > key.high) refuse(node, key, expected);
    value = parsed;
  }

  const YamlNode* map_;
  const Places& places_;
  std::string path_;
};

// Other characters than a name may have become '-'; "set" where nothing is left.
std::string nameFrom(std::string text) {
  for (char& c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_') c = '-';
  text.erase(0, std::min(text.find_first_not_of("._-"), text.size()));
  return text.empty() ? "set" : text.substr(0, 100);
}

// The file's stem; where that only says which split it is, its folder's name.
std::string nameFromPath(const std::string& path) {
  std::filesystem::path file = path;
  if (path.starts_with("data:")) file = path.substr(5);
  const std::string stem = file.stem().string(), folder = file.parent_path().filename().string();
  static const std::set<std::string> splits = {"train", "test", "validation", "valid", "val", "dev"};
  return nameFrom(splits.contains(stem) && !folder.empty() ? folder : stem);
}

// What no single key can say.
void checkTogether(const ExperimentConfig& config, const std::string& label) {
  const auto refuse = [&](const std::string& key, const std::string& found, const std::string& expected,
                          const std::string& mend = "") {
    throw InputError(label + ": " + key, found, expected, mend);
  };
  if (config.train.width % config.train.heads != 0)
    refuse("train.heads", std::to_string(config.train.heads),
           "a divisor of train.width, " + std::to_string(config.train.width));
  if (config.train.encoderLayer == 0) refuse("train.encoder_layer", "0", "a layer from 1, or -1 for the last");
  if (config.train.encoder == "embedding" && config.train.embeddingModel.empty())
    refuse("train.embedding_model", "none", "an HF folder or .gguf, as train.encoder is embedding");
  if (config.eval.layerPrices.empty()) refuse("eval.layer_prices", "an empty list", "at least one price, such as [0]");
  if (config.train.chooser.penalties.empty())
    refuse("train.chooser.penalties", "an empty list", "at least one penalty, such as [0.01]");
  for (const double layer : config.train.value.layers)
    if (layer != std::floor(layer)) refuse("train.value.layers", number(layer), "whole numbers");
  if (!config.search.skips && !config.search.repeats)
    refuse("search.skips", "false, with search.repeats false too", "at least one of them true");
  if (config.search.strategy == "menu" && config.search.menu.empty())
    refuse("search.menu", "no file", "the labels.h5 of an earlier search, as search.strategy is menu");
  std::set<std::string> names = {config.data.test.name};
  for (std::size_t i = 0; i < config.data.ood.size(); ++i)
    if (!names.insert(config.data.ood[i].name).second)
      refuse("data.ood[" + std::to_string(i) + "].name", "'" + config.data.ood[i].name + "' a second time",
             "a name of its own for each set that is evaluated", "give it one: name: …");
}

}  // namespace

ExperimentConfig parseExperiment(const std::string& yaml, const std::string& label,
                                 const std::vector<std::string>& overrides) {
  YamlNode root = parseYaml(yaml, label);
  if (root.kind != YamlNode::Kind::map)
    throw InputError(label, root.kind == YamlNode::Kind::nothing ? "an empty file" : root.shown(), "a map of keys",
                     "configs/quickstart.yaml is a whole example");
  for (const std::string& assignment : overrides) applyOverride(root, assignment);

  ExperimentConfig config;
  const Places places(label);
  NameVisitor known;
  visitKeys(config, known);
  NameCheck(std::move(known.paths), places).check(root);
  ReadVisitor reader(root, places);
  visitKeys(config, reader);

  for (DatasetSettings* set : {&config.data.train, &config.data.test})
    if (set->name.empty()) set->name = nameFromPath(set->path);
  for (DatasetSettings& set : config.data.ood)
    if (set.name.empty()) set.name = nameFromPath(set.path);
  checkTogether(config, label);
  return config;
}

ExperimentConfig loadExperiment(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  return parseExperiment(readFile(file), file.string(), overrides);
}

}  // namespace polar
