// The shared executor against the plain one, its judge: the same bits whatever is shared, drafted, batched or evicted.
#include <cmath>
#include <numeric>

#include "llm/reference.h"
#include "program/edit.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;

namespace {

// Prompts with a common head and answers of several lengths, programs of skips and repeats that begin alike.
struct Workload {
  std::vector<std::vector<std::int32_t>> prompts, answers;
  std::vector<Program> programs;
  std::vector<ExecutionRequest> requests;
  static constexpr std::size_t kHead = 9;

  Workload(const LanguageModel& model, int examples, int programsEach, std::uint64_t seed) {
    Random random(seed);
    const auto tokens = [&](std::size_t count) {
      std::vector<std::int32_t> ids;
      for (std::size_t i = 0; i < count; ++i)
        ids.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(model.config().vocabulary))));
      return ids;
    };
    const auto head = tokens(kHead);
    const EditSpace space{model.depth()};
    const auto edits = singleEdits(space);
    programs.push_back(Program::standard(model.depth()));
    programs.push_back(Program());
    while (static_cast<int>(programs.size()) < programsEach) {
      std::vector<Segment> chosen{edits[random.below(edits.size())]};
      const Segment second = edits[random.below(edits.size())];
      if (!overlaps(chosen.front(), second)) chosen.push_back(second);
      programs.push_back(applyEdits(chosen, model.depth()));
    }
    for (int i = 0; i < examples; ++i) {
      prompts.push_back(head);
      for (const std::int32_t id : tokens(3 + random.below(60))) prompts.back().push_back(id);
      answers.push_back(tokens(random.below(5)));
    }
    // Answers that greedy decoding gives, whole and in part: drafts that are accepted.
    DecodingOptions options;
    options.maxNewTokens = 4;
    const auto plain =
        makePlainExecutor(std::shared_ptr<const LanguageModel>(&model, [](const LanguageModel*) {}), options);
    for (std::size_t i = 0; i + 1 < prompts.size(); i += 2) {
      ExecutionRequest request{prompts[i], kHead, {}, &programs[i % programs.size()], 0, 0};
      answers[i] = plain->execute({&request, 1}).front().tokens;
      if (i % 4 == 2 && !answers[i].empty()) answers[i].back() = 1;
    }
    for (std::size_t i = 0; i < prompts.size(); ++i)
      for (std::size_t j = 0; j < programs.size(); ++j)
        requests.push_back({prompts[i], kHead, answers[i], &programs[j], j % 7 == 3 ? 0.8 : 0.0, 17 * i + j});
  }
};

DecodingOptions decoding() {
  DecodingOptions options;
  options.maxNewTokens = 6;
  options.endOfSequence = {2, 5};
  options.determined = [](std::span<const std::int32_t> tokens) { return tokens.back() % 11 == 0; };
  return options;
}

std::size_t differences(const ProgramExecutor& executor, const std::vector<ExecutionRequest>& requests,
                        const std::vector<Execution>& expected, std::size_t batch) {
  std::size_t count = 0;
  for (std::size_t from = 0; from < requests.size(); from += batch) {
    const auto part = std::span(requests).subspan(from, std::min(batch, requests.size() - from));
    const auto found = executor.execute(part);
    for (std::size_t i = 0; i < part.size(); ++i) count += sameBits(found[i], expected[from + i]) ? 0 : 1;
  }
  return count;
}

}  // namespace

TEST_CASE("shared and plain executions are the same bits") {
  for (const auto& path : {fixture("llm/tiny-llama-a"), fixture("llm/tiny-llama-b"), embeddedModel()}) {
    INFO(path.string());
    const auto model = LanguageModel::load(path);
    Workload work(*model, 6, 30, 5);
    const auto expected = makePlainExecutor(model, decoding())->execute(work.requests);
    SharingOptions tiny, noDraft;
    tiny.headBytes = 1 << 14;
    tiny.leafBytes = 1 << 16;
    noDraft.draft = false;
    for (const SharingOptions& sharing : {SharingOptions{}, tiny, noDraft}) {
      const auto shared = makeSharedExecutor(model, decoding(), sharing);
      for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{32}, work.requests.size()})
        CHECK(differences(*shared, work.requests, expected, batch) == 0);
    }

    // Without a head, and in another order.
    for (ExecutionRequest& request : work.requests) request.headTokens = 0;
    CHECK(differences(*makeSharedExecutor(model, decoding()), work.requests, expected, 50) == 0);
    std::vector<std::size_t> order(work.requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random(3).shuffle(order);
    std::vector<ExecutionRequest> shuffled;
    std::vector<Execution> shuffledExpected;
    for (const std::size_t i : order) {
      shuffled.push_back(work.requests[i]);
      shuffledExpected.push_back(expected[i]);
    }
    CHECK(differences(*makeSharedExecutor(model, decoding()), shuffled, shuffledExpected, 19) == 0);
  }
}

TEST_CASE("bf16, and a GPU where there is one: the same bits where the self-check holds") {
  std::vector<LoadOptions> places{{"bf16", "cpu"}};
  if (at::hasCUDA()) places.insert(places.end(), {{"bf16", "cuda"}, {"fp32", "cuda"}});
  const auto check = [](const std::filesystem::path& path, const LoadOptions& place) {
    INFO(path.string() + ", " + place.dtype + " on " + place.device);
    const auto model = LanguageModel::load(path, place);
    if (!model->selfCheck().holds()) {
      WARN("no safe products in " + place.dtype + " on " + place.device + ": sessions take the plain executor");
      return;
    }
    const Workload work(*model, 4, 20, 6);
    const auto expected = makePlainExecutor(model, decoding())->execute(work.requests);
    const auto shared = makeSharedExecutor(model, decoding());
    for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, work.requests.size()})
      CHECK(differences(*shared, work.requests, expected, batch) == 0);
  };
  for (const LoadOptions& place : places)
    for (const auto& path : {fixture("llm/tiny-llama-b"), embeddedModel()}) check(path, place);
}

TEST_CASE("a machine on which no row count is safe computes in tiles: the same bits") {
  // What such a machine would remember, put in place of what this one found: no least row count, then the tiles.
  const TemporaryFolder folder;
  const auto memory = folder.path() / "self-check.json";
  LanguageModel::load(fixture("llm/tiny-llama-b"), {.selfCheckFile = memory});
  Json found = Json::parse(slurp(memory));
  int products = 0;
  for (auto& [key, value] : found["measured"].items()) {
    if (key.find('x') == std::string::npos) continue;  // the layer's verdict
    value = {0, 32, 96};
    ++products;
  }
  REQUIRE(products > 3);
  spill(memory, found.dump());

  const auto model = LanguageModel::load(fixture("llm/tiny-llama-b"), {.selfCheckFile = memory});
  REQUIRE(model->selfCheck().holds());
  for (const auto& product : model->selfCheck().products) CHECK(product.rule == RowRule{0, {32, 96}});
  const Workload work(*model, 4, 20, 7);
  const auto expected = makePlainExecutor(model, decoding())->execute(work.requests);
  const auto shared = makeSharedExecutor(model, decoding());
  for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, work.requests.size()})
    CHECK(differences(*shared, work.requests, expected, batch) == 0);
}

TEST_CASE("the comparison can see a difference in the last bit") {
  const auto model = LanguageModel::load(fixture("llm/tiny-llama-b"));
  const Workload work(*model, 2, 10, 8);
  auto expected = makePlainExecutor(model, decoding())->execute(work.requests);
  const auto shared = makeSharedExecutor(model, decoding());
  REQUIRE(differences(*shared, work.requests, expected, 7) == 0);
  expected[3].margin = std::nextafter(expected[3].margin, 1e9f);
  CHECK(differences(*shared, work.requests, expected, 7) == 1);
  expected[8].tokens.back() ^= 1;
  CHECK(differences(*shared, work.requests, expected, 7) == 2);
}

TEST_CASE("what sharing avoids adds up to what was asked") {
  const auto model = LanguageModel::load(embeddedModel());
  const Workload work(*model, 4, 40, 11);
  const auto shared = makeSharedExecutor(model, decoding()), plain = makePlainExecutor(model, decoding());
  shared->execute(work.requests);
  plain->execute(work.requests);
  const ExecutorWork done = shared->work();
  CHECK(done.asked == plain->work().computed);
  CHECK(done.asked == done.computed + done.byLayers + done.byHead + done.byLast + done.byDraft);
  CHECK(done.byLayers > done.asked / 4);
  CHECK(done.byHead > 0);
  CHECK(done.byDraft >= 0);
  CHECK(done.computed > 0);
}

TEST_CASE("an execution costs what a question without a known answer costs: the answer's tokens are only asked") {
  const auto model = LanguageModel::load(embeddedModel());
  Workload work(*model, 4, 40, 12);
  const auto shared = makeSharedExecutor(model, decoding()), unknown = makeSharedExecutor(model, decoding());
  const std::vector<Execution> known = shared->execute(work.requests);
  std::int64_t answering = 0, answers = 0;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const ExecutionRequest& request = work.requests[i];
    CHECK(known[i].prefillLayerTokens ==
          request.program->executed() * static_cast<std::int64_t>(request.prompt.size()));
    answering += known[i].prefillLayerTokens + known[i].decodeLayerTokens;
    if (!request.answer.empty())
      answers += request.program->executed() * static_cast<std::int64_t>(request.answer.size() - 1);
  }
  CHECK(answers > 0);
  CHECK(shared->work().asked == answering + answers);
  for (ExecutionRequest& request : work.requests) request.answer = {};
  const std::vector<Execution> open = unknown->execute(work.requests);
  for (std::size_t i = 0; i < known.size(); ++i) {
    CHECK(open[i].prefillLayerTokens == known[i].prefillLayerTokens);
    CHECK(open[i].decodeLayerTokens == known[i].decodeLayerTokens);
  }
  CHECK(unknown->work().asked == answering);
}

TEST_CASE("the shared executor refuses what the plain one refuses") {
  const auto model = LanguageModel::load(fixture("llm/tiny-llama-a"));
  const auto shared = makeSharedExecutor(model, decoding());
  const std::vector<std::int32_t> prompt{1, 2, 3}, tooBig{100000};
  const Program standard = Program::standard(model->depth()), beyond(std::vector<LayerIndex>{77});
  ExecutionRequest request{prompt, 0, {}, &beyond, 0, 0};
  CHECK_THROWS_AS(shared->execute({&request, 1}), InputError);
  request.program = &standard;
  request.answer = tooBig;
  CHECK_THROWS_AS(shared->execute({&request, 1}), InputError);
  request.answer = {};
  request.prompt = {};
  CHECK_THROWS_AS(shared->execute({&request, 1}), InputError);
}
