// src/README.md's table of folders, held against every #include: the map cannot lie.
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "catch.h"

using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

struct Room {
  std::string name;  // as in #include: "llm", "eval/report"
  std::set<std::string> mayInclude;
};

std::string cell(const std::string& line, std::size_t number) {
  std::istringstream cells(line);
  std::string text;
  for (std::size_t i = 0; i <= number + 1; ++i) std::getline(cells, text, '|');
  return text;
}

std::vector<std::string> quoted(const std::string& text) {
  static const std::regex name("`(?:\\.\\./)?([a-z/]+)`");
  std::vector<std::string> names;
  for (std::sregex_iterator each(text.begin(), text.end(), name), end; each != end; ++each) names.push_back((*each)[1]);
  return names;
}

// The table's rows, in its order.
std::vector<Room> rooms() {
  std::istringstream map(slurp(sourceDir() / "src/README.md"));
  std::vector<Room> all;
  bool inside = false;
  for (std::string line; std::getline(map, line);) {
    if (line.starts_with("## ")) inside = line == "## Folders";
    if (!inside || !line.starts_with("| `")) continue;
    const std::vector<std::string> allowed = quoted(cell(line, 2));
    all.push_back({quoted(cell(line, 0)).at(0), {allowed.begin(), allowed.end()}});
  }
  return all;
}

// Sub-folders that are a part of the room above them.
std::string roomOf(fs::path folder) {
  if (folder.filename() == "families" || folder.filename() == "figures") folder = folder.parent_path();
  return folder.string();
}

// Which rooms the files of each room include.
std::map<std::string, std::set<std::string>> includes() {
  static const std::regex ours("#include \"([^\"]+)\"");
  std::map<std::string, std::set<std::string>> all;
  for (const char* root : {"src", "search", "train", "eval"})
    for (const auto& entry : fs::recursive_directory_iterator(sourceDir() / root)) {
      const fs::path& file = entry.path();
      if (file.extension() != ".h" && file.extension() != ".cpp") continue;
      const fs::path base = root == std::string("src") ? sourceDir() / "src" : sourceDir();
      const std::string own = roomOf(fs::relative(file, base).parent_path());
      all[own];
      const std::string text = slurp(file);
      for (std::sregex_iterator each(text.begin(), text.end(), ours), end; each != end; ++each) {
        const std::string other = roomOf(fs::path((*each)[1].str()).parent_path());
        if (other != own) all[own].insert(other);
      }
    }
  return all;
}

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

TEST_CASE("the map names every folder, and of each exactly the folders that it includes") {
  const auto found = includes();
  std::set<std::string> named;
  for (const Room& room : rooms()) {
    named.insert(room.name);
    INFO("src/README.md, row " << room.name);
    REQUIRE(found.contains(room.name));
    CHECK(listed(found.at(room.name)) == listed(room.mayInclude));
  }
  std::set<std::string> all;
  for (const auto& [room, others] : found) all.insert(room);
  CHECK(listed(named) == listed(all));
}

TEST_CASE("a folder includes only folders above it in the map: no circle") {
  std::set<std::string> above;
  for (const Room& room : rooms()) {
    INFO("src/README.md, row " << room.name);
    for (const std::string& other : room.mayInclude) {
      CAPTURE(other);
      CHECK(above.contains(other));
    }
    above.insert(room.name);
  }
}
