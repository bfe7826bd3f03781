// What searches did, by name: for studies, never part of the labels. Beside the strategy's own
// (SearchStrategy::statistics):
//   found               1 where any program is right, else 0
//   standard_right      1 where the standard program is right, else 0
//   rescued             of the questions where it is not: 1 where any program is right, else 0
//   first_valid         where rescued: evaluations up to and with the first right program
//   best_executed       where found: executed layers of the shortest right program
//   multi_edit_share    share of the strategy's programs with two edits or more
//   evaluations         programs evaluated, minimisation included, samples not
#pragma once

#include <map>
#include <string>
#include <vector>

#include "program/edit.h"
#include "store/label_store.h"

namespace polar {

using SearchStatistics = std::map<std::string, double>;

// Of one question. `programs`: what its search evaluated, without samples; `own`: the strategy's statistics.
SearchStatistics statisticsOf(const std::vector<LabelledProgram>& programs, const EditSpace& space,
                              SearchStatistics own);

// Means over the questions that have a value.
class MeanStatistics {
 public:
  void add(const SearchStatistics& statistics);
  SearchStatistics means() const;

 private:
  SearchStatistics sums_, counts_;
};

}  // namespace polar
