#include "llm/feed_forward.h"

#include <ATen/ATen.h>

namespace polar {
namespace {

// A product with a single output row would take a matrix-vector kernel, whose last bits depend on the rows beside.
at::Tensor paddedToTile(const at::Tensor& weight) {
  constexpr std::int64_t kTile = 16;
  return at::constant_pad_nd(weight, {0, 0, 0, (kTile - weight.size(0) % kTile) % kTile}).contiguous();
}

at::Tensor toTensor(const std::vector<std::int64_t>& values, const at::Device& device) {
  return at::tensor(at::ArrayRef<std::int64_t>(values), at::kLong).to(device);
}

}  // namespace

GatedUnit::GatedUnit(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& down)
    : gate_(gate), up_(up), down_(down) {}

at::Tensor GatedUnit::forward(const at::Tensor& x) const { return down_(inner(x)); }

at::Tensor GatedUnit::forwardPlus(const at::Tensor& x, const at::Tensor& term) const {
  return down_.plus(inner(x), term);
}

at::Tensor GatedUnit::inner(const at::Tensor& x) const { return up_.times(x, gate_.silu(x)); }

void GatedUnit::forEachProduct(const std::string& prefix, const UseProduct& use) {
  if (!down_.defined()) return;
  use(prefix + "gate, up", gate_);
  use(prefix + "gate, up", up_);
  use(prefix + "down", down_);
}

ExpertMixture::ExpertMixture(at::Tensor router, at::Tensor sharedGate, GatedUnit shared, std::vector<GatedUnit> experts,
                             int chosen, bool sharesSumToOne)
    : routerAndGate_(paddedToTile(at::cat({std::move(router), std::move(sharedGate)}))), shared_(std::move(shared)),
      experts_(std::move(experts)), chosen_(chosen), sharesSumToOne_(sharesSumToOne) {}

at::Tensor ExpertMixture::forward(const at::Tensor& x, std::int64_t tokens) const {
  const auto count = static_cast<std::int64_t>(experts_.size());
  const at::Tensor scores = routerAndGate_(x);
  // The sigmoid of one whole row of the padded product, for the reason that Linear::silu has where it does not fuse.
  const at::Tensor gate = at::sigmoid(at::constant_pad_nd(scores.narrow(1, count, 1), {0, 63})).narrow(1, 0, 1);
  at::Tensor sum = at::zeros_like(x);

  // A stable sort: of equal shares (bf16 has many) the expert with the smaller number is chosen.
  const at::Tensor shares = at::softmax(scores.narrow(0, 0, tokens).narrow(1, 0, count), -1, at::kFloat);
  auto [ordered, order] = at::sort(shares, /*stable=*/true, /*dim=*/-1, /*descending=*/true);
  at::Tensor kept = ordered.narrow(1, 0, chosen_);
  if (sharesSumToOne_) {
    at::Tensor total = kept.select(1, 0);  // summed column by column: the same order whatever the number of rows
    for (int i = 1; i < chosen_; ++i) total = total + kept.select(1, i);
    kept = kept / total.unsqueeze(1);
  }
  const at::Tensor flat = kept.to(x.dtype()).contiguous().view({-1, 1});
  const at::Tensor numbers = order.narrow(1, 0, chosen_).to(at::kCPU).contiguous();
  const auto* number = numbers.data_ptr<std::int64_t>();

  std::vector<std::vector<std::int64_t>> placesOf(experts_.size());  // token · chosen + rank
  for (std::int64_t place = 0; place < tokens * chosen_; ++place)
    placesOf[static_cast<std::size_t>(number[place])].push_back(place);
  for (std::size_t i = 0; i < experts_.size(); ++i) {
    if (placesOf[i].empty()) continue;
    const at::Tensor places = toTensor(placesOf[i], x.device());
    const at::Tensor rows = at::floor_divide(places, chosen_);
    const at::Tensor out = experts_[i].forward(padRows(x.index_select(0, rows))).narrow(0, 0, rows.size(0));
    sum.index_add_(0, rows, out * flat.index_select(0, places));  // no row twice, experts one after another
  }
  return sum + gate * shared_.forward(x);
}

void ExpertMixture::forEachProduct(const UseProduct& use) {
  use("router", routerAndGate_);
  shared_.forEachProduct("shared ", use);
  for (GatedUnit& expert : experts_) expert.forEachProduct("expert ", use);
}

}  // namespace polar
