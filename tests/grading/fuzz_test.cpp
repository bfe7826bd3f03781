// Fuzzed answers: no crash, none slow. POLAR_FUZZ=500000 build/tests_grading "*fuzz*" is the large run.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "catch.h"
#include "grading/grader.h"
#include "grading/random_answer.h"

using namespace polar;

namespace {

// Of this thread's processor time: what else the machine does must not count.
double milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace

TEST_CASE("fuzzed answers are graded without a crash, and soon") {
  const char* wanted = std::getenv("POLAR_FUZZ");
  const int count = wanted ? std::atoi(wanted) : 4000;
  REQUIRE(count > 0);
  testing::RandomAnswer answers(20260606);
  std::vector<double> times;
  std::array<int, 3> verdicts{};
  double most = 0;
  std::string slowest;
  for (int i = 0; i < count; ++i) {
    const auto [answer, reference] = answers.pair();
    const double start = milliseconds();
    const Grade found = gradeAnswer(answer, reference);
    times.push_back(milliseconds() - start);
    ++verdicts[static_cast<std::size_t>(found.verdict)];
    if (times.back() > most) most = times.back(), slowest = answer + "  against  " + reference;
    if (i % 16 == 0) grade(answer, reference, i % 32 == 0);
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) { return times[static_cast<std::size_t>(share * static_cast<double>(count - 1))]; };
  std::cout << "fuzz: {\"answers\": " << count << ", \"p50_ms\": " << at(0.5) << ", \"p99_ms\": " << at(0.99)
            << ", \"p999_ms\": " << at(0.999) << ", \"max_ms\": " << times.back() << ", \"right\": " << verdicts[1]
            << ", \"wrong\": " << verdicts[0] << ", \"undecided\": " << verdicts[2] << "}\n";
  INFO("slowest: " << slowest);
  CHECK(at(0.99) < 5);
  CHECK(times.back() < 1000);
  CHECK(verdicts[0] > 0);
  CHECK(verdicts[1] > 0);
}
