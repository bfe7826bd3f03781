#include "grading/answer_form.h"

#include "catch.h"
#include "support/random.h"

using namespace polar;

TEST_CASE("the form of an answer, by its value") {
  for (const char* each : {"1", "12", "007", "3 * 4", "3 \\cdot 4 + 1", "\\frac{24}{2}", "1,234", "$18", "5 cm",
                           "2^{10}", "\\sqrt{16}", "(7 - 2) * 3"}) {
    CAPTURE(each);
    CHECK(answerForm(each) == AnswerForm::positiveWhole);
  }
  for (const char* each : {"0", "-3", "0.5", "5 - 8", "\\frac{1}{2}", "7 / 2", "\\sqrt{2}", "\\frac{8}{3}", "20%"}) {
    CAPTURE(each);
    CHECK(answerForm(each) == AnswerForm::otherNumber);
  }
  for (const char* each : {"x + 1", "A", "(1, 2)", "[0, 3)", "blue", "5 +", "((", "\\frac{1}{0}", "x = 4"}) {
    CAPTURE(each);
    CHECK(answerForm(each) == AnswerForm::other);
  }
  CHECK(answerForm("") == AnswerForm::none);
}

TEST_CASE("any bytes have a form") {
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(40); n > 0; --n) text += static_cast<char>(random.below(256));
    answerForm(text);
  }
}
