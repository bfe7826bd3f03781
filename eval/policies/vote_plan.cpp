#include "eval/policies/vote_plan.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "eval/policies/plan_judgement.h"
#include "eval/policies/run_table.h"

namespace polar {
namespace {

using Questions = std::vector<std::size_t>;
using Order = RunTable::Order;

// Of sureness: three that agree have 0.94, four 0.97; 1 is never reached.
constexpr double kSureness[] = {0.8, 0.9, 0.95, 1};

// Of the first `runs` of `order`.
VoteCount countOf(const RunTable& table, const Order& order, std::size_t runs, std::size_t question) {
  std::vector<int> parties;
  std::vector<float> margins;
  for (std::size_t i = 0; i < runs; ++i) {
    parties.push_back(table.party(order[i], question));
    margins.push_back(table.cell(order[i], question).margin);
  }
  return countVotes(parties, margins);
}

Order chooseVoters(const RunTable& table, const Questions& questions, int votes, const Utility& utility) {
  const std::size_t programs = table.menu().size();
  const auto rights = [&](const Order& order) {
    std::int64_t count = 0;
    for (const std::size_t q : questions)
      count += table.cell(order[countOf(table, order, order.size(), q).leader], q).right ? 1 : 0;
    return count;
  };
  Order order;
  double most = 0;
  for (std::size_t p = 0; p < programs; ++p) {
    double sum = 0;
    for (const std::size_t q : questions)
      sum += utility.of(table.cell(p, q).right, table.cost({p}, 1, table.menu()[p].executed(), q));
    if (order.empty() || sum > most) order = {p}, most = sum;
  }
  std::int64_t before = rights(order);
  while (order.size() < std::min(static_cast<std::size_t>(std::max(1, votes)), programs)) {
    const int layers = table.layers(order, order.size());
    std::size_t best = programs;
    double bestGain = 0;
    for (std::size_t p = 0; p < programs; ++p) {
      if (std::ranges::find(order, p) != order.end()) continue;
      Order longer = order;
      longer.push_back(p);
      const auto gained = static_cast<double>(rights(longer) - before);
      const double gain = gained > 0 ? gained / std::max(1, table.layers(longer, longer.size()) - layers) : gained;
      if (best < programs && gain <= bestGain) continue;
      best = p;
      bestGain = gain;
    }
    order.push_back(best);
    before = rights(order);
  }
  return order;
}

// What a question's runs came to after each of them.
struct Course {
  int firstTenth = 0;
  std::vector<char> right;
  std::vector<double> sureness, cost;

  // How many run.
  std::size_t runs(const VoteLimits& limits) const {
    std::size_t count = 1;
    while (count < right.size() && limits.goOn(firstTenth, sureness[count - 1], count)) ++count;
    return count;
  }
};

Course courseOf(const RunTable& table, const Order& order, const std::vector<int>& layers, const MarginRanks& ranks,
                std::size_t question) {
  Course course;
  course.firstTenth = ranks.tenth(table.cell(order[0], question).margin);
  for (std::size_t runs = 1; runs <= order.size(); ++runs) {
    const VoteCount count = countOf(table, order, runs, question);
    course.right.push_back(table.cell(order[count.leader], question).right);
    course.sureness.push_back(count.sureness());
    course.cost.push_back(table.cost(order, runs, layers[runs - 1], question));
  }
  return course;
}

// A plan in terms of the table.
struct TableVote {
  Order order;
  std::vector<int> layers;  // of the first 1, 2, … runs together
  VoteLimits limits;
  MarginRanks ranks;

  PlannedAnswer answer(const RunTable& table, std::size_t question) const {
    const Course course = courseOf(table, order, layers, ranks, question);
    const std::size_t runs = course.runs(limits);
    return {course.right[runs - 1] != 0, course.cost[runs - 1]};
  }
};

TableVote bestVote(const RunTable& table, const Questions& questions, int votes, const Utility& utility) {
  TableVote best;
  best.order = chooseVoters(table, questions, votes, utility);
  for (std::size_t runs = 1; runs <= best.order.size(); ++runs) best.layers.push_back(table.layers(best.order, runs));
  std::vector<float> margins;
  for (const std::size_t q : questions) margins.push_back(table.cell(best.order[0], q).margin);
  best.ranks = MarginRanks(margins);
  std::vector<Course> courses;
  for (const std::size_t q : questions) courses.push_back(courseOf(table, best.order, best.layers, best.ranks, q));
  double most = 0, leastCost = 0;
  bool first = true;
  for (int tenths = 0; tenths <= VoteLimits::kAnyMargin; ++tenths)
    for (const double sure : kSureness) {
      const VoteLimits limits{tenths, sure};
      double sum = 0, cost = 0;
      for (const Course& course : courses) {
        const std::size_t runs = course.runs(limits);
        sum += utility.of(course.right[runs - 1], course.cost[runs - 1]);
        cost += course.cost[runs - 1];
      }
      if (!first && (sum < most || (sum == most && cost >= leastCost))) continue;
      first = false;
      most = sum, leastCost = cost;
      best.limits = limits;
    }
  return best;
}

}  // namespace

bool VotePlan::goesOn(float firstMargin, const VoteCount& count, std::size_t runs) const {
  if (runs >= voters.size()) return false;
  return limits.goOn(firstRanks.tenth(firstMargin), count.sureness(), runs);
}

ChosenVote chooseVote(const std::vector<ExampleLabels>& labels, int depth, int folds, int votes, bool boxOpen,
                      double price, const std::string& who) {
  const RunTable table(labels, depth, boxOpen, who);
  ChosenVote chosen;
  chosen.price = price;
  chosen.rule = judgePlan(table, labels, folds, price, [&](const Questions& questions, const Utility& utility) {
    return [&table, vote = bestVote(table, questions, votes, utility)](std::size_t q) { return vote.answer(table, q); };
  });
  if (chosen.rule.standardOnly) {
    chosen.plan.voters = {Program::standard(depth)};
    return chosen;
  }
  Questions all(labels.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const TableVote best = bestVote(table, all, votes, {price, table.meanStandardCost(all)});
  for (const std::size_t program : best.order) chosen.plan.voters.push_back(table.menu()[program]);
  chosen.plan.limits = best.limits;
  chosen.plan.firstRanks = best.ranks;
  return chosen;
}

std::string ChosenVote::inWords() const {
  std::ostringstream text;
  text.precision(3);
  text << "price " << price << ": ";
  if (rule.standardOnly)
    text << "always the standard program";
  else if (plan.limits.tenths == 0 || plan.voters.size() == 1)
    text << plan.voters.front().text() << " alone";
  else {
    for (std::size_t i = 0; i < plan.voters.size(); ++i) text << (i > 0 ? "; " : "") << plan.voters[i].text();
    if (plan.limits.tenths < VoteLimits::kAnyMargin)
      text << "; after the first where its margin is among the lowest " << 10 * std::min(plan.limits.tenths, 10)
           << " %";
    if (plan.limits.sure < 1) text << "; until the leading answer is sure by " << plan.limits.sure;
  }
  text << "; " << judgementText(rule);
  return text.str();
}

}  // namespace polar
