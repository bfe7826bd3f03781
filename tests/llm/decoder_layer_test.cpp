// DecoderLayer and KvSlot: how the tokens are cut into passes leaves no trace in the last bit.
#include "llm/reference.h"
#include "llm/self_check.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;

namespace {

std::vector<std::int32_t> randomTokens(const LanguageModel& model, int count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < count; ++i)
    tokens.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(model.config().vocabulary))));
  return tokens;
}

std::vector<KvSlot> slotsFor(const LanguageModel& model, const Program& program, int capacity) {
  std::vector<KvSlot> slots;
  for (int i = 0; i < program.executed(); ++i) slots.push_back(model.makeSlot(capacity));
  return slots;
}

at::Tensor advance(const LanguageModel& model, std::span<const std::int32_t> tokens, const Program& program,
                   std::vector<KvSlot>& slots) {
  at::Tensor hidden = model.embed(tokens);
  for (std::size_t i = 0; i < slots.size(); ++i) hidden = model.layer(program.layers()[i]).forward(hidden, slots[i]);
  return hidden;
}

const Program kProgram({0, 1, 2, 1, 2, 3, 5});
constexpr int kTokens = 150;  // more than two key tiles

}  // namespace

TEST_CASE("one pass, chunks and single tokens give the same bits", "[llm]") {
  for (const std::string variant : {"tiny-llama-a", "tiny-llama-b", "tiny-q4_1.gguf"}) {
    const auto model = LanguageModel::load(llmFixture(variant));
    const auto tokens = randomTokens(*model, kTokens, 7);
    const at::Tensor whole = runProgram(*model, tokens, kProgram);
    for (const std::vector<int>& cut :
         {std::vector{1}, {2}, {3}, {4}, {5}, {7}, {63}, {64}, {65}, {149}, {40, 1, 1, 30, 2}}) {
      auto slots = slotsFor(*model, kProgram, kTokens);
      std::vector<at::Tensor> parts;
      for (int at = 0, n = 0; at < kTokens; ++n) {
        const int count = std::min(cut[static_cast<std::size_t>(n) % cut.size()], kTokens - at);
        parts.push_back(
            advance(*model, std::span(tokens).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count)),
                    kProgram, slots));
        at += count;
      }
      CAPTURE(variant, cut);
      const at::Tensor joined = at::cat(parts);
      CHECK(at::equal(joined, whole));
      CHECK(at::equal(model->logits(joined.slice(0, kTokens - 1)), model->logits(whole).slice(0, kTokens - 1)));
      for (const KvSlot& slot : slots) CHECK(slot.length() == kTokens);
    }
  }
}

TEST_CASE("a prompt's rows do not depend on what follows it", "[llm]") {
  const auto model = LanguageModel::load(llmFixture("tiny-llama-b"));
  const auto tokens = randomTokens(*model, kTokens, 8);
  const at::Tensor whole = runProgram(*model, tokens, kProgram);
  for (const int length : {1, 2, 3, 4, 5, 31, 63, 64, 65, 100, 128, 129}) {
    const at::Tensor prefix = runProgram(*model, std::span(tokens).first(static_cast<std::size_t>(length)), kProgram);
    CHECK(at::equal(prefix, whole.slice(0, 0, length)));
  }
}

TEST_CASE("a truncated slot has forgotten", "[llm]") {
  const auto model = LanguageModel::load(llmFixture("tiny-llama-a"));
  const auto tokens = randomTokens(*model, 100, 9), others = randomTokens(*model, 30, 10);
  for (const int keep : {0, 1, 50, 63, 64, 65, 70}) {
    auto slots = slotsFor(*model, kProgram, 100);
    const auto head = std::span(tokens).first(static_cast<std::size_t>(keep));
    if (keep > 0) advance(*model, head, kProgram, slots);
    advance(*model, std::span(others), kProgram, slots);
    for (KvSlot& slot : slots) slot.truncate(keep);
    const auto next = std::span(tokens).subspan(static_cast<std::size_t>(keep), 25);
    const at::Tensor after = advance(*model, next, kProgram, slots);

    auto fresh = slotsFor(*model, kProgram, 100);
    if (keep > 0) advance(*model, head, kProgram, fresh);
    CAPTURE(keep);
    CHECK(at::equal(after, advance(*model, next, kProgram, fresh)));
  }
}

TEST_CASE("a forked slot goes its own way", "[llm]") {
  const auto model = LanguageModel::load(llmFixture("tiny-llama-a"));
  const auto tokens = randomTokens(*model, 60, 11), left = randomTokens(*model, 80, 12),
             right = randomTokens(*model, 5, 13);
  auto slots = slotsFor(*model, kProgram, 65);
  advance(*model, tokens, kProgram, slots);
  std::vector<KvSlot> forks;
  for (const KvSlot& slot : slots) forks.push_back(slot.fork(140));  // more room than the slot had
  for (const KvSlot& fork : forks) CHECK(fork.length() == 60);
  const at::Tensor ofFork = advance(*model, left, kProgram, forks);
  const at::Tensor ofSlot = advance(*model, right, kProgram, slots);

  const auto expected = [&](const std::vector<std::int32_t>& tail) {
    auto joined = tokens;
    joined.insert(joined.end(), tail.begin(), tail.end());
    return runProgram(*model, joined, kProgram).slice(0, 60);
  };
  CHECK(at::equal(ofFork, expected(left)));
  CHECK(at::equal(ofSlot, expected(right)));
  CHECK(slots.front().length() == 65);
  CHECK(forks.front().length() == 140);
}

TEST_CASE("layers see no token after their own", "[llm]") {
  const auto model = LanguageModel::load(llmFixture("tiny-llama-b"));
  auto tokens = randomTokens(*model, 80, 14);
  const at::Tensor before = runProgram(*model, tokens, kProgram);
  tokens[70] = (tokens[70] + 1) % model->config().vocabulary;
  const at::Tensor after = runProgram(*model, tokens, kProgram);
  CHECK(at::equal(before.slice(0, 0, 70), after.slice(0, 0, 70)));
  for (int row = 70; row < 80; ++row) CHECK_FALSE(at::equal(before[row], after[row]));
}

TEST_CASE("the self-check of this machine's arithmetic holds", "[llm]") {
  for (const std::string variant : {"tiny-llama-a", "tiny-llama-b"}) {
    const auto model = LanguageModel::load(llmFixture(variant));
    const SelfCheck& check = model->selfCheck();
    CHECK(check.products.size() >= 3);
    CHECK(check.layerInvariant);
    CHECK((check.attention == "blocks") == canAttendInBlocks(model->config(), at::TensorOptions().dtype(at::kFloat)));
    CHECK(check.holds());
  }
}
