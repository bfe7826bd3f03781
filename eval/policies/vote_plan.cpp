#include "eval/policies/vote_plan.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "eval/policies/menu_table.h"
#include "train/value_table.h"

namespace polar {
namespace {

using Questions = std::vector<std::size_t>;
using Order = std::vector<std::size_t>;  // places in the menu

// Of sureness: three that agree have 0.94, four 0.97; 1 is never reached.
constexpr double kSureness[] = {0.8, 0.9, 0.95, 1};

class VoteTable {
 public:
  VoteTable(const std::vector<ExampleLabels>& labels, int depth, bool boxOpen, const std::string& who)
      : table_(menuTable(labels, depth, who)) {
    for (std::size_t q = 0; q < labels.size(); ++q) {
      std::vector<const std::string*> texts;
      for (const std::vector<MenuCell>& cells : table_.cells) texts.push_back(cells[q].text);
      parties_.push_back(partiesOf(labels[q].example, boxOpen, texts));
    }
  }

  const std::vector<Program>& menu() const { return table_.menu; }
  std::size_t standard() const { return table_.standard; }
  const MenuCell& cell(std::size_t program, std::size_t question) const { return table_.cells[program][question]; }

  // Of the first `runs` of `order`.
  VoteCount count(const Order& order, std::size_t runs, std::size_t question) const {
    std::vector<int> parties;
    std::vector<float> margins;
    for (std::size_t i = 0; i < runs; ++i) {
      parties.push_back(parties_[question][order[i]]);
      margins.push_back(cell(order[i], question).margin);
    }
    return countVotes(parties, margins);
  }

  int layers(const Order& order, std::size_t runs) const {
    std::vector<Program> programs;
    for (std::size_t i = 0; i < runs; ++i) programs.push_back(table_.menu[order[i]]);
    return distinctLayers(std::move(programs));
  }

  // Layer-tokens of those runs, which have so many `layers`.
  double cost(const Order& order, std::size_t runs, int layers, std::size_t question) const {
    std::int64_t tokens = layers * table_.promptTokens[question];
    for (std::size_t i = 0; i < runs; ++i) tokens += cell(order[i], question).decodeLayerTokens;
    return static_cast<double>(tokens);
  }

  double standardCost(std::size_t question) const {
    return cost({table_.standard}, 1, table_.menu[table_.standard].executed(), question);
  }

  double meanStandardCost(const Questions& questions) const {
    double sum = 0;
    for (const std::size_t q : questions) sum += standardCost(q);
    return std::max(1.0, sum / static_cast<double>(std::max<std::size_t>(1, questions.size())));
  }

 private:
  MenuTable table_;
  std::vector<std::vector<int>> parties_;  // [question][program]
};

// Right answers minus the price of their layer-tokens, for one question.
struct Utility {
  double price = 0, unit = 1;  // layer-tokens of a standard answer
  double of(bool right, double cost) const { return (right ? 1.0 : 0.0) - price * cost / unit; }
};

Order chooseVoters(const VoteTable& table, const Questions& questions, int votes, const Utility& utility) {
  const std::size_t programs = table.menu().size();
  const auto rights = [&](const Order& order) {
    std::int64_t count = 0;
    for (const std::size_t q : questions)
      count += table.cell(order[table.count(order, order.size(), q).leader], q).right ? 1 : 0;
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

Course courseOf(const VoteTable& table, const Order& order, const std::vector<int>& layers, const MarginRanks& ranks,
                std::size_t question) {
  Course course;
  course.firstTenth = ranks.tenth(table.cell(order[0], question).margin);
  for (std::size_t runs = 1; runs <= order.size(); ++runs) {
    const VoteCount count = table.count(order, runs, question);
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

  struct Answer {
    bool right = false;
    double cost = 0;
  };

  Answer answer(const VoteTable& table, std::size_t question) const {
    const Course course = courseOf(table, order, layers, ranks, question);
    const std::size_t runs = course.runs(limits);
    return {course.right[runs - 1] != 0, course.cost[runs - 1]};
  }
};

TableVote bestVote(const VoteTable& table, const Questions& questions, int votes, const Utility& utility) {
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

// Against the standard program, each question by the plan that was chosen on the other folds.
struct OutOfFold {
  std::vector<double> gains;
  double cost = 0, standardCost = 0;  // of all questions together
};

OutOfFold outOfFold(const VoteTable& table, const std::vector<ExampleLabels>& labels, int folds, int votes,
                    double price) {
  OutOfFold all;
  for (int part = 0; part < folds; ++part) {
    Questions own, others;
    for (std::size_t q = 0; q < labels.size(); ++q)
      (foldOf(labels[q].example, folds) == static_cast<std::size_t>(part) ? own : others).push_back(q);
    if (own.empty() || others.empty()) continue;
    const Utility utility{price, table.meanStandardCost(others)};
    const TableVote vote = bestVote(table, others, votes, utility);
    for (const std::size_t q : own) {
      const TableVote::Answer answer = vote.answer(table, q);
      const double standardCost = table.standardCost(q);
      all.gains.push_back(utility.of(answer.right, answer.cost) -
                          utility.of(table.cell(table.standard(), q).right, standardCost));
      all.cost += answer.cost;
      all.standardCost += standardCost;
    }
  }
  return all;
}

}  // namespace

bool VotePlan::goesOn(float firstMargin, const VoteCount& count, std::size_t runs) const {
  if (runs >= voters.size()) return false;
  return limits.goOn(firstRanks.tenth(firstMargin), count.sureness(), runs);
}

ChosenVote chooseVote(const std::vector<ExampleLabels>& labels, int depth, int folds, int votes, bool boxOpen,
                      double price, const std::string& who) {
  const VoteTable table(labels, depth, boxOpen, who);
  ChosenVote chosen;
  chosen.price = price;
  std::vector<RuleCandidate> candidates;
  OutOfFold measured = outOfFold(table, labels, folds, votes, price);
  RuleCandidate candidate{0, std::move(measured.gains), measured.cost / std::max(1.0, measured.standardCost)};
  const bool differs = std::ranges::any_of(candidate.gains, [](double gain) { return gain != 0; });
  if (differs) candidates.push_back(std::move(candidate));
  chosen.rule = bestRule(std::move(candidates));
  chosen.rule.questions = static_cast<int>(labels.size());
  chosen.rule.folds = folds;
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
  if (rule.thresholds == 0)
    text << "; no plan differs from it";
  else
    text << "; out-of-fold " << gainText(rule) << " on " << rule.questions << " labelled questions (" << rule.folds
         << " folds, P(gain > 0) " << rule.certainty << ", needs " << rule.needed << ")";
  return text.str();
}

}  // namespace polar
