#include "grading/extract.h"

#include <string>
#include <vector>

#include "catch.h"
#include "grading/grader.h"
#include "grading/random_text.h"

using namespace polar;
using polar::testing::randomText;

namespace {

constexpr auto npos = std::string_view::npos;

}  // namespace

TEST_CASE("the answer is found in generated text") {
  struct Found {
    std::string text;
    bool boxOpen;
    std::string reference;
    std::string rule;
    std::string answer;
  };
  const std::vector<Found> cases = {
      {"72}", true, "72", "box", "72"},
      {" 72 }. More \\boxed{3}", true, "72", "box", "72"},
      {"\\frac{1}{2}} so", true, "1", "box", "\\frac{1}{2}"},
      {"\\{1,2\\}}", true, "1", "box", "\\{1,2\\}"},
      {"\\boxed{72}", true, "72", "box", "72"},
      {"}", true, "72", "box", ""},
      {"72", true, "72", "number", "72"},
      {"It is \\boxed{7}, not \\boxed{8}", false, "7", "box", "7"},
      {"It is \\boxed {7}", false, "7", "box", "7"},
      {"It is \\fbox{7}", false, "7", "box", "7"},
      {"\\boxed{\\boxed{7}}", false, "7", "box", "7"},
      {"\\boxed{1 \\\\}", false, "7", "box", "1 \\\\"},
      {"\\boxed{7 and 3", false, "7", "number", "3"},
      {"He has 3 + 4 = 7 apples.", false, "7", "number", "7"},
      {"#### 1,234", false, "1234", "number", "1,234"},
      {"It costs $-$3.50.", false, "7", "number", "-$3.50"},
      {"It is -3", false, "7", "number", "-3"},
      {"That is 5-3", false, "7", "number", "3"},
      {"3/4 of it", false, "7", "number", "3/4"},
      {"so \\frac{3}{4}.", false, "7", "number", "\\frac{3}{4}"},
      {"about 12.5%", false, "7", "number", "12.5%"},
      {"1,2345 is odd", false, "7", "number", "2345"},
      {"The answer is (B).", false, "B", "letter", "B"},
      {"Of the 3 options the answer is B because", false, "B", "letter", "B"},
      {"A man has I think: C", false, "B", "letter", "C"},
      {"A man is here", false, "B", "none", ""},
      {"\\boxed{D}", false, "B", "box", "D"},
      {"no number here", false, "7", "none", ""},
      {"", false, "7", "none", ""},
  };
  for (const Found& found : cases) {
    INFO(found.text);
    const Extraction result = extractAnswer(found.text, found.reference, found.boxOpen);
    CHECK(result.rule == found.rule);
    CHECK(result.answer == found.answer);
  }
}

TEST_CASE("a grade names extraction and comparison") {
  const Grade boxed = grade("Hence \\boxed{0.5}.", "\\frac12", false);
  CHECK(boxed.verdict == Verdict::right);
  CHECK(boxed.rule == "box/rational");
  CHECK(boxed.answer == "0.5");
  CHECK(grade("18 dollars}", "18", true).rule == "box/integer");
  CHECK(grade("I have no idea", "18", false).rule == "none");
  CHECK(grade("I have no idea", "18", false).verdict == Verdict::wrong);
  CHECK(grade("\\boxed{}", "18", false).rule == "box/empty");
  CHECK(grade("(C)", "C", false).rule == "letter/letter");
}

TEST_CASE("the answer ends at the brace that closes its box") {
  CHECK(answerEnd("72}", true) == 3);
  CHECK(answerEnd("72", true) == npos);
  CHECK(answerEnd("\\frac{1}{2}}x", true) == 12);
  CHECK(answerEnd("\\{1\\}} ", true) == 6);
  CHECK(answerEnd("72}", false) == npos);
  CHECK(answerEnd("\\boxed{7}.", false) == 9);
  CHECK(answerEnd("\\boxed{\\frac{1}{2}", false) == npos);
  CHECK(answerEnd("", true) == npos);
}

TEST_CASE("stopping where the answer ends changes no grade") {
  Random random(7);
  for (int i = 0; i < 4000; ++i) {
    const std::string text = randomText(random) + (i % 2 ? "}" : "\\boxed{5}") + randomText(random);
    for (const bool boxOpen : {false, true}) {
      const std::size_t end = answerEnd(text, boxOpen);
      if (end == npos) continue;
      const std::string stopped = text.substr(0, end);
      CHECK(answerEnd(stopped, boxOpen) == end);
      CHECK(answerEnd(text.substr(0, end - 1), boxOpen) == npos);
      CHECK(extractAnswer(stopped, "5", boxOpen).answer == extractAnswer(text, "5", boxOpen).answer);
    }
  }
}
