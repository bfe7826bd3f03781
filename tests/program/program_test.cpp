#include "program/program.h"

#include <functional>
#include <set>

#include "catch.h"
#include "support/error.h"

namespace polar {
namespace {

// Every layer sequence over `depth` layers up to `length` long.
void forEachProgram(int depth, int length, const std::function<void(const Program&)>& visit) {
  std::vector<LayerIndex> layers;
  const std::function<void()> extend = [&] {
    visit(Program(layers));
    if (static_cast<int>(layers.size()) == length) return;
    for (int layer = 0; layer < depth; ++layer) {
      layers.push_back(static_cast<LayerIndex>(layer));
      extend();
      layers.pop_back();
    }
  };
  extend();
}

std::string complaint(const std::string& text, int depth) {
  try {
    Program::parse(text, depth);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every program of a small depth survives print and parse") {
  std::set<std::string> texts;
  forEachProgram(4, 5, [&](const Program& program) {
    const std::string text = program.text();
    if (Program::parse(text, 4) != program) FAIL("print then parse changed " << text);
    texts.insert(text);
  });
  CHECK(texts.size() == 1 + 4 + 16 + 64 + 256 + 1024);  // so no two programs share a text
}

TEST_CASE("programs that begin alike execute what they share once") {
  const auto distinct = [](std::vector<std::string> texts) {
    std::vector<Program> programs;
    for (const std::string& text : texts) programs.push_back(Program::parse(text, 30));
    return distinctLayers(std::move(programs));
  };
  CHECK(distinct({}) == 0);
  CHECK(distinct({""}) == 0);
  CHECK(distinct({"0-29"}) == 30);
  CHECK(distinct({"0-29", "0-29", "0-29", "0-29", "0-29"}) == 30);  // equal programs
  CHECK(distinct({"0-9", "10-19", "20-29"}) == 30);                 // nothing shared
  CHECK(distinct({"0-9", "0-4", "0-14", ""}) == 15);                // beginnings of one another
  CHECK(distinct({"1-3", "0,1-3", "0-1,1-3"}) == 3 + 4 + 3);  // the same layers after another beginning are others
  // Five voters: the standard program, and edits of layers 10 to 12.
  const std::vector<std::string> voters = {"0-29", "0-9,11-29", "0-10,10,12-29", "0-11,13-29", "0-10,12-29"};
  int sum = 0;
  for (const std::string& text : voters) sum += Program::parse(text, 30).executed();
  CHECK(sum == 147);
  CHECK(distinct(voters) == 30 + 19 + 19 + 17 + 18);
  CHECK(distinct({voters[4], voters[2], voters[0], voters[3], voters[1]}) == 103);  // in whatever order
}

TEST_CASE("distinct layers are the nodes of a trie, counted by its paths") {
  std::vector<Program> programs;
  std::set<std::vector<LayerIndex>> paths;
  forEachProgram(3, 4, [&](const Program& program) {
    if (std::hash<Program>()(program) % 3 != 0) return;
    programs.push_back(program);
    for (std::size_t length = 1; length <= program.layers().size(); ++length)
      paths.insert({program.layers().begin(), program.layers().begin() + static_cast<std::ptrdiff_t>(length)});
  });
  REQUIRE(programs.size() > 20);
  CHECK(distinctLayers(programs) == static_cast<int>(paths.size()));
}

TEST_CASE("the text form has the longest runs") {
  const auto text = [](std::vector<LayerIndex> layers) { return Program(std::move(layers)).text(); };
  CHECK(text({}) == "");
  CHECK(text({7}) == "7");
  CHECK(text({0, 1}) == "0-1");
  CHECK(text({0, 2, 1}) == "0,2,1");
  CHECK(text({3, 3, 3}) == "3,3,3");
  CHECK(text({0, 1, 2, 3, 2, 3, 5}) == "0-3,2-3,5");
  CHECK(text({9, 10, 9, 10, 11}) == "9-10,9-11");
  CHECK(Program::parse("0-1,2-3", 4) == Program::standard(4));  // shorter runs are read, longest are written
  CHECK(Program::standard(30).text() == "0-29");
}

TEST_CASE("executed counts visits, unique counts layers") {
  const Program program = Program::parse("0-7,4-7,9-29", 30);
  CHECK(program.executed() == 33);
  CHECK(program.unique() == 29);
  CHECK(Program().executed() == 0);
  CHECK(Program().unique() == 0);
  CHECK(Program::standard(12).executed() == 12);
}

TEST_CASE("programs order by layers, and equal programs hash alike") {
  CHECK(Program({0, 1}) < Program({0, 2}));
  CHECK(Program({0, 1}) < Program({0, 1, 0}));
  CHECK(std::hash<Program>()(Program({0, 1})) == std::hash<Program>()(Program::parse("0-1", 2)));
  std::set<std::size_t> hashes;
  forEachProgram(4, 5, [&](const Program& program) { hashes.insert(std::hash<Program>()(program)); });
  CHECK(hashes.size() > 1350);  // of 1365: a hash that collides often would slow every search
}

TEST_CASE("what is not a program is refused with its text and what belongs there") {
  for (const std::string text : {"0-", "-1", "a", "0,", ",0", "0,,1", " 0", "0 ", "+1", "3-1", "0--1", "0-1-2", "4",
                                 "0-4", "99999999999999999999", "0x1", "0;1", "1.5"}) {
    INFO("program text '" << text << "'");
    const std::string message = complaint(text, 4);
    CHECK(message.find("program '" + text + "'") == 0);
    CHECK(message.find("layers 0 to 3") != std::string::npos);
  }
  CHECK(complaint("2,3-1", 4).find("the descending run 3-1") != std::string::npos);
  CHECK(complaint("0-12", 12).find("layer 12") != std::string::npos);
}

TEST_CASE("the program a refusal shows as a sample is itself a program of that depth") {
  for (int depth = 1; depth <= 40; ++depth) {
    const std::string message = complaint("x", depth);
    const std::size_t at = message.find("such as ");
    REQUIRE(at != std::string::npos);
    CHECK_NOTHROW(Program::parse(message.substr(at + 8), depth));
  }
}

}  // namespace polar
