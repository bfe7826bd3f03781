#include "search/menu.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "search/origins.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"

namespace polar {
namespace {

// A program and the questions it was run on.
struct Dish {
  Program program;
  std::vector<std::size_t> answered, failed;
};

using Labels = std::vector<const ExampleLabels*>;

// In the order of layers.
std::vector<Dish> dishes(const Labels& labels) {
  std::map<Program, Dish> byProgram;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (const LabelledProgram& each : labels[i]->programs) {
      if (each.isSample() || each.origin == kStandardOrigin) continue;
      Dish& dish = byProgram[each.program];
      (each.evaluation.right() ? dish.answered : dish.failed).push_back(i);
    }
  std::vector<Dish> result;
  for (auto& [program, dish] : byProgram) {
    if (dish.answered.empty()) continue;
    dish.program = program;
    result.push_back(std::move(dish));
  }
  return result;
}

// How many open questions each program answers. Where a program was not run, it counts with its share on those it was
// run on, with kDoubt wrong answers added: else one that was run once, by luck rightly, would come first.
class Coverage {
 public:
  explicit Coverage(std::vector<bool> covered)
      : covered_(std::move(covered)),
        open_(static_cast<std::size_t>(std::count(covered_.begin(), covered_.end(), false))) {}

  // Open questions that it is known to answer.
  std::size_t known(const Dish& dish) const { return open(dish.answered); }

  double expected(const Dish& dish) const {
    const std::size_t answered = known(dish), run = answered + open(dish.failed);
    const double share = static_cast<double>(answered) / (static_cast<double>(run) + kDoubt);
    return static_cast<double>(answered) + static_cast<double>(open_ - run) * share;
  }

  std::vector<bool> with(const Dish& dish) const {
    std::vector<bool> covered = covered_;
    for (const std::size_t i : dish.answered) covered[i] = true;
    return covered;
  }

 private:
  static constexpr double kDoubt = 8;

  std::size_t open(const std::vector<std::size_t>& questions) const {
    return static_cast<std::size_t>(std::ranges::count_if(questions, [&](std::size_t i) { return !covered_[i]; }));
  }

  std::vector<bool> covered_;
  std::size_t open_;
};

std::size_t half(const std::string& question) { return stableHash("menu half\n" + question) & 1; }

std::vector<Program> readMenuText(const std::string& file, std::size_t most, int depth) {
  std::vector<Program> programs;
  std::istringstream lines(readFile(file));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    line.erase(std::min(line.find('#'), line.size()));
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (line.empty()) continue;
    try {
      programs.push_back(Program::parse(line, depth));
    } catch (const InputError&) {
      throw InputError(file + ":" + std::to_string(number), "\"" + line + "\"",
                       "a program of layers 0 to " + std::to_string(depth - 1) + ", such as 0-2,2-3");
    }
  }
  if (programs.empty()) throw InputError("search.menu " + file, "no program", "one a line, such as 0-2,2-3");
  programs.resize(std::min(programs.size(), most));
  return programs;
}

class MenuPhase final : public Proposer {
 public:
  explicit MenuPhase(StrategyOptions options) : options_(std::move(options)) {}

  std::vector<Candidate> propose(const History& history, std::size_t n) override {
    std::vector<Candidate> candidates;
    while (candidates.size() < n && next_ < options_.programs.size()) {
      const Program& program = options_.programs[next_++];
      const auto same = [&](const Candidate& each) { return each.program == program; };
      if (history.find(program) || std::any_of(candidates.begin(), candidates.end(), same)) continue;
      const auto edits = editsOf(program, options_.space());
      if (edits && allowed(*edits, options_)) candidates.push_back({program, 0});
    }
    return candidates;
  }

 private:
  StrategyOptions options_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<Program> greedyMenu(const std::vector<const ExampleLabels*>& labels, std::size_t most) {
  Labels train;
  for (const ExampleLabels* each : labels)
    if (each->split == "train") train.push_back(each);
  std::vector<Dish> left = dishes(train);
  std::vector<bool> covered;
  for (const ExampleLabels* each : train) covered.push_back(each->standardVerdict == Verdict::right);
  const Coverage whole(std::vector<bool>(train.size(), false));

  std::vector<Program> menu;
  while (menu.size() < most && !left.empty()) {
    const Coverage coverage(covered);
    const auto better = [&](const Dish& a, const Dish& b) {
      const double gainA = coverage.expected(a), gainB = coverage.expected(b);
      if (gainA != gainB) return gainA > gainB;
      const double allA = whole.expected(a), allB = whole.expected(b);
      if (allA != allB) return allA > allB;
      if (a.program.executed() != b.program.executed()) return a.program.executed() < b.program.executed();
      return a.program < b.program;
    };
    const auto best = std::min_element(left.begin(), left.end(), better);
    if (coverage.known(*best) == 0) {
      covered.assign(train.size(), false);
      continue;  // now every program gains something
    }
    covered = coverage.with(*best);
    menu.push_back(best->program);
    left.erase(best);
  }
  return menu;
}

Menu::Menu(const std::vector<ExampleLabels>& labels, std::size_t most) {
  std::vector<const ExampleLabels*> all, halves[2];
  for (const ExampleLabels& each : labels) {
    questions_.insert(each.example.question);
    all.push_back(&each);
    halves[half(each.example.question)].push_back(&each);
  }
  whole_ = greedyMenu(all, most);
  for (const std::size_t i : {0u, 1u}) fromHalf_[i] = greedyMenu(halves[i], most);
}

const std::vector<Program>& Menu::programsFor(const Example& example) const {
  return questions_.contains(example.question) ? fromHalf_[1 - half(example.question)] : whole_;
}

std::shared_ptr<const Menu> loadMenu(const std::string& file, int most, int depth) {
  const std::string where = "search.menu " + file;
  if (std::filesystem::path(file).extension() == ".txt")
    return std::make_shared<const Menu>(readMenuText(file, static_cast<std::size_t>(std::max(1, most)), depth));
  const LabelFile labels = readLabels(file);
  if (labels.provenance.depth != depth)
    throw InputError(where, "labels of a model with " + std::to_string(labels.provenance.depth) + " layers",
                     std::to_string(depth) + " layers, as model.path has", "name labels of the same model");
  auto menu = std::make_shared<const Menu>(labels.examples, static_cast<std::size_t>(std::max(1, most)));
  if (menu->empty())
    throw InputError(where, "no valid program beside the standard one in the training split", "at least one",
                     "search more questions or with a larger budget first");
  return menu;
}

std::string menuText(const std::vector<ExampleLabels>& labels, std::size_t most) {
  struct Tally {
    std::size_t right = 0, run = 0;
  };
  Labels all;
  std::size_t questions = 0, answered = 0;
  std::map<Program, Tally> tallies;
  for (const ExampleLabels& each : labels) {
    all.push_back(&each);
    if (each.split != "train") continue;
    ++questions;
    answered += each.standardVerdict == Verdict::right ? 1 : 0;
    for (const LabelledProgram& labelled : each.programs) {
      if (labelled.isSample()) continue;
      Tally& tally = tallies[labelled.program];
      tally.right += labelled.evaluation.right() ? 1 : 0;
      ++tally.run;
    }
  }
  std::string text =
      "# Programs, best first; after each: how many questions it answers, of those it was run on (the "
      "standard program: " +
      std::to_string(answered) + " of " + std::to_string(questions) + ").\n";
  for (const Program& program : greedyMenu(all, most)) {
    const Tally& tally = tallies[program];
    text += program.text() + "  # " + std::to_string(tally.right) + " of " + std::to_string(tally.run) + "\n";
  }
  return text;
}

std::unique_ptr<Proposer> makeMenuPhase(const StrategyOptions& options) { return std::make_unique<MenuPhase>(options); }

std::unique_ptr<SearchStrategy> makeMenu(const StrategyOptions& options) {
  return makeRounds(options, makeMenuPhase(options));
}

}  // namespace polar
