#include "cli/search_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "support/files.h"

namespace polar {

using Json = nlohmann::ordered_json;

double overheadOf(const SearchSummary& summary, const SearchCosts& costs) {
  return summary.seconds > 0 ? 1 - costs.executorSeconds / (summary.seconds * costs.workers) : 0;
}

SearchLog::SearchLog(const std::filesystem::path& file) : file_(file) {
  descriptor_ = ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) cannotWrite(file);
  // What a kill cut off must not swallow the next line.
  const off_t size = ::lseek(descriptor_, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(descriptor_, &last, 1, size - 1) == 1 && last != '\n') append("");
}

SearchLog::~SearchLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void SearchLog::question(const SearchedExample& searched) {
  const Json line = {{"question", searched.labels.example.id},
                     {"statistics", searched.statistics},
                     {"seconds", searched.seconds}};
  append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void SearchLog::call(const SearchSummary& summary, const SearchCosts& costs) {
  const Json line = {{"questions", summary.questions},       {"evaluations", summary.evaluations},
                     {"reused", costs.reused},               {"workers", costs.workers},
                     {"seconds", summary.seconds},           {"executor_seconds", costs.executorSeconds},
                     {"writing_seconds", summary.writing},   {"overhead", overheadOf(summary, costs)}};
  append(Json{{"call", line}}.dump());
}

void SearchLog::append(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) cannotWrite(file_);
}

}  // namespace polar
