// ProgramExecutor's contract on a tiny checkpoint: own slots, ends of decoding, limits, sampling, the same bits again.
#include <map>
#include <set>

#include "llm/reference.h"

using namespace polar;
using namespace polar::testing;

namespace {

const std::shared_ptr<const LanguageModel>& tiny() {
  static const auto model = LanguageModel::load(llmFixture("tiny-llama-a"));
  return model;
}

Execution run(const DecodingOptions& options, const ExecutionRequest& request) {
  return makePlainExecutor(tiny(), options)->execute({&request, 1}).at(0);
}

// The fault of sharing one slot among all passes of a layer, token by token.
std::vector<float> logitsWithOneSlotPerLayer(std::span<const std::int32_t> prompt, const Program& program) {
  std::map<LayerIndex, KvSlot> slots;
  at::Tensor hidden;
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    hidden = tiny()->embed(prompt.subspan(i, 1));
    for (const LayerIndex layer : program.layers()) {
      auto slot = slots.find(layer);
      if (slot == slots.end())
        slot = slots.emplace(layer, tiny()->makeSlot(static_cast<int>(prompt.size()) * program.executed())).first;
      hidden = tiny()->layer(layer).forward(hidden, slot->second);
    }
  }
  return toVector(tiny()->logits(hidden));
}

}  // namespace

TEST_CASE("a repeated layer keeps its passes apart", "[llm]") {
  int repeats = 0;
  for (const Json& expected : tinyLlama()["a"]["cases"]) {
    const Program program = programOf(expected["program"]);
    const auto prompt = ids(expected["prompt"]);
    if (prompt.size() < 2 || program.executed() == 0) continue;
    const bool whole = expected.contains("logits");
    const float faulty = largestDifference(floats(expected[whole ? "logits" : "logits_every_8"]),
                                           logitsWithOneSlotPerLayer(prompt, program), whole ? 1 : 8);
    CAPTURE(program.text(), faulty);
    if (program.unique() < program.executed()) {
      ++repeats;
      CHECK(expected["one_slot_difference"].get<float>() > 0.1f);  // HF with a shared slot differs as well
      CHECK(faulty > 0.1f);
    } else {
      CHECK(faulty <= 2e-4f);  // without repeats there is nothing to share: the control itself is sound
    }
  }
  CHECK(repeats >= 12);
}

TEST_CASE("executing again gives the same bits, alone or in a batch", "[llm]") {
  DecodingOptions options;
  options.maxNewTokens = 6;
  const Json& cases = tinyLlama()["a"]["cases"];
  std::vector<std::vector<std::int32_t>> prompts, answers;
  std::vector<Program> programs;
  for (const Json& expected : cases) {
    prompts.push_back(ids(expected["prompt"]));
    answers.push_back(ids(expected["answer"]));
    programs.push_back(programOf(expected["program"]));
  }
  std::vector<ExecutionRequest> requests;
  for (std::size_t i = 0; i < cases.size(); ++i)
    requests.push_back({.prompt = prompts[i],
                        .headTokens = i % (prompts[i].size() + 1),
                        .answer = answers[i],
                        .program = &programs[i],
                        .temperature = i % 3 ? 0.0 : 1.0,
                        .seed = i});
  const auto executor = makePlainExecutor(tiny(), options);
  const auto together = executor->execute(requests);
  REQUIRE(together.size() == requests.size());
  for (std::size_t i = requests.size(); i-- > 0;) {
    ExecutionRequest alone = requests[i];
    alone.headTokens = 0;
    CHECK(sameBits(together[i], executor->execute({&alone, 1}).at(0)));
    CHECK(sameBits(together[i], run(options, alone)));
  }
}

TEST_CASE("the answer does not change what is generated", "[llm]") {
  DecodingOptions options;
  options.maxNewTokens = 8;
  for (const std::size_t n : {3, 5, 12, 20}) {
    const Json& expected = tinyLlama()["a"]["cases"][n];
    const Program program = programOf(expected["program"]);
    const auto prompt = ids(expected["prompt"]), answer = ids(expected["answer"]), greedy = ids(expected["ids"]);
    const Execution plain = run(options, {.prompt = prompt, .answer = {}, .program = &program});
    CHECK_FALSE(plain.answerLogprob.has_value());
    for (const auto& reference : {answer, greedy}) {
      const Execution scored = run(options, {.prompt = prompt, .answer = reference, .program = &program});
      CHECK(scored.tokens == plain.tokens);
      CHECK(scored.margin == plain.margin);
      REQUIRE(scored.answerLogprob.has_value());
    }
  }
}

TEST_CASE("decoding ends at the end of sequence, when determined, or at the limit", "[llm]") {
  const Json& expected = tinyLlama()["b"]["cases"][5];
  const auto model = LanguageModel::load(llmFixture("tiny-llama-b"));
  const auto prompt = ids(expected["prompt"]), greedy = ids(expected["ids"]);
  const Program program = programOf(expected["program"]);
  const ExecutionRequest request{.prompt = prompt, .answer = {}, .program = &program};
  const auto execute = [&](DecodingOptions options) {
    return makePlainExecutor(model, std::move(options))->execute({&request, 1}).at(0);
  };
  const auto full = static_cast<int>(greedy.size());

  SECTION("end of sequence is not among the tokens, and its margin counts") {
    for (const std::int32_t end : std::set<std::int32_t>(greedy.begin(), greedy.end())) {
      std::vector<std::int32_t> ends{end, 1000000};
      const Execution execution = execute({.maxNewTokens = full, .endOfSequence = ends, .determined = {}});
      const auto at = std::find(greedy.begin(), greedy.end(), end);
      CHECK(execution.tokens == std::vector<std::int32_t>(greedy.begin(), at));
      CHECK(execution.finished);
      const Execution longer =
          execute({.maxNewTokens = static_cast<int>(at - greedy.begin()) + 1, .endOfSequence = {}, .determined = {}});
      CHECK(execution.margin == longer.margin);
    }
  }
  SECTION("the token that determines the answer is the last") {
    for (std::size_t stop = 1; stop <= greedy.size(); ++stop) {
      bool askedAfter = false;
      bool done = false;
      const Execution execution = execute({.maxNewTokens = full, .endOfSequence = {}, .determined = [&](auto tokens) {
                                             askedAfter = askedAfter || done;
                                             return done = tokens.size() >= stop;
                                           }});
      CHECK(execution.tokens == std::vector<std::int32_t>(greedy.begin(), greedy.begin() + static_cast<long>(stop)));
      CHECK(execution.finished);
      CHECK_FALSE(askedAfter);
    }
  }
  SECTION("the token limit") {
    for (int limit = 0; limit <= full; ++limit) {
      const Execution execution = execute({.maxNewTokens = limit, .endOfSequence = {}, .determined = {}});
      CHECK(execution.tokens == std::vector<std::int32_t>(greedy.begin(), greedy.begin() + limit));
      CHECK_FALSE(execution.finished);
      if (limit == 0) CHECK(execution.margin == std::numeric_limits<float>::infinity());
    }
  }
}

TEST_CASE("requests that cannot be run are refused", "[llm]") {
  DecodingOptions options;
  options.maxNewTokens = 12;
  const Program standard = Program::standard(6);
  const std::vector<std::int32_t> empty, good{5, 6, 7}, outside{5, 320}, negative{-5};
  const auto refused = [&](const std::vector<std::int32_t>& prompt, const std::vector<std::int32_t>& answer) {
    return refusal([&] { run(options, {.prompt = prompt, .answer = answer, .program = &standard}); });
  };
  CHECK(refused(good, good).empty());
  CHECK(names(refused(empty, good), {"prompt"}));
  CHECK(names(refused(outside, good), {"320"}));
  CHECK(names(refused(negative, good), {"-5"}));
  for (const auto& answer : {std::vector<std::int32_t>{320}, {320, 1}, {1, 320}, {-1}, {1, 2, 2000000000}})
    CHECK(names(refused(good, answer), {"320"}));  // the id or the vocabulary's size

  const Program beyond({0, 1, 6});
  CHECK(names(refusal([&] { run(options, {.prompt = good, .answer = {}, .program = &beyond}); }),
              {"layer 6", "depth of 6"}));

  // 256 positions: the longest prompt with 12 new tokens has 244.
  CHECK(refused(std::vector<std::int32_t>(244, 3), {}).empty());
  CHECK(names(refused(std::vector<std::int32_t>(245, 3), {}), {"245", "244"}));
  CHECK(names(refused(std::vector<std::int32_t>(100, 3), std::vector<std::int32_t>(157, 3)), {"100"}));
}

TEST_CASE("sampling follows softmax(logits / temperature) and its seed", "[llm]") {
  const Json& expected = tinyLlama()["a"]["cases"][3];
  const auto prompt = ids(expected["prompt"]);
  const Program program = programOf(expected["program"]);
  const double temperature = 0.7;
  const auto logits = floats(expected["logits"]);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit / temperature);

  DecodingOptions options;
  options.maxNewTokens = 1;
  const int draws = 1500;
  std::vector<ExecutionRequest> requests;
  for (int seed = 0; seed < draws; ++seed)
    requests.push_back({.prompt = prompt,
                        .answer = {},
                        .program = &program,
                        .temperature = temperature,
                        .seed = static_cast<std::uint64_t>(seed)});
  std::map<std::int32_t, int> counts;
  for (const Execution& execution : makePlainExecutor(tiny(), options)->execute(requests))
    ++counts[execution.tokens.at(0)];
  int common = 0;
  for (std::size_t token = 0; token < logits.size(); ++token) {
    const double p = std::exp(logits[token] / temperature) / sum;
    if (p < 0.02) continue;
    ++common;
    CAPTURE(token, p);
    CHECK(std::abs(counts[static_cast<std::int32_t>(token)] - draws * p) < 4.5 * std::sqrt(draws * p * (1 - p)));
  }
  CHECK(common >= 3);

  options.maxNewTokens = 12;
  const auto sample = [&](std::uint64_t seed) {
    return run(options, {.prompt = prompt, .answer = {}, .program = &program, .temperature = 2, .seed = seed}).tokens;
  };
  CHECK(sample(1) == sample(1));
  CHECK(sample(1) != sample(2));
}
