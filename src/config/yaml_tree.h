// YAML as a plain tree that keeps lines, and keeps its promises: no duplicate keys, one document, bounded size.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace polar {

struct YamlNode {
  enum class Kind { nothing, scalar, list, map };

  Kind kind = Kind::nothing;
  std::string scalar = {};
  bool quoted = false;          // "1" is text, 1 is a number
  int line = 0;                 // from 1
  std::string assignment = {};  // "key=value" of the command line it came from, else ""
  std::vector<YamlNode> list = {};
  std::vector<std::pair<std::string, YamlNode>> map = {};  // in the file's order

  const YamlNode* find(const std::string& key) const;
  // As a message shows it: "'abc'", "a list", "a map", "nothing".
  std::string shown() const;
};

// Throws InputError: no YAML, several documents, a duplicate key (with both lines), a key that is no scalar, aliases
// that grow without bound.
YamlNode parseYaml(const std::string& text, const std::string& label);

// Puts `key=value` (value: YAML, flow style for lists and maps; empty = the empty text) in place of what the tree holds
// under the dotted key. A number steps into a list: "data.ood.0.limit=10".
void applyOverride(YamlNode& root, const std::string& assignment);

}  // namespace polar
