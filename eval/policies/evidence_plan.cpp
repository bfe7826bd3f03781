#include "eval/policies/evidence_plan.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <sstream>

#include "eval/policies/plan_judgement.h"
#include "eval/policies/vote.h"

namespace polar {
namespace {

using Questions = std::vector<std::size_t>;
using Order = RunTable::Order;

constexpr std::size_t kFirsts = 6;  // programs that a plan may begin with
constexpr int kTenths = 10;         // thresholds compared: tenths of what the first program's answers look like

// What a question's runs come to after each of them.
struct Course {
  std::vector<PlannedAnswer> answers;
  std::vector<double> probability;

  const PlannedAnswer& until(double enough) const {
    std::size_t runs = 1;
    while (runs < answers.size() && probability[runs - 1] < enough) ++runs;
    return answers[runs - 1];
  }
};

void addRun(Course& course, const RunTable& table, const EvidenceModel& model, const Order& order, int layers,
            std::size_t question) {
  const std::size_t runs = course.answers.size() + 1;
  std::vector<RunEvidence> evidence;
  for (std::size_t i = 0; i < runs; ++i) evidence.push_back(evidenceOf(table, order[i], question));
  const LikeliestRun kept = likeliest(model, evidence);
  course.answers.push_back({table.cell(order[kept.place], question).right, table.cost(order, runs, layers, question)});
  course.probability.push_back(kept.probability);
}

struct TablePlan {
  Order order;
  double enough = 0;
  double utility = -std::numeric_limits<double>::infinity();
  std::vector<Course> courses = {};  // of the questions that it is tuned on
};

class Tuning {
 public:
  Tuning(const RunTable& table, const Questions& questions, int most, const Utility& utility)
      : table_(table), questions_(questions),
        most_(std::min(static_cast<std::size_t>(std::max(1, most)), table.menu().size())), utility_(utility),
        model_(std::make_shared<const EvidenceModel>(table, questions)) {}

  const std::shared_ptr<const EvidenceModel>& model() const { return model_; }

  TablePlan best() const {
    TablePlan best;
    for (TablePlan& start : starts()) {
      TablePlan plan = grown(std::move(start));
      if (plan.utility > best.utility) best = std::move(plan);
    }
    return best;
  }

 private:
  // Of equals the one with fewer layers comes first, as in the menu's order (rankPrograms).
  std::vector<TablePlan> starts() const {
    std::vector<TablePlan> all;
    for (std::size_t p = 0; p < table_.menu().size(); ++p)
      all.push_back(longer({{}, 0, 0, std::vector<Course>(questions_.size())}, p));
    std::ranges::stable_sort(all, std::greater(), &TablePlan::utility);
    all.resize(std::min(all.size(), kFirsts));
    return all;
  }

  TablePlan grown(TablePlan plan) const {
    while (plan.order.size() < most_) {
      TablePlan best;
      for (std::size_t p = 0; p < table_.menu().size(); ++p) {
        if (std::ranges::find(plan.order, p) != plan.order.end()) continue;
        TablePlan next = longer(plan, p);
        if (next.utility > best.utility) best = std::move(next);
      }
      if (!(best.utility > plan.utility)) break;
      plan = std::move(best);
    }
    return plan;
  }

  // With one more program, and the threshold that is best for it.
  TablePlan longer(const TablePlan& plan, std::size_t program) const {
    TablePlan next{plan.order, 0, -std::numeric_limits<double>::infinity(), plan.courses};
    next.order.push_back(program);
    const int layers = table_.layers(next.order, next.order.size());
    std::vector<double> first;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      addRun(next.courses[i], table_, *model_, next.order, layers, questions_[i]);
      first.push_back(next.courses[i].probability.front());
    }
    std::ranges::sort(first);
    for (int tenth = 0; tenth <= kTenths; ++tenth) {
      const std::size_t at = first.size() * static_cast<std::size_t>(tenth) / kTenths;
      const double enough = tenth == 0 ? 0 : tenth == kTenths ? 1 : first[at];
      double sum = 0;
      for (const Course& course : next.courses) {
        const PlannedAnswer& answer = course.until(enough);
        sum += utility_.of(answer.right, answer.cost);
      }
      if (sum > next.utility) next.enough = enough, next.utility = sum;
    }
    return next;
  }

  const RunTable& table_;
  const Questions& questions_;
  std::size_t most_;
  Utility utility_;
  std::shared_ptr<const EvidenceModel> model_;
};

PlannedAnswer answerTo(const RunTable& table, const EvidenceModel& model, const TablePlan& plan, std::size_t question) {
  Course course;
  while (course.answers.size() < plan.order.size())
    addRun(course, table, model, plan.order, table.layers(plan.order, course.answers.size() + 1), question);
  return course.until(plan.enough);
}

}  // namespace

LikeliestRun EvidencePlan::kept(const Example& example, bool boxOpen, const std::vector<Outcome>& ran) const {
  std::vector<std::string> answers;
  for (const Outcome& each : ran) answers.push_back(answerIn(each.text, example, boxOpen));
  const std::vector<int> parties = partiesOf(answers);
  std::vector<RunEvidence> evidence;
  for (std::size_t i = 0; i < ran.size(); ++i)
    evidence.push_back({places[i], ran[i].margin, ran[i].text.size(), answerForm(answers[i]), parties[i]});
  return likeliest(model, evidence);
}

ChosenEvidence chooseEvidence(const std::vector<ExampleLabels>& labels, int depth, int folds, int votes, bool boxOpen,
                              double price, const std::string& who) {
  const RunTable table(labels, depth, boxOpen, who);
  ChosenEvidence chosen;
  chosen.price = price;
  chosen.rule = judgePlan(table, labels, folds, price, [&](const Questions& questions, const Utility& utility) {
    const Tuning tuning(table, questions, votes, utility);
    TablePlan plan = tuning.best();
    plan.courses.clear();
    return [&table, model = tuning.model(), plan = std::move(plan)](std::size_t question) {
      return answerTo(table, *model, plan, question);
    };
  });
  if (chosen.rule.standardOnly) {
    chosen.plan.programs = {Program::standard(depth)};
    return chosen;
  }
  Questions all(labels.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Tuning tuning(table, all, votes, {price, table.meanStandardCost(all)});
  const TablePlan best = tuning.best();
  for (const std::size_t place : best.order) chosen.plan.programs.push_back(table.menu()[place]);
  chosen.plan.places = best.order;
  chosen.plan.enough = best.enough;
  chosen.plan.model = *tuning.model();
  return chosen;
}

std::string ChosenEvidence::inWords() const {
  std::ostringstream text;
  text.precision(3);
  text << "price " << price << ": ";
  if (rule.standardOnly)
    text << "always the standard program";
  else
    for (std::size_t i = 0; i < plan.programs.size(); ++i) text << (i > 0 ? ", then " : "") << plan.programs[i].text();
  if (plan.programs.size() > 1) {
    if (plan.enough < 1) text << " until an answer is right with P of at least " << plan.enough;
    text << "; the likeliest is given";
  }
  text << "; " << judgementText(rule);
  return text.str();
}

}  // namespace polar
