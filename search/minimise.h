// Takes out of found programs the edits they do not need.
//
// The shortest valid programs with several edits, one after another (kPrograms of them; equals in the order of asking):
// of the current program every variant without one of its edits is asked; the first that is right, repeats before skips
// (losing a repeat saves layers), takes its place, until none is right or one edit is left. Variants evaluated before,
// also by the search, cost nothing. Afterwards no single edit of the last program can be dropped, unless the budget ran
// out.
//
// Source: greedy one-minimal reduction, as in delta debugging (Zeller, Hildebrandt 2002).
#pragma once

#include <map>
#include <vector>

#include "search/strategy.h"
#include "store/label_store.h"

namespace polar {

class Minimiser {
 public:
  static constexpr int kPrograms = 4;

  // Evaluations of the budget that are kept back for it: what the programs can take, at most a fifth of it.
  static std::int64_t reserve(const SearchSettings& settings);

  // budget: evaluations it may take. programs: all that was evaluated so far.
  Minimiser(const EditSpace& space, std::int64_t budget, const std::vector<LabelledProgram>& programs);

  // Programs to evaluate next, all of which must then be told with their order in the labels; none: done.
  std::vector<Candidate> ask();
  void tell(const Program& program, bool right, std::uint32_t order);

 private:
  struct Known {
    bool right = false;
    std::uint32_t order = 0;
  };

  std::vector<Program> variants() const;
  bool step();

  EditSpace space_;
  std::int64_t left_;
  std::map<Program, Known> known_;
  std::vector<Program> open_;  // to be minimised; the current one last
};

}  // namespace polar
