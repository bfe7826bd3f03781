#include "train/decoding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace polar {
namespace {

struct ScoredOp {
  SegmentOp op;
  double logProbability;
};

struct Beam {
  std::vector<SegmentOp> ops;
  double score = 0;
};

// The two likeliest of a layer's three ops.
std::array<ScoredOp, 2> likeliestOps(std::span<const float> logits) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - top);
  std::array<ScoredOp, 3> ops;
  for (std::size_t i = 0; i < 3; ++i) ops[i] = {static_cast<SegmentOp>(i), logits[i] - top - std::log(sum)};
  std::stable_sort(ops.begin(), ops.end(),
                   [](const ScoredOp& a, const ScoredOp& b) { return a.logProbability > b.logProbability; });
  return {ops[0], ops[1]};
}

bool better(const Beam& a, const Beam& b) { return a.score != b.score ? a.score > b.score : a.ops < b.ops; }

Program programOf(const std::vector<int>& starts, const std::vector<SegmentOp>& ops) {
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < ops.size(); ++i)
    segments.push_back({starts[i], starts[i + 1] - starts[i], ops[i], static_cast<int>(ops[i])});
  return fromSegments(segments, starts.back());
}

}  // namespace

std::vector<int> segmentStarts(std::span<const float> boundaryLogits, int maxLength) {
  const int depth = static_cast<int>(boundaryLogits.size());
  std::vector<int> starts{0};
  for (int layer = 1; layer < depth; ++layer) {
    const bool boundary = boundaryLogits[static_cast<std::size_t>(layer)] > 0;
    if (boundary || layer - starts.back() == maxLength) starts.push_back(layer);
  }
  starts.push_back(depth);
  return starts;
}

std::vector<ScoredProgram> decodePrograms(std::span<const float> boundaryLogits, std::span<const float> opLogits, int k,
                                          int beam) {
  if (boundaryLogits.empty() || opLogits.size() != 3 * boundaryLogits.size())
    throw std::logic_error("decodePrograms: logits of different depths");
  if (k <= 0) return {};
  // skip, keep and repeat run a segment 0, 1 and 2 times: programOf takes the op's number for the passes.
  static_assert(static_cast<int>(SegmentOp::skip) == 0 && static_cast<int>(SegmentOp::repeat) == 2);
  const std::vector<int> starts = segmentStarts(boundaryLogits);
  const auto width = static_cast<std::size_t>(std::max(k, beam));
  std::vector<Beam> beams(1);
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const auto ops = likeliestOps(opLogits.subspan(3 * static_cast<std::size_t>(starts[i]), 3));
    std::vector<Beam> longer;
    for (const Beam& from : beams)
      for (const ScoredOp& next : ops) {
        longer.push_back({from.ops, from.score + next.logProbability});
        longer.back().ops.push_back(next.op);
      }
    std::sort(longer.begin(), longer.end(), better);
    if (longer.size() > width) longer.resize(width);
    beams = std::move(longer);
  }
  std::vector<ScoredProgram> programs;
  for (std::size_t i = 0; i < beams.size() && i < static_cast<std::size_t>(k); ++i)
    programs.push_back({programOf(starts, beams[i].ops), beams[i].score});
  return programs;
}

}  // namespace polar
