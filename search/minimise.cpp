#include "search/minimise.h"

#include <algorithm>
#include <ranges>

namespace polar {
namespace {

std::size_t editCount(const Program& program, const EditSpace& space) {
  const auto edits = editsOf(program, space);
  return edits ? edits->size() : 0;
}

}  // namespace

std::int64_t Minimiser::reserve(const SearchSettings& settings) {
  // A program of e edits takes e evaluations, then e - 1, … down to 2.
  const std::int64_t edits = std::max(1, std::min(settings.maxEdits, 1000));
  return std::min(settings.budget / 5, kPrograms * (edits * (edits + 1) / 2 - 1));
}

Minimiser::Minimiser(const EditSpace& space, std::int64_t budget, const std::vector<LabelledProgram>& programs)
    : space_(space), left_(budget) {
  std::vector<const LabelledProgram*> found;
  for (const LabelledProgram& each : programs) {
    known_.emplace(each.program, Known{each.evaluation.right(), each.order});
    if (each.evaluation.right() && editCount(each.program, space_) > 1) found.push_back(&each);
  }
  std::stable_sort(found.begin(), found.end(), [](const LabelledProgram* a, const LabelledProgram* b) {
    return a->program.executed() < b->program.executed();
  });
  found.resize(std::min<std::size_t>(found.size(), kPrograms));
  for (const LabelledProgram* each : std::views::reverse(found)) open_.push_back(each->program);
}

std::vector<Candidate> Minimiser::ask() {
  while (!open_.empty()) {
    std::vector<Candidate> candidates;
    const auto parent = static_cast<std::int32_t>(known_.at(open_.back()).order);
    for (Program& program : variants())
      if (!known_.contains(program) && static_cast<std::int64_t>(candidates.size()) < left_)
        candidates.push_back({std::move(program), parent});
    left_ -= static_cast<std::int64_t>(candidates.size());
    if (!candidates.empty()) return candidates;
    if (!step()) open_.pop_back();
  }
  return {};
}

void Minimiser::tell(const Program& program, bool right, std::uint32_t order) {
  known_.emplace(program, Known{right, order});
}

// The current program without one edit, repeats first; nothing where it has but one.
std::vector<Program> Minimiser::variants() const {
  const auto edits = editsOf(open_.back(), space_);
  std::vector<Program> programs;
  if (!edits || edits->size() < 2) return programs;
  for (const SegmentOp op : {SegmentOp::repeat, SegmentOp::skip})
    for (std::size_t i = 0; i < edits->size(); ++i) {
      if ((*edits)[i].op != op) continue;
      std::vector<Segment> fewer = *edits;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      programs.push_back(applyEdits(fewer, space_.depth));
    }
  return programs;
}

// The first right variant takes the current program's place; false where there is none.
bool Minimiser::step() {
  for (Program& program : variants()) {
    const auto at = known_.find(program);
    if (at == known_.end() || !at->second.right) continue;
    open_.back() = std::move(program);
    return true;
  }
  return false;
}

}  // namespace polar
