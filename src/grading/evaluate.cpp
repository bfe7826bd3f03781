#include "grading/evaluate.h"

#include <string_view>

#include "grading/ball.h"
#include "grading/exact.h"

namespace polar {
namespace {

template <typename Field>
class Evaluator {
 public:
  using Value = typename Field::Value;

  explicit Evaluator(const Field& field) : field_(field) {}

  bool value(const Expression& node, Value& out) {
    switch (node.kind) {
      case Kind::number:
        return literal(node.name, out);
      case Kind::based:
        return based(node, out);
      case Kind::symbol:
        return field_.symbol(out, node.name);
      case Kind::sum:
      case Kind::product:
        return fold(node, out);
      case Kind::negative:
        if (!value(node.parts[0], out)) return false;
        field_.negate(out);
        return true;
      case Kind::quotient:
      case Kind::power:
        return pair(node, out);
      case Kind::root:
        return root(node, out);
      case Kind::function:
        return function(node, out);
      case Kind::factorial:
        return factorial(node, out);
      case Kind::degrees:
        return degrees(node, out);
      case Kind::percent:  // the sign is weighed by the comparison; inside a larger expression it divides
        return value(node.parts[0], out) && divideBy(out, 100);
      default:
        return false;
    }
  }

 private:
  bool literal(const std::string& name, Value& out) {
    Rational number;
    return readLiteral(name, number) && field_.set(out, number);
  }

  bool based(const Expression& node, Value& out) {
    Value base(field_);
    unsigned long size = 0;
    Rational number;
    return value(node.parts[0], base) && field_.smallInteger(base, size) &&
           readBased(node.name, static_cast<unsigned>(size), number) && field_.set(out, number);
  }

  bool fold(const Expression& node, Value& out) {
    if (!value(node.parts[0], out)) return false;
    for (std::size_t i = 1; i < node.parts.size(); ++i) {
      Value part(field_);
      if (!value(node.parts[i], part)) return false;
      node.kind == Kind::sum ? field_.add(out, part) : field_.multiply(out, part);
    }
    return true;
  }

  bool pair(const Expression& node, Value& out) {
    Value second(field_);
    if (!value(node.parts[0], out) || !value(node.parts[1], second)) return false;
    return node.kind == Kind::quotient ? field_.divide(out, second) : field_.power(out, second);
  }

  bool root(const Expression& node, Value& out) {
    Value degree(field_);
    unsigned long size = 0;
    if (!value(node.parts[1], degree) || !field_.smallInteger(degree, size) || size < 2) return false;
    return value(node.parts[0], out) && field_.root(out, static_cast<unsigned>(size));
  }

  bool setInteger(Value& out, unsigned long integer) { return literal(std::to_string(integer), out); }

  bool divideBy(Value& out, unsigned long integer) {
    Value divisor(field_);
    return setInteger(divisor, integer) && field_.divide(out, divisor);
  }

  bool function(const Expression& node, Value& out) {
    if (node.name == "binom") return binomial(node, out);
    if (node.parts.size() > 2 || !value(node.parts[0], out)) return false;
    if (!field_.function(out, node.name)) return false;
    if (node.parts.size() == 1) return true;
    Value base(field_);  // log to a base
    return value(node.parts[1], base) && field_.function(base, node.name) && field_.divide(out, base);
  }

  bool factorial(const Expression& node, Value& out) {
    unsigned long n = 0;
    if (!value(node.parts[0], out) || !field_.smallInteger(out, n)) return false;
    if (!setInteger(out, 1)) return false;
    for (unsigned long factor = 2; factor <= n; ++factor) {
      Value next(field_);
      if (!setInteger(next, factor)) return false;
      field_.multiply(out, next);
    }
    return true;
  }

  bool binomial(const Expression& node, Value& out) {
    Value lower(field_);
    unsigned long n = 0;
    unsigned long k = 0;
    if (!value(node.parts[0], out) || !field_.smallInteger(out, n)) return false;
    if (!value(node.parts[1], lower) || !field_.smallInteger(lower, k)) return false;
    if (k > n) return setInteger(out, 0);
    if (!setInteger(out, 1)) return false;
    for (unsigned long j = 1; j <= k; ++j) {
      Value factor(field_);
      if (!setInteger(factor, n - k + j)) return false;
      field_.multiply(out, factor);
      if (!divideBy(out, j)) return false;
    }
    return true;
  }

  // 30° is 30 as an answer, but the angle pi/6 inside \cos.
  bool degrees(const Expression& node, Value& out) {
    if (!value(node.parts[0], out)) return false;
    Value pi(field_);
    if (!field_.symbol(pi, "pi")) return false;
    field_.multiply(out, pi);
    return divideBy(out, 180);
  }

  const Field& field_;
};

}  // namespace

template <typename Field>
bool evaluate(const Expression& node, const Field& field, typename Field::Value& out) {
  return Evaluator<Field>(field).value(node, out);
}

template bool evaluate<BallField>(const Expression&, const BallField&, BallField::Value&);
template bool evaluate<ExactField>(const Expression&, const ExactField&, ExactField::Value&);

}  // namespace polar
