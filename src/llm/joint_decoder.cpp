#include "llm/joint_decoder.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace polar {
namespace {

// Rows of one output projection: enough to be efficient, few enough that logits of a large vocabulary stay small.
constexpr std::int64_t kLogitRows = 64;
// A step of few rows costs as much as the weights take to arrive from memory, so programs wait for company.
constexpr std::size_t kManyPrograms = 96;

// Logits of rows that may be many, one [vocabulary] tensor a row.
template <typename Use>
void forEachLogitRow(const LanguageModel& model, const at::Tensor& hidden, Use use) {
  for (std::int64_t from = 0; from < hidden.size(0); from += kLogitRows) {
    const at::Tensor logits = model.logits(hidden.slice(0, from, from + kLogitRows)).to(at::kCPU);
    for (std::int64_t i = 0; i < logits.size(0); ++i) use(from + i, logits[i]);
  }
}

at::Tensor indexOf(const std::vector<std::int64_t>& rows, const at::Device& device) {
  return at::tensor(at::ArrayRef<std::int64_t>(rows), at::kLong).to(device);
}

}  // namespace

// A program in the middle of its answer, with slots of its own.
struct JointDecoder::Live {
  std::size_t request = 0;
  Generation generation;
  std::optional<float> answerLogprob;
  std::vector<KvSlot> slots;
  std::int64_t bytes = 0;
  std::size_t position = 0;  // in the program, within a step
};

JointDecoder::JointDecoder(const LanguageModel& model, const DecodingOptions& options,
                           std::span<const ExecutionRequest> requests, const SharingOptions& sharing,
                           std::span<Execution> results)
    : model_(model), options_(options), requests_(requests), sharing_(sharing), results_(results) {}

JointDecoder::~JointDecoder() = default;

void JointDecoder::add(std::vector<Leaf> leaves) {
  std::vector<at::Tensor> rows;
  std::vector<std::pair<Leaf*, std::int64_t>> owner;  // of each row: its leaf, and the leaf's first row
  for (Leaf& leaf : leaves) {
    const auto first = static_cast<std::int64_t>(owner.size());
    rows.push_back(leaf.rows);
    owner.insert(owner.end(), static_cast<std::size_t>(leaf.rows.size(0)), {&leaf, first});
  }
  std::vector<at::Tensor> logits;  // of the leaf whose rows are coming
  forEachLogitRow(model_, at::cat(rows), [&](std::int64_t row, const at::Tensor& values) {
    const auto [leaf, first] = owner[static_cast<std::size_t>(row)];
    logits.push_back(values);
    if (row - first + 1 < leaf->rows.size(0)) return;
    start(*leaf, logits);
    leaf->slots.clear();
    logits.clear();
  });
}

void JointDecoder::start(Leaf& leaf, std::span<const at::Tensor> logits) {
  std::optional<float> answerLogprob;
  const std::span<const std::int32_t> answer = requests_[leaf.requests.front()].answer;
  if (!answer.empty()) {
    double sum = 0;
    for (std::size_t i = 0; i < answer.size(); ++i) sum += logProbability(logits[i], answer[i]);
    answerLogprob = static_cast<float>(sum);
  }
  for (const std::size_t index : leaf.requests) {
    const ExecutionRequest& request = requests_[index];
    Generation generation(options_, request);
    // Row i + 1 was computed after answer token i: it is the next row exactly where that token was chosen.
    std::size_t accepted = 0;
    bool done = generation.take(logits[0]);
    while (!done && sharing_.draft && accepted + 1 < logits.size() && generation.lastToken() == answer[accepted])
      done = generation.take(logits[++accepted]);
    if (done) {
      results_[index] = generation.finish(answerLogprob);
      continue;
    }
    const int length = static_cast<int>(request.prompt.size() + accepted);
    live_.push_back({index, std::move(generation), answerLogprob,
                     slotsFor(leaf, index, length, index == leaf.requests.back()), 0, 0});
    for (const KvSlot& slot : live_.back().slots) live_.back().bytes += slot.bytes();
    liveBytes_ += live_.back().bytes;
  }
}

// The leaf's slots, cut to `length` tokens, for one of its requests to write to. `last`: no other will ask for them.
std::vector<KvSlot> JointDecoder::slotsFor(Leaf& leaf, std::size_t request, int length, bool last) const {
  const int capacity = static_cast<int>(requests_[request].prompt.size()) + options_.maxNewTokens;
  std::vector<KvSlot> slots;
  for (SharedSlot& slot : leaf.slots) {
    if (last && slot.use_count() == 1 && slot->capacity() >= capacity)
      slots.push_back(std::move(*slot));
    else
      slots.push_back(slot->fork(capacity));
    slots.back().truncate(length);
  }
  return slots;
}

std::span<const LayerIndex> JointDecoder::layersOf(const Live& one) const {
  return requests_[one.request].program->layers();
}

bool JointDecoder::many() const { return live_.size() >= kManyPrograms; }

void JointDecoder::begin() {
  std::vector<std::int32_t> tokens;
  for (Live& one : live_) {
    tokens.push_back(one.generation.lastToken());
    one.position = 0;
    layerTokens_ += static_cast<std::int64_t>(one.slots.size());
  }
  if (!live_.empty()) hidden_ = model_.embed(tokens);
}

int JointDecoder::nextLayer() const {
  int lowest = -1;
  for (const Live& one : live_)
    if (const auto layers = layersOf(one); one.position < layers.size())
      if (const int layer = layers[one.position]; lowest < 0 || layer < lowest) lowest = layer;
  return lowest;
}

void JointDecoder::collect(int layer, std::vector<at::Tensor>& rows, std::vector<RowsOfSlot>& parts) {
  together_.clear();
  for (std::size_t i = 0; i < live_.size(); ++i) {
    Live& one = live_[i];
    if (one.position >= one.slots.size() || layersOf(one)[one.position] != layer) continue;
    together_.push_back(static_cast<std::int64_t>(i));
    parts.push_back({&one.slots[one.position++], 1, 0});
  }
  if (!together_.empty()) rows.push_back(hidden_.index_select(0, indexOf(together_, hidden_.device())));
}

void JointDecoder::distribute(const at::Tensor& rows) {
  hidden_.index_copy_(0, indexOf(together_, hidden_.device()), rows);
}

void JointDecoder::end() {
  if (live_.empty()) return;
  std::vector<bool> done(live_.size());
  forEachLogitRow(model_, hidden_, [&](std::int64_t row, const at::Tensor& values) {
    Live& one = live_[static_cast<std::size_t>(row)];
    done[static_cast<std::size_t>(row)] = one.generation.take(values);
    if (done[static_cast<std::size_t>(row)]) results_[one.request] = one.generation.finish(one.answerLogprob);
  });
  std::vector<Live> left;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (done[i])
      liveBytes_ -= live_[i].bytes;
    else
      left.push_back(std::move(live_[i]));
  }
  live_ = std::move(left);
}

}  // namespace polar
