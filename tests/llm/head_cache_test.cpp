// What the cache of heads keeps: never more than its budget, and a budget's worth of a cycle that does not fit.
#include "llm/head_cache.h"

#include "llm/reference.h"

using namespace polar;
using namespace polar::testing;

namespace {

class Scan {
 public:
  explicit Scan(int room)
      : model_(LanguageModel::load(fixture("llm/tiny-llama-b"))), bytes_(node()->slot.bytes()), cache_(room * bytes_) {}

  // Looks the nodes up in this order, brings those that are not there; returns how many were.
  int run(int first, int last) {
    int hits = 0;
    for (int i = first; i < last; ++i) {
      const std::vector<LayerIndex> path{static_cast<LayerIndex>(i)};
      if (cache_.find(kHead, path, false)) {
        ++hits;
      } else if (cache_.admits(bytes_)) {
        cache_.insert(kHead, path, node());
        ++copied_;
      }
    }
    return hits;
  }

  int copied() const { return copied_; }

 private:
  std::shared_ptr<const HeadNode> node() const {
    return std::make_shared<const HeadNode>(HeadNode{model_->makeSlot(2), {}});
  }

  const std::vector<std::int32_t> kHead{1, 2};
  std::shared_ptr<const LanguageModel> model_;
  std::int64_t bytes_;
  HeadCache cache_;
  int copied_ = 0;
};

}  // namespace

TEST_CASE("a cycle of heads larger than the budget still hits") {
  Scan scan(10);
  CHECK(scan.run(0, 15) == 0);
  int hits = 0;
  for (int round = 0; round < 20; ++round) {
    const int now = scan.run(0, 15);
    CHECK(now <= 10);
    hits += now;
  }
  CHECK(hits > 20 * 7);  // plain LRU: 0
}

TEST_CASE("a cycle that fits hits always, and other heads take the place of old ones in time") {
  Scan scan(10);
  scan.run(0, 10);
  CHECK(scan.run(0, 10) == 10);
  for (int round = 0; round < 60; ++round) scan.run(100, 108);
  CHECK(scan.run(100, 108) == 8);
}

TEST_CASE("a full cache asks for no copy that it would drop at once") {
  Scan scan(10);
  int missed = 0;
  for (int round = 0; round < 20; ++round) missed += 30 - scan.run(0, 30);
  CHECK(scan.copied() < 10 + missed / 10);  // one in 16 of the misses, after the first ten
}

TEST_CASE("a head larger than the whole budget is not asked for") {
  HeadCache cache(100);
  CHECK(cache.admits(100));
  for (int i = 0; i < 40; ++i) CHECK_FALSE(cache.admits(101));
}
