// polar ask on the embedded model: which policy it asks, what it runs, and what its runs take over from choosing.
#include <sstream>

#include "cli/command.h"
#include "program/program.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kDepth = 12, kRead = 3;

// The value model reads three layers. At this price it takes the program of the menu with the fewest layers, which
// begins with two of them.
std::string call(const fs::path& folder, const std::string& stage) {
  return stage + " configs/quickstart.yaml" + smallRun(folder) + " search.oracle_test=false search.strategy=menu" +
         " search.menu=" + (folder / "menu.txt").string() +
         " train.value.epochs=2 'train.value.layers=[3]' 'eval.layer_prices=[90]' eval.votes=3" +
         " 'eval.policies=[standard, predictor, value, drllm, vote]' ";
}

const std::string kQuestion = " --question 'Tom has 3 apples. He buys 4 more. How many apples does Tom have?'";

// The line that begins with `name`, or "".
std::string lineOf(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name)) return line;
  return "";
}

// The numbers of a line.
std::vector<std::int64_t> numbers(std::string line) {
  for (char& c : line)
    if (c < '0' || c > '9') c = ' ';
  std::istringstream in(line);
  std::vector<std::int64_t> found;
  for (std::int64_t one = 0; in >> one;) found.push_back(one);
  return found;
}

// "choice 1  8 layers  1.0 ms  0-1,6-11  7": without the time.
std::string untimed(const std::string& line) {
  const auto layers = line.find(" layers"), time = line.find(" ms");
  return layers == std::string::npos || time == std::string::npos ? line : line.substr(0, layers) + line.substr(time);
}

}  // namespace

TEST_CASE("ask runs a policy's whole answer, and goes on from what choosing read of the prompt") {
  const TemporaryFolder folder;
  spill(folder.path() / "menu.txt", "0-11\n0-1,6-11\n0-7,9-11\n1-11\n");
  require(polarCommand(call(folder.path(), "search")));
  require(polarCommand(call(folder.path(), "train")));
  const auto ask = [&](const std::string& more) {
    auto result = polarCommand(call(folder.path(), "ask") + kQuestion + more);
    require(result);
    INFO(result.out);
    return result.out;
  };

  const std::string value = ask("");
  INFO(value);
  CHECK(value.find("(value and what it reads") != std::string::npos);
  CHECK(lineOf(value, "choice 1").find(" 0-1,6-11 ") != std::string::npos);
  const auto cost = numbers(lineOf(value, "cost")), resumed = numbers(lineOf(value, "resumed"));
  REQUIRE(cost.size() == 5);     // choosing, prefill, decode, all, standard
  REQUIRE(resumed.size() == 3);  // layers, saved, read
  const std::int64_t tokens = resumed[2] / kRead;
  CHECK(tokens > 10);
  CHECK(resumed == std::vector<std::int64_t>{kRead, 2 * tokens, kRead * tokens});
  CHECK(cost[0] == 1 * tokens);
  CHECK(cost[1] == 8 * tokens);
  CHECK(cost[0] + cost[1] + cost[2] == cost[3]);
  CHECK(cost[4] >= kDepth * tokens);

  // The plain executor takes nothing over; all else is the same.
  const std::string plain = ask(" runtime.executor=plain");
  CHECK(numbers(lineOf(plain, "resumed")) == std::vector<std::int64_t>{kRead, 0, kRead * tokens});
  CHECK(lineOf(plain, "cost") == lineOf(value, "cost"));
  for (const char* line : {"standard", "choice 1", "choice 2", "answer"}) {
    CHECK_FALSE(lineOf(value, line).empty());
    CHECK(untimed(lineOf(plain, line)) == untimed(lineOf(value, line)));
  }
  CHECK(ask(" --policy value -k 1").find("choice 2") == std::string::npos);

  const std::string predictor = ask(" --policy predictor");
  CHECK(predictor.find("(predictor and what it reads") != std::string::npos);
  CHECK(numbers(lineOf(predictor, "resumed")).at(2) == kDepth * tokens);
  const std::string drllm = ask(" --policy drllm");
  CHECK(lineOf(drllm, "resumed").empty());
  CHECK(numbers(lineOf(drllm, "cost")).front() == 0);

  // Three programs vote: 0-11, and two of the others.
  const std::string vote = ask(" --policy vote");
  INFO(vote);
  std::vector<Program> voters;
  for (const char* line : {"choice 1", "further 1", "further 2"}) {
    CHECK_FALSE(lineOf(vote, line).empty());
    std::istringstream words(lineOf(vote, line));
    std::string word;
    for (int i = 0; i < 7; ++i) words >> word;  // choice 1 12 layers 3.1 ms 0-11
    voters.push_back(Program::parse(word, kDepth));
  }
  CHECK(lineOf(vote, "further 3").empty());
  CHECK(lineOf(vote, "answer").find(" by ") != std::string::npos);
  CHECK(numbers(lineOf(vote, "cost")).at(1) == distinctLayers(voters) * tokens);

  const auto refused = polarCommand(call(folder.path(), "ask") + kQuestion + " --policy vota");
  CHECK(refused.status == 2);
  CHECK(refused.err.find("--policy: found 'vota', expected one of ") != std::string::npos);
  CHECK(refused.err.find("; did you mean 'vote'?") != std::string::npos);
  CHECK(polarCommand(call(folder.path(), "ask") + kQuestion + " --policy cascade").status == 2);  // not of the config
}
