// What a config's dataset keys read.
#include "stages/session.h"

#include "catch.h"
#include "support/error.h"

using namespace polar;
using namespace polar::testing;

TEST_CASE("offset leaves out the head of a file, limit counts from there") {
  DatasetSettings settings;
  settings.path = (sourceDir() / "datasets/embedded/ood_range.jsonl").string();
  const LoadedSet all = loadSet(settings);
  REQUIRE(all.examples.size() == 1000);
  settings.offset = 990;
  settings.limit = 3;
  const LoadedSet part = loadSet(settings);
  CHECK(part.available == 10);
  REQUIRE(part.examples.size() == 3);
  CHECK(part.examples[0].id == all.examples[990].id);
  CHECK(part.examples[2].id == all.examples[992].id);
  CHECK(part.sha256 == all.sha256);
}

TEST_CASE("a shuffled set has every question once, in an order that the file's does not change") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "set.jsonl", reversed = folder.path() / "reversed.jsonl";
  std::string text, back;
  for (int i = 0; i < 50; ++i) {
    const std::string id = std::to_string(i);
    const std::string line =
        R"({"id": ")" + id + R"(", "question": "What is )" + id + R"(?", "answer": ")" + id + "\"}\n";
    text += line;
    back = line + back;
  }
  spill(file, text);
  spill(reversed, back);
  const auto idsOf = [](const std::filesystem::path& path, const std::string& order, std::int64_t limit) {
    DatasetSettings settings;
    settings.path = path.string();
    settings.order = order;
    settings.limit = limit;
    std::vector<std::string> ids;
    for (const Example& example : loadSet(settings).examples) ids.push_back(example.id);
    return ids;
  };
  auto ids = idsOf(file, "shuffled", 0);
  CHECK(ids == idsOf(reversed, "shuffled", 0));
  CHECK(idsOf(file, "shuffled", 7) == std::vector<std::string>(ids.begin(), ids.begin() + 7));
  CHECK(ids != idsOf(file, "file", 0));
  std::ranges::sort(ids);
  auto inFile = idsOf(file, "file", 0);
  std::ranges::sort(inFile);
  CHECK(ids == inFile);
}

TEST_CASE("two parts of one file share no question: the leak guard leaves the train set whole") {
  DataSettings data;
  data.train.path = data.test.path = (sourceDir() / "datasets/embedded/test.jsonl").string();
  data.train.limit = 20;
  data.test.offset = 20;
  data.test.limit = 5;
  CHECK(loadTrainSet(data).examples.size() == 20);
  data.test.offset = 18;
  CHECK(loadTrainSet(data).examples.size() == 18);
}

TEST_CASE("a set under test loses its repeats before it is cut to the limit, the train set its near-duplicates of it") {
  const TemporaryFolder folder;
  const auto line = [](int id, const std::string& question) {
    return "{\"id\": \"q/" + std::to_string(id) + "\", \"question\": \"" + question + "\", \"answer\": \"1\"}\n";
  };
  spill(folder.path() / "test.jsonl", line(1, "Tom has 3 pens.") + line(2, "Tom has 5 pens.") +
                                          line(3, "How old is Ann?") + line(4, "Which day comes after Monday?"));
  spill(folder.path() / "train.jsonl",
        line(5, "Tom has 80 pens.") + line(6, "Where do cats sleep?") + line(7, "Which day comes after Monday?"));
  DataSettings data;
  data.train.path = (folder.path() / "train.jsonl").string();
  data.test.path = (folder.path() / "test.jsonl").string();
  data.test.limit = 2;
  const LoadedSet test = loadTestSet(data, data.test);
  REQUIRE(test.examples.size() == 2);
  CHECK(test.examples[1].id == "q/3");
  CHECK(test.available == 3);
  CHECK(test.leftOut == 1);
  const LoadedSet train = loadTrainSet(data);
  REQUIRE(train.examples.size() == 2);  // the last one is not under test, after the limit
  CHECK(train.examples[0].id == "q/6");
  CHECK(train.leftOut == 1);

  data.nearDuplicates = {false, 0};
  CHECK(loadTestSet(data, data.test).examples[1].id == "q/2");
  CHECK(loadTrainSet(data).examples.size() == 3);

  data.nearDuplicates = {true, 0.9};
  data.test.limit = 0;
  spill(folder.path() / "train.jsonl", line(5, "Tom has 80 pens.") + line(7, "Which day comes after Monday?"));
  CHECK_THROWS_AS(loadTrainSet(data), InputError);
}
