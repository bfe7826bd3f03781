// Removes from found programs the edits that they do not need.
//
// It takes the shortest right programs with several edits one after another (kPrograms of them; equals in the order of
// asking). Of the current program it asks every variant without one of its edits. The first right variant takes its
// place, repeats removed before skips (which saves layers); and so on until no variant is right or one edit is left.
// Variants that were evaluated before, also by the search, cost nothing. In the end no single edit of the last program
// can be removed, unless the budget ended first.
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

  // Evaluations of the budget that are reserved for it: what the programs can take, at most a fifth of the budget.
  static std::int64_t reserve(const SearchSettings& settings);

  // budget: evaluations it may take. programs: all that was evaluated so far.
  Minimiser(const EditSpace& space, std::int64_t budget, const std::vector<LabelledProgram>& programs);

  // Programs to evaluate next; tell() must follow for each, with its order in the labels. None: done.
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
