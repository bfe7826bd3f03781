#include "program/edit.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "catch.h"

namespace polar {
namespace {

const EditSpace kSmall{.depth = 6, .maxLength = 3, .maxTimes = 3};

// The program of some edits, spelled layer by layer without the library.
Program spell(const std::vector<Segment>& edits, int depth) {
  std::vector<LayerIndex> layers;
  for (int layer = 0; layer < depth;) {
    const auto edit = std::find_if(edits.begin(), edits.end(), [&](const Segment& e) { return e.start == layer; });
    const int length = edit == edits.end() ? 1 : edit->length;
    const int times = edit == edits.end() ? 1 : edit->times;
    for (int pass = 0; pass < times; ++pass)
      for (int i = 0; i < length; ++i) layers.push_back(static_cast<LayerIndex>(layer + i));
    layer += length;
  }
  return Program(layers);
}

bool shareLayer(const Segment& a, const Segment& b) {
  for (int i = a.start; i < a.start + a.length; ++i)
    for (int j = b.start; j < b.start + b.length; ++j)
      if (i == j) return true;
  return false;
}

}  // namespace

TEST_CASE("single edits: how many, and in the documented order") {
  // Segments of 1 to 4 layers in 30: 30 + 29 + 28 + 27; each skipped or passed 2, 3 or 4 times.
  CHECK(singleEdits({.depth = 30}).size() == 114 * 4);
  CHECK(singleEdits({.depth = 30, .repeats = false}).size() == 114);
  CHECK(singleEdits({.depth = 30, .skips = false}).size() == 114 * 3);
  CHECK(singleEdits({.depth = 30, .maxLength = 1, .maxTimes = 2}).size() == 60);
  CHECK(singleEdits({.depth = 2}).size() == 12);  // segments no longer than what is left
  CHECK(singleEdits({.depth = 30, .skips = false, .repeats = false}).empty());

  const auto edits = singleEdits(kSmall);
  const auto key = [](const Segment& edit) { return std::make_tuple(edit.start, edit.length, edit.times); };
  for (std::size_t i = 1; i < edits.size(); ++i) CHECK(key(edits[i - 1]) < key(edits[i]));
  CHECK(edits[0] == Segment{0, 1, SegmentOp::skip, 0});
  CHECK(edits[1] == Segment{0, 1, SegmentOp::repeat, 2});
}

TEST_CASE("no two single edits make the same program, and none the standard one") {
  std::set<Program> programs;
  const auto edits = singleEdits(kSmall);
  for (const Segment& edit : edits) programs.insert(applyEdits(std::vector{edit}, kSmall.depth));
  CHECK(programs.size() == edits.size());
  CHECK_FALSE(programs.contains(Program::standard(kSmall.depth)));
}

TEST_CASE("pairs of edits: overlap, order of placement, parse and kind") {
  const auto edits = singleEdits(kSmall);
  int pairs = 0;
  for (const Segment& a : edits)
    for (const Segment& b : edits) {
      if (overlaps(a, b) != shareLayer(a, b)) FAIL("overlap of " << a.start << " and " << b.start);
      if (overlaps(a, b)) continue;
      ++pairs;
      const Program program = applyEdits(std::vector{a, b}, kSmall.depth);
      if (program != spell({a, b}, kSmall.depth)) FAIL("wrong program " << program.text());
      if (program != applyEdits(std::vector{b, a}, kSmall.depth)) FAIL("order matters: " << program.text());
      const auto parsed = editsOf(program, kSmall);
      if (!parsed || parsed->size() > 2 || applyEdits(*parsed, kSmall.depth) != program)
        FAIL("edits of " << program.text());
      const bool skip = a.op == SegmentOp::skip || b.op == SegmentOp::skip;
      const bool loop = a.op == SegmentOp::repeat || b.op == SegmentOp::repeat;
      const ProgramKind kind = skip && loop ? ProgramKind::both : skip ? ProgramKind::skipOnly : ProgramKind::loopOnly;
      if (kindOf(program, kSmall.depth) != kind) FAIL("kind of " << program.text());
    }
  CHECK(pairs > 500);
}

TEST_CASE("no edits: the standard program") {
  CHECK(applyEdits({}, 12) == Program::standard(12));
  CHECK(editsOf(Program::standard(12), {.depth = 12})->empty());
  CHECK(kindOf(Program::standard(12), 12) == ProgramKind::standard);
}

TEST_CASE("overlapping edits are a bug") {
  const std::vector<Segment> edits = {{0, 2, SegmentOp::skip, 0}, {1, 1, SegmentOp::repeat, 2}};
  CHECK_THROWS_AS(applyEdits(edits, 4), std::logic_error);
}

TEST_CASE("the kind does not depend on the limits of a search") {
  const auto kind = [](const char* text) { return kindOf(Program::parse(text, 12), 12); };
  CHECK(kind("0-9,2-11") == ProgramKind::loopOnly);          // a loop over eight layers
  CHECK(kind("0,0,0,0,0,0,0-11") == ProgramKind::loopOnly);  // seven passes
  CHECK(kind("0,11") == ProgramKind::skipOnly);              // ten layers skipped
  CHECK(kind("") == ProgramKind::skipOnly);
  CHECK(kind("0-7,2-7,9-11") == ProgramKind::both);
  CHECK(kind("1,0,2-11") == ProgramKind::other);
  CHECK(kind("0-5,2-11,0") == ProgramKind::other);
}

TEST_CASE("edits outside the space's limits have no edit form") {
  CHECK_FALSE(editsOf(Program::parse("0-4,0-5", 6), kSmall));  // a loop over five layers
  CHECK_FALSE(editsOf(Program::parse("0,0,0,0-5", 6), kSmall));
  // Five skipped layers are two skips.
  CHECK(editsOf(Program::parse("0", 6), kSmall)->size() == 2);
}

}  // namespace polar
