// A run folder: whose it is, what --fresh removes from it, and that one command at a time writes into it.
#include <algorithm>

#include "cli/command.h"

using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

std::string searchCall(const fs::path& results, const std::string& more = "") {
  return "search configs/quickstart.yaml results_dir=" + results.string() +
         " data.train.limit=6 search.oracle_test=false search.samples=1 search.budget=20 runtime.workers=1 " + more;
}

}  // namespace

TEST_CASE("a fresh start removes what Polar wrote and nothing else") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "quickstart";
  require(polarCommand("run configs/quickstart.yaml" + smallRun(folder.path())));
  const fs::path kept[] = {run / "labels/notes.txt", run / "eval/notes.json", run / "predictor/seed-7/mine.txt",
                           run / "report/draft.md", run / "mine.log"};
  for (const fs::path& file : kept) {
    fs::create_directories(file.parent_path());
    spill(file, "{}");
  }
  const fs::path outside = folder.path() / "outside.h5";
  spill(outside, "mine");
  fs::create_symlink(outside, run / "labels/part-000099.h5");
  spill(run / "labels/.part-elsewhere-12.tmp", "of a killed writer");

  const auto fresh = polarCommand(searchCall(folder.path(), "--fresh search.max_times=3"));
  require(fresh);
  for (const fs::path& file : kept) {
    INFO(file);
    CHECK(slurp(file) == "{}");
  }
  CHECK(slurp(outside) == "mine");
  CHECK(has(fresh.err, "labels: 1 file(s) that Polar did not write stay there"));
  for (const char* removed :
       {"labels/part-000099.h5", "labels/.part-elsewhere-12.tmp", "predictor/predictor.json", "oracle.h5",
        "eval/embedded.json", "report/index.html", "train.keys.json", "eval.keys.json"}) {
    INFO(removed);
    CHECK_FALSE(fs::exists(fs::symlink_status(run / removed)));
  }
  CHECK(fs::exists(run / "labels.h5"));
}

TEST_CASE("a fresh start refuses a folder that was never a run, and one whose parts lie elsewhere") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "quickstart/labels/part-000001.h5";
  fs::create_directories(file.parent_path());
  spill(file, "somebody's");
  const auto refused = polarCommand(searchCall(folder.path(), "'data.ood=[]' --fresh"));
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "no .polar-run or stage record among them"));
  CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
  CHECK(slurp(file) == "somebody's");
  CHECK_FALSE(fs::exists(folder.path() / "quickstart/.polar-run"));

  const fs::path linked = folder.path() / "linked", elsewhere = folder.path() / "elsewhere";
  require(polarCommand(searchCall(folder.path(), "name=linked")));
  fs::rename(linked / "labels", elsewhere);
  fs::create_directory_symlink(elsewhere, linked / "labels");
  const auto link = polarCommand(searchCall(folder.path(), "name=linked --fresh"));
  CHECK(link.status == 2);
  CHECK(has(link.err, "a symbolic link"));
  CHECK(fs::exists(elsewhere / "part-000001.h5"));
  CHECK(fs::exists(linked / "labels.h5"));
}

TEST_CASE("a second command on a run is refused and hears who works there, a kill leaves no lock") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "quickstart";
  const std::string polar = "'" + std::string(POLAR_BINARY) + "' ";
  const std::string slow =
      polar + searchCall(folder.path(), "data.train.limit=400 search.budget=500 search.max_edits=2");
  const std::string second = polar + searchCall(folder.path(), "--fresh");
  const auto result =
      polarCommand("--version >/dev/null; " + slow + " 2>/dev/null & child=$!; for i in $(seq 200); do ls " +
                   run.string() + "/.in-use-* >/dev/null 2>&1 && break; sleep 0.1; done; { " + second +
                   "; code=$?; kill -9 $child; wait $child; echo $child $(hostname); exit $code; }");
  INFO(result.err);
  CHECK(result.status == 2);
  const std::string process = result.out.substr(0, result.out.find(' ')),
                    host = result.out.substr(process.size() + 1, result.out.size() - process.size() - 2);
  CHECK(has(result.err, "in use by polar search, process " + process + " on host " + host + ", for "));
  CHECK(has(result.err, "wait for it, stop it, or use another name="));
  require(polarCommand(searchCall(folder.path(), "--fresh")));
  for (const auto& entry : fs::directory_iterator(run)) {
    INFO(entry.path());
    CHECK(entry.path().extension() != ".tmp");
  }
}

TEST_CASE("a call that fails before it writes binds no later one to its keys") {
  const TemporaryFolder folder;
  require(polarCommand(searchCall(folder.path())));
  const auto eval = [&](const std::string& more) {
    return polarCommand("eval" + searchCall(folder.path(), "data.test.limit=3 data.ood=[] " + more).substr(6));
  };
  const auto untrained = eval("'eval.policies=[standard, predictor]'");
  CHECK(untrained.status == 2);
  CHECK(has(untrained.err, "a trained predictor"));
  CHECK_FALSE(fs::exists(folder.path() / "quickstart/eval.keys.json"));
  const auto lacking = eval("'eval.policies=[standard, vote]' eval.votes=900");
  CHECK(lacking.status == 2);
  CHECK(has(lacking.err, "policy 'vote'"));
  require(eval("'eval.policies=[standard]' eval.top_k=3"));

  const auto train = [&](const std::string& more) {
    return polarCommand(
        "train" +
        searchCall(folder.path(), "name=one search.budget=1 'eval.policies=[standard, value]' " + more).substr(6));
  };
  require(polarCommand(searchCall(folder.path(), "name=one search.budget=1")));
  for (const char* epochs : {"train.value.epochs=2", "train.value.epochs=3"}) {
    const auto none = train(epochs);
    CHECK(none.status == 2);
    CHECK(has(none.err, "no program beside the standard one"));
  }
}

TEST_CASE("other settings are refused with the command that starts the stage anew") {
  const TemporaryFolder folder;
  require(polarCommand(searchCall(folder.path())));
  const auto refused = polarCommand(searchCall(folder.path(), "search.max_times=3 --shard 0/1 'data.ood=[]'"));
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "polar search configs/quickstart.yaml results_dir=" + folder.path().string()));
  CHECK(has(refused.err, "search.max_times=3 'data.ood=[]' --fresh"));
  CHECK_FALSE(has(refused.err, "--shard"));
}
