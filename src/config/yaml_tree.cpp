#include "config/yaml_tree.h"

#include <yaml-cpp/yaml.h>

#include <charconv>

#include "support/error.h"

namespace polar {
namespace {

// Far above any experiment; an alias that holds itself would otherwise never end.
constexpr int kMaxDepth = 24;
constexpr int kMaxNodes = 20000;

class Converter {
 public:
  explicit Converter(std::string label) : label_(std::move(label)) {}

  YamlNode convert(const YAML::Node& node, int depth = 0) {
    if (depth > kMaxDepth || ++nodes_ > kMaxNodes)
      throw InputError(at(node), "YAML nested or repeated without bound", "an experiment's keys",
                       "write the values out instead of anchors and aliases");
    YamlNode result;
    result.line = node.Mark().line + 1;
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        result.kind = YamlNode::Kind::scalar;
        result.scalar = node.Scalar();
        result.quoted = node.Tag() == "!";
        break;
      case YAML::NodeType::Sequence:
        result.kind = YamlNode::Kind::list;
        for (const YAML::Node& item : node) result.list.push_back(convert(item, depth + 1));
        break;
      case YAML::NodeType::Map:
        convertMap(node, depth, result);
        break;
      default:
        break;
    }
    return result;
  }

 private:
  std::string at(const YAML::Node& node) const { return label_ + ":" + std::to_string(node.Mark().line + 1); }

  void convertMap(const YAML::Node& node, int depth, YamlNode& result) {
    result.kind = YamlNode::Kind::map;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) throw InputError(at(entry.first), "a key that is not a name", "key: value");
      const std::string key = entry.first.Scalar();
      // yaml-cpp keeps both of two equal keys and reads one of them.
      if (const YamlNode* earlier = result.find(key))
        throw InputError(at(entry.first) + ": " + key, "the key a second time", "each key once",
                         "it is on line " + std::to_string(earlier->line) + " already");
      YamlNode value = convert(entry.second, depth + 1);
      value.line = entry.first.Mark().line + 1;  // the key's line is the one to look at
      result.map.emplace_back(key, std::move(value));
    }
  }

  std::string label_;
  int nodes_ = 0;
};

void markOverride(YamlNode& node, const std::string& assignment) {
  node.assignment = assignment;
  for (YamlNode& item : node.list) markOverride(item, assignment);
  for (auto& [key, value] : node.map) markOverride(value, assignment);
}

YamlNode& stepInto(YamlNode& node, const std::string& name, const std::string& assignment) {
  if (node.kind == YamlNode::Kind::list) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (error != std::errc() || end != name.data() + name.size() || index >= node.list.size())
      throw InputError("command line: " + assignment,
                       "'" + name + "' for a list of " + std::to_string(node.list.size()),
                       "the index of an item, from 0");
    return node.list[index];
  }
  if (node.kind != YamlNode::Kind::map) {
    node = YamlNode{.kind = YamlNode::Kind::map, .line = node.line, .assignment = assignment};
  }
  for (auto& [key, value] : node.map)
    if (key == name) return value;
  node.map.emplace_back(name, YamlNode{.assignment = assignment});
  return node.map.back().second;
}

}  // namespace

const YamlNode* YamlNode::find(const std::string& key) const {
  for (const auto& [name, value] : map)
    if (name == key) return &value;
  return nullptr;
}

std::string YamlNode::shown() const {
  switch (kind) {
    case Kind::scalar:
      return (quoted ? "the text '" : "'") + (scalar.size() > 60 ? scalar.substr(0, 57) + "..." : scalar) + "'";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
    default:
      return "nothing";
  }
}

YamlNode parseYaml(const std::string& text, const std::string& label) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      throw InputError(label, std::to_string(documents.size()) + " YAML documents", "one",
                       "remove the '---' between them");
    if (documents.empty()) return {};
    return Converter(label).convert(documents.front());
  } catch (const YAML::ParserException& error) {
    throw InputError(label + ":" + std::to_string(error.mark.line + 1) + ":" + std::to_string(error.mark.column + 1),
                     "no YAML (" + error.msg + ")", "YAML", "check indentation, quotes and brackets there");
  } catch (const YAML::Exception& error) {
    throw InputError(label, "no YAML (" + error.msg + ")", "YAML", "check indentation, quotes and brackets");
  }
}

void applyOverride(YamlNode& root, const std::string& assignment) {
  const std::string where = "command line: " + assignment;
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError(where, "no key=value", "an override such as search.budget=200");
  const std::string key = assignment.substr(0, equals), text = assignment.substr(equals + 1);

  YamlNode value = parseYaml(text, where);
  if (text.empty()) value = YamlNode{.kind = YamlNode::Kind::scalar, .quoted = true};
  markOverride(value, assignment);

  YamlNode* place = &root;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('.', begin), key.size());
    if (end == begin) throw InputError(where, "an empty name in '" + key + "'", "names joined by single dots");
    place = &stepInto(*place, key.substr(begin, end - begin), assignment);
    begin = end + 1;
  }
  *place = std::move(value);
}

}  // namespace polar
