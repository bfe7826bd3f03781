// Shards: who searches what, by flag and by each engine; several processes on one folder; the joined labels are the
// unsharded run's, byte for byte.
#include "stages/shard.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <map>

#include "cli/command.h"
#include "stages/stage_record.h"
#include "store/label_store.h"
#include "support/error.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

using Variables = std::map<std::string, std::string>;

Shard shardWith(const Variables& variables, const std::string& flag = "") {
  return shardOf(flag, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string refusal(const Variables& variables, const std::string& flag = "") {
  try {
    shardWith(variables, flag);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

void requireShard(const Shard& shard, int index, int count, int localRank) {
  CHECK(shard.index == index);
  CHECK(shard.count == count);
  CHECK(shard.localRank == localRank);
}

// 11 train and 5 test questions, both searched.
std::string searchCall(const fs::path& results, const std::string& more = "") {
  return "search configs/quickstart.yaml results_dir=" + results.string() +
         " data.train.limit=11 data.test.limit=5 data.ood=[] search.budget=12 search.samples=1 "
         "search.part_examples=2 runtime.workers=1 " +
         more;
}

struct Labels {
  std::string train, test;
  bool operator==(const Labels&) const = default;
};

Labels labelsIn(const fs::path& results) {
  return {slurp(results / "quickstart/labels.h5"), slurp(results / "quickstart/oracle.h5")};
}

const Labels& unsharded() {
  static const Labels labels = [] {
    const TemporaryFolder folder;
    const auto result = polarCommand(searchCall(folder.path()));
    INFO(result.err);
    REQUIRE(result.status == 0);
    return labelsIn(folder.path());
  }();
  REQUIRE(!labels.train.empty());
  REQUIRE(!labels.test.empty());
  return labels;
}

bool installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace

TEST_CASE("a shard is i/n, counted from 0") {
  requireShard(shardWith({}, "0/4"), 0, 4, -1);
  requireShard(shardWith({}, "3/4"), 3, 4, -1);
  requireShard(shardWith({}, "0/1"), 0, 1, -1);
  for (const char* wrong :
       {"4/4", "-1/4", "1", "1/", "/4", "1/0", "0/0", "a/b", "1/4 ", "1/4/2", "+1/4", "1.0/4", "0/99999999999"}) {
    INFO(wrong);
    const std::string message = refusal({}, wrong);
    CHECK(has(message, "--shard"));
    CHECK(has(message, "0/4, 1/4, 2/4, 3/4"));
  }
}

TEST_CASE("a shard comes from what the engines set, and the flag wins") {
  requireShard(shardWith({}), 0, 1, -1);
  requireShard(shardWith({{"RANK", "3"}, {"WORLD_SIZE", "8"}, {"LOCAL_RANK", "1"}}), 3, 8, 1);
  requireShard(
      shardWith({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}, {"OMPI_COMM_WORLD_LOCAL_RANK", "0"}}), 1,
      2, 0);
  requireShard(shardWith({{"SLURM_PROCID", "5"}, {"SLURM_NTASKS", "6"}, {"SLURM_LOCALID", "2"}}), 5, 6, 2);
  requireShard(shardWith({{"SLURM_PROCID", "5"}, {"SLURM_NTASKS", "6"}, {"SLURM_LOCALID", "2"}}, "1/3"), 1, 3, 2);
  requireShard(shardWith({{"RANK", "3"}}), 0, 1, -1);  // not torchrun's without its world size
  requireShard(shardWith({{"RANK", ""}, {"WORLD_SIZE", ""}}), 0, 1, -1);
}

TEST_CASE("job arrays start anywhere and step, and those with gaps are refused") {
  const auto task = [](const char* id, const char* min, const char* max, const char* step, const char* count) {
    return Variables{{"SLURM_ARRAY_TASK_ID", id},
                     {"SLURM_ARRAY_TASK_MIN", min},
                     {"SLURM_ARRAY_TASK_MAX", max},
                     {"SLURM_ARRAY_TASK_STEP", step},
                     {"SLURM_ARRAY_TASK_COUNT", count}};
  };
  requireShard(shardWith(task("0", "0", "7", "1", "8")), 0, 8, -1);
  requireShard(shardWith(task("8", "1", "8", "1", "8")), 7, 8, -1);
  requireShard(shardWith(task("6", "2", "10", "4", "3")), 1, 3, -1);
  requireShard(
      shardWith({{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_ARRAY_TASK_MIN", "1"}, {"SLURM_ARRAY_TASK_COUNT", "3"}}), 2, 3,
      -1);
  CHECK(has(refusal(task("3", "1", "5", "1", "3")), "without gaps"));  // --array=1,3,5
  CHECK(has(refusal({{"SLURM_ARRAY_TASK_ID", "x"}, {"SLURM_ARRAY_TASK_COUNT", "3"}}), "SLURM_ARRAY_TASK_ID"));
  CHECK(has(refusal({{"RANK", "8"}, {"WORLD_SIZE", "8"}}), "shard 8 of 8"));
}

TEST_CASE(
    "launchers nest: array tasks split into ranks, mpirun inside a batch script counts, the script alone does not") {
  // What sbatch --array=1-3 -n4 sets in its script (Slurm 22.05): PROCID 0 of the job, no step.
  Variables batch{{"SLURM_ARRAY_TASK_ID", "2"},   {"SLURM_ARRAY_TASK_MIN", "1"},   {"SLURM_ARRAY_TASK_MAX", "3"},
                  {"SLURM_ARRAY_TASK_STEP", "1"}, {"SLURM_ARRAY_TASK_COUNT", "3"}, {"SLURM_JOB_ID", "7"},
                  {"SLURM_PROCID", "0"},          {"SLURM_NTASKS", "4"},           {"SLURM_LOCALID", "0"}};
  requireShard(shardWith(batch), 1, 3, -1);
  Variables step = batch;
  step["SLURM_STEP_ID"] = "0";
  step["SLURM_PROCID"] = "3";
  requireShard(shardWith(step), 1 * 4 + 3, 12, 0);
  Variables mpi = batch;
  mpi["OMPI_COMM_WORLD_RANK"] = "1";
  mpi["OMPI_COMM_WORLD_SIZE"] = "2";
  requireShard(shardWith(mpi), 1 * 2 + 1, 6, -1);
  CHECK(has(shardWith(mpi).inWords(), "SLURM_ARRAY_TASK_ID"));
}

TEST_CASE("shards part the examples without loss and evenly") {
  std::vector<Example> examples(23);
  for (std::size_t i = 0; i < examples.size(); ++i) examples[i].id = std::to_string(i);
  for (const int count : {1, 2, 3, 7, 23, 40}) {
    std::vector<std::string> ids;
    for (int index = 0; index < count; ++index) {
      const auto own = Shard{index, count, -1, ""}.of(examples);
      CHECK(static_cast<int>(own.size()) >= 23 / count);
      CHECK(static_cast<int>(own.size()) <= 23 / count + 1);
      for (const Example& example : own) ids.push_back(example.id);
    }
    std::sort(ids.begin(), ids.end());
    CHECK(ids.size() == 23);
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  }
}

TEST_CASE("the local rank picks a GPU among the visible ones") {
  CHECK(visibleDevice(-1, "", 4).empty());
  CHECK(visibleDevice(2, "", 4) == "2");
  CHECK(visibleDevice(5, "", 4) == "1");
  CHECK(visibleDevice(1, "", 1).empty());
  CHECK(visibleDevice(1, "4,6", 8) == "6");
  CHECK(visibleDevice(3, "GPU-a", 8) == "GPU-a");  // srun --gpus-per-task=1
}

TEST_CASE("of stages that start at once with other settings exactly one holds") {
  const TemporaryFolder folder;
  std::vector<pid_t> children;
  for (int i = 0; i < 12; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      int code = 0;
      try {
        StageRecord record(folder.path(), "search", {{"seed", std::to_string(i % 3)}});
        record.claim();
        record.markDone();
      } catch (const InputError& error) {
        code = has(error.what(), "seed: ") ? 2 : 1;
      } catch (...) {
        code = 1;
      }
      ::_exit(code);
    }
    children.push_back(child);
  }
  std::array<int, 3> accepted{};
  for (int i = 0; i < 12; ++i) {
    int status = 0;
    REQUIRE(::waitpid(children[static_cast<std::size_t>(i)], &status, 0) > 0);
    const int code = WEXITSTATUS(status);
    CHECK((code == 0 || code == 2));
    accepted[static_cast<std::size_t>(i % 3)] += code == 0;
  }
  std::sort(accepted.begin(), accepted.end());
  CHECK(accepted == std::array<int, 3>{0, 0, 4});
  CHECK(StageRecord::stored(folder.path(), "search").done());
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("three processes at once, known from the environment, join to the unsharded run's bytes") {
  const TemporaryFolder folder;
  std::string line;
  for (int i = 0; i < 3; ++i)
    line += "SLURM_PROCID=" + std::to_string(i) + " SLURM_NTASKS=3 " + kPolar + " " + searchCall(folder.path()) +
            " & p" + std::to_string(i) + "=$!; ";
  const auto result = shellCommand(line + "wait $p0 && wait $p1 && wait $p2");
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(has(result.err, "shard 1 of 3 (counted from 0), by SLURM_PROCID and SLURM_NTASKS: 4 questions"));
  CHECK(labelsIn(folder.path()) == unsharded());
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    INFO(entry.path());
    CHECK(entry.path().extension() != ".tmp");
  }
  const auto again = polarCommand("merge " + (folder.path() / "quickstart").string());
  CHECK(again.status == 0);
  CHECK(has(again.err, "is there already"));
}

TEST_CASE("a shard alone joins nothing, polar merge does, and says what is missing") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "quickstart";
  const auto first = polarCommand(searchCall(folder.path(), "--shard 1/2"));
  INFO(first.err);
  REQUIRE(first.status == 0);
  CHECK(has(first.err, "6 of 11 questions are left"));
  CHECK_FALSE(fs::exists(run / "labels.h5"));
  const auto early = polarCommand("merge " + run.string());
  CHECK(early.status == 2);
  CHECK(has(early.err, "no labels of 6 of 11 examples"));
  CHECK_FALSE(fs::exists(run / "labels.h5"));

  const auto other = polarCommand(searchCall(folder.path(), "--shard 1/2 search.max_times=3"));
  CHECK(other.status == 2);
  CHECK(has(other.err, "search.max_times"));
  const auto fresh = polarCommand(searchCall(folder.path(), "--shard 1/2 --fresh"));
  CHECK(fresh.status == 2);
  CHECK(has(fresh.err, "--fresh"));

  REQUIRE(polarCommand(searchCall(folder.path(), "--shard 0/2")).status == 0);
  CHECK(labelsIn(folder.path()) == unsharded());
  fs::remove(run / "labels.h5");
  fs::remove(run / "oracle.h5");
  const auto merged = polarCommand("merge " + run.string());
  INFO(merged.err);
  CHECK(merged.status == 0);
  CHECK(labelsIn(folder.path()) == unsharded());

  const fs::path free = folder.path() / "free.h5";
  CHECK(polarCommand("merge " + (run / "labels").string() + " -o " + free.string()).status == 0);
  CHECK(readLabels(free).examples.size() == 11);
  const auto twice = polarCommand("merge " + (run / "labels").string() + " -o " + free.string());
  CHECK(twice.status == 2);
  CHECK(has(twice.err, "an existing file"));
}

TEST_CASE("a shard counts its own questions where it resumes, not those of all") {
  const TemporaryFolder folder;
  const auto first = polarCommand(searchCall(folder.path(), "--shard 0/2"));
  CHECK_FALSE(has(first.err, "resuming"));
  const auto second = polarCommand(searchCall(folder.path(), "--shard 1/3"));  // 1, 4, 7, 10: two of them in shard 0/2
  INFO(second.err);
  CHECK(second.status == 0);
  CHECK(has(second.err, "resuming: 2 of 4 questions are labelled already\n"));
}

TEST_CASE("labels that the search did not make are not written over") {
  const TemporaryFolder folder;
  const fs::path labels = folder.path() / "quickstart/labels.h5";
  LabelFile other;
  other.provenance.depth = 12;
  other.provenance.fingerprint = "other";
  writeLabels(labels, other);
  const std::string before = slurp(labels);
  const auto result = polarCommand(searchCall(folder.path()));
  CHECK(result.status == 2);
  CHECK(has(result.err, "labels that this search did not make"));
  CHECK(slurp(labels) == before);
}

TEST_CASE("mpirun -n 2 gives the unsharded run's labels") {
  if (!installed("mpirun")) {
    skipped("mpirun is not installed (Debian: openmpi-bin)");
    return;
  }
  const TemporaryFolder folder;
  const auto result =
      shellCommand("OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n 2 " + kPolar +
                   " " + searchCall(folder.path()));
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(has(result.err, "shard 0 of 2"));
  CHECK(has(result.err, "shard 1 of 2 (counted from 0), by OMPI_COMM_WORLD_RANK"));
  CHECK(labelsIn(folder.path()) == unsharded());
}

TEST_CASE("a Slurm job array of 3 gives the unsharded run's labels") {
  const TemporaryFolder folder;
  const auto result = shellCommand("tests/cli/slurm_array.sh 3 " + kPolar + " " + searchCall(folder.path()));
  if (result.status == 77) {
    skipped(result.err.substr(0, result.err.find('\n')));
    return;
  }
  INFO(result.out + result.err);
  REQUIRE(result.status == 0);
  CHECK(has(result.out, "shard 2 of 3 (counted from 0), by SLURM_ARRAY_TASK_ID"));
  CHECK(labelsIn(folder.path()) == unsharded());
}
