// SmolLM2-135M-Instruct (GGUF Q4_1) against HF transformers, where the model is in the cache: $POLAR_CACHE or
// ~/.cache/polar, folder smollm2. GSM8K prompts are rebuilt from $POLAR_DATA; the fixture holds their digests only.
#include <cstring>
#include <fstream>

#include "llm/reference.h"
#include "support/hash.h"

using namespace polar;
using namespace polar::testing;

namespace {

namespace fs = std::filesystem;

// Two implementations in fp32 stay within this through 30 to 48 layers; closer ties than kTie may fall either way.
constexpr float kLogitTolerance = 2e-3f;
constexpr double kLogprobTolerance = 5e-3;
constexpr float kTie = 2e-3f;

const Json& fixtureJson() {
  static const Json json = Json::parse(slurp(llmFixture("smollm2.json")));
  return json;
}

std::optional<fs::path> modelFile() {
  const char* cache = std::getenv("POLAR_CACHE");
  const char* home = std::getenv("HOME");
  const fs::path caches = cache && *cache ? fs::path(cache) : fs::path(home ? home : ".") / ".cache/polar";
  const fs::path folder = caches / "smollm2";
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".gguf") return entry.path();
  skipped("no SmolLM2 in " + folder.string() + " (src/setup/fetch_model.sh smollm2; POLAR_CACHE names another cache)");
  return std::nullopt;
}

std::shared_ptr<const LanguageModel> loaded(const fs::path& file) {
  static const auto model = LanguageModel::load(file);
  return model;
}

struct Tally {
  int runs = 0, ties = 0, tiesEqual = 0;
  float logits = 0;
  double logprob = 0;

  void print(const char* what) const {
    std::cout << what << ": " << runs << " runs, " << ties << " with a near tie (ids not required to agree; "
              << tiesEqual << " do), "
              << "largest logit difference " << logits << ", largest log-probability difference " << logprob << "\n";
  }
};

// Checks one recorded run; where the smallest margin is a near tie the ids may part.
void check(const std::shared_ptr<const LanguageModel>& model, const Program& program,
           const std::vector<std::int32_t>& prompt, const std::vector<std::int32_t>& answer, const Json& expected,
           Tally& tally) {
  const auto logits = lastLogits(*model, prompt, program);
  std::vector<float> sample;
  for (const std::int32_t id : ids(fixtureJson()["logit_ids"]))
    sample.push_back(logits.at(static_cast<std::size_t>(id)));
  const float difference = largestDifference(floats(expected["logits"]), sample);
  CHECK(difference <= kLogitTolerance);
  tally.logits = std::max(tally.logits, difference);

  DecodingOptions options;
  options.maxNewTokens = fixtureJson()["new_tokens"];
  options.endOfSequence = ids(fixtureJson()["end_of_sequence"]);
  const ExecutionRequest request{.prompt = prompt, .answer = answer, .program = &program};
  const Execution execution = makePlainExecutor(model, options)->execute({&request, 1}).at(0);
  ++tally.runs;
  if (expected["margin"].get<float>() < kTie) {
    ++tally.ties;
    tally.tiesEqual += execution.tokens == ids(expected["ids"]) ? 1 : 0;
    CHECK(execution.margin < 2 * kTie);
  } else {
    CHECK(execution.tokens == ids(expected["ids"]));
    CHECK(execution.finished == expected["finished"].get<bool>());
    CHECK(std::abs(execution.margin - expected["margin"].get<float>()) <= 2 * kLogitTolerance);
  }
  const double logprob = std::abs(execution.answerLogprob.value() - expected["answer_logprob"].get<double>());
  CHECK(logprob <= kLogprobTolerance);
  tally.logprob = std::max(tally.logprob, logprob);
}

std::string digest(const std::vector<std::int32_t>& tokens) {  // little-endian, as every machine we build for
  return sha256({reinterpret_cast<const char*>(tokens.data()), tokens.size() * sizeof(std::int32_t)});
}

// Ids of many texts by `polar tokenize`; empty where the command has not been built.
std::vector<std::vector<std::int32_t>> tokenized(const fs::path& model, const std::vector<std::string>& texts) {
  if (!fs::exists(POLAR_BINARY)) {
    skipped("the command polar is not built, so there is no tokenizer");
    return {};
  }
  const TemporaryFolder folder;
  const fs::path in = folder.path() / "in.jsonl", out = folder.path() / "out.jsonl";
  std::string lines;
  for (const std::string& text : texts) lines += Json{{"text", text}}.dump() + "\n";
  spill(in, lines);
  const std::string command = "'" + std::string(POLAR_BINARY) + "' tokenize --model '" + model.string() + "' < '" +
                              in.string() + "' > '" + out.string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  std::vector<std::vector<std::int32_t>> all;
  std::ifstream result(out);
  for (std::string line; std::getline(result, line);) all.push_back(ids(Json::parse(line).at("ids")));
  REQUIRE(all.size() == texts.size());
  return all;
}

}  // namespace

TEST_CASE("SmolLM2 runs our own prompts as HF does", "[llm][smollm2]") {
  const auto file = modelFile();
  if (!file) return;
  REQUIRE(sha256File(*file) == fixtureJson()["model_sha256"]);
  const auto model = loaded(*file);
  CHECK(model->depth() == 30);
  CHECK(model->config().tiedEmbeddings);
  CHECK(model->parameters() == 134515008);
  Tally tally;
  REQUIRE(fixtureJson()["own"].size() == 8);
  for (const Json& entry : fixtureJson()["own"]) {
    CAPTURE(entry["text"].get<std::string>());
    const auto prompt = ids(entry["prompt"]), answer = ids(entry["answer_ids"]);
    check(model, Program::standard(30), prompt, answer, entry["standard"], tally);
    for (const Json& expected : entry["programs"])
      check(model, programOf(expected["layers"]), prompt, answer, expected, tally);
  }
  tally.print("SmolLM2, own prompts");
}

TEST_CASE("SmolLM2 passes cut into chunks give the same bits", "[llm][smollm2]") {
  const auto file = modelFile();
  if (!file) return;
  const auto model = loaded(*file);
  const Program program({0, 1, 2, 1, 2, 29});
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < 140; ++i) tokens.push_back((i * 7919 + 13) % 49152);
  const at::Tensor whole = runProgram(*model, tokens, program);
  for (const int chunk : {1, 2, 3, 5, 64, 100}) {
    std::vector<KvSlot> slots;
    for (int i = 0; i < program.executed(); ++i) slots.push_back(model->makeSlot(140));
    std::vector<at::Tensor> parts;
    for (std::size_t at = 0; at < tokens.size(); at += static_cast<std::size_t>(chunk)) {
      const std::size_t count = std::min(static_cast<std::size_t>(chunk), tokens.size() - at);
      at::Tensor hidden = model->embed(std::span(tokens).subspan(at, count));
      for (std::size_t i = 0; i < slots.size(); ++i)
        hidden = model->layer(program.layers()[i]).forward(hidden, slots[i]);
      parts.push_back(hidden);
    }
    CAPTURE(chunk);
    CHECK(at::equal(at::cat(parts), whole));
    CHECK(at::equal(model->logits(whole.slice(0, 139)), model->logits(whole).slice(0, 139)));
  }
}

TEST_CASE("SmolLM2 runs GSM8K prompts as HF does", "[llm][smollm2][gsm8k]") {
  const auto file = modelFile();
  if (!file) return;
  const auto data = publicData();
  if (!data || !fs::exists(*data / "gsm8k/test.jsonl")) {
    skipped("no gsm8k/test.jsonl (POLAR_DATA names the folder of public data sets)");
    return;
  }
  const auto model = loaded(*file);
  std::vector<std::string> texts;
  std::ifstream questions(*data / "gsm8k/test.jsonl");
  const Json& entries = fixtureJson()["gsm8k"];
  REQUIRE(entries.size() == 50);
  for (const Json& entry : entries) {
    std::string line;
    REQUIRE(std::getline(questions, line));
    const Json example = Json::parse(line);
    REQUIRE(example["id"] == entry["id"]);
    std::string body = fixtureJson()["body"];
    body.replace(body.find("{question}"), 10, example["question"].get<std::string>());
    texts.push_back(fixtureJson()["head"].get<std::string>() + body);
    texts.push_back(example["answer"].get<std::string>() + "}");
  }
  const auto tokens = tokenized(*file, texts);
  if (tokens.empty()) return;
  Tally tally;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Json& entry = entries[i];
    const auto &prompt = tokens[2 * i], &answer = tokens[2 * i + 1];
    CAPTURE(entry["id"].get<std::string>());
    REQUIRE(digest(prompt) == entry["prompt_sha256"]);
    REQUIRE(digest(answer) == entry["answer_sha256"]);
    check(model, Program::standard(30), prompt, answer, entry["standard"], tally);
    for (const Json& expected : entry["programs"])
      check(model, programOf(expected["layers"]), prompt, answer, expected, tally);
  }
  tally.print("SmolLM2, GSM8K");
}
