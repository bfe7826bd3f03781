#include "cli/bench_signature.h"

#include <stdexcept>
#include <string>
#include <string_view>

#include "support/hash.h"

namespace polar {

std::uint32_t signatureOf(const std::vector<EvaluationTask>& tasks, const std::vector<Evaluation>& evaluations) {
  if (tasks.size() != evaluations.size()) throw std::logic_error("signatureOf: not one evaluation a task");
  std::string all;
  const auto add = [&](std::string_view field) {
    all += std::to_string(field.size()) + ":";
    all += field;
  };
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Evaluation& one = evaluations[i];
    if (one.margin < kClearMargin) continue;
    add(tasks[i].example->id);
    add(tasks[i].program.text());
    add(one.text);
    add(name(one.verdict));
    add(one.rule);
    add(std::to_string(one.prefillLayerTokens) + "+" + std::to_string(one.decodeLayerTokens));
  }
  return static_cast<std::uint32_t>(std::stoul(sha256(all).substr(0, 8), nullptr, 16));
}

}  // namespace polar
