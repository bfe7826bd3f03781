#include "program/program_draws.h"

#include <cstdint>

namespace polar {
namespace {

constexpr int kTries = 1000;

}  // namespace

ProgramDraws::ProgramDraws(const EditSpace& space, int maxEdits, Random random)
    : depth_(space.depth), maxEdits_(maxEdits), edits_(singleEdits(space)), random_(random) {}

std::optional<Program> ProgramDraws::next() {
  for (int i = 0; i < kTries && !exhausted_; ++i) {
    Program program = draw();
    if (known_.insert(program).second) return program;
  }
  exhausted_ = true;
  return std::nullopt;
}

Program ProgramDraws::draw() {
  std::vector<Segment> fitting = edits_, chosen;
  if (maxEdits_ > 0) {
    const std::uint64_t count = 1 + random_.below(static_cast<std::uint64_t>(maxEdits_));
    while (chosen.size() < count && !fitting.empty()) {
      chosen.push_back(fitting[random_.below(fitting.size())]);
      std::erase_if(fitting, [&](const Segment& edit) { return overlaps(edit, chosen.back()); });
    }
  }
  return applyEdits(chosen, depth_);
}

}  // namespace polar
