#include "data/reader.h"

#include <vector>

#include "catch.h"
#include "support/error.h"

using namespace polar;

namespace {

const std::string kRecord = R"({"id":"a/1","question":"How many?","answer":"7"})";

// What the user reads, with the folder cut off.
std::string messageFor(const std::string& content) {
  const polar::testing::TemporaryFolder folder;
  const auto file = folder.path() / "set.jsonl";
  polar::testing::spill(file, content);
  try {
    readExamples(file);
  } catch (const InputError& error) {
    std::string text = error.what();
    const std::string prefix = folder.path().string() + "/";
    REQUIRE(text.compare(0, prefix.size(), prefix) == 0);
    return text.substr(prefix.size());
  }
  return "no error";
}

std::vector<Example> read(const std::string& content, std::size_t limit = 0) {
  const polar::testing::TemporaryFolder folder;
  polar::testing::spill(folder.path() / "set.jsonl", content);
  return readExamples(folder.path() / "set.jsonl", limit);
}

Example asking(const std::string& id, const std::string& question) {
  Example example;
  example.id = id;
  example.question = question;
  return example;
}

}  // namespace

TEST_CASE("an id with a NUL, which no label file can hold, is refused") {
  CHECK(messageFor(kRecord + "\n"
                             R"({"id":"a\u0000b","question":"How many?","answer":"7"})") ==
        "set.jsonl:2: id: found a NUL character in it, expected text without one");
}

TEST_CASE("a record's fields are read") {
  const auto examples = read(
      "\xEF\xBB\xBF{\"id\":\"m/1\",\"question\":\"Why \\u00e9?\",\"answer\":\"B\",\"solution\":\"s\",\"level\":3,"
      "\"subject\":\"Algebra\",\"source\":\"here\",\"options\":[\"x\",\"y\"],\"extra\":{\"level\":[1,{\"a\":null}]}}"
      "\r\n"
      "\n" +
      kRecord);
  REQUIRE(examples.size() == 2);
  CHECK(examples[0].id == "m/1");
  CHECK(examples[0].question == "Why \xC3\xA9?");
  CHECK(examples[0].answer == "B");
  CHECK(examples[0].solution == "s");
  CHECK(examples[0].level == 3);
  CHECK(examples[0].subject == "Algebra");
  CHECK(examples[0].source == "here");
  CHECK(examples[0].options == std::vector<std::string>{"x", "y"});
  CHECK(examples[1].id == "a/1");
  CHECK_FALSE(examples[1].level.has_value());
  CHECK(examples[1].options.empty());
}

TEST_CASE("null means an absent field") {
  const auto examples = read(R"({"id":"a","question":"q","answer":"7","level":null,"solution":null})");
  CHECK_FALSE(examples[0].level.has_value());
  CHECK(examples[0].solution.empty());
}

TEST_CASE("GSM8K's own records are recognised by the missing id") {
  const auto examples = readExamples(polar::testing::fixture("data/upstream/gsm8k.jsonl"));
  REQUIRE(examples.size() == 2);
  CHECK(examples[0].id == "gsm8k/1");
  CHECK(examples[0].answer == "36");
  CHECK(examples[0].solution.find("<<3*12=36>>") != std::string::npos);
  CHECK(examples[1].id == "gsm8k/2");
  CHECK(examples[1].answer == "2500");
}

TEST_CASE("a limit reads the first records and no further") {
  const std::string content = kRecord + "\nnot JSON\n";
  CHECK(read(content, 1).size() == 1);
  CHECK_THROWS_AS(read(content, 2), InputError);
}

TEST_CASE("every mistake has its one line") {
  const std::string object = "one JSON object a line";
  const std::string utf8 = "; check the quotes, commas and UTF-8 of the line";
  const std::string format = "; see datasets/README.md for the format";
  const auto record = [](const std::string& rest) { return R"({"id":"a","question":"q","answer":"7",)" + rest + "}"; };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "set.jsonl: found no record, expected " + object},
      {"\n  \n", "set.jsonl: found no record, expected " + object},
      {"{\"id\":", "set.jsonl:1: found no JSON from column 7 on, expected " + object + utf8},
      {kRecord + "\n{]", "set.jsonl:2: found no JSON from column 2 on, expected " + object + utf8},
      {kRecord + " x", "set.jsonl:1: found no JSON from column 50 on, expected " + object + utf8},
      {"{\"id\":\"\xFF\"}", "set.jsonl:1: found no JSON from column 8 on, expected " + object + utf8},
      {"[1]", "set.jsonl:1: found an array, expected " + object},
      {"\"text\"", "set.jsonl:1: found a string, expected " + object},
      {"3", "set.jsonl:1: found 3, expected " + object},
      {"3.5", "set.jsonl:1: found 3.5, expected " + object},
      {"null", "set.jsonl:1: found null, expected " + object},
      {"true", "set.jsonl:1: found true, expected " + object},
      {record(R"("answer":"8")"),
       "set.jsonl:1: answer: found the key twice, expected each key once; remove one of them"},
      {record(R"("x":{"y":1,"y":2})"),
       "set.jsonl:1: y: found the key twice, expected each key once; remove one of them"},
      {kRecord + "\n\n" + kRecord,
       "set.jsonl:3: id: found \"a/1\", which line 1 has, expected an id of its own for each record"},
      {R"({"id":"a","answer":"7"})", "set.jsonl:1: question: found no such field, expected a text" + format},
      {R"({"id":"a","question":"q"})", "set.jsonl:1: answer: found no such field, expected a text" + format},
      {R"({"id":"a","question":" ","answer":"7"})", "set.jsonl:1: question: found an empty text, expected a text"},
      {R"({"id":"a","question":"q","answer":""})", "set.jsonl:1: answer: found an empty text, expected a text"},
      {R"({"id":"","question":"q","answer":"7"})", "set.jsonl:1: id: found an empty text, expected a text"},
      {R"({"id":"a","question":"q","answer":null})",
       "set.jsonl:1: answer: found no such field, expected a text" + format},
      {R"({"id":7,"question":"q","answer":"7"})", "set.jsonl:1: id: found 7, expected a string"},
      {R"({"id":"a","question":"q","answer":7.5})", "set.jsonl:1: answer: found 7.5, expected a string"},
      {R"({"id":"a","question":["q"],"answer":"7"})", "set.jsonl:1: question: found an array, expected a string"},
      {R"({"id":"a","question":{"q":1},"answer":"7"})", "set.jsonl:1: question: found an object, expected a string"},
      {record(R"("subject":false)"), "set.jsonl:1: subject: found false, expected a string"},
      {record(R"("level":"3")"), "set.jsonl:1: level: found a string, expected a whole number from 0 on, or null"},
      {record(R"("level":-1)"), "set.jsonl:1: level: found -1, expected a whole number from 0 on, or null"},
      {record(R"("level":2.5)"), "set.jsonl:1: level: found 2.5, expected a whole number from 0 on, or null"},
      {record(R"("level":18446744073709551615)"),
       "set.jsonl:1: level: found 18446744073709551615, expected a whole number from 0 on, or null"},
      {record(R"("level":[])"), "set.jsonl:1: level: found an array, expected a whole number from 0 on, or null"},
      {record(R"("options":"A")"), "set.jsonl:1: options: found a string, expected a list of strings"},
      {record(R"("options":3)"), "set.jsonl:1: options: found 3, expected a list of strings"},
      {record(R"("options":null)"), "set.jsonl:1: options: found null, expected a list of strings"},
      {record(R"("options":["x",null])"), "set.jsonl:1: options: found null, expected a list of strings"},
      {record(R"("options":["x",2])"), "set.jsonl:1: options: found 2, expected a list of strings"},
      {record(R"("options":[["x"]])"), "set.jsonl:1: options: found an array, expected a list of strings"},
      {record(R"("options":[{}])"), "set.jsonl:1: options: found an object, expected a list of strings"},
      {record(R"("options":["x","y"])"), "set.jsonl:1: answer: found \"7\", expected the letter of an option, A to B"},
      {R"({"id":"a","question":"q","answer":"C","options":["x","y"]})",
       "set.jsonl:1: answer: found \"C\", expected the letter of an option, A to B"},
      {R"({"question":"q","answer":"7"})",
       "set.jsonl:1: answer: found no \"####\", expected GSM8K's \"#### 72\" at the end, as the record has no id; "
       "give each record an id if this is Polar's own format"},
      {R"({"question":"q","answer":"seven\n#### "})", "set.jsonl:1: answer: found an empty text, expected a text"},
  };
  for (const auto& [content, message] : cases) {
    INFO(content);
    CHECK(messageFor(content) == message);
  }
}

TEST_CASE("a missing file is the user's error") { CHECK_THROWS_AS(readExamples("no/such/file.jsonl"), InputError); }

TEST_CASE("brackets without end are an error, not a fault") {
  CHECK(messageFor("{\"x\":" + std::string(40, '[')).find("set.jsonl:1: found no JSON") == 0);
  CHECK(messageFor("{\"x\":" + std::string(200000, '[')).find("set.jsonl:1: found JSON that nests deeper") == 0);
}

TEST_CASE("questions are compared without case and blanks") {
  CHECK(normalisedQuestion("  How\tMANY \n apples? ") == "how many apples?");
  CHECK(normalisedQuestion("") == "");
}

TEST_CASE("a fraction follows the question alone, nests, and has about its size") {
  std::size_t small = 0;
  std::size_t otherSeed = 0;
  for (int i = 0; i < 4000; ++i) {
    const Example example = asking("a", "Question number " + std::to_string(i));
    const Example same = asking("b", "  question   NUMBER " + std::to_string(i) + "\n");
    CHECK(inFraction(example, 0.25, 1) == inFraction(same, 0.25, 1));
    if (inFraction(example, 0.25, 1)) {
      ++small;
      CHECK(inFraction(example, 0.5, 1));
      otherSeed += inFraction(example, 0.25, 2) ? 1 : 0;
    }
    CHECK_FALSE(inFraction(example, 0.0, 1));
    CHECK(inFraction(example, 1.0, 1));
  }
  CHECK(small > 890);  // 1000 expected, standard deviation 27
  CHECK(small < 1110);
  CHECK(otherSeed < small / 2);
}

TEST_CASE("the public sets are read whole") {
  const auto folder = polar::testing::publicData();
  if (!folder) {
    polar::testing::skipped("POLAR_DATA names no folder of public datasets");
    return;
  }
  const std::vector<std::pair<std::string, std::size_t>> sets = {
      {"gsm8k/train", 7473}, {"gsm8k/test", 1319}, {"math/train", 7500}, {"math/test", 5000},
      {"asdiv/test", 2215},  {"mawps/test", 2065}, {"svamp/test", 1000}, {"mmlu_pro/test", 12032}};
  for (const auto& [name, count] : sets) {
    const auto file = *folder / (name + ".jsonl");
    if (!std::filesystem::exists(file)) {
      polar::testing::skipped("no " + file.string());
      continue;
    }
    CHECK(readExamples(file).size() == count);
  }
}
