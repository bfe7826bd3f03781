// From the predictor's logits to programs. Plain numbers, no torch.
#pragma once

#include <span>
#include <vector>

#include "program/segments.h"
#include "train/predictor.h"

namespace polar {

// Layers at which segments start, and the depth behind them: layer 0, and every layer whose boundary probability is
// above 0.5 (logit > 0). A longer run than `maxLength` is cut from the left into segments of maxLength, its rest last:
// as canonicalParse puts larger segments earlier, those are the starts at which training gave op labels.
std::vector<int> segmentStarts(std::span<const float> boundaryLogits, int maxLength = 4);

// Beam search over the two likeliest ops of each segment (repeat: two passes), scored by the sum of log probabilities
// at segment starts. opLogits: [D, 3] row-major. Returns up to k programs, best first; S segments allow 2^S. A beam
// narrower than k is widened to k, so that k programs can come out; ties go to the lower op (skip, keep, repeat) of the
// earlier segment. All differ: under one segmentation, how often each layer runs tells the ops.
std::vector<ScoredProgram> decodePrograms(std::span<const float> boundaryLogits, std::span<const float> opLogits, int k,
                                          int beam);

}  // namespace polar
