#include "train/batches.h"

#include <algorithm>
#include <numeric>

namespace polar {

std::size_t pairCount(const std::vector<QuestionTargets>& questions) {
  return std::accumulate(questions.begin(), questions.end(), std::size_t{0},
                         [](std::size_t sum, const QuestionTargets& q) { return sum + q.programs.size(); });
}

std::int64_t batchCount(std::size_t pairs, int batch) { return (static_cast<std::int64_t>(pairs) + batch - 1) / batch; }

std::vector<Pair> epochOrder(const std::vector<QuestionTargets>& questions, Random& random) {
  std::vector<std::vector<Pair>> runs;
  for (std::size_t q = 0; q < questions.size(); ++q) {
    std::vector<Pair> pairs;
    for (std::size_t p = 0; p < questions[q].programs.size(); ++p) pairs.push_back({q, p});
    random.shuffle(pairs);
    for (std::size_t from = 0; from < pairs.size(); from += kPairsTogether) {
      const auto begin = pairs.begin() + static_cast<std::ptrdiff_t>(from);
      runs.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(std::min(kPairsTogether, pairs.size() - from)));
    }
  }
  random.shuffle(runs);
  std::vector<Pair> order;
  for (const auto& run : runs) order.insert(order.end(), run.begin(), run.end());
  return order;
}

std::vector<std::vector<Pair>> batchParts(std::span<const Pair> batch, const std::vector<std::int64_t>& lengths) {
  std::vector<std::span<const Pair>> runs;
  for (std::size_t from = 0, to = 1; from < batch.size(); from = to++) {
    while (to < batch.size() && batch[to].question == batch[from].question) ++to;
    runs.push_back(batch.subspan(from, to - from));
  }
  std::stable_sort(runs.begin(), runs.end(), [&](const auto& a, const auto& b) {
    return lengths[a.front().question] < lengths[b.front().question];
  });
  std::vector<std::vector<Pair>> parts(std::clamp(runs.size() / kQuestionsAPart, std::size_t{1}, kBatchParts));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<Pair>& part = parts[i * parts.size() / runs.size()];
    part.insert(part.end(), runs[i].begin(), runs[i].end());
  }
  return parts;
}

}  // namespace polar
