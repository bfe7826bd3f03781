#include "eval/policies/cascade_plan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <sstream>

#include "eval/policies/menu_table.h"
#include "support/hash.h"

namespace polar {
namespace {

constexpr int kTenths = 10;
constexpr std::size_t kMenu = 64;  // programs that plans are made of

float comparable(float margin) { return std::isnan(margin) ? -std::numeric_limits<float>::infinity() : margin; }

using Questions = std::vector<std::size_t>;

// One program on some of the questions.
struct Column {
  std::size_t program = 0;  // in the menu
  int layers = 0;
  std::int64_t rights = 0;
  // By ranked():
  std::vector<MenuCell> cells = {};
  MarginRanks ranks = {};
  std::vector<std::int64_t> rank = {};
  std::vector<int> tenth = {};
};

Column ranked(Column column, const MenuTable& table, const Questions& questions) {
  std::vector<float> margins;
  for (const std::size_t question : questions) {
    column.cells.push_back(table.cells[column.program][question]);
    margins.push_back(column.cells.back().margin);
  }
  column.ranks = MarginRanks(margins);
  for (const float margin : margins) {
    column.rank.push_back(column.ranks.rank(margin));
    column.tenth.push_back(column.ranks.tenth(margin));
  }
  return column;
}

// Those of the kMenu programs that answer most by themselves.
std::vector<Column> bestColumns(const MenuTable& table, const Questions& questions) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < table.menu.size(); ++i) {
    columns.push_back({i, table.menu[i].executed()});
    for (const std::size_t question : questions) columns.back().rights += table.cells[i][question].right ? 1 : 0;
  }
  std::ranges::stable_sort(columns, std::greater<>(), &Column::rights);
  columns.resize(std::min(columns.size(), kMenu));
  for (Column& column : columns) column = ranked(std::move(column), table, questions);
  return columns;
}

struct Score {
  std::int64_t right = -1, layers = 0;
  bool betterThan(const Score& other) const {
    return right != other.right ? right > other.right : layers < other.layers;
  }
};

// The score at each number of tenths at which the second is run.
std::vector<Score> scores(const Column& first, const Column& second) {
  std::vector<std::int64_t> gained(kTenths + 1, 0), asked(kTenths + 1, 0);  // by the first's tenth
  for (std::size_t q = 0; q < first.cells.size(); ++q) {
    const auto tenth = static_cast<std::size_t>(first.tenth[q]);
    ++asked[tenth];
    if (second.rank[q] > first.rank[q]) gained[tenth] += int{second.cells[q].right} - int{first.cells[q].right};
  }
  Score score{first.rights, std::ssize(first.cells) * first.layers};
  std::vector<Score> result;
  for (std::size_t tenths = 0; tenths < kTenths; ++tenths) {
    result.push_back(score);
    score.right += gained[tenths];
    score.layers += asked[tenths] * second.layers;
  }
  return result;
}

// A plan of two programs of the table.
struct TablePlan {
  std::size_t first = 0, second = 0;
  CascadePlan plan;

  bool isRight(const MenuTable& table, std::size_t question) const {
    const MenuCell &one = table.cells[first][question], &other = table.cells[second][question];
    const bool later = plan.asksSecond(one.margin) && plan.keepsSecond(one.margin, other.margin);
    return later ? other.right : one.right;
  }
};

// The plan that answers most of the questions; then the one with fewer layers, then the first.
TablePlan bestPlan(const MenuTable& table, const Questions& questions) {
  const std::vector<Column> columns = bestColumns(table, questions);
  Score most;
  TablePlan best;
  for (const Column& first : columns)
    for (const Column& second : columns) {
      if (&first == &second) continue;
      const std::vector<Score> at = scores(first, second);
      for (std::size_t tenths = 0; tenths < at.size(); ++tenths) {
        if (!at[tenths].betterThan(most)) continue;
        most = at[tenths];
        best = {first.program, second.program, {{}, {}, static_cast<int>(tenths), first.ranks, second.ranks}};
      }
    }
  best.plan.first = table.menu[best.first];
  best.plan.second = table.menu[best.second];
  return best;
}

// The fold of each question: equally many in each, by the order of hashes.
std::vector<int> foldsOf(const std::vector<ExampleLabels>& labels, int folds) {
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto hash = [&](std::size_t i) { return stableHash("cascade fold\n" + labels[i].example.question); };
  std::ranges::stable_sort(order, {}, hash);
  std::vector<int> result(labels.size());
  for (std::size_t i = 0; i < order.size(); ++i) result[order[i]] = static_cast<int>(i) % folds;
  return result;
}

PairedGain gainOutOfFold(const MenuTable& table, const std::vector<int>& fold, int folds) {
  PairedGain gain;
  for (int part = 0; part < folds; ++part) {
    Questions own, others;
    for (std::size_t i = 0; i < fold.size(); ++i) (fold[i] == part ? own : others).push_back(i);
    const TablePlan plan = bestPlan(table, others);
    for (const std::size_t question : own)
      gain.add(plan.isRight(table, question), table.cells[table.standard][question].right);
  }
  return gain;
}

}  // namespace

MarginRanks::MarginRanks(std::vector<float> margins) : sorted_(std::move(margins)) {
  for (float& margin : sorted_) margin = comparable(margin);
  std::ranges::sort(sorted_);
}

std::int64_t MarginRanks::rank(float margin) const {
  const auto [low, high] = std::ranges::equal_range(sorted_, comparable(margin));
  return (low - sorted_.begin()) + (high - sorted_.begin());
}

double MarginRanks::share(float margin) const {
  return sorted_.empty() ? 0.5 : static_cast<double>(rank(margin)) / (2.0 * static_cast<double>(sorted_.size()));
}

int MarginRanks::tenth(float margin) const {
  const auto all = 2 * static_cast<std::int64_t>(std::max<std::size_t>(1, sorted_.size()));
  return static_cast<int>(kTenths * rank(margin) / all);
}

ChosenCascade chooseCascade(const std::vector<ExampleLabels>& labels, int depth, int folds) {
  const MenuTable table = menuTable(labels, depth, "policy 'cascade'");
  ChosenCascade chosen;
  chosen.questions = labels.size();
  chosen.folds = std::min(folds, static_cast<int>(labels.size()));
  if (chosen.folds >= 2) chosen.gain = gainOutOfFold(table, foldsOf(labels, chosen.folds), chosen.folds);
  chosen.isStandard = !chosen.gain.isSure();
  if (chosen.isStandard) {
    chosen.plan.first = chosen.plan.second = table.menu[table.standard];
    return chosen;
  }
  Questions all(labels.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  chosen.plan = bestPlan(table, all).plan;
  return chosen;
}

std::string ChosenCascade::inWords() const {
  std::ostringstream text;
  if (isStandard)
    text << "always the standard program: no sure gain";
  else if (plan.tenths == 0)
    text << plan.first.text() << " alone";
  else
    text << plan.first.text() << ", then " << plan.second.text() << " where its margin is among the lowest "
         << 10 * plan.tenths << " %";
  text.precision(3);
  text << "; out-of-fold gain " << std::showpos
       << 100.0 * static_cast<double>(gain.won - gain.lost) / static_cast<double>(std::max<std::size_t>(1, questions))
       << std::noshowpos << " points on " << questions << " labelled questions (" << folds << " folds, P(gain > 0) "
       << gain.sureness() << ", needs " << PairedGain::kSure << ")";
  return text.str();
}

}  // namespace polar
