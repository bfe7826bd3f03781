#include "config/experiment.h"

#include <sys/wait.h>

#include "catch.h"
#include "support/error.h"

using namespace polar;
using polar::testing::sourceDir;
using polar::testing::TemporaryFolder;

namespace {

const std::string kMinimal =
    "name: tiny\n"
    "model:\n"
    "  path: m\n"
    "data:\n"
    "  train: {path: a/train.jsonl}\n"
    "  test: {path: a/test.jsonl}\n";

ExperimentConfig parse(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  return parseExperiment(yaml, "a.yaml", overrides);
}

// The message of the InputError that `call` throws; "" where it throws none.
template <typename Call>
std::string messageOf(Call call) {
  try {
    call();
  } catch (const InputError& error) {
    const std::string text = error.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  return "";
}

std::string refusal(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  return messageOf([&] { parse(yaml, overrides); });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a minimal file gets every default") {
  const ExperimentConfig config = parse(kMinimal);
  CHECK(config.name == "tiny");
  CHECK(config.seed == 1);
  CHECK(config.search.budget == 200);
  CHECK(config.train.learningRate == 5e-4);
  CHECK(config.eval.policies == std::vector<std::string>{"standard", "random", "static", "predictor", "oracle"});
  CHECK(config.runFolder() == std::filesystem::path("results/tiny"));
  CHECK(config.data.test.name == "a");  // test.jsonl says only which split it is
}

TEST_CASE("every kind of value is read") {
  const ExperimentConfig config = parse(
      "name: n.1_x-y\nseed: 18446744073709551615\nmodel: {path: cache:x, dtype: bf16, device: 'cuda:1'}\n"
      "data:\n  train: {path: t, order: shuffled, offset: 3, limit: 5}\n  validation_fraction: 0.5\n"
      "  test: {path: set.jsonl}\n"
      "  ood:\n  - {path: b.jsonl, limit: 7}\n  - {path: c/test.jsonl, name: third}\n"
      "search: {skips: false, sample_temperature: 1}\ntrain: {learning_rate: 1e-3}\neval: {policies: [oracle]}\n");
  CHECK(config.seed == 18446744073709551615ULL);
  CHECK(config.model.device == "cuda:1");
  CHECK(config.data.train.order == "shuffled");
  CHECK(config.data.train.offset == 3);
  CHECK(config.data.train.limit == 5);
  CHECK(config.data.test.name == "set");
  REQUIRE(config.data.ood.size() == 2);
  CHECK(config.data.ood[0].name == "b");
  CHECK(config.data.ood[0].limit == 7);
  CHECK(config.data.ood[1].name == "third");
  CHECK_FALSE(config.search.skips);
  CHECK(config.search.sampleTemperature == 1.0);
  CHECK(config.train.learningRate == 1e-3);
  CHECK(config.eval.policies == std::vector<std::string>{"oracle"});
}

TEST_CASE("seeds are a list or a count, lists of numbers are read, each once") {
  CHECK(parse(kMinimal).train.seeds.empty());
  CHECK(parse(kMinimal, {"train.seeds=3"}).train.seeds == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(parse(kMinimal, {"train.seeds=[7, 2]"}).train.seeds == std::vector<std::uint64_t>{7, 2});
  CHECK(parse(kMinimal, {"eval.layer_prices=[0, 0.25, -1]"}).eval.layerPrices == std::vector<double>{0, 0.25, -1});
  CHECK(parse(kMinimal, {"train.value.layers=[2, 6]"}).train.value.layers == std::vector<double>{2, 6});
  const ExperimentConfig config = parse(kMinimal, {"train.seeds=3", "eval.layer_prices=[0, 0.25]"});
  CHECK(parse(resolvedYaml(config)).train.seeds == config.train.seeds);
  CHECK(parse(resolvedYaml(config)).eval.layerPrices == config.eval.layerPrices);

  CHECK(contains(refusal(kMinimal, {"train.seeds=0"}), "a whole number from 1 to 1000"));
  CHECK(contains(refusal(kMinimal, {"train.seeds=[1, 1]"}), "'1' a second time"));
  CHECK(contains(refusal(kMinimal, {"train.seeds=[x]"}), "a whole number"));
  CHECK(contains(refusal(kMinimal, {"eval.layer_prices=[]"}), "at least one price"));
  CHECK(contains(refusal(kMinimal, {"eval.layer_prices=0.5"}), "a list such as [0, 0.5]"));
  CHECK(contains(refusal(kMinimal, {"train.value.layers=[1.5]"}), "whole numbers"));
  CHECK(contains(refusal(kMinimal, {"train.encoder=embedding"}), "train.embedding_model"));

  // Another number of seeds trains more, and leaves what is trained as it is.
  const auto train = resultKeys(config, Stage::train), eval = resultKeys(config, Stage::eval);
  CHECK(train.count("train.seeds") == 0);
  CHECK(eval.at("train.seeds") == "[1, 2, 3]");
  CHECK(eval.at("eval.layer_prices") == "[0, 0.25]");
  CHECK(eval.count("eval.timed_questions") == 0);
}

TEST_CASE("a prompt is a name or a map") {
  CHECK(parse(kMinimal + "prompt: {template: one-shot}\n").prompt.templateName == "one-shot");
  const PromptSettings prompt =
      parse(kMinimal + "prompt:\n  template: {head: \"H\\n\", body: 'Q {question}', stop: X}\n").prompt;
  CHECK(prompt.templateName == "inline");
  CHECK(prompt.inlineTemplate.present);
  CHECK(prompt.inlineTemplate.head == "H\n");
  CHECK(prompt.inlineTemplate.open == "\\boxed{");
  CHECK(prompt.inlineTemplate.stop == "X");
  CHECK(parse(kMinimal, {"prompt.template.head=abc"}).prompt.inlineTemplate.head == "abc");
  CHECK_FALSE(
      parse(kMinimal + "prompt: {template: {head: a}}\n", {"prompt.template=one-shot"}).prompt.inlineTemplate.present);
}

TEST_CASE("unknown keys are refused with line and nearest key") {
  CHECK(refusal(kMinimal + "search:\n  budgte: 3\n") ==
        "a.yaml:8: search.budgte: found an unknown key, expected one of search.strategy, search.budget, "
        "search.max_edits, "
        "search.max_length, search.max_times, search.skips, search.repeats, search.round, search.layer_price, "
        "search.beam_width, search.mcts_variant, search.reward, search.logprob_weight, search.exploration, "
        "search.length_penalty, search.random_child, search.optimism, search.menu, search.menu_size, search.minimise, "
        "search.samples, search.sample_temperature, "
        "search.oracle_test, search.part_examples; did you mean search.budget?");
  // A key of another group is named there; one below a list's item too.
  CHECK(contains(refusal(kMinimal + "budget: 3\n"), "a.yaml:7: budget: found an unknown key"));
  CHECK(contains(refusal(kMinimal + "budget: 3\n"), "did you mean search.budget?"));
  CHECK(contains(refusal(kMinimal + "prompt: {template: {tail: x}}\n"), "prompt.template.tail: found an unknown key"));
  CHECK(
      contains(refusal("name: t\nmodel: {path: m}\ndata:\n  train: {path: a}\n  test: {path: b}\n  ood:\n  - pth: c\n"),
               "a.yaml:7: data.ood[0].pth: found an unknown key"));
  // A typo in a required key speaks of the typo, not of the missing key.
  CHECK(contains(refusal("name: t\nmodel:\n  pth: m\n"), "a.yaml:3: model.pth: found an unknown key"));
}

TEST_CASE("duplicate keys are refused, with both lines") {
  const std::string text = refusal(kMinimal + "seed: 2\nseed: 3\n");
  CHECK(text == "a.yaml:8: seed: found the key a second time, expected each key once; it is on line 7 already");
  CHECK(contains(refusal(kMinimal + "search: {budget: 1, budget: 2}\n"), "budget: found the key a second time"));
}

TEST_CASE("wrong values are refused: key, what was found, what was expected") {
  const auto search = [](const std::string& line) { return refusal(kMinimal + "search:\n  " + line + "\n"); };
  CHECK(contains(search("budget: many"),
                 "a.yaml:8: search.budget: found 'many', expected a whole number from 1 to 1000000"));
  CHECK(contains(search("budget: 010"), "write it without the leading zero"));
  CHECK(contains(search("budget: 0x10"), "found '0x10', expected a whole number"));
  CHECK(contains(search("budget: 1e3"), "found '1e3'"));
  CHECK(contains(search("budget: 3.0"), "found '3.0'"));
  CHECK(contains(search("budget: \"3\""), "found the text '3'"));
  CHECK(contains(search("budget: 0"), "found '0'"));
  CHECK(contains(search("budget: 99999999999999999999"), "found '99999999999999999999'"));
  CHECK(contains(search("budget: [3]"), "found a list"));
  CHECK(contains(search("budget:"), "found nothing"));
  CHECK(contains(search("max_edits: -1"), "from 1 to 64"));
  CHECK(contains(search("sample_temperature: .nan"), "expected a number"));
  CHECK(contains(search("sample_temperature: nan"), "expected a number"));
  CHECK(contains(search("sample_temperature: 00.5"), "leading zero"));
  CHECK(contains(search("skips: yes"), "found 'yes', expected true or false"));
  CHECK(contains(search("skips: True"), "expected true or false"));
  CHECK(contains(search("skips: 'true'"), "expected true or false"));
  CHECK(contains(search("strategy: [a]"), "found a list, expected text"));
  CHECK(contains(search("- a"), "a.yaml:7: search: found a list, expected a map of keys"));
  CHECK(contains(refusal(kMinimal + "seed: -1\n"), "found '-1', expected a whole number from 0"));
  CHECK(contains(refusal(kMinimal, {"model.dtype=fp23"}), "one of fp32, bf16"));
  CHECK(contains(refusal(kMinimal, {"model.dtype=fp23"}), "did you mean fp32?"));
  CHECK(contains(refusal(kMinimal, {"model.device=gpu"}), "cpu, cuda, or cuda:N"));
  CHECK(contains(refusal(kMinimal + "eval: {policies: standard}\n"), "expected a list"));
  CHECK(contains(refusal(kMinimal + "eval: {policies: []}\n"), "at least one name"));
  CHECK(contains(refusal(kMinimal + "eval: {policies: [a, a]}\n"), "'a' a second time"));
}

TEST_CASE("a run's name is a safe folder name") {
  for (const char* name : {"../x", "a/b", ".hidden", "-rf", "''", "a b", "'a\nb'"})
    CHECK(contains(refusal(kMinimal, {std::string("name=") + name}), "expected"));
  CHECK(refusal(kMinimal, {"name=" + std::string(100, 'a')}).empty());
  CHECK_FALSE(refusal(kMinimal, {"name=" + std::string(101, 'a')}).empty());
}

TEST_CASE("missing required keys are named") {
  CHECK(contains(refusal("model: {path: m}\n"), "a.yaml: name: found no such key"));
  CHECK(contains(refusal("name: t\n"), "model.path: found no such key"));
  CHECK(contains(refusal("name: t\nmodel: {path: m}\n"), "data.train.path: found no such key"));
  CHECK(
      contains(refusal("name: t\nmodel: {path: m}\ndata: {train: {path: a}}\n"), "data.test.path: found no such key"));
  CHECK(contains(refusal("name: t\nmodel: {path: ''}\n"), "model.path: found empty text"));
}

TEST_CASE("keys that do not fit each other are refused") {
  CHECK(contains(refusal(kMinimal + "train: {heads: 3}\n"),
                 "train.heads: found 3, expected a divisor of train.width, 256"));
  CHECK(contains(refusal(kMinimal + "search: {skips: false, repeats: false}\n"), "at least one of them true"));
  CHECK(contains(refusal(kMinimal + "search: {strategy: menu}\n"),
                 "search.menu: found no file, expected the labels.h5 of an earlier search"));
  CHECK(refusal(kMinimal + "search: {strategy: menu, menu: a/labels.h5}\n").empty());
  CHECK(contains(refusal(kMinimal + "search: {mcts_variant: papr}\n"), "did you mean paper?"));
  CHECK(contains(refusal(kMinimal + "train: {encoder_layer: 0}\n"), "encoder_layer"));
  CHECK(contains(refusal(kMinimal, {"data.ood=[{path: a/test.jsonl}]"}), "data.ood[0].name: found 'a' a second time"));
}

TEST_CASE("names of sets are names of files: no path, no blank, none twice") {
  for (const char* name : {"../../../escaped", "a/b", "a b", "''", ".hidden", "-x", "x\\y", "é"}) {
    INFO(name);
    CHECK(contains(refusal(kMinimal, {std::string("data.ood=[{path: x.jsonl, name: ") + name + "}]"}),
                   "expected a letter or digit, then letters, digits, '.', '_', '-', at most 100"));
  }
  CHECK(contains(refusal(kMinimal, {"data.test.name=../x"}), "command line: data.test.name=../x: found '../x'"));
  CHECK(contains(refusal(kMinimal, {"data.train.name=a/b"}), "a letter or digit"));
  CHECK(
      contains(refusal(kMinimal, {"data.ood=[{path: x.jsonl, name: " + std::string(101, 'x') + "}]"}), "at most 100"));
  const auto nameOf = [](const std::string& path) {
    return parseExperiment(kMinimal, "a.yaml", {"data.ood=[{path: '" + path + "'}]"}).data.ood.front().name;
  };
  CHECK(nameOf("sets/ood wording.jsonl") == "ood-wording");
  CHECK(nameOf("sets/.../test.jsonl") == "set");
  CHECK(nameOf("_x.y.jsonl") == "x.y");
  CHECK(contains(
      refusal(kMinimal, {"data.ood=[{path: 'a b.jsonl'}, {path: 'a:b.jsonl'}]"}),
      "data.ood[1].name: found 'a-b' a second time, expected a name of its own for each set that is evaluated; "
      "give it one"));
}

TEST_CASE("what is no experiment is refused in one line") {
  CHECK(contains(refusal(""), "an empty file"));
  CHECK(contains(refusal("# only talk\n"), "an empty file"));
  CHECK(contains(refusal("- a\n"), "found a list"));
  CHECK(contains(refusal("a: [1, 2\n"), "no YAML"));
  CHECK(contains(refusal(kMinimal + "seed: 2\n---\nseed: 3\n"), "2 YAML documents"));
  CHECK(contains(refusal(kMinimal + "search: *none\n"), "no YAML"));
  CHECK(contains(refusal("? [a]\n: b\n"), "a key that is not a name"));
  CHECK(contains(refusal("name: &x [*x]\n"), "without bound"));
  CHECK(contains(refusal(std::string(3000, '[')), "no YAML"));
  std::string bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    const std::string previous(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [*" + previous;
    for (int i = 0; i < 8; ++i) bomb += ",*" + previous;
    bomb += "]\n";
  }
  CHECK(contains(refusal(bomb), "without bound"));
  CHECK_THROWS_AS(loadExperiment("no/such.yaml"), InputError);
  CHECK_THROWS_AS(loadExperiment(sourceDir()), InputError);
}

TEST_CASE("random bytes are refused or read, never worse") {
  std::string yaml = kMinimal + "search:\n  budget: 20\neval:\n  policies: [a, b]\n";
  for (std::size_t length = 0; length < yaml.size(); ++length) CHECK_NOTHROW(refusal(yaml.substr(0, length)));
  for (std::size_t i = 0; i < yaml.size(); ++i)
    for (const char c : {'\0', ':', '[', '&', '\xff', '\t', '"'}) {
      std::string broken = yaml;
      broken[i] = c;
      CHECK_NOTHROW(refusal(broken));
    }
}

TEST_CASE("overrides") {
  const ExperimentConfig config =
      parse(kMinimal + "search: {budget: 5}\n",
            {"search.budget=7", "eval.policies=[standard, oracle]", "search.budget=8",
             "data.ood=[{path: x.jsonl, limit: 3}, {path: y.jsonl}]", "data.ood.1.limit=9"});
  CHECK(config.search.budget == 8);
  CHECK(config.eval.policies == std::vector<std::string>{"standard", "oracle"});
  REQUIRE(config.data.ood.size() == 2);
  CHECK(config.data.ood[0].limit == 3);
  CHECK(config.data.ood[1].limit == 9);

  CHECK(
      refusal(kMinimal, {"search.budget=x"}) ==
      "command line: search.budget=x: found 'x', expected a whole number from 1 to 1000000 (programs per example, the "
      "standard program included)");
  CHECK(contains(refusal(kMinimal, {"search.budgte=3"}), "command line: search.budgte=3: found an unknown key"));
  CHECK(contains(refusal(kMinimal, {"search.budgte=3"}), "did you mean search.budget?"));
  CHECK(contains(refusal(kMinimal, {"budget"}), "no key=value"));
  CHECK(contains(refusal(kMinimal, {"=3"}), "no key=value"));
  CHECK(contains(refusal(kMinimal, {"search..budget=3"}), "an empty name"));
  CHECK(contains(refusal(kMinimal, {"data.ood=[{path: x}]", "data.ood.4.limit=9"}), "the index of an item"));
  CHECK(contains(refusal(kMinimal, {"eval.policies=[a"}), "no YAML"));
  CHECK(contains(refusal(kMinimal, {"model.path="}), "empty text"));
}

TEST_CASE("the resolved YAML holds every key and reads back to itself") {
  const ExperimentConfig config = parse(
      kMinimal, {"prompt.template={head: \"a: b\\n# c \\\"d\\\" \\u00e9\", system: 'yes'}", "train.learning_rate=3e-5",
                 "data.ood=[{path: x.jsonl}, {path: 'a b.jsonl', name: '010'}]", "seed=18446744073709551615"});
  const std::string yaml = resolvedYaml(config);
  const ExperimentConfig again = parse(yaml);
  CHECK(resolvedYaml(again) == yaml);
  CHECK(again.prompt.inlineTemplate.head == config.prompt.inlineTemplate.head);
  CHECK(again.data.ood[1].name == "010");
  CHECK(again.seed == config.seed);
  CHECK(again.train.learningRate == 3e-5);
  CHECK(contains(yaml, "learning_rate: 3.0e-05\n"));
  CHECK(contains(yaml,
                 "  ood:\n    - name: x\n      path: x.jsonl\n      order: file\n      offset: 0\n      limit: 0\n"));
  CHECK(contains(resolvedYaml(parse(kMinimal)), "  ood: []\n"));
}

TEST_CASE("result keys: a stage's own and those before it, never speed or place") {
  const ExperimentConfig config = parse(kMinimal);
  const auto search = resultKeys(config, Stage::search), train = resultKeys(config, Stage::train),
             eval = resultKeys(config, Stage::eval);
  CHECK(search.at("search.budget") == "200");
  CHECK(search.at("seed") == "1");
  CHECK(search.count("data.train.path") == 1);
  CHECK(search.count("data.test.path") == 0);
  CHECK(search.count("train.epochs") == 0);
  CHECK(train.count("train.epochs") == 1);
  CHECK(train.count("eval.top_k") == 0);
  CHECK(eval.count("data.test.path") == 1);
  CHECK(eval.at("eval.policies") == R"(["standard","random","static","predictor","oracle"])");
  for (const auto& [key, value] : search) CHECK(eval.at(key) == value);
  const ExperimentConfig faster =
      parse(kMinimal, {"runtime.workers=3", "runtime.executor=shared", "search.part_examples=5", "name=other",
                       "results_dir=elsewhere", "data.test.name=b"});
  CHECK(resultKeys(faster, Stage::eval) == eval);
  CHECK(resultKeys(parse(kMinimal, {"search.budget=3"}), Stage::search) != search);
  CHECK(resultKeys(parse(kMinimal, {"prompt.template={head: a}"}), Stage::search) !=
        resultKeys(parse(kMinimal, {"prompt.template={head: b}"}), Stage::search));
  CHECK(resultKeys(config, Stage::report) == eval);
}

TEST_CASE("the committed experiments are whole") {
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(sourceDir() / "configs")) {
    if (entry.path().extension() != ".yaml") continue;
    ++seen;
    const ExperimentConfig config = loadExperiment(entry.path());
    CHECK(config.name == entry.path().stem().string());
    for (const std::string& path : {config.model.path, config.data.train.path, config.data.test.path})
      if (path.starts_with("datasets/")) CHECK(std::filesystem::exists(sourceDir() / path));
  }
  CHECK(seen >= 3);
}

// jsonschema and PyYAML read the schema and the files without our code.
TEST_CASE("the JSON Schema accepts the experiments and refuses what we refuse") {
  TemporaryFolder folder;
  const auto schema = folder.path() / "schema.json", resolved = folder.path() / "resolved.yaml";
  polar::testing::spill(schema, experimentSchema());
  polar::testing::spill(resolved,
                        resolvedYaml(parse(kMinimal, {"train.learning_rate=3e-5", "data.ood=[{path: b.jsonl}]"})));
  const std::string python = std::string(POLAR_VENV).empty() ? "python3" : std::string(POLAR_VENV) + "/bin/python";
  const std::string command = "'" + python + "' '" + polar::testing::fixture("config/check_schema.py").string() +
                              "' '" + schema.string() + "' '" + resolved.string() + "' '" +
                              (sourceDir() / "configs").string() + "'";
  const int status = std::system(command.c_str());
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)) {
    polar::testing::skipped(python + " has no jsonschema or no yaml");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("fetched models and sets are found, or the fetch command is named") {
  TemporaryFolder folder;
  const auto& root = folder.path();
  ::setenv("POLAR_CACHE", root.c_str(), 1);
  ::setenv("POLAR_DATA", (root / "data").c_str(), 1);
  CHECK(resolveModelPath("some/model") == "some/model");
  CHECK(contains(messageOf([] { resolveModelPath("cache:smollm2"); }), "run src/setup/fetch_model.sh smollm2"));
  const std::string unknown = messageOf([] { resolveModelPath("cache:smollm"); });
  CHECK(contains(unknown, "did you mean 'smollm2'? src/setup/fetch_model.sh fetches qwen2.5-coder-0.5b, "));
  CHECK_FALSE(contains(unknown, "fetch_model.sh smollm"));
  polar::testing::spill(root / "smollm2/deep/b.gguf", "x");
  polar::testing::spill(root / "smollm2/deep/a.gguf", "x");
  CHECK(resolveModelPath("cache:smollm2") == root / "smollm2/deep/a.gguf");
  polar::testing::spill(root / "hf/config.json", "{}");
  CHECK(resolveModelPath("cache:hf") == root / "hf");
  CHECK_THROWS_AS(resolveModelPath("cache:../x"), InputError);
  CHECK_THROWS_AS(resolveModelPath("cache:"), InputError);

  CHECK(resolveDataPath("a/b.jsonl") == "a/b.jsonl");
  CHECK(contains(messageOf([] { resolveDataPath("data:gsm8k/test.jsonl"); }), "run datasets/fetch.sh gsm8k"));
  CHECK(
      contains(messageOf([] { resolveDataPath("data:own/test.jsonl"); }),
               "datasets/fetch.sh fetches asdiv, gsm8k, math, mawps, mmlu_pro, svamp; put another set there, or name"));
  polar::testing::spill(root / "data/gsm8k/test.jsonl", "x");
  CHECK(resolveDataPath("data:gsm8k/test.jsonl") == root / "data/gsm8k/test.jsonl");
  CHECK_THROWS_AS(resolveDataPath("data:../secret"), InputError);
  CHECK_THROWS_AS(resolveDataPath("data:/etc/passwd"), InputError);
  ::unsetenv("POLAR_CACHE");
  ::unsetenv("POLAR_DATA");
}

TEST_CASE("the fetch commands that messages name are those that the scripts know") {
  const auto run = [](const std::string& script) {
    TemporaryFolder folder;
    const auto file = folder.path() / "out";
    const std::string line =
        "'" + (polar::testing::sourceDir() / script).string() + "' no-such >'" + file.string() + "' 2>&1";
    CHECK(std::system(line.c_str()) != 0);
    return polar::testing::slurp(file);
  };
  CHECK(contains(run("src/setup/fetch_model.sh"), "expected one of: qwen2.5-coder-0.5b qwen2.5-coder-1.5b smollm2\n"));
  CHECK(contains(run("datasets/fetch.sh"), "the sets are: asdiv gsm8k math mawps mmlu_pro svamp\n"));
}

TEST_CASE("without HOME the user's own home folder is meant, not the folder at hand") {
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  ::unsetenv("HOME");
  CHECK(cacheFolder().is_absolute());
  ::setenv("HOME", "", 1);
  CHECK(cacheFolder().is_absolute());
  ::setenv("HOME", home.c_str(), 1);
  CHECK(cacheFolder() == std::filesystem::path(home) / ".cache/polar");
}
