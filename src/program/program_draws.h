// Programs drawn at random from an edit space: the search `random` and the policy `random` draw alike.
#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "program/edit.h"
#include "support/random.h"

namespace polar {

// A draw: a number of edits uniform in 1 … maxEdits, then that many edits one by
// one, each uniform among the single edits that overlap none drawn before (fewer
// where none fits any more; none where the space has none: the standard program).
class ProgramDraws {
 public:
  ProgramDraws(const EditSpace& space, int maxEdits, Random random);

  // A program that was neither drawn nor left out before. After 1000 draws in a row that were, the space counts as
  // exhausted: nothing, then and ever after.
  std::optional<Program> next();
  void leaveOut(const Program& program) { known_.insert(program); }

 private:
  Program draw();

  int depth_, maxEdits_;
  std::vector<Segment> edits_;
  Random random_;
  std::unordered_set<Program> known_;  // only ever looked up
  bool exhausted_ = false;
};

}  // namespace polar
