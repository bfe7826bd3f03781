#include "search/side_by_side.h"

#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace polar {

void searchSideBySide(std::span<ExampleSearch> searches, const ProgramEvaluator& evaluator,
                      const std::function<void(std::size_t)>& finished) {
  struct Share {
    std::size_t search, tasks;
  };
  std::vector<std::size_t> running;
  for (std::size_t i = 0; i < searches.size(); ++i) running.push_back(i);
  while (true) {
    std::vector<EvaluationTask> tasks;
    std::vector<Share> shares;
    for (const std::size_t i : running) {
      std::vector<EvaluationTask> own = searches[i].ask();
      if (own.empty()) {
        if (finished) finished(i);
        continue;
      }
      shares.push_back({i, own.size()});
      std::move(own.begin(), own.end(), std::back_inserter(tasks));
    }
    if (tasks.empty()) return;
    std::vector<Evaluation> evaluations = evaluator.evaluate(tasks);
    if (evaluations.size() != tasks.size()) throw std::logic_error("an evaluator must answer every task");
    auto next = std::make_move_iterator(evaluations.begin());
    running.clear();
    for (const Share& share : shares) {
      const auto end = next + static_cast<std::ptrdiff_t>(share.tasks);
      searches[share.search].tell({next, end});
      next = end;
      running.push_back(share.search);
    }
  }
}

}  // namespace polar
