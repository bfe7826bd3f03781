#include "grading/values.h"

#include "grading/ball.h"
#include "grading/evaluate.h"
#include "grading/exact.h"

namespace polar {
namespace {

constexpr unsigned kPoints = 3;
constexpr slong kAgreeingBits = 100;
// Calcium's work grows steeply with the number of independent irrationals.
constexpr int kMaxIrrationals = 10;

bool hasSymbols(const Expression& node) {
  return anyNode(node, [](const Expression& n) { return n.kind == Kind::symbol && !isConstantName(n.name); });
}

int irrationals(const Expression& node) {
  const bool fractionalPower = node.kind == Kind::power && node.parts[1].kind != Kind::number;
  int count =
      node.kind == Kind::root || node.kind == Kind::function || node.kind == Kind::symbol || fractionalPower ? 1 : 0;
  for (const Expression& part : node.parts) count += irrationals(part);
  return count;
}

// How two balls relate to each other.
Equality compareBalls(const BallField::Value& a, const BallField::Value& b) {
  if (!acb_is_finite(a.get()) || !acb_is_finite(b.get())) return Equality::unknown;
  if (!acb_overlaps(a.get(), b.get())) return Equality::different;
  BallField::Value difference((BallField(0)));
  acb_sub(difference.get(), a.get(), b.get(), BallField::kBits);
  mag_t bound;
  mag_init(bound);
  acb_get_mag(bound, difference.get());
  const bool tiny = mag_cmp_2exp_si(bound, -kAgreeingBits) < 0;
  mag_clear(bound);
  const bool sharp = acb_rel_accuracy_bits(a.get()) >= kAgreeingBits && acb_rel_accuracy_bits(b.get()) >= kAgreeingBits;
  return tiny || sharp ? Equality::equal : Equality::unknown;
}

Equality compareAtPoint(const Expression& left, const Expression& right, int scaleLeft, int scaleRight,
                        unsigned point) {
  const BallField field(point);
  BallField::Value a(field);
  BallField::Value b(field);
  if (!evaluate(left, field, a) || !evaluate(right, field, b)) return Equality::unknown;
  acb_mul_si(a.get(), a.get(), scaleLeft, BallField::kBits);
  acb_mul_si(b.get(), b.get(), scaleRight, BallField::kBits);
  return compareBalls(a, b);
}

Equality compareExactly(const Expression& left, const Expression& right, int scaleLeft, int scaleRight) {
  if (irrationals(left) + irrationals(right) > kMaxIrrationals) return Equality::unknown;
  const ExactField field;
  ExactField::Value a(field);
  ExactField::Value b(field);
  if (!evaluate(left, field, a) || !evaluate(right, field, b)) return Equality::unknown;
  ca_mul_si(a.get(), a.get(), scaleLeft, field.context());
  ca_mul_si(b.get(), b.get(), scaleRight, field.context());
  switch (ca_check_equal(a.get(), b.get(), field.context())) {
    case T_TRUE:
      return Equality::equal;
    case T_FALSE:
      return Equality::different;
    default:
      return Equality::unknown;
  }
}

}  // namespace

bool isConstantName(const std::string& name) { return name == "pi" || name == "e" || name == "i"; }

Equality compareValues(const Expression& left, const Expression& right, int scaleLeft, int scaleRight) {
  const bool symbolic = hasSymbols(left) || hasSymbols(right);
  Equality all = Equality::equal;
  for (unsigned point = 0; point < (symbolic ? kPoints : 1); ++point) {
    const Equality here = compareAtPoint(left, right, scaleLeft, scaleRight, point);
    if (here == Equality::different) return here;
    if (here == Equality::unknown) all = here;
  }
  if (symbolic || all == Equality::unknown) return all;
  if (scaleLeft == scaleRight && left == right) return all;
  return compareExactly(left, right, scaleLeft, scaleRight);
}

Equality compareUpToScale(const Expression& left, const Expression& right, bool anySign) {
  BallField::Value first((BallField(0)));
  for (unsigned point = 0; point < kPoints; ++point) {
    const BallField field(point);
    BallField::Value a(field);
    BallField::Value b(field);
    if (!evaluate(left, field, a) || !evaluate(right, field, b) || !field.divide(a, b)) return Equality::unknown;
    if (point == 0) acb_set(first.get(), a.get());
    const Equality here = compareBalls(a, first);
    if (here != Equality::equal) return here;
  }
  if (acb_contains_zero(first.get())) return Equality::different;
  if (!anySign && !(acb_is_real(first.get()) && arb_is_positive(acb_realref(first.get())))) return Equality::different;
  return Equality::equal;
}

}  // namespace polar
