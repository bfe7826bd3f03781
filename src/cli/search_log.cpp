#include "cli/search_log.h"

#include <nlohmann/json.hpp>

namespace polar {

using Json = nlohmann::ordered_json;

double overheadOf(const SearchSummary& summary, const SearchCosts& costs) {
  return summary.seconds > 0 ? 1 - costs.executorSeconds / (summary.seconds * costs.workers) : 0;
}

void SearchLog::question(const SearchedExample& searched) {
  const Json line = {{"question", searched.labels.example.id},
                     {"statistics", searched.statistics},
                     {"seconds", searched.seconds}};
  lines_.append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void SearchLog::call(const SearchSummary& summary, const SearchCosts& costs) {
  const Json line = {{"questions", summary.questions},       {"evaluations", summary.evaluations},
                     {"reused", costs.reused},               {"workers", costs.workers},
                     {"seconds", summary.seconds},           {"executor_seconds", costs.executorSeconds},
                     {"writing_seconds", summary.writing},   {"overhead", overheadOf(summary, costs)}};
  lines_.append(Json{{"call", line}}.dump());
}

}  // namespace polar
