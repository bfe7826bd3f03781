#include "grading/compare.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "grading/characters.h"
#include "grading/values.h"

namespace polar {
namespace {

constexpr std::size_t kMaxMembers = 32;  // of a list compared in any order

Verdict toVerdict(Equality equality) {
  if (equality == Equality::unknown) return Verdict::undecided;
  return equality == Equality::equal ? Verdict::right : Verdict::wrong;
}

Verdict verdictIf(bool right) { return right ? Verdict::right : Verdict::wrong; }

bool isScalar(const Expression& node) {
  switch (node.kind) {
    case Kind::list:
    case Kind::tuple:
    case Kind::matrix:
    case Kind::unionOf:
    case Kind::ratio:
    case Kind::relation:
    case Kind::text:
      return false;
    default:
      return true;
  }
}

bool contains(const Expression& node, Kind kind) {
  return anyNode(node, [kind](const Expression& n) { return n.kind == kind; });
}

// ---- rewriting before the comparison --------------------------------------------------------------------------------

// Degree signs count only inside functions: 30° is the answer 30, \cos 30° is not \cos 30.
Expression withoutDegrees(Expression node) {
  if (node.kind == Kind::function) return node;
  for (Expression& part : node.parts) part = withoutDegrees(std::move(part));
  if (node.kind != Kind::degrees) return node;
  Expression inner = std::move(node.parts[0]);
  return inner;
}

Expression withSign(const Expression& node, bool minus) {
  Expression copy{node.kind, node.name, {}};
  for (const Expression& part : node.parts) copy.parts.push_back(withSign(part, minus));
  if (copy.kind != Kind::plusMinus) return copy;
  if (minus) copy.parts[1] = Expression{Kind::negative, "", {std::move(copy.parts[1])}};
  copy.kind = Kind::sum;
  return copy;
}

// 1 ± 2 becomes the list of both values, also as a member of a list.
Expression withBothSigns(Expression node) {
  if (!contains(node, Kind::plusMinus)) return node;
  if (isScalar(node)) return {Kind::list, "", {withSign(node, false), withSign(node, true)}};
  if (node.kind != Kind::list) return node;
  std::vector<Expression> members;
  for (Expression& part : node.parts) {
    Expression both = withBothSigns(std::move(part));
    if (both.kind == Kind::list) {
      std::move(both.parts.begin(), both.parts.end(), std::back_inserter(members));
    } else {
      members.push_back(std::move(both));
    }
  }
  node.parts = std::move(members);
  return node;
}

// ---- one value ------------------------------------------------------------------------------------------------------

// "-0072" as a whole number: digits without leading zeros; "" where it is none.
std::string wholeNumber(const Expression& node) {
  if (node.kind == Kind::negative) {
    std::string inner = node.parts[0].kind == Kind::number ? wholeNumber(node.parts[0]) : "";
    if (!inner.empty() && inner != "0") inner.insert(0, 1, '-');
    return inner;
  }
  if (node.kind != Kind::number || !std::all_of(node.name.begin(), node.name.end(), isDigit)) return "";
  const std::size_t first = node.name.find_first_not_of('0');
  return first == std::string::npos ? "0" : node.name.substr(first);
}

std::string valueRule(const Expression& a, const Expression& b) {
  const auto symbolic = [](const Expression& n) { return n.kind == Kind::symbol && !isConstantName(n.name); };
  const auto irrational = [](const Expression& n) {
    return n.kind == Kind::symbol || n.kind == Kind::root || n.kind == Kind::function || n.kind == Kind::power;
  };
  if (anyNode(a, symbolic) || anyNode(b, symbolic)) return "symbolic";
  return anyNode(a, irrational) || anyNode(b, irrational) ? "exact" : "rational";
}

// A zero below the line: no value, so unequal to all that have one.
bool isUndefined(const Expression& node) {
  return anyNode(node, [](const Expression& n) { return n.kind == Kind::quotient && wholeNumber(n.parts[1]) == "0"; });
}

// "5 m" parses as 5 times m; against a reference without symbols the m is a unit.
const Expression& withoutUnitLetter(const Expression& answer, const Expression& reference) {
  const auto isSymbol = [](const Expression& n) { return n.kind == Kind::symbol; };
  const bool product = answer.kind == Kind::product && answer.parts.size() == 2 && isSymbol(answer.parts[1]);
  if (!product || anyNode(reference, isSymbol) || anyNode(answer.parts[0], isSymbol)) return answer;
  const std::string& unit = answer.parts[1].name;
  const bool known = unit.size() == 1 && std::string_view("mgshLlNJWVAKCF").find(unit) != std::string_view::npos;
  return known ? answer.parts[0] : answer;
}

Comparison compareScalars(const Expression& answer, const Expression& reference) {
  const bool answerPercent = answer.kind == Kind::percent;
  const bool referencePercent = reference.kind == Kind::percent;
  const Expression& a = withoutUnitLetter(answerPercent ? answer.parts[0] : answer, reference);
  const Expression& b = referencePercent ? reference.parts[0] : reference;

  if (a.kind == Kind::based || b.kind == Kind::based) {
    const bool bothBased = a.kind == b.kind;
    if (bothBased) return {verdictIf(a == b), "based"};
    const Expression& based = a.kind == Kind::based ? a : b;
    const Expression& plain = a.kind == Kind::based ? b : a;
    return {verdictIf(plain.kind == Kind::number && plain.name == based.name), "based"};
  }
  const std::string wholeA = wholeNumber(a);
  const std::string wholeB = wholeNumber(b);
  if (!wholeA.empty() && !wholeB.empty() && answerPercent == referencePercent) {
    return {verdictIf(wholeA == wholeB), "integer"};
  }
  const std::string rule = answerPercent || referencePercent ? "percent" : valueRule(a, b);
  const Verdict same = toVerdict(compareValues(a, b));
  if (same == Verdict::undecided && isUndefined(a) != isUndefined(b)) return {Verdict::wrong, rule};
  if (same == Verdict::right || !referencePercent || answerPercent) return {same, rule};
  return {toVerdict(compareValues(a, b, 100, 1)), rule};
}

// ---- several values -------------------------------------------------------------------------------------------------

Verdict inOrder(const std::vector<Expression>& answer, const std::vector<Expression>& reference) {
  if (answer.size() != reference.size()) return Verdict::wrong;
  Verdict all = Verdict::right;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const Verdict here = compareAnswers(answer[i], reference[i]).verdict;
    if (here == Verdict::wrong) return here;
    if (here == Verdict::undecided) all = here;
  }
  return all;
}

// Equality is transitive, so taking the first equal member loses nothing.
Verdict inAnyOrder(const std::vector<Expression>& answer, const std::vector<Expression>& reference) {
  if (answer.size() != reference.size()) return Verdict::wrong;
  if (answer.size() > kMaxMembers)
    return inOrder(answer, reference) == Verdict::right ? Verdict::right : Verdict::undecided;
  std::vector<bool> taken(answer.size(), false);
  bool doubtful = false;
  for (const Expression& wanted : reference) {
    bool found = false;
    bool maybe = false;
    for (std::size_t i = 0; i < answer.size() && !found; ++i) {
      if (taken[i]) continue;
      const Verdict here = compareAnswers(answer[i], wanted).verdict;
      found = here == Verdict::right;
      if (found) taken[i] = true;
      maybe = maybe || here == Verdict::undecided;
    }
    if (!found && !maybe) return Verdict::wrong;
    doubtful = doubtful || !found;
  }
  return doubtful ? Verdict::undecided : Verdict::right;
}

// ---- relations ------------------------------------------------------------------------------------------------------

// > and >= turned round.
Expression oriented(Expression relation) {
  if (relation.name == ">" || relation.name == ">=") {
    std::swap(relation.parts[0], relation.parts[1]);
    relation.name = relation.name == ">" ? "<" : "<=";
  }
  return relation;
}

Expression difference(const Expression& relation) {
  return {Kind::sum, "", {relation.parts[0], Expression{Kind::negative, "", {relation.parts[1]}}}};
}

Verdict compareRelations(const Expression& answer, const Expression& reference) {
  const Expression a = oriented(answer);
  const Expression b = oriented(reference);
  if (a.name != b.name) return Verdict::wrong;
  const Verdict sides = inOrder(a.parts, b.parts);
  const bool scalars = isScalar(a.parts[0]) && isScalar(a.parts[1]) && isScalar(b.parts[0]) && isScalar(b.parts[1]);
  if (sides == Verdict::right) return sides;
  if (!scalars) return a.name == "=" ? inOrder({a.parts[1], a.parts[0]}, b.parts) : sides;
  return toVerdict(compareUpToScale(difference(a), difference(b), a.name == "=" || a.name == "!="));
}

bool isDefinition(const Expression& node) {
  return node.kind == Kind::relation && (node.name == "=" || node.name == "~" || node.name == "in");
}

// What "x = 4" says: 4. Of "4 = x" too.
const Expression& definedValue(const Expression& relation) {
  const bool reversed = relation.parts[1].kind == Kind::symbol && relation.parts[0].kind != Kind::symbol &&
                        !isConstantName(relation.parts[1].name);
  return relation.parts[reversed ? 0 : 1];
}

Comparison compareWithRelation(const Expression& answer, const Expression& reference) {
  if (answer.kind == reference.kind) return {compareRelations(answer, reference), "relation"};
  if (isDefinition(answer)) {
    const Comparison result = compareAnswers(definedValue(answer), reference);
    if (result.verdict == Verdict::right || answer.name != "~") return result;
    return compareAnswers(answer.parts[0], reference);  // 2/3 ≈ 0.67 is either
  }
  if (isDefinition(reference)) {
    const Comparison result = compareAnswers(answer, definedValue(reference));
    if (result.verdict == Verdict::right || reference.name != "~") return result;
    return compareAnswers(answer, reference.parts[0]);
  }
  // An inequality and an interval may say the same.
  const Expression& other = answer.kind == Kind::relation ? reference : answer;
  const bool interval = other.kind == Kind::tuple || other.kind == Kind::unionOf;
  return {interval ? Verdict::undecided : Verdict::wrong, "relation"};
}

// (1, 2) written as a column or row.
bool isVector(const Expression& node) {
  if (node.kind == Kind::tuple) return node.name == "()";
  return node.kind == Kind::matrix && (startsWith(node.name, "1x") || endsWith(node.name, "x1"));
}

bool agreeOnHalfOfDay(const Expression& a, const Expression& b) {
  return a.name.empty() || b.name.empty() || a.name == b.name;
}

// 3:4 as 3/4; other trees as they are.
Expression asQuotient(const Expression& node) {
  if (node.kind != Kind::ratio || node.parts.size() != 2 || !node.name.empty()) return node;
  return {Kind::quotient, "", node.parts};
}

Comparison compareTrees(const Expression& answer, const Expression& reference) {
  if (answer.kind == Kind::relation || reference.kind == Kind::relation) return compareWithRelation(answer, reference);
  if (isScalar(answer) && isScalar(reference)) return compareScalars(answer, reference);
  if (answer.kind == Kind::list && reference.kind == Kind::list) {
    return {inAnyOrder(answer.parts, reference.parts), "list"};
  }
  if (answer.kind == Kind::list && answer.parts.size() == 1) return compareAnswers(answer.parts[0], reference);
  if (reference.kind == Kind::list && reference.parts.size() == 1) return compareAnswers(answer, reference.parts[0]);
  if (answer.kind != reference.kind) {
    if (const Expression quotient = asQuotient(answer); isScalar(reference) && isScalar(quotient)) {
      return {compareScalars(quotient, reference).verdict, "ratio"};
    }
    if (const Expression quotient = asQuotient(reference); isScalar(answer) && isScalar(quotient)) {
      return {compareScalars(answer, quotient).verdict, "ratio"};
    }
    if (isVector(answer) && isVector(reference)) return {inOrder(answer.parts, reference.parts), "tuple"};
    return {Verdict::wrong, "kind"};
  }
  switch (answer.kind) {
    case Kind::tuple:
      return {answer.name == reference.name ? inOrder(answer.parts, reference.parts) : Verdict::wrong, "tuple"};
    case Kind::matrix:
      return {answer.name == reference.name ? inOrder(answer.parts, reference.parts) : Verdict::wrong, "matrix"};
    case Kind::unionOf:
      return {inAnyOrder(answer.parts, reference.parts), "union"};
    case Kind::ratio: {
      const Verdict members = inOrder(answer.parts, reference.parts);
      return {agreeOnHalfOfDay(answer, reference) ? members : Verdict::wrong, "ratio"};
    }
    default:
      return {verdictIf(answer.name == reference.name), "text"};
  }
}

}  // namespace

Comparison compareAnswers(const Expression& answer, const Expression& reference) {
  const Expression a = withBothSigns(withoutDegrees(answer)), b = withBothSigns(withoutDegrees(reference));
  Comparison result = compareTrees(a, b);
  // The same tree is the same answer, also where its value is out of reach: 1/2004!.
  if (result.verdict == Verdict::undecided && a == b) return {Verdict::right, "text"};
  return result;
}

}  // namespace polar
