#include "llm/self_check.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <tuple>

#include "llm/language_model.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"
#include "support/machine.h"

namespace polar {
namespace {

constexpr int kReference = 64, kMostSafeRows = 16, kTokens = 150;
// Row counts that may become tiles. A GPU takes little longer for as many as this than for one.
constexpr std::array kTiles{32, 64, 96, 128, 192, 256, 320, 384, 512};
constexpr std::array kTilesOfGpu{256};
// A family of tiles that agree should have one as small as this: a step of decoding has few rows.
constexpr int kFewRows = 64;

// Reproducible values without torch's global generator.
at::Tensor pattern(std::int64_t rows, std::int64_t columns, const at::TensorOptions& options) {
  const at::Tensor index = at::arange(rows * columns, at::TensorOptions().dtype(at::kDouble));
  return at::sin(index * 12.9898)
      .view({rows, columns})
      .to(options.device(), c10::typeMetaToScalarType(options.dtype()));
}

// Whether tokens that pass in chunks, each after those before it in a slot, come out as they do at once.
// pass(slot, from, rows): the outputs of these rows. `empty`: a slot with room for all.
template <typename Pass>
bool sameInChunks(const KvSlot& empty, std::int64_t tokens, std::initializer_list<std::int64_t> chunks,
                  const Pass& pass) {
  const auto inChunks = [&](std::int64_t chunk) {
    KvSlot slot = empty.fork(empty.capacity());
    std::vector<at::Tensor> rows;
    for (std::int64_t from = 0; from < tokens; from += chunk)
      rows.push_back(pass(slot, from, std::min(chunk, tokens - from)));
    return at::cat(rows);
  };
  const at::Tensor whole = inChunks(tokens);
  return std::ranges::all_of(chunks, [&](std::int64_t chunk) { return at::equal(inChunks(chunk), whole); });
}

// Products of the same rows in passes of different lengths. A pass of bf16 rounds its fp32 sums so that most of their
// differences are hidden, one in some thousands shows: so it is made in several places, each with other rows.
class Passes {
 public:
  Passes(const Linear& linear, std::int64_t longest)
      : linear_(linear), places_(linear.options().dtype() == at::kFloat
                                     ? 1
                                     : std::clamp<std::int64_t>(kResults / (kReference * linear.outer()), 1, 64)),
        x_(pattern((places_ - 1) * kReference + 2 * longest, linear.inner(), linear.options())) {}

  // Rows from … from + rows after each place, the first `shared` of their products: [places, shared, outer].
  at::Tensor products(std::int64_t from, std::int64_t rows, std::int64_t shared) const {
    std::vector<at::Tensor> all;
    for (std::int64_t place = 0; place < places_; ++place)
      all.push_back(linear_.product(x_.narrow(0, place * kReference + from, rows)).narrow(0, 0, shared));
    return at::stack(all);
  }
  // Whether these rows have the bits that they have in `reference`, which begins at 0, as far as it has them.
  bool agree(std::int64_t from, std::int64_t rows, const at::Tensor& reference) const {
    const std::int64_t shared = std::min(rows, reference.size(1) - from);
    return at::equal(products(from, rows, shared), reference.narrow(1, from, shared));
  }

 private:
  static constexpr std::int64_t kResults = 1 << 18;

  const Linear& linear_;
  std::int64_t places_;
  at::Tensor x_;
};

// The least row count from which passes agree; 0: none.
int leastRows(const Passes& passes) {
  const at::Tensor reference = passes.products(0, kReference, kReference);
  int least = 0;
  for (int rows = kMostSafeRows; rows >= 1; --rows) {
    if (!passes.agree(0, rows, reference) || !passes.agree(5, rows, reference)) break;
    least = rows;
  }
  for (const std::int64_t rows : {17, 31, 47, 63, 96, 200, 256})
    if (least > 0 && !passes.agree(rows % 8, rows, reference)) return 0;
  return least;
}

// The candidates in families that agree bit for bit, each with itself wherever in it a row is; of these families the
// one that wastes least on few rows, then on many.
std::vector<int> agreeingTiles(const Passes& passes, std::span<const int> candidates) {
  struct Family {
    std::vector<int> tiles;
    at::Tensor products;  // of its largest tile
  };
  std::vector<Family> families;
  for (const int tile : candidates) {
    at::Tensor products = passes.products(0, tile, tile);
    if (!std::ranges::all_of(std::array{1, 5, 16, 31, tile - 1},
                             [&](int from) { return passes.agree(from, tile, products); }))
      continue;
    const auto family = std::ranges::find_if(families, [&](const Family& other) {
      const std::int64_t shared = other.products.size(1);
      return at::equal(products.narrow(1, 0, shared), other.products);
    });
    if (family == families.end()) {
      families.push_back({{tile}, std::move(products)});
    } else {
      family->tiles.push_back(tile);
      family->products = std::move(products);
    }
  }
  if (families.empty()) return {};
  const auto worth = [](const Family& family) {
    const int least = family.tiles.front();
    return std::tuple(least <= kFewRows ? 0 : -least, family.tiles.back(), -least);
  };
  return std::ranges::max(families, {}, worth).tiles;
}

}  // namespace

RowRule measureRowRule(const Linear& linear) {
  const at::InferenceMode inference;
  const std::span<const int> candidates =
      linear.options().device().is_cpu() ? std::span<const int>(kTiles) : std::span<const int>(kTilesOfGpu);
  const Passes passes(linear, candidates.back());
  if (const int least = leastRows(passes); least > 0) return {least, {}};
  return {0, agreeingTiles(passes, candidates)};
}

bool attentionIsInvariant(Attend way, const ModelConfig& config, const at::TensorOptions& options) {
  const at::InferenceMode inference;
  constexpr std::int64_t kLong = 1100;
  const auto rowsOf = [&](std::int64_t heads) {
    return pattern(kLong, heads * config.headSize, options).view({kLong, heads, config.headSize});
  };
  const at::Tensor query = rowsOf(config.heads), keys = rowsOf(config.kvHeads), values = keys.flip(0);
  return sameInChunks(KvSlot(config, kLong, options), kLong, {1, 3, 17, 64, 250},
                      [&](KvSlot& slot, std::int64_t from, std::int64_t rows) {
                        const RowsOfSlot part{&slot, rows};
                        slot.append(keys.narrow(0, from, rows), values.narrow(0, from, rows));
                        at::Tensor out = at::empty({rows, config.heads * config.headSize}, options);
                        way(query.narrow(0, from, rows), {&part, 1}, out);
                        return out;
                      });
}

bool layersAreInvariant(const LanguageModel& model) {
  const at::InferenceMode inference;
  const at::Tensor x = pattern(kTokens, model.config().width, model.tensorOptions());
  std::set<bool> seen;  // one layer of each kind
  for (int layer = 0; layer < model.depth(); ++layer) {
    if (!seen.insert(model.config().hasExperts(layer)).second) continue;
    if (!sameInChunks(model.makeSlot(kTokens), kTokens, {1, 3, 7, 64},
                      [&](KvSlot& slot, std::int64_t from, std::int64_t rows) {
                        return model.layer(layer).forward(x.narrow(0, from, rows), slot);
                      }))
      return false;
  }
  return true;
}

bool SelfCheck::holds() const {
  return layerInvariant &&
         std::all_of(products.begin(), products.end(), [](const Product& product) { return product.rule.safe(); });
}

SelfCheckMemory::SelfCheckMemory(std::filesystem::path file)
    : file_(std::move(file)),
      machine_(processorName() + ", libtorch " + TORCH_VERSION + ", " + at::get_cpu_capability()) {
  if (file_.empty() || !std::filesystem::exists(file_)) return;
  try {
    const auto json = parseJson(readFile(file_), file_.string(), "measurements");
    if (json.at("machine") != machine_) return;
    for (const auto& [key, value] : json.at("measured").items())
      if (auto numbers = value.get<std::vector<int>>(); !numbers.empty()) known_[key] = std::move(numbers);
  } catch (const std::exception&) {  // a memory that cannot be read is measured anew
    known_.clear();
  }
}

RowRule SelfCheckMemory::rule(const std::string& key, const std::function<RowRule()>& measure) {
  // The least row count (0 = none), then the tiles.
  const std::vector<int> known = numbers(key, [&] {
    const RowRule rule = measure();
    std::vector<int> written{rule.least};
    written.insert(written.end(), rule.tiles.begin(), rule.tiles.end());
    return written;
  });
  return {known.front(), {known.begin() + 1, known.end()}};
}

bool SelfCheckMemory::invariant(const std::string& key, const std::function<bool()>& measure) {
  return numbers(key, [&] { return std::vector<int>{measure() ? 1 : 0}; }).front() == 1;
}

std::vector<int> SelfCheckMemory::numbers(const std::string& key, const std::function<std::vector<int>()>& measure) {
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  isNew_ = true;
  return known_[key] = measure();
}

void SelfCheckMemory::save() const {
  if (file_.empty() || !isNew_) return;
  try {
    std::filesystem::create_directories(file_.parent_path());
    writeFileAtomically(file_, nlohmann::json{{"machine", machine_}, {"measured", known_}}.dump(1) + "\n");
  } catch (const std::exception&) {  // nowhere to remember it: measured anew next time
  }
}

}  // namespace polar
