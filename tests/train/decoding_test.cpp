#include "train/decoding.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "catch.h"
#include "support/random.h"

namespace polar {
namespace {

std::vector<float> randomLogits(Random& random, std::size_t size) {
  std::vector<float> logits(size);
  for (float& logit : logits) logit = static_cast<float>(4 * random.uniform() - 2);
  return logits;
}

double logProbability(const std::vector<float>& ops, int layer, int op) {
  double sum = 0;
  for (int o = 0; o < 3; ++o) sum += std::exp(static_cast<double>(ops[static_cast<std::size_t>(3 * layer + o)]));
  return ops[static_cast<std::size_t>(3 * layer + op)] - std::log(sum);
}

// Every choice among the two likeliest ops of each segment, best first: what the beam must not miss.
std::vector<std::pair<double, Program>> enumerate(const std::vector<int>& starts, const std::vector<float>& ops) {
  const std::size_t count = starts.size() - 1;
  std::vector<std::pair<double, Program>> all;
  for (std::size_t choice = 0; choice < (std::size_t{1} << count); ++choice) {
    double score = 0;
    std::vector<LayerIndex> layers;
    for (std::size_t s = 0; s < count; ++s) {
      std::vector<int> order{0, 1, 2};
      std::sort(order.begin(), order.end(),
                [&](int a, int b) { return logProbability(ops, starts[s], a) > logProbability(ops, starts[s], b); });
      const int op = order[(choice >> s) & 1];
      score += logProbability(ops, starts[s], op);
      for (int pass = 0; pass < op; ++pass)
        for (int layer = starts[s]; layer < starts[s + 1]; ++layer) layers.push_back(static_cast<LayerIndex>(layer));
    }
    all.emplace_back(score, Program(layers));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return all;
}

}  // namespace

TEST_CASE("segments start where the boundary is likelier than not, and after four layers") {
  CHECK(segmentStarts(std::vector<float>{-9, -1, 1, -1}) == std::vector<int>{0, 2, 4});
  CHECK(segmentStarts(std::vector<float>{-9, -1, 0, -1}) == std::vector<int>{0, 4});  // exactly 0.5 is no boundary
  CHECK(segmentStarts(std::vector<float>(10, -1)) == std::vector<int>{0, 4, 8, 10});
  CHECK(segmentStarts(std::vector<float>{-1, 1, -1, -1, -1, -1, -1, 1, -1}) == std::vector<int>{0, 1, 5, 7, 9});
  CHECK(segmentStarts(std::vector<float>{3}) == std::vector<int>{0, 1});
}

TEST_CASE("without boundaries the decoded starts are those of the standard program's canonical parse") {
  for (int depth = 1; depth <= 13; ++depth) {
    const auto parse = canonicalParse(Program::standard(depth), depth, {4, 2});
    REQUIRE(parse);
    std::vector<int> starts;
    for (const Segment& segment : *parse) starts.push_back(segment.start);
    starts.push_back(depth);
    CHECK(segmentStarts(std::vector<float>(static_cast<std::size_t>(depth), -1)) == starts);
  }
}

TEST_CASE("the beam returns the best distinct programs, equal to enumerating them all") {
  Random random(3, "decoding");
  for (int round = 0; round < 40; ++round) {
    const std::size_t depth = 1 + random.below(12);
    const auto boundary = randomLogits(random, depth), ops = randomLogits(random, 3 * depth);
    const auto expected = enumerate(segmentStarts(boundary), ops);
    const auto programs = decodePrograms(boundary, ops, 5, 2);
    REQUIRE(programs.size() == std::min<std::size_t>(5, expected.size()));
    std::set<Program> distinct;
    for (std::size_t i = 0; i < programs.size(); ++i) {
      CHECK(programs[i].program == expected[i].second);
      CHECK(std::abs(programs[i].logProbability - expected[i].first) < 1e-9);
      CHECK(canonicalParse(programs[i].program, static_cast<int>(depth), {4, 2}));
      distinct.insert(programs[i].program);
    }
    CHECK(distinct.size() == programs.size());
  }
}

TEST_CASE("ties are settled by the op's order, and no program is asked for gives none") {
  const std::vector<float> boundary{0, 1}, equal(6, 0.5f);
  const auto programs = decodePrograms(boundary, equal, 9, 1);
  REQUIRE(programs.size() == 4);  // two segments, two ops each: skip and keep
  CHECK(programs[0].program.text() == "");
  CHECK(programs[1].program.text() == "1");
  CHECK(programs[2].program.text() == "0");
  CHECK(programs[3].program.text() == "0-1");
  CHECK(decodePrograms(boundary, equal, 0, 5).empty());
  CHECK_THROWS_AS(decodePrograms(boundary, boundary, 1, 1), std::logic_error);
}

}  // namespace polar
