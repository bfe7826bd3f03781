#include "stages/search_log.h"

#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

namespace polar {

using Json = nlohmann::ordered_json;

namespace {

// "2026-03-01T14:05:09Z".
std::string timeNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32] = "";
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

double overheadOf(const SearchSummary& summary, const SearchCosts& costs) {
  return summary.seconds > 0 ? 1 - costs.executorSeconds / (summary.seconds * costs.workers) : 0;
}

void SearchLog::question(const SearchedExample& searched) {
  if (!std::exchange(started_, true)) {
    const Json start = {{"machine", origin_.machine},
                        {"libtorch", origin_.libtorch},
                        {"command", origin_.command},
                        {"time", timeNow()}};
    lines_.append(Json{{"start", start}}.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  const Json line = {
      {"question", searched.labels.example.id}, {"statistics", searched.statistics}, {"seconds", searched.seconds}};
  lines_.append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void SearchLog::call(const SearchSummary& summary, const SearchCosts& costs) {
  const Json line = {{"questions", summary.questions},
                     {"evaluations", summary.evaluations},
                     {"reused", costs.reused},
                     {"workers", costs.workers},
                     {"seconds", summary.seconds},
                     {"executor_seconds", costs.executorSeconds},
                     {"writing_seconds", summary.writing},
                     {"overhead", overheadOf(summary, costs)}};
  lines_.append(Json{{"call", line}}.dump());
}

}  // namespace polar
