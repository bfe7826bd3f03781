// Whatever the bytes: no exception, no fault, the same verdict twice, and soon.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "catch.h"
#include "grading/grader.h"
#include "grading/random_text.h"

using namespace polar;
using polar::testing::randomText;

namespace {

double millisecondsOf(const std::string& answer, const std::string& reference) {
  const auto start = std::chrono::steady_clock::now();
  gradeAnswer(answer, reference);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

std::string repeated(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace

TEST_CASE("random bytes never throw, and every text equals itself") {
  Random random(2026);
  double slowest = 0;
  std::string worst;
  for (int i = 0; i < 20000; ++i) {
    const std::string a = randomText(random);
    const std::string b = randomText(random);
    INFO(a << "  against  " << b);
    const Grade first = gradeAnswer(a, b);
    const Grade again = gradeAnswer(a, b);
    REQUIRE(first.verdict == again.verdict);
    REQUIRE(first.rule == again.rule);
    grade(a, b, i % 2 == 0);
    const double ms = millisecondsOf(a, b);
    if (ms > slowest) worst = a + "  against  " + b;
    slowest = std::max(slowest, ms);
    const std::string trimmed = gradeAnswer(a, "0").answer;
    const bool visible =
        std::any_of(trimmed.begin(), trimmed.end(), [](char c) { return c > ' ' && c != '$' && c != '~'; });
    if (visible && trimmed.find('\\') == std::string::npos) REQUIRE(gradeAnswer(a, a).verdict == Verdict::right);
  }
  INFO("slowest: " << worst);
  CHECK(slowest < 1000);
}

TEST_CASE("hostile answers are bounded") {
  const std::vector<std::string> answers = {
      repeated("(", 1900),
      repeated("{", 1900),
      repeated("\\{1,", 60) + "1" + repeated("\\}", 60),
      repeated("\\{", 60) + "1" + repeated(",2\\}", 60),
      repeated("\\text{", 300),
      repeated("-", 1900) + "1",
      repeated("\\sqrt{", 38) + "2" + repeated("}", 38),
      repeated("\\sqrt{2+", 30) + "2" + repeated("}", 30),
      "\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}+\\sqrt{19}+\\sqrt{23}",
      repeated("9^", 600) + "9",
      repeated("(9999^{9999})^{9999}", 5),
      "e^{e^{e^{e^{e^{e}}}}}",
      "\\sin 10^{200}",
      "200!!!",
      "((200!)!)!",
      repeated("9", 1999),
      "1e9999",
      repeated("1,", 900) + "1",
      repeated("1\\pm ", 60) + "1",
      repeated("x^9+", 120) + "1",
      repeated("x\\cup ", 200) + "y",
      repeated("\\frac{1}{1+", 36) + "x" + repeated("}", 36),
      std::string(100000, 'x'),
      std::string(100000, '{') + "\\boxed{",
      std::string(2000, '\0'),
      "\\cos 58^\\circ + \\sin 17^\\circ \\cdot \\tan 11^\\circ",
  };
  for (const std::string& answer : answers) {
    INFO(answer.substr(0, 80));
    CHECK(millisecondsOf(answer, "\\sqrt{2}+1") < 500);
    CHECK(millisecondsOf(answer, answer + " ") < 500);
    CHECK(millisecondsOf(answer, answer + "+0") < 500);
    grade(answer, "7", true);
    grade(answer, "7", false);
  }
}
