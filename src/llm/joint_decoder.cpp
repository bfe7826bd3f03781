#include "llm/joint_decoder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace polar {
namespace {

// Rows of one output projection: enough to be efficient, few enough that logits of a large vocabulary stay small.
constexpr std::int64_t kLogitRows = 64;
// Programs that decode together. More rows make a product no faster.
constexpr std::size_t kLivePrograms = 96;

// Logits of rows that may be many, one [vocabulary] tensor a row.
template <typename Use>
void forEachLogitRow(const LanguageModel& model, const at::Tensor& hidden, Use use) {
  for (std::int64_t from = 0; from < hidden.size(0); from += kLogitRows) {
    const at::Tensor logits = model.logits(hidden.slice(0, from, from + kLogitRows));
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
};

JointDecoder::JointDecoder(const LanguageModel& model, const DecodingOptions& options,
                           std::span<const ExecutionRequest> requests, const SharingOptions& sharing,
                           std::span<Execution> results)
    : model_(model), options_(options), requests_(requests), sharing_(sharing), results_(results) {}

JointDecoder::~JointDecoder() = default;

void JointDecoder::add(Leaf leaf) {
  waitingRows_ += leaf.rows.size(0);
  for (const SharedSlot& slot : leaf.slots) waitingBytes_ += slot->bytes();  // an upper bound: programs share slots
  waiting_.push_back(std::move(leaf));
  const auto full = [&] { return waitingBytes_ + liveBytes_ >= sharing_.leafBytes; };
  if (waitingRows_ >= kLogitRows || full()) startWaiting();
  while (live_.size() >= kLivePrograms || (full() && !live_.empty())) step();
}

void JointDecoder::finish() {
  startWaiting();
  while (!live_.empty()) step();
}

void JointDecoder::startWaiting() {
  if (waiting_.empty()) return;
  std::vector<at::Tensor> rows;
  std::vector<std::pair<std::size_t, std::int64_t>> owner;  // of each row: its leaf, and the leaf's first row
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const auto first = static_cast<std::int64_t>(owner.size());
    rows.push_back(waiting_[i].rows);
    owner.insert(owner.end(), static_cast<std::size_t>(waiting_[i].rows.size(0)), {i, first});
  }
  std::vector<at::Tensor> logits;  // of the leaf whose rows are coming
  forEachLogitRow(model_, at::cat(rows), [&](std::int64_t row, const at::Tensor& values) {
    const auto [leaf, first] = owner[static_cast<std::size_t>(row)];
    logits.push_back(values);
    if (row - first + 1 < waiting_[leaf].rows.size(0)) return;
    start(waiting_[leaf], logits);
    waiting_[leaf].slots.clear();
    logits.clear();
  });
  waiting_.clear();
  waitingRows_ = waitingBytes_ = 0;
}

void JointDecoder::start(Leaf& leaf, std::span<const at::Tensor> logits) {
  std::optional<float> answerLogprob;
  const std::span<const std::int32_t> answer = requests_[leaf.requests.front()].answer;
  if (!answer.empty()) {
    double sum = 0;
    for (std::size_t i = 0; i < answer.size(); ++i)
      sum += logProbability(logits[i], answer[i]);
    answerLogprob = static_cast<float>(sum);
  }
  for (const std::size_t index : leaf.requests) {
    const ExecutionRequest& request = requests_[index];
    Generation generation(options_, request);
    // Row i + 1 was computed behind answer token i: it is the next row exactly where that token was chosen.
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
                     slotsFor(leaf, index, length, index == leaf.requests.back()), 0});
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

// One token of every live program.
void JointDecoder::step() {
  for (const Live& one : live_) layerTokens_ += static_cast<std::int64_t>(one.slots.size());
  std::vector<bool> done(live_.size());
  forEachLogitRow(model_, advance(), [&](std::int64_t row, const at::Tensor& values) {
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

// Runs every live program's last token through its layers: always the lowest layer that any of them waits for, so that
// programs meet again behind a skip or a repeat. Returns hidden [live programs, width].
at::Tensor JointDecoder::advance() {
  std::vector<std::int32_t> tokens;
  for (const Live& one : live_) tokens.push_back(one.generation.lastToken());
  at::Tensor hidden = model_.embed(tokens);
  std::vector<std::size_t> position(live_.size(), 0);
  const auto layersOf = [&](std::size_t i) { return requests_[live_[i].request].program->layers(); };
  while (true) {
    int layer = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < live_.size(); ++i)
      if (position[i] < layersOf(i).size()) layer = std::min<int>(layer, layersOf(i)[position[i]]);
    if (layer == std::numeric_limits<int>::max()) return hidden;
    std::vector<std::int64_t> together;
    std::vector<RowsOfSlot> parts;
    for (std::size_t i = 0; i < live_.size(); ++i) {
      if (position[i] >= layersOf(i).size() || layersOf(i)[position[i]] != layer) continue;
      together.push_back(static_cast<std::int64_t>(i));
      parts.push_back({&live_[i].slots[position[i]++], 1});
    }
    if (together.size() == live_.size()) {
      hidden = model_.layer(layer).forward(hidden, parts);
    } else {
      const at::Tensor rows = indexOf(together, hidden.device());
      hidden.index_copy_(0, rows, model_.layer(layer).forward(hidden.index_select(0, rows), parts));
    }
  }
}

}  // namespace polar
