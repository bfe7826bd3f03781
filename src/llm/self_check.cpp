#include "llm/self_check.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "llm/language_model.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"
#include "support/machine.h"

namespace polar {
namespace {

constexpr int kReference = 64, kMostSafeRows = 16, kTokens = 150;
// Rows of a tile: on a GPU as many as take little longer than one.
constexpr int kTile = 32, kTileOfGpu = 256;

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

}  // namespace

RowRule measureRowRule(const Linear& linear) {
  const at::InferenceMode inference;
  const int tileRows = linear.options().device().is_cpu() ? kTile : kTileOfGpu;
  constexpr std::int64_t kWidest = 264;
  const at::Tensor x = pattern(kWidest + tileRows, linear.inner(), linear.options());
  const at::Tensor reference = linear.product(x.narrow(0, 0, kReference));
  // Rows from..from+rows alone, as far as the reference has them.
  const auto agrees = [&](std::int64_t from, std::int64_t rows) {
    const std::int64_t shared = std::min<std::int64_t>(rows, kReference - from);
    return at::equal(linear.product(x.narrow(0, from, rows)).narrow(0, 0, shared), reference.narrow(0, from, shared));
  };
  RowRule rule;
  for (int rows = kMostSafeRows; rows >= 1 && agrees(0, rows) && agrees(5, rows); --rows) rule.least = rows;
  for (const std::int64_t rows : {17, 31, 47, 63, 96, 200, 256})
    if (rule.least > 0 && !agrees(rows % 8, rows)) rule.least = 0;
  if (rule.least > 0) return rule;

  const at::Tensor tile = linear.product(x.narrow(0, 0, tileRows));
  for (const std::int64_t from : {1, 5, 16, 31, tileRows - 1}) {
    const std::int64_t shared = tileRows - from;
    if (!at::equal(linear.product(x.narrow(0, from, tileRows)).narrow(0, 0, shared), tile.narrow(0, from, shared)))
      return {};
  }
  return {0, tileRows};
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
    for (const auto& [key, value] : json.at("measured").items()) known_[key] = value.get<int>();
  } catch (const std::exception&) {  // a memory that cannot be read is measured anew
    known_.clear();
  }
}

RowRule SelfCheckMemory::rule(const std::string& key, const std::function<RowRule()>& measure) {
  // One number: a least row count, a tile as its negative, 0 for neither.
  const int number = value(key, [&] {
    const RowRule rule = measure();
    return rule.tile > 0 ? -rule.tile : rule.least;
  });
  return number < 0 ? RowRule{0, -number} : RowRule{number, 0};
}

bool SelfCheckMemory::invariant(const std::string& key, const std::function<bool()>& measure) {
  return value(key, [&] { return measure() ? 1 : 0; }) == 1;
}

int SelfCheckMemory::value(const std::string& key, const std::function<int()>& measure) {
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
