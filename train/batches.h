// The order in which an epoch visits (question, program) pairs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "support/random.h"
#include "train/targets.h"

namespace polar {

struct Pair {
  std::size_t question = 0, program = 0;  // indices into QuestionTargets and its programs
  auto operator<=>(const Pair&) const = default;
};

// Pairs of one question that stay next to each other. The network reads only the question, so that all programs of a
// question in a batch share one pass: for 8 pairs it costs an eighth each, and a batch of 128 still holds at least 16
// questions.
inline constexpr std::size_t kPairsTogether = 8;

std::size_t pairCount(const std::vector<QuestionTargets>& questions);
std::int64_t batchCount(std::size_t pairs, int batch);

// Every pair once: each question's programs are shuffled and cut into runs of at most kPairsTogether, then the runs are
// shuffled.
std::vector<Pair> epochOrder(const std::vector<QuestionTargets>& questions, Random& random);

// Parts of a batch; workers compute their gradients at the same time. The number of parts does not depend on the number
// of workers: a sum of floats depends on how it is cut. A part of fewer than kQuestionsAPart questions is mostly
// overhead.
inline constexpr std::size_t kBatchParts = 8, kQuestionsAPart = 4;

// Cuts a batch into at most kBatchParts parts of about equally many questions. Pairs of one question that are next to
// each other stay together; questions are first sorted by length, so that little of a part is padding.
// lengths: of every question.
std::vector<std::vector<Pair>> batchParts(std::span<const Pair> batch, const std::vector<std::int64_t>& lengths);

}  // namespace polar
