#include <sstream>
#include <string>

#include "catch.h"
#include "grading/grader.h"

using namespace polar;

TEST_CASE("every reference answer of the public sets equals itself") {
  const auto folder = polar::testing::publicData();
  if (!folder) {
    polar::testing::skipped("POLAR_DATA names no folder of public datasets");
    return;
  }
  const std::string key = "\"answer\": \"";
  for (const std::string set : {"gsm8k/train", "gsm8k/test", "math/train", "math/test", "asdiv/test", "mawps/test",
                                "svamp/test", "minerva_math/test"}) {
    const auto file = *folder / (set + ".jsonl");
    if (!std::filesystem::exists(file)) {
      polar::testing::skipped("no " + file.string());
      continue;
    }
    std::istringstream lines(polar::testing::slurp(file));
    std::size_t count = 0;
    std::string previous;
    for (std::string line; std::getline(lines, line); ++count) {
      // The JSON string up to its quote, its \\ and \" undone; enough for these files.
      std::string answer;
      for (std::size_t i = line.find(key) + key.size(); i < line.size() && line[i] != '"'; ++i) {
        if (line[i] == '\\') ++i;
        answer += line[i];
      }
      INFO(set << ": " << answer);
      CHECK(gradeAnswer(answer, answer).verdict == Verdict::right);
      CHECK(grade("\\boxed{" + answer + "}", answer, false).verdict == Verdict::right);
      CHECK(grade(answer + "}", answer, true).verdict == Verdict::right);
      const bool oneSided =
          (answer + previous).find('%') != std::string::npos || answer.size() == 1 || previous.size() == 1;
      if (!oneSided && gradeAnswer(answer, previous).rule != "letter" &&
          gradeAnswer(previous, answer).rule != "letter") {
        CHECK(gradeAnswer(answer, previous).verdict == gradeAnswer(previous, answer).verdict);
      }
      previous = answer;
    }
    CHECK(count > 0);
  }
}
