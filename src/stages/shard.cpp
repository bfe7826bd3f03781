#include "stages/shard.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "support/error.h"

namespace polar {
namespace {

constexpr int kMostShards = 1000000;

// A whole number from 0 to 2^31 - 1, and nothing else.
std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

class Variables {
 public:
  explicit Variables(const Environment& environment) : environment_(environment) {}

  bool has(const std::string& name) const {
    const char* value = environment_(name.c_str());
    return value && *value;
  }
  std::string text(const std::string& name) const { return has(name) ? environment_(name.c_str()) : ""; }
  int get(const std::string& name) const {
    const auto value = number(text(name));
    if (!value)
      throw InputError("environment variable " + name, "'" + text(name) + "'", "a whole number from 0 on",
                       "say --shard i/n yourself");
    return *value;
  }

 private:
  const Environment& environment_;
};

void requireRange(const Shard& shard) {
  if (shard.count >= 1 && shard.count <= kMostShards && shard.index < shard.count) return;
  throw InputError(shard.source, "shard " + std::to_string(shard.index) + " of " + std::to_string(shard.count),
                   "i/n with i from 0 to n - 1, n from 1 to " + std::to_string(kMostShards),
                   "shards count from 0: 0/4, 1/4, 2/4, 3/4");
}

Shard parseFlag(const std::string& flag) {
  const std::size_t slash = flag.find('/');
  const auto index = number(flag.substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : number(flag.substr(slash + 1));
  if (!index || !count)
    throw InputError("--shard", "'" + flag + "'", "i/n, such as 0/4", "shards count from 0: 0/4, 1/4, 2/4, 3/4");
  Shard shard{*index, *count, -1, "--shard"};
  requireRange(shard);
  return shard;
}

struct Launcher {
  const char *rank, *size, *localRank;
};
constexpr Launcher kLaunchers[] = {{"RANK", "WORLD_SIZE", "LOCAL_RANK"},
                                   {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},
                                   {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"}};

Shard rankOf(const Variables& variables) {
  for (const Launcher& launcher : kLaunchers) {
    if (!variables.has(launcher.rank) || !variables.has(launcher.size)) continue;
    const bool slurm = std::string(launcher.rank).starts_with("SLURM");
    if (slurm && variables.has("SLURM_JOB_ID") && !variables.has("SLURM_STEP_ID")) continue;
    Shard shard{variables.get(launcher.rank), variables.get(launcher.size), -1,
                std::string(launcher.rank) + " and " + launcher.size};
    if (variables.has(launcher.localRank)) shard.localRank = variables.get(launcher.localRank);
    requireRange(shard);
    return shard;
  }
  return {};
}

// Array tasks are numbered by the user: 0-7, 1-8, 0-14:2. A list with gaps (1,5,6) cannot be known from its parts.
Shard arrayTask(const Variables& variables) {
  if (!variables.has("SLURM_ARRAY_TASK_ID") || !variables.has("SLURM_ARRAY_TASK_COUNT")) return {};
  const auto of = [&](const char* name, int otherwise) {
    return variables.has(name) ? variables.get(name) : otherwise;
  };
  const int id = variables.get("SLURM_ARRAY_TASK_ID"), count = variables.get("SLURM_ARRAY_TASK_COUNT");
  const int first = of("SLURM_ARRAY_TASK_MIN", 0), step = std::max(1, of("SLURM_ARRAY_TASK_STEP", 1));
  const long long last = of("SLURM_ARRAY_TASK_MAX", static_cast<int>(first + static_cast<long long>(count - 1) * step));
  if (id < first || (id - first) % step != 0 || (count > 0 && last != first + static_cast<long long>(count - 1) * step))
    throw InputError("SLURM_ARRAY_TASK_ID",
                     "task " + std::to_string(id) + " of an array of " + std::to_string(count) + " tasks from " +
                         std::to_string(first) + " to " + std::to_string(last),
                     "an array without gaps, such as --array=0-7", "or say --shard i/n yourself");
  Shard shard{(id - first) / step, count, -1, "SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT"};
  requireRange(shard);
  return shard;
}

int gpusOfThisMachine() {
  std::error_code error;
  int count = 0;
  for (std::filesystem::directory_iterator it("/proc/driver/nvidia/gpus", error), end; !error && it != end;
       it.increment(error))
    ++count;
  return count;
}

}  // namespace

std::vector<Example> Shard::of(const std::vector<Example>& examples) const {
  std::vector<Example> own;
  for (std::size_t i = static_cast<std::size_t>(index); i < examples.size(); i += static_cast<std::size_t>(count))
    own.push_back(examples[i]);
  return own;
}

std::string Shard::inWords() const {
  return "shard " + std::to_string(index) + " of " + std::to_string(count) + " (counted from 0), by " + source;
}

Shard shardOf(const std::string& flag, const Environment& environment) {
  const Variables variables(environment);
  if (!flag.empty()) {
    Shard shard = parseFlag(flag);
    for (const Launcher& launcher : kLaunchers)
      if (shard.localRank < 0 && variables.has(launcher.localRank)) shard.localRank = variables.get(launcher.localRank);
    return shard;
  }
  const Shard task = arrayTask(variables);
  Shard rank = rankOf(variables);
  if (task.whole()) return rank;
  if (rank.whole()) return {task.index, task.count, rank.localRank, task.source};
  Shard both{task.index * rank.count + rank.index, task.count * rank.count, rank.localRank,
             task.source + ", " + rank.source};
  if (static_cast<long long>(task.count) * rank.count > kMostShards) both.count = 0;
  requireRange(both);
  return both;
}

Shard shardOf(const std::string& flag) {
  return shardOf(flag, [](const char* name) -> const char* { return std::getenv(name); });
}

std::string visibleDevice(int localRank, const std::string& visible, int gpus) {
  if (localRank < 0) return "";
  if (visible.empty()) return gpus > 1 ? std::to_string(localRank % gpus) : "";
  std::vector<std::string> entries{""};
  for (const char c : visible) {
    if (c == ',')
      entries.emplace_back();
    else
      entries.back() += c;
  }
  return entries[static_cast<std::size_t>(localRank) % entries.size()];
}

void pickDevice(const Shard& shard, const std::string& device) {
  if (device != "cuda") return;
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  const std::string own = visibleDevice(shard.localRank, visible ? visible : "", gpusOfThisMachine());
  if (!own.empty()) ::setenv("CUDA_VISIBLE_DEVICES", own.c_str(), 1);
}

}  // namespace polar
