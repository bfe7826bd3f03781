#include "eval/policies/program_ranking.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>

namespace polar {
namespace {

struct Tally {
  std::int64_t examples = 0, right = 0;
};

struct Ranked {
  Program program;
  std::string text;
  std::int64_t right;
};

}  // namespace

std::vector<Program> rankPrograms(const std::vector<ExampleLabels>& labels) {
  std::map<Program, Tally> tallies;
  for (const ExampleLabels& example : labels) {
    std::set<Program> seen;
    for (const LabelledProgram& labelled : example.programs)
      if (!labelled.isSample() && seen.insert(labelled.program).second) {
        Tally& tally = tallies[labelled.program];
        ++tally.examples;
        tally.right += labelled.evaluation.right() ? 1 : 0;
      }
  }
  std::vector<Ranked> ranked;
  for (const auto& [program, tally] : tallies)
    if (tally.examples == std::ssize(labels)) ranked.push_back({program, program.text(), tally.right});
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    if (a.right != b.right) return a.right > b.right;
    if (a.program.executed() != b.program.executed()) return a.program.executed() < b.program.executed();
    return a.text < b.text;
  });
  std::vector<Program> programs;
  for (Ranked& one : ranked) programs.push_back(std::move(one.program));
  return programs;
}

}  // namespace polar
