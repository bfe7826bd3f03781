// Executions that go on from a start, against those that run the whole prompt: the same bits, less work.
#include "llm/prompt_start.h"

#include <stdexcept>

#include "llm/prompt_states.h"
#include "llm/reference.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;

namespace {

using Model = std::shared_ptr<const LanguageModel>;

std::vector<std::int32_t> someTokens(const LanguageModel& model, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < count; ++i)
    ids.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(model.config().vocabulary))));
  return ids;
}

PromptStart startAfter(const Model& model, const std::vector<std::int32_t>& prompt, std::size_t head, int layers) {
  PromptStart start;
  PromptStates(model).read(prompt, head, layers, [](int, const at::Tensor&) {}, &start);
  return start;
}

Program joined(std::vector<LayerIndex> first, int from, int depth) {
  for (int layer = from; layer < depth; ++layer) first.push_back(static_cast<LayerIndex>(layer));
  return Program(std::move(first));
}

std::vector<LayerIndex> upTo(int end) {
  const Program standard = Program::standard(end);
  return {standard.layers().begin(), standard.layers().end()};
}

// Skips and repeats before, at and after layer s, ends before and at it; nothing on the standard path first, so that
// later handfuls need what the first did not.
std::vector<Program> programsAround(int s, int depth) {
  std::vector<Program> programs{joined({}, 1, depth), joined({1, 1}, 0, depth), Program()};
  for (int at = std::max(0, s - 2); at <= std::min(depth - 1, s); ++at) {
    programs.push_back(joined(upTo(at), at + 1, depth));      // layer `at` left out
    programs.push_back(joined(upTo(at + 1), at, depth));      // run twice
    programs.push_back(joined(upTo(at + 1), at / 2, depth));  // a longer loop that ends with it
    programs.push_back(Program::standard(at));
  }
  programs.push_back(Program::standard(depth));
  return programs;
}

DecodingOptions decoding() {
  DecodingOptions options;
  options.maxNewTokens = 5;
  options.endOfSequence = {2, 5};
  return options;
}

std::vector<ExecutionRequest> requestsOf(const std::vector<std::int32_t>& prompt, std::size_t head,
                                         const std::vector<Program>& programs, const PromptStart* start) {
  std::vector<ExecutionRequest> requests;
  for (std::size_t i = 0; i < programs.size(); ++i)
    requests.push_back({prompt, head, {}, &programs[i], i % 5 == 2 ? 0.8 : 0.0, i, {}, start});
  return requests;
}

std::size_t differences(const std::vector<Execution>& a, const std::vector<Execution>& b) {
  REQUIRE(a.size() == b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += sameBits(a[i], b[i]) ? 0 : 1;
  return count;
}

std::int64_t common(const Program& program, const PromptStart& start) {
  std::int64_t count = 0;
  for (const LayerIndex layer : program.layers()) {
    if (count == std::ssize(start.layers) || start.layers[static_cast<std::size_t>(count)].layer != layer) break;
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("what goes on from a start is the same bits as what does not, and as the plain executor's") {
  for (const auto& path : {fixture("llm/tiny-llama-a"), fixture("llm/tiny-llama-b"), embeddedModel()}) {
    const Model model = LanguageModel::load(path);
    const int depth = model->depth();
    // Of a long prompt three or four programs are a handful, of a short one all.
    for (const std::size_t tokens : {std::size_t{140}, std::size_t{24}})
      for (const std::size_t head : {std::size_t{9}, std::size_t{0}})
        for (const int s : {1, depth / 2, depth}) {
          CAPTURE(path.string(), tokens, head, s);
          const auto prompt = someTokens(*model, tokens, 3), other = someTokens(*model, tokens, 4);
          const PromptStart start = startAfter(model, prompt, head, s), second = startAfter(model, other, head, s);
          const std::vector<Program> programs = programsAround(s, depth);
          auto requests = requestsOf(prompt, head, programs, &start);
          const auto expected =
              makePlainExecutor(model, decoding())->execute(requestsOf(prompt, head, programs, nullptr));
          CHECK(differences(makePlainExecutor(model, decoding())->execute(requests), expected) == 0);
          const auto shared = makeSharedExecutor(model, decoding());
          CHECK(differences(shared->execute(requestsOf(prompt, head, programs, nullptr)), expected) == 0);
          for (int time = 0; time < 2; ++time) CHECK(differences(shared->execute(requests), expected) == 0);
          for (std::size_t i = 0; i < (tokens < 100 ? requests.size() : 0); ++i)
            CHECK(sameBits(shared->execute({&requests[i], 1}).front(), expected[i]));
          // Beside another prompt with a start of its own.
          const auto others = requestsOf(other, head, programs, &second);
          auto all = requests;
          all.insert(all.begin(), others.begin(), others.end());
          const auto both = shared->execute(all);
          CHECK(differences({both.end() - std::ssize(requests), both.end()}, expected) == 0);
        }
  }
}

TEST_CASE("a start may be of any path of layers") {
  const Model model = LanguageModel::load(embeddedModel());
  const auto prompt = someTokens(*model, 60, 8);
  PromptStart start;
  PromptWalk walk = PromptStates(model).walk(prompt, 20, &start);
  for (const LayerIndex layer : {0, 2, 2, 1}) walk.run(layer);
  const std::vector<Program> programs{joined({0, 2, 2, 1}, 5, 12), joined({0, 2}, 5, 12),
                                      joined({0, 2, 2, 1, 1}, 3, 9)};
  const auto shared = makeSharedExecutor(model, decoding());
  CHECK(differences(shared->execute(requestsOf(prompt, 20, programs, &start)),
                    makePlainExecutor(model, decoding())->execute(requestsOf(prompt, 20, programs, nullptr))) == 0);
  CHECK(shared->work().byStart == 4 * 60);
}

TEST_CASE("what a start avoids is counted, once for the programs that share it") {
  const Model model = LanguageModel::load(embeddedModel());
  const std::size_t tokens = 150;
  const auto prompt = someTokens(*model, tokens, 5);
  const PromptStart start = startAfter(model, prompt, 9, 6);
  const std::vector<Program> programs = programsAround(6, model->depth());
  auto requests = requestsOf(prompt, 9, programs, &start);
  std::int64_t alone = 0;
  for (ExecutionRequest& request : requests) {
    const auto one = makeSharedExecutor(model, decoding());
    one->execute({&request, 1});
    const ExecutorWork work = one->work();
    CHECK(work.byStart == common(*request.program, start) * std::ssize(prompt));
    CHECK(work.asked == work.computed + work.byLayers + work.byHead + work.byLast + work.byDraft + work.byStart);
    CHECK(work.byLayers == 0);
    CHECK(work.byDraft == 0);
    alone += work.byStart;
  }
  const auto resumed = makeSharedExecutor(model, decoding()), whole = makeSharedExecutor(model, decoding());
  resumed->execute(requests);
  whole->execute(requestsOf(prompt, 9, programs, nullptr));
  const ExecutorWork with = resumed->work(), without = whole->work();
  CHECK(with.asked == without.asked);
  CHECK(with.byStart == 6 * std::ssize(prompt));
  CHECK(with.byStart < alone);
  CHECK(with.byLayers == without.byLayers);
  CHECK(with.byDraft == 0);
  CHECK(without.byStart == 0);
  CHECK(with.computed < without.computed);
  // One of them names the start: it serves them all.
  for (std::size_t i = 0; i + 1 < requests.size(); ++i) requests[i].start = nullptr;
  const auto one = makeSharedExecutor(model, decoding());
  one->execute(requests);
  CHECK(one->work().byStart == with.byStart);
}

TEST_CASE("where an answer is scored, the start is left alone") {
  const Model model = LanguageModel::load(embeddedModel());
  const auto prompt = someTokens(*model, 40, 6), answer = someTokens(*model, 3, 7);
  const PromptStart start = startAfter(model, prompt, 9, 5);
  const std::vector<Program> programs = programsAround(5, model->depth());
  auto requests = requestsOf(prompt, 9, programs, &start);
  for (ExecutionRequest& request : requests) request.answer = answer;
  const auto shared = makeSharedExecutor(model, decoding());
  CHECK(differences(shared->execute(requests), makePlainExecutor(model, decoding())->execute(requests)) == 0);
  CHECK(shared->work().byStart == 0);
}

TEST_CASE("a start of another prompt, head or model is a bug, and is caught") {
  const Model model = LanguageModel::load(fixture("llm/tiny-llama-b")),
              twin = LanguageModel::load(fixture("llm/tiny-llama-b"));
  const auto prompt = someTokens(*model, 12, 1);
  auto last = prompt;
  last.back() ^= 1;
  const Program standard = Program::standard(model->depth());
  const PromptStart start = startAfter(model, prompt, 4, 1);
  for (const auto& executor : {makeSharedExecutor(model, decoding()), makePlainExecutor(model, decoding())}) {
    const auto runs = [&](std::span<const std::int32_t> tokens, std::size_t head) {
      const ExecutionRequest request{tokens, head, {}, &standard, 0, 0, {}, &start};
      executor->execute({&request, 1});
    };
    CHECK_NOTHROW(runs(prompt, 4));
    CHECK_THROWS_AS(runs(last, 4), std::logic_error);
    CHECK_THROWS_AS(runs(std::span(prompt).first(11), 4), std::logic_error);
    CHECK_THROWS_AS(runs(prompt, 3), std::logic_error);
  }
  const ExecutionRequest request{prompt, 4, {}, &standard, 0, 0, {}, &start};
  CHECK_THROWS_AS(makeSharedExecutor(twin, decoding())->execute({&request, 1}), std::logic_error);
}
