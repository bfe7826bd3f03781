// Linear: how rows are cut into tiles, and that a rule which was measured keeps its promise.
#include "llm/linear.h"

#include <ATen/ATen.h>

#include "llm/self_check.h"
#undef CHECK

#include "catch.h"

namespace polar {

TEST_CASE("rows are held by the largest full tiles, the rest by the smallest", "[llm]") {
  const std::vector<int> tiles{64, 192, 320};
  CHECK(tilesFor(1, tiles) == std::vector{64});
  CHECK(tilesFor(64, tiles) == std::vector{64});
  CHECK(tilesFor(65, tiles) == std::vector{64, 64});
  CHECK(tilesFor(600, tiles) == std::vector{320, 192, 64, 64});
  CHECK(tilesFor(640, tiles) == std::vector{320, 320});
  CHECK(tilesFor(0, tiles).empty());
  CHECK(tilesFor(7, {}).empty());
}

// bf16 with a long inner dimension: where a machine's kernels look at the number of rows, they do so here.
TEST_CASE("by the measured rule a row has the same bits in every pass", "[llm]") {
  const at::InferenceMode inference;
  useOneThread();
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const auto& [inner, outer] : {std::pair{4864, 128}, {896, 256}, {64, 64}}) {
      at::manual_seed(5);
      Linear linear(at::randn({outer, inner}).to(type));
      const RowRule rule = measureRowRule(linear);
      CAPTURE(at::toString(type), inner, outer, rule.least, rule.tiles);
      REQUIRE(rule.safe());
      linear.setRule(rule);
      const at::Tensor rows = at::randn({700, inner}).to(type), all = linear(rows);
      for (const auto& [from, count] : {std::pair{0, 1}, {3, 2}, {5, 33}, {60, 64}, {17, 100}, {1, 513}, {0, 700}})
        CHECK(at::equal(linear(rows.narrow(0, from, count)), all.narrow(0, from, count)));
    }
  }
}

}  // namespace polar
