#include "search/menu.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include "search/oracle_search.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"

namespace polar {
namespace {

struct Dish {
  Program program;
  std::vector<std::size_t> questions;  // answered by it
};

// In the order of layers.
std::vector<Dish> dishes(const std::vector<const ExampleLabels*>& labels) {
  std::map<Program, std::vector<std::size_t>> answered;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (const LabelledProgram& each : labels[i]->programs)
      if (each.evaluation.right() && !each.isSample() && each.origin != kStandardOrigin)
        answered[each.program].push_back(i);
  std::vector<Dish> result;
  for (auto& [program, questions] : answered) result.push_back({program, std::move(questions)});
  return result;
}

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
  explicit MenuPhase(const StrategyOptions& options) : options_(options) {}

  std::vector<Candidate> propose(const History& history, std::size_t n) override {
    std::vector<Candidate> candidates;
    while (candidates.size() < n && next_ < options_.menu.size()) {
      const Program& program = options_.menu[next_++];
      const auto same = [&](const Candidate& each) { return each.program == program; };
      if (history.find(program) || std::any_of(candidates.begin(), candidates.end(), same)) continue;
      const auto edits = editsOf(program, options_.space);
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
  std::vector<const ExampleLabels*> train;
  for (const ExampleLabels* each : labels)
    if (each->split == "train") train.push_back(each);
  std::vector<Dish> left = dishes(train);
  std::vector<bool> covered;
  for (const ExampleLabels* each : train) covered.push_back(each->standardVerdict == Verdict::right);
  const auto gain = [&](const Dish& dish) {
    return std::count_if(dish.questions.begin(), dish.questions.end(), [&](std::size_t i) { return !covered[i]; });
  };

  std::vector<Program> menu;
  while (menu.size() < most && !left.empty()) {
    const auto better = [&](const Dish& a, const Dish& b) {
      const auto gainA = gain(a), gainB = gain(b);
      if (gainA != gainB) return gainA > gainB;
      if (a.questions.size() != b.questions.size()) return a.questions.size() > b.questions.size();
      if (a.program.executed() != b.program.executed()) return a.program.executed() < b.program.executed();
      return a.program < b.program;
    };
    const auto best = std::min_element(left.begin(), left.end(), better);
    if (gain(*best) == 0) {
      covered.assign(train.size(), false);
      continue;  // now every program gains something
    }
    for (const std::size_t i : best->questions) covered[i] = true;
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
  std::vector<const ExampleLabels*> all;
  std::size_t questions = 0, answered = 0;
  std::map<Program, std::size_t> right;
  for (const ExampleLabels& each : labels) {
    all.push_back(&each);
    if (each.split != "train") continue;
    ++questions;
    answered += each.standardVerdict == Verdict::right ? 1 : 0;
    for (const LabelledProgram& labelled : each.programs)
      if (labelled.evaluation.right() && !labelled.isSample()) ++right[labelled.program];
  }
  std::string text = "# Programs, best first; behind each: how many of " + std::to_string(questions) +
                     " questions it answers (the standard program: " + std::to_string(answered) + ").\n";
  for (const Program& program : greedyMenu(all, most))
    text += program.text() + "  # " + std::to_string(right[program]) + "\n";
  return text;
}

std::unique_ptr<Proposer> makeMenuPhase(const StrategyOptions& options) { return std::make_unique<MenuPhase>(options); }

std::unique_ptr<SearchStrategy> makeMenu(const StrategyOptions& options) {
  return makeRounds(options, makeMenuPhase(options));
}

}  // namespace polar
