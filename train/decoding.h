// From the predictor's logits to programs. Plain numbers, no torch.
#pragma once

#include <span>
#include <vector>

#include "program/segments.h"

namespace polar {

struct ScoredProgram {
  Program program;
  double logProbability = 0;  // of its ops given the decoded boundaries
};

// Layers at which segments start, then the depth: layer 0, and every layer whose boundary probability is above 0.5
// (logit > 0). A run longer than `maxLength` is cut from the left into segments of maxLength; the rest comes last.
// canonicalParse also puts larger segments earlier, so those are the starts at which training gave op labels.
std::vector<int> segmentStarts(std::span<const float> boundaryLogits, int maxLength = 4);

// Beam search over the two likeliest ops of each segment (repeat: two passes), scored by the sum of log probabilities
// at segment starts. opLogits: [D, 3] row-major. Returns up to k programs, best first; S segments allow 2^S. A beam
// narrower than k becomes k wide, so that there can be k programs. Ties go to the lower op (skip, keep, repeat) of the
// earlier segment. All programs differ: under one segmentation, the number of passes of each layer determines the ops.
std::vector<ScoredProgram> decodePrograms(std::span<const float> boundaryLogits, std::span<const float> opLogits, int k,
                                          int beam);

}  // namespace polar
