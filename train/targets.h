// What the predictor learns: oracle labels as boundary masks and op labels. Plain values, no torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "store/label_store.h"

namespace polar {

// One right program of a question, as its canonical parse (segments of at most 4 layers, repeats of two passes).
struct ProgramTarget {
  std::vector<float> boundaries;  // [D]: 1 where a segment starts; [0] is always 1 and enters no loss
  std::vector<std::int64_t> ops;  // [D]: SegmentOp of the segment that starts here, -1 where none starts
  double weight = 0;              // the programs of one question sum to 1
};

// Empty where the program has no such parse.
std::optional<ProgramTarget> programTarget(const Program& program, int depth);

struct QuestionTargets {
  const ExampleLabels* labels = nullptr;
  std::vector<ProgramTarget> programs;  // shortest first, then in asking order; at most `maxPrograms`, maybe none
};

struct TargetSet {
  std::vector<QuestionTargets> questions;
  int programs = 0;  // targets of all questions
  int dropped = 0;   // right programs without such a parse
};

// All questions of one split, in the order of `labels`, which must outlive the result. Labels of origin "sample"
// (temperature samples of the standard program) are no programs and are left out. Where a question has a right program
// shorter than the standard one, the standard program counts `standardWeight` of another; with 0 it is no target.
//
// Where a question has more than `maxPrograms` right programs that can be written, `programChoice` says which are
// taken: "sample" draws them, all sets equally likely, with a stream of (seed, question id), so that a question's
// targets do not depend on the other questions or on their order; "shortest" takes the shortest. The paper samples.
// Where there are many, the shortest ones do not include the standard program.
TargetSet makeTargets(const std::vector<ExampleLabels>& labels, const std::string& split, int depth,
                      const TrainSettings& settings, std::uint64_t seed);

// Training learns nothing from them. Validation keeps them: what the predictor proposes there is also right or wrong.
void leaveOutQuestionsWithoutTargets(TargetSet& set);

}  // namespace polar
