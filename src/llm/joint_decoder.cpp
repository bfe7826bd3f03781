#include "llm/joint_decoder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace polar {
namespace {

// Rows of one output projection: enough to be efficient, few enough that logits of a large vocabulary stay small.
constexpr std::int64_t kLogitRows = 64;

// Logits of rows that may be many, one [vocabulary] tensor a row.
template <typename Use>
void forEachLogitRow(const LanguageModel& model, const at::Tensor& hidden, Use use) {
  for (std::int64_t from = 0; from < hidden.size(0); from += kLogitRows) {
    const at::Tensor logits = model.logits(hidden.slice(0, from, from + kLogitRows));
    for (std::int64_t i = 0; i < logits.size(0); ++i) use(from + i, logits[i]);
  }
}

}  // namespace

// A program in the middle of its answer, with slots of its own.
struct JointDecoder::Live {
  std::size_t request = 0;
  Generation generation;
  std::optional<float> answerLogprob;
  std::vector<KvSlot> slots;
  std::size_t position = 0;  // in the program, within one step
  at::Tensor hidden;         // [1, width]
};

std::int64_t JointDecoder::finish(std::vector<Leaf>& leaves, std::span<Execution> results) const {
  if (leaves.empty()) return 0;
  std::vector<at::Tensor> rows;
  std::vector<std::pair<std::size_t, std::int64_t>> owner;  // of each row: its leaf, and the leaf's first row
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const auto first = static_cast<std::int64_t>(owner.size());
    rows.push_back(leaves[i].rows);
    owner.insert(owner.end(), static_cast<std::size_t>(leaves[i].rows.size(0)), {i, first});
  }
  std::vector<Live> live;
  std::vector<at::Tensor> logits;  // of the leaf whose rows are coming
  forEachLogitRow(model_, at::cat(rows), [&](std::int64_t row, const at::Tensor& values) {
    const auto [leaf, first] = owner[static_cast<std::size_t>(row)];
    logits.push_back(values);
    if (row - first + 1 < leaves[leaf].rows.size(0)) return;
    start(leaves[leaf], logits, live, results);
    leaves[leaf].slots.clear();
    logits.clear();
  });
  std::int64_t layerTokens = 0;
  while (!live.empty()) layerTokens += step(live, results);
  return layerTokens;
}

void JointDecoder::start(const Leaf& leaf, std::span<const at::Tensor> logits, std::vector<Live>& live,
                         std::span<Execution> results) const {
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
    while (!done && draft_ && accepted + 1 < logits.size() &&
           generation.lastToken() == answer[accepted])
      done = generation.take(logits[++accepted]);
    if (done) {
      results[index] = generation.finish(answerLogprob);
      continue;
    }
    const int length = static_cast<int>(request.prompt.size()) + static_cast<int>(accepted);
    Live next{index, std::move(generation), answerLogprob, {}, 0, {}};
    for (const SharedSlot& slot : leaf.slots) {
      next.slots.push_back(slot->fork(static_cast<int>(request.prompt.size()) + options_.maxNewTokens));
      next.slots.back().truncate(length);
    }
    live.push_back(std::move(next));
  }
}

// One token of every live program.
std::int64_t JointDecoder::step(std::vector<Live>& live, std::span<Execution> results) const {
  std::int64_t layerTokens = 0;
  for (const Live& one : live) layerTokens += static_cast<std::int64_t>(one.slots.size());
  std::vector<bool> done(live.size());
  forEachLogitRow(model_, advance(live), [&](std::int64_t row, const at::Tensor& values) {
    Live& one = live[static_cast<std::size_t>(row)];
    done[static_cast<std::size_t>(row)] = one.generation.take(values);
    if (done[static_cast<std::size_t>(row)]) results[one.request] = one.generation.finish(one.answerLogprob);
  });
  std::vector<Live> left;
  for (std::size_t i = 0; i < live.size(); ++i)
    if (!done[i]) left.push_back(std::move(live[i]));
  live = std::move(left);
  return layerTokens;
}

// Runs every live program's last token through its layers: always the lowest layer that any of them waits for, so that
// programs meet again behind a skip or a repeat. Returns hidden [live programs, width].
at::Tensor JointDecoder::advance(std::vector<Live>& live) const {
  std::vector<std::int32_t> tokens;
  for (const Live& one : live) tokens.push_back(one.generation.lastToken());
  const at::Tensor embedded = model_.embed(tokens);
  for (std::size_t i = 0; i < live.size(); ++i) {
    live[i].hidden = embedded.narrow(0, static_cast<std::int64_t>(i), 1);
    live[i].position = 0;
  }
  const auto layersOf = [&](const Live& one) { return requests_[one.request].program->layers(); };
  while (true) {
    int layer = std::numeric_limits<int>::max();
    for (const Live& one : live)
      if (one.position < layersOf(one).size()) layer = std::min<int>(layer, layersOf(one)[one.position]);
    if (layer == std::numeric_limits<int>::max()) break;
    std::vector<Live*> together;
    std::vector<at::Tensor> rows;
    std::vector<RowsOfSlot> parts;
    for (Live& one : live) {
      if (one.position >= layersOf(one).size() || layersOf(one)[one.position] != layer) continue;
      together.push_back(&one);
      rows.push_back(one.hidden);
      parts.push_back({&one.slots[one.position], 1});
    }
    const at::Tensor out = model_.layer(layer).forward(at::cat(rows), parts);
    for (std::size_t i = 0; i < together.size(); ++i) {
      together[i]->hidden = out.narrow(0, static_cast<std::int64_t>(i), 1);
      ++together[i]->position;
    }
  }
  std::vector<at::Tensor> last;
  for (const Live& one : live) last.push_back(one.hidden);
  return at::cat(last);
}

}  // namespace polar
