#include "grading/answer_form.h"

#include "grading/evaluate.h"
#include "grading/exact.h"
#include "grading/parser.h"

namespace polar {

AnswerForm answerForm(std::string_view answer) {
  if (answer.empty()) return AnswerForm::none;
  const Parsed parsed = parseAnswer(answer);
  if (parsed.state != Parsed::tree) return AnswerForm::other;
  const auto isFree = [](const Expression& node) { return node.kind == Kind::symbol || node.kind == Kind::text; };
  if (anyNode(parsed.expression, isFree)) return AnswerForm::other;
  const ExactField field;
  ExactField::Value value(field);
  if (!evaluate(parsed.expression, field, value)) return AnswerForm::other;
  const bool isPositiveWhole = CA_IS_QQ(value.get(), field.context()) && fmpz_is_one(CA_FMPQ_DENREF(value.get())) &&
                               fmpz_sgn(CA_FMPQ_NUMREF(value.get())) > 0;
  return isPositiveWhole ? AnswerForm::positiveWhole : AnswerForm::otherNumber;
}

}  // namespace polar
