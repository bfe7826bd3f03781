// Leak guard and repeats: which questions count as one.
#include "data/near_duplicates.h"

#include "catch.h"
#include "data/reader.h"

using namespace polar;

namespace {

Example asking(const std::string& id, const std::string& question, std::vector<std::string> options = {}) {
  Example example;
  example.id = id;
  example.question = question;
  example.options = std::move(options);
  return example;
}

// Whether the second question leaves a set that holds both.
bool areOne(const std::string& a, const std::string& b, const NearDuplicateRule& rule = {}) {
  std::vector<Example> both{asking("a", a), asking("b", b)};
  return removeRepeats(both, rule) == std::vector<std::string>{"b"};
}

const std::string kTables = "A waiter had 7 tables he was waiting on, with 7 women and 2 men at each table.";
const std::string kOtherTables = "A waiter had 9 tables he was waiting on, with 1,100 women and 3.5 men at each table.";

}  // namespace

TEST_CASE("a question that is on both sides leaves the training side") {
  std::vector<Example> train = {asking("t/1", "One?"), asking("t/2", " two  apples? "), asking("t/3", "Three?"),
                                asking("t/4", "TWO APPLES?")};
  const std::vector<Example> held = {asking("h/1", "Two apples?"), asking("h/2", "Four?")};
  const NearDuplicateRule exact{false, 0};
  CHECK(removeLeaks(train, held, exact) == std::vector<std::string>{"t/2", "t/4"});
  REQUIRE(train.size() == 2);
  CHECK(train[0].id == "t/1");
  CHECK(train[1].id == "t/3");
  CHECK(removeLeaks(train, held, exact).empty());
}

TEST_CASE("equal but for their numbers") {
  CHECK(areOne(kTables, kOtherTables));
  CHECK(areOne(kTables, kOtherTables, {true, 0}));
  CHECK_FALSE(areOne(kTables, kOtherTables, {false, 0}));
  CHECK(comparedText(asking("", "Has 1,250.50 pens, 3."), true) == "has # pens, #.");
  CHECK_FALSE(areOne("What is 3 + 4?", "What is 3 / 4?"));
}

TEST_CASE("nine words of ten in common") {
  // Ten words; one of nineteen is another: 18 in common of 20.
  const std::string common =
      "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
      "sixteen seventeen eighteen ";
  CHECK(areOne(common + "pens", common + "cups"));
  CHECK_FALSE(areOne(common + "pens", common + "cups and jars"));
  CHECK_FALSE(areOne(common + "pens", common + "cups", {true, 0.91}));
  CHECK(areOne(common + "pens", "12 PENS: " + common + "5", {true, 0.9}));  // order, case and numbers do not count
}

TEST_CASE("the index finds what a look at every pair finds") {
  const auto file = polar::testing::sourceDir() / "datasets/embedded/train.jsonl";
  std::vector<Example> all = readExamples(file, 700);
  for (const double share : {0.4, 0.6, 0.8}) {
    std::vector<Example> kept = all, pairs;
    removeRepeats(kept, {false, share});
    for (const Example& example : all) {
      const auto words = comparedWords(example);
      const bool repeats = std::ranges::any_of(pairs, [&](const Example& other) {
        std::size_t common = 0;
        const auto others = comparedWords(other);
        for (const std::string& word : words) common += std::ranges::count(others, word) > 0 ? 1 : 0;
        return static_cast<double>(common) >= share * static_cast<double>(words.size() + others.size() - common) - 1e-9;
      });
      if (!repeats) pairs.push_back(example);
    }
    REQUIRE(kept.size() == pairs.size());
    CHECK(std::ranges::equal(kept, pairs, {}, &Example::id, &Example::id));
    if (share < 0.5) CHECK(kept.size() < all.size() / 2);
  }
}

TEST_CASE("a question's options belong to it") {
  const std::string which = "Which of the following is false?";
  std::vector<Example> set{asking("a", which, {"Snow is white", "Grass is red"}),
                           asking("b", which, {"Birds fly", "Fish talk"}),
                           asking("c", which, {"snow is white", "grass is red"})};
  CHECK(removeRepeats(set, {}) == std::vector<std::string>{"c"});
}

TEST_CASE("near-duplicates in public sets, as counted by another program") {
  const auto folder = polar::testing::publicData();
  if (!folder || !std::filesystem::exists(*folder / "mawps/test.jsonl")) {
    polar::testing::skipped("POLAR_DATA names no folder of public datasets");
    return;
  }
  const auto repeats = [&](const char* name, const NearDuplicateRule& rule) {
    std::vector<Example> examples = readExamples(*folder / name);
    return removeRepeats(examples, rule).size();
  };
  // Python: len(lines) - len({re.sub(r"\d+([.,]\d+)*", "#", " ".join(q.lower().split())) for q in questions})
  CHECK(repeats("mawps/test.jsonl", {true, 0}) == 332);
  CHECK(repeats("math/test.jsonl", {true, 0}) == 101);
  CHECK(repeats("gsm8k/test.jsonl", {true, 0}) == 0);
  auto train = readExamples(*folder / "math/train.jsonl");
  const auto test = readExamples(*folder / "math/test.jsonl");
  CHECK(removeLeaks(train, test, {false, 0}).size() == 1);
  train = readExamples(*folder / "gsm8k/train.jsonl");
  CHECK(removeLeaks(train, readExamples(*folder / "gsm8k/test.jsonl"), {}).size() == 2);
}
