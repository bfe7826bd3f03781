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

// Pairs of one question that stay side by side. The network reads the question alone, so its pass is shared by all the
// programs of a question in a batch: 8 together cost an eighth, and a batch of 128 still holds at least 16 questions.
inline constexpr std::size_t kPairsTogether = 8;

std::size_t pairCount(const std::vector<QuestionTargets>& questions);
std::int64_t batchCount(std::size_t pairs, int batch);

// Every pair once: each question's programs are shuffled and cut into runs of at most kPairsTogether, then the runs are
// shuffled.
std::vector<Pair> epochOrder(const std::vector<QuestionTargets>& questions, Random& random);

// Parts of a batch, whose gradients workers compute beside each other. As many for any number of workers: a sum of floats
// depends on how it is cut. A part of fewer questions is mostly overhead.
inline constexpr std::size_t kBatchParts = 8, kQuestionsAPart = 4;

// Cuts a batch into at most kBatchParts parts of about equally many questions. Pairs of one question that stand side by
// side stay together; questions are put into the order of their lengths first, so that little of a part is padding.
// lengths: of every question.
std::vector<std::vector<Pair>> batchParts(std::span<const Pair> batch, const std::vector<std::int64_t>& lengths);

}  // namespace polar
