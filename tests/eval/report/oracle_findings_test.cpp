#include "eval/report/oracle_findings.h"

#include <string>
#include <vector>

#include "catch.h"

namespace polar {
namespace {

constexpr int kDepth = 4;

// Programs that distinguish the kinds, at depth 4.
const char* const kStandard = "0-3";
const char* const kSkip = "0-2";
const char* const kLoop = "0-1,1-3";
const char* const kBoth = "0,0-1,3";  // as long as the model

struct Try {
  const char* program;
  bool right;
  const char* origin = "enumerate";
};

ExampleLabels question(int level, const std::vector<Try>& tries) {
  ExampleLabels labels;
  labels.example.id = "q";
  labels.example.level = level;
  for (const Try& each : tries) {
    LabelledProgram labelled;
    labelled.program = Program::parse(each.program, kDepth);
    labelled.evaluation.verdict = each.right ? Verdict::right : Verdict::wrong;
    labelled.order = static_cast<std::uint32_t>(labels.programs.size());
    labelled.origin = labels.programs.empty() ? "standard" : each.origin;
    labels.programs.push_back(labelled);
  }
  labels.standardVerdict = labels.programs.front().evaluation.verdict;
  return labels;
}

// Two found by the standard program, then one each by skip or loop, by loop, by both together, and by nothing.
std::vector<ExampleLabels> sixQuestions() {
  return {question(1, {{kStandard, true}, {kSkip, true}, {kLoop, false}, {kBoth, false}}),
          question(1, {{kStandard, true}, {kSkip, false}, {kLoop, true}, {kBoth, true}}),
          question(1, {{kStandard, false}, {kSkip, true}, {kLoop, true}, {kBoth, false}}),
          question(2, {{kStandard, false}, {kSkip, false}, {kLoop, true}, {kBoth, true}}),
          question(2, {{kStandard, false}, {kSkip, false}, {kLoop, false}, {kBoth, true}}),
          question(2, {{kStandard, false}, {kSkip, false}, {kLoop, false}, {kBoth, false}})};
}

// The finding whose question begins so.
Report::Finding finding(const std::vector<ExampleLabels>& labels, const std::string& start) {
  for (const Report::Finding& each : oracleFindings(labels, kDepth, 0.95))
    if (each.question.rfind(start, 0) == 0) return each;
  return {"no finding: " + start, "", ""};
}

std::string measured(const std::vector<ExampleLabels>& labels, const std::string& start) {
  return finding(labels, start).measured;
}

}  // namespace

TEST_CASE("found shares by kind of program, each with the standard program") {
  // Intervals: statsmodels proportion_confint(k, 6, method="wilson") for k = 2, 3, 4, 5.
  CHECK(measured(sixQuestions(), "Questions with a right program") ==
        "standard 33.3 % [9.7, 70.0], skip-only 50.0 % [18.8, 81.2], loop-only 66.7 % [30.0, 90.3], "
        "all 83.3 % [43.6, 97.0] (n = 6)");
  const Report::Finding order = finding(sixQuestions(), "Does skip-only < loop-only < all hold?");
  CHECK(order.measured == "yes: 50.0 %, 66.7 %, 83.3 % (n = 6)");
  CHECK(order.paper == "yes, in every model and level");
}

TEST_CASE("a tie is not an order") {
  const std::vector<ExampleLabels> tied = {question(1, {{kStandard, false}, {kSkip, true}, {kLoop, true}})};
  CHECK(measured(tied, "Does skip-only") == "no: 100.0 %, 100.0 %, 100.0 % (n = 1)");
}

TEST_CASE("shorter right programs, of questions that the standard program answers and of those it fails") {
  const Report::Finding shorter = finding(sixQuestions(), "Of the questions the standard program answers rightly");
  CHECK(shorter.measured == "50.0 % [9.5, 90.5] (n = 2)");
  CHECK(shorter.paper == "75.5 %");
  const Report::Finding corrected = finding(sixQuestions(), "Of the questions it fails, those with a shorter");
  CHECK(corrected.measured == "25.0 % [4.6, 69.9] (n = 4)");
  CHECK(corrected.paper == "36.2 %");
  CHECK(measured(sixQuestions(), "Of the questions it fails, those rescued") == "75.0 % [30.1, 95.4] (n = 4)");
}

TEST_CASE("a share of no questions says so") {
  const std::vector<ExampleLabels> allRight = {question(1, {{kStandard, true}, {kSkip, false}})};
  CHECK(measured(allRight, "Of the questions it fails, those rescued") == "no questions (n = 0)");
  CHECK(oracleFindings({}, kDepth, 0.95).empty());
}

TEST_CASE("temperature samples are compared at equal counts and are no programs of the search") {
  // Two questions, two samples each. One of four searched programs is right: 2 of 4 drawn hold it with 1 - 3/4 * 2/3 =
  // 1/2. Three of four: always. Mean 75 %. Samples: right at least once on the second question alone.
  const std::vector<ExampleLabels> labels = {question(1, {{kStandard, false},
                                                          {kSkip, true},
                                                          {kLoop, false},
                                                          {kBoth, false},
                                                          {kStandard, false, "sample"},
                                                          {kStandard, false, "sample"}}),
                                             question(1, {{kStandard, false},
                                                          {kSkip, true},
                                                          {kLoop, true},
                                                          {kBoth, true},
                                                          {kStandard, true, "sample"},
                                                          {kStandard, false, "sample"}})};
  CHECK(measured(labels, "Chance: at least one right among 2 temperature samples") ==
        "samples 50.0 % [9.5, 90.5], programs 75.0 % (n = 2)");
  CHECK(measured(labels, "Questions with a right program").find("standard 0.0 %") == 0);
  CHECK(finding(sixQuestions(), "Chance").question == "no finding: Chance");

  const std::vector<ExampleLabels> onlySample = {question(1, {{kStandard, false}, {kStandard, true, "sample"}})};
  CHECK(measured(onlySample, "Of the questions it fails, those rescued").find("0.0 %") == 0);
}

TEST_CASE("skips against loops at equal counts") {
  // One skip and two loops, one of them right: drawing one loop finds it with 1/2; drawing one of all four (standard
  // included) with 1/4.
  const std::vector<ExampleLabels> labels = {
      question(1, {{kStandard, false}, {kSkip, false}, {kLoop, true}, {"0-3,3", false}})};
  CHECK(measured(labels, "The same with equally many programs") ==
        "skip-only 0.0 %, loop-only 50.0 %, all 25.0 % at 1.0 programs a question (n = 1)");
}

TEST_CASE("per level: found share, shortest right program, and whether it falls") {
  const Report::Finding one = finding(sixQuestions(), "Level 1:");
  CHECK(one.measured ==
        "standard 66.7 % [20.8, 93.9], any program 100.0 % [43.9, 100.0], "
        "shortest right program 3.3 layers on average (n = 3)");
  CHECK(one.paper == "37.9 %, 84.7 % (Llama-3.2-3B, DART-Math level 1)");
  CHECK(measured(sixQuestions(), "Does the share with a right program never rise") == "yes: 100.0 %, 66.7 %");

  std::vector<ExampleLabels> rising = sixQuestions();
  for (ExampleLabels& labels : rising) labels.example.level = 3 - *labels.example.level;
  CHECK(measured(rising, "Does the share with a right program never rise") == "no: 66.7 %, 100.0 %");

  for (ExampleLabels& labels : rising) labels.example.level.reset();
  CHECK(finding(rising, "Level").question == "no finding: Level");
}

}  // namespace polar
