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
