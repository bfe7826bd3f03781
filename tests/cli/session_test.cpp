// What a config's dataset keys read.
#include "cli/session.h"

#include "catch.h"

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
    const std::string line = R"({"id": ")" + id + R"(", "question": "What is )" + id + R"(?", "answer": ")" + id + "\"}\n";
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
