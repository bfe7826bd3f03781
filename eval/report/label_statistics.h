// What figures show of the oracle labels of one split: which single edits the model tolerates, what a search costs, how
// long the programs are that it finds. Programs of origin "sample" are no programs of the search; an undecided verdict
// counts as not right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program/segments.h"
#include "store/label_store.h"

namespace polar {

// A program of one edit, over all questions it was run on.
struct EditTolerance {
  Segment edit;
  std::string program;                    // text form
  std::int64_t kept = 0, keptOf = 0;      // still right, of the questions that the standard program answers
  std::int64_t gained = 0, gainedOf = 0;  // right, of the questions that it fails
};

// After `evaluations` evaluations of a question: the questions with a right program, and with one that is shorter than
// the model. The standard program is the first evaluation.
struct SearchCost {
  std::int64_t evaluations = 0, found = 0, foundShorter = 0;
};

// Questions whose shortest right program executes `layers` layers, by whether the standard program answers them.
struct ShortestRight {
  int layers = 0;
  std::int64_t standardRight = 0, rescued = 0;
};

struct LabelStatistics {
  std::string split;
  int depth = 0;
  std::int64_t questions = 0;
  std::vector<EditTolerance> edits;     // in the order of singleEdits()
  std::vector<SearchCost> cost;         // at most about 60 steps: dense at the start, ever wider
  std::vector<ShortestRight> shortest;  // by layers; questions without a right program are in none
};

// One entry a split name in the labels, in the order of the names: train, validation.
std::vector<LabelStatistics> labelStatistics(const std::vector<ExampleLabels>& labels, int depth);

}  // namespace polar
