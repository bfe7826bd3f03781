// Every key of an experiment, described once: name, meaning, range, and what it changes. Parsing, unknown-key errors,
// the JSON Schema, the resolved YAML and the fingerprint are visitors over this one description.
//
// A visitor has (Config may be const):
//   field(const Key&, T&)            T: std::string, bool, int, std::int64_t, std::uint64_t, double
//   names(const Key&, std::vector<std::string>&)
//   numbers(const Key&, std::vector<double>&)
//   seeds(const Key&, std::vector<std::uint64_t>&)          a list, or a count N for 1 … N
//   group(name, meaning, body)       body() visits the keys below
//   items(const Key&, std::vector<DatasetSettings>&, body)      body(item) visits one item's keys
//   nameOrGroup(const Key&, std::string& name, bool& isGroup, body)
// A new key is a member of a struct in experiment.h and one line here.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "config/stage.h"

namespace polar {

// Of a run and of a set of questions: names of files and folders.
inline constexpr const char* kNamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";
inline constexpr const char* kNameInWords = "a letter or digit, then letters, digits, '.', '_', '-', at most 100";

enum class Affects {
  results,  // enters the fingerprint
  speed,    // how fast, never what
  place,    // where things lie and what they are called
};

struct Key {
  std::string name;
  std::string meaning;
  Affects affects = Affects::results;
  Stage stage = Stage::search;
  bool isRequired = false;
  double low = -std::numeric_limits<double>::infinity();  // smallest value allowed
  double high = std::numeric_limits<double>::infinity();  // largest value allowed
  std::vector<std::string> choices = {};                  // of a string; empty = free
  std::string pattern = {};                               // of a string, ECMAScript; empty = free
  std::string patternMeaning = {};
  bool mayBeEmpty = false;  // of names

  Key required() && { return isRequired = true, std::move(*this); }
  Key from(double lowest) && { return low = lowest, std::move(*this); }
  Key between(double lowest, double highest) && { return low = lowest, high = highest, std::move(*this); }
  Key oneOf(std::vector<std::string> allowed) && { return choices = std::move(allowed), std::move(*this); }
  Key matching(std::string regex, std::string inWords) && {
    pattern = std::move(regex);
    patternMeaning = std::move(inWords);
    return std::move(*this);
  }
  Key orNone() && { return mayBeEmpty = true, std::move(*this); }
};

inline Key resultKey(Stage stage, std::string name, std::string meaning) {
  return {.name = std::move(name), .meaning = std::move(meaning), .affects = Affects::results, .stage = stage};
}
inline Key speedKey(std::string name, std::string meaning) {
  return {.name = std::move(name), .meaning = std::move(meaning), .affects = Affects::speed};
}
inline Key placeKey(std::string name, std::string meaning) {
  return {.name = std::move(name), .meaning = std::move(meaning), .affects = Affects::place};
}

template <typename Prompt, typename Visitor>
void visitPrompt(Prompt& prompt, Visitor& v) {
  const auto key = [](const char* name, const char* meaning) { return resultKey(Stage::search, name, meaning); };
  auto& text = prompt.inlineTemplate;
  v.nameOrGroup(key("template", "a built-in prompt's name, or a map that writes the prompt out"), prompt.templateName,
                text.present, [&] {
                  v.field(key("head", "the same for every example: instruction, worked examples"), text.head);
                  v.field(key("body", "the example's own part; {question} and {options} are replaced"), text.body);
                  v.field(key("open", "opened at the prompt's end, so that the answer comes first"), text.open);
                  v.field(key("chat", "markers around the messages: none, chatml, llama3"), text.chat);
                  v.field(key("system", "system message, chat only; empty = none"), text.system);
                  v.field(key("stop", "generation also ends at this text; empty = none"), text.stop);
                });
  v.field(key("max_new_tokens", "generated tokens at most").between(1, 4096), prompt.maxNewTokens);
  v.field(key("multiple_choice",
              "a question with options: its letter is generated, or is the likeliest of the letters "
              "after the prompt, by one pass")
              .oneOf({"generate", "letter_likelihood"}),
          prompt.multipleChoice);
}

template <typename Dataset, typename Visitor>
void visitDataset(Dataset& set, Stage stage, Visitor& v) {
  v.field(placeKey("name", "shown in tables, and the name of the set's files; default: from the path")
              .matching(kNamePattern, kNameInWords),
          set.name);
  v.field(
      resultKey(stage, "path", "a JSONL file; data:gsm8k/test.jsonl = what datasets/fetch.sh gsm8k fetched").required(),
      set.path);
  v.field(resultKey(stage, "order",
                    "the file's, or shuffled by a hash of the question (the same everywhere): for sorted files")
              .oneOf({"file", "shuffled"}),
          set.order);
  v.field(
      resultKey(stage, "offset", "examples left out at the head: a file without splits gives two sets").between(0, 1e9),
      set.offset);
  v.field(resultKey(stage, "limit", "first N examples (after the offset); 0 = all").between(0, 1e9), set.limit);
}

template <typename Data, typename Visitor>
void visitData(Data& data, Visitor& v) {
  v.group("train", "questions that are searched: labels for training and validation",
          [&] { visitDataset(data.train, Stage::search, v); });
  v.field(resultKey(Stage::search, "validation_fraction",
                    "share of the train questions held for validation, by question hash")
              .between(0, 0.9),
          data.validationFraction);
  v.group("test", "questions in distribution, for eval", [&] { visitDataset(data.test, Stage::eval, v); });
  v.items(resultKey(Stage::eval, "ood", "sets out of distribution, for eval"), data.ood,
          [&](auto& set) { visitDataset(set, Stage::eval, v); });
  v.group(
      "near_duplicates", "which questions count as the same: in no test set twice, and not in the train set too", [&] {
        v.field(resultKey(Stage::search, "mask_numbers", "those that are equal but for their numbers"),
                data.nearDuplicates.maskNumbers);
        v.field(resultKey(Stage::search, "jaccard",
                          "those whose words in common are at least this share of the words of both; 0 = not looked at")
                    .between(0, 1),
                data.nearDuplicates.jaccard);
      });
}

template <typename Search, typename Visitor>
void visitSearch(Search& search, Visitor& v) {
  const auto key = [](const char* name, const char* meaning) { return resultKey(Stage::search, name, meaning); };
  v.field(key("strategy", "a name of search/strategies.cpp"), search.strategy);
  v.field(key("budget", "programs per example, the standard program included").between(1, 1e6), search.budget);
  v.field(key("max_edits", "edits in one program").between(1, 64), search.maxEdits);
  v.field(key("max_length", "layers in one edit").between(1, 16), search.maxLength);
  v.field(key("max_times", "passes of a repeated segment").between(2, 16), search.maxTimes);
  v.field(key("skips", "programs may skip"), search.skips);
  v.field(key("repeats", "programs may repeat"), search.repeats);
  v.field(key("round", "programs that a strategy which learns asks between two looks at results").between(1, 10000),
          search.round);
  v.field(
      key("layer_price",
          "beam, surrogate: nats that as many layers as the model has cost; eightfold once a right program is known")
          .between(0, 1000),
      search.layerPrice);
  v.field(key("beam_width", "beam: programs kept at each number of edits").between(1, 10000), search.beamWidth);
  v.field(key("mcts_variant", "actions on the current path, or edits in any order over a transposition table")
              .oneOf({"paper", "transposition"}),
          search.mctsVariant);
  v.field(key("reward", "what strategies learn from: verdicts alone, or the answer's log-probability too")
              .oneOf({"verdict", "logprob"}),
          search.reward);
  v.field(key("logprob_weight", "mcts: share of the log-probability in the reward logprob").between(0, 1),
          search.logprobWeight);
  v.field(key("exploration",
              "mcts: c of UCB = R/v + c sqrt(ln V / v) - lambda |program| / depth; -1 = the variant's "
              "own: paper sqrt(2), transposition 0.1")
              .between(-1, 1000),
          search.exploration);
  v.field(key("length_penalty", "mcts: lambda of UCB; -1 = the variant's own: paper 5, transposition 0.1")
              .between(-1, 1000),
          search.lengthPenalty);
  v.field(key("random_child", "mcts: chance that a step of the tree takes a random child, not UCB's").between(0, 1),
          search.randomChild);
  v.field(key("optimism", "surrogate: standard deviations added to a prediction").between(0, 1000), search.optimism);
  v.field(
      key("menu",
          "menu, cascade: labels.h5 of an earlier search, whose programs are shared, or a .txt that lists programs; "
          "empty = none"),
      search.menu);
  v.field(key("menu_size", "programs on the menu").between(1, 10000), search.menuSize);
  v.field(key("minimise", "drop edits of found programs one at a time while they stay right, within the budget"),
          search.minimise);
  v.field(key("samples", "temperature samples of the standard program beside the search").between(0, 10000),
          search.samples);
  v.field(key("sample_temperature", "of these samples").between(0.01, 10), search.sampleTemperature);
  v.field(resultKey(Stage::eval, "oracle_test", "search the test questions too, for the policy oracle alone"),
          search.oracleTest);
  v.field(speedKey("part_examples", "examples in one committed part of the labels").between(1, 1e6),
          search.partExamples);
}

template <typename Value, typename Visitor>
void visitValue(Value& value, Visitor& v) {
  const auto key = [](const char* name, const char* meaning) { return resultKey(Stage::train, name, meaning); };
  v.numbers(key("layers", "question features: hidden states after these layers; none = the last").between(1, 1000),
            value.layers);
  v.field(key("questions", "trained on: the first N of the train split, for learning curves; 0 = all").between(0, 1e9),
          value.questions);
  v.field(key("width", "of the hidden layers").between(1, 65536), value.width);
  v.field(key("dropout", "share of activations dropped").between(0, 0.9), value.dropout);
  v.field(key("epochs", "passes over the training questions").between(1, 100000), value.epochs);
  v.field(key("batch", "questions in one step").between(1, 1e6), value.batch);
  v.field(key("learning_rate", "AdamW's, at the start of the cosine").between(1e-8, 1), value.learningRate);
  v.field(key("weight_decay", "AdamW's").between(0, 10), value.weightDecay);
  v.field(key("members", "networks whose probabilities are averaged").between(1, 100), value.members);
  v.field(key("evaluate_every", "epochs between two looks at validation").between(1, 1000), value.evaluateEvery);
  v.field(key("softness", "a label is (1 - softness) x verdict + softness x probability of the reference answer")
              .between(0, 1),
          value.softness);
  v.field(key("gain_weight", "added to the weight of labels that differ from the standard program's").between(0, 1000),
          value.gainWeight);
  v.field(key("class_weights", "a program's right and its wrong labels weigh the same in all"), value.classWeights);
}

template <typename Chooser, typename Visitor>
void visitChooser(Chooser& chooser, Visitor& v) {
  const auto key = [](const char* name, const char* meaning) { return resultKey(Stage::train, name, meaning); };
  v.field(key("rank", "of the matrix from question to programs").between(1, 1000), chooser.rank);
  v.field(key("components", "principal components of the question features (train.value.layers)").between(1, 10000),
          chooser.components);
  v.numbers(
      key("penalties",
          "of squared weights, a tenth for intercepts; of several, the one with the least loss on questions not fitted to")
          .between(1e-9, 1e9),
      chooser.penalties);
  v.field(key("steps", "of L-BFGS over all questions, at most").between(1, 100000), chooser.steps);
}

template <typename Train, typename Visitor>
void visitTrain(Train& train, Visitor& v) {
  const auto key = [](const char* name, const char* meaning) { return resultKey(Stage::train, name, meaning); };
  v.field(key("encoder", "what the predictor reads: states of the LLM's own layer, their mean, or an embedding model's")
              .oneOf({"self", "mean_pooled", "embedding"}),
          train.encoder);
  v.field(key("embedding_model", "encoder embedding: HF folder or .gguf, such as Qwen3-Embedding"),
          train.embeddingModel);
  v.field(
      key("encoder_layer", "question encoder: hidden states after this layer (1 … depth); -1 = last").between(-1, 1000),
      train.encoderLayer);
  v.field(key("width", "d of the predictor").between(8, 8192), train.width);
  v.field(key("heads", "attention heads; divide width").between(1, 128), train.heads);
  v.field(key("blocks", "transformer encoder blocks").between(1, 64), train.blocks);
  v.field(key("dropout", "share of activations dropped").between(0, 0.9), train.dropout);
  v.field(key("epochs", "passes over the training questions").between(1, 100000), train.epochs);
  v.field(key("batch", "questions in one step").between(1, 1e6), train.batch);
  v.field(key("learning_rate", "AdamW's, at the peak").between(1e-8, 1), train.learningRate);
  v.field(key("weight_decay", "AdamW's").between(0, 1), train.weightDecay);
  v.field(key("warmup_steps", "steps of linear warm-up before the cosine").between(0, 1e6), train.warmupSteps);
  v.field(key("max_programs", "valid programs used per question").between(1, 1e6), train.maxPrograms);
  v.field(key("program_choice", "which valid programs, where a question has more: a seeded sample, or the shortest")
              .oneOf({"sample", "shortest"}),
          train.programChoice);
  v.field(key("standard_weight", "weight of the standard program where a shorter valid one exists").between(0, 1),
          train.standardWeight);
  v.field(key("folds",
              "parts of the labelled questions; thresholds are tuned on predictions for questions that were not "
              "fitted to")
              .between(2, 100),
          train.folds);
  v.group("value", "the value model: P(right | question, program)", [&] { visitValue(train.value, v); });
  v.group("chooser", "the menu chooser, of the policies chooser and distilled: which program of the menu to run",
          [&] { visitChooser(train.chooser, v); });
  v.seeds(
      resultKey(Stage::eval, "seeds", "of trainings, each evaluated; a list, or a count from 1; none = the run's seed"),
      train.seeds);
}

template <typename Eval, typename Visitor>
void visitEval(Eval& eval, Visitor& v) {
  const auto key = [](const char* name, const char* meaning) { return resultKey(Stage::eval, name, meaning); };
  v.names(key("policies", "names of eval/policies/policies.cpp, in the order of the table"), eval.policies);
  v.field(key("top_k", "programs a policy may propose: pass@1 … pass@k").between(1, 1000), eval.topK);
  v.field(
      key("votes",
          "vote, sample_vote: runs whose most frequent answer counts; adaptive_vote, evidence: at most so many runs")
          .between(2, 1000),
      eval.votes);
  v.field(key("beam", "beam of the predictor over segment ops").between(1, 10000), eval.beam);
  v.field(key("confidence", "level of the intervals").between(0.5, 0.9999), eval.confidence);
  v.numbers(
      key("layer_prices",
          "policies that weigh accuracy against layers: share of right answers that as many layer-tokens as the standard program's answer "
          "must be worth; a policy for each")
          .between(-100, 100),
      eval.layerPrices);
  v.field(
      key("primary",
          "a policy, as its line of the table is called (adaptive_vote@price=0.5): its comparison with the standard "
          "program is the primary one. An evaluation is bound to it: name it first"),
      eval.primary);
  v.names(key("primary_sets", "test sets that it is made on, all their questions together; none: every set").orNone(),
          eval.primarySets);
  v.field(speedKey("timed_questions", "questions of a set answered once more, for the wall-clock per answer; 0: none")
              .between(0, 1000000),
          eval.timedQuestions);
}

// Config: ExperimentConfig or const ExperimentConfig.
template <typename Config, typename Visitor>
void visitKeys(Config& config, Visitor& v) {
  v.field(placeKey("name", "the run; its folder is results_dir/name").required().matching(kNamePattern, kNameInWords),
          config.name);
  v.field(resultKey(Stage::search, "seed", "of everything that is drawn").from(0), config.seed);
  v.field(placeKey("results_dir", "where run folders are made"), config.resultsDir);
  v.group("model", "the frozen LLM", [&] {
    v.field(resultKey(Stage::search, "path",
                      "an HF folder or a .gguf; cache:NAME = what src/setup/fetch_model.sh NAME fetched")
                .required(),
            config.model.path);
    v.field(resultKey(Stage::search, "dtype", "of weights and arithmetic").oneOf({"fp32", "bf16"}), config.model.dtype);
    v.field(resultKey(Stage::search, "device", "cpu, cuda, or cuda:N")
                .matching("^(cpu|cuda(:(0|[1-9][0-9]?))?)$", "cpu, cuda, or cuda:N"),
            config.model.device);
    v.field(resultKey(Stage::search, "kv",
                      "keys and values of a repeated layer: own_slot, or shared_slot as PoLar's and Dr.LLM's releases "
                      "have it (on the plain executor)")
                .oneOf({"own_slot", "shared_slot"}),
            config.model.kv);
  });
  v.group("prompt", "what a question looks like to the LLM", [&] { visitPrompt(config.prompt, v); });
  v.group("data", "questions", [&] { visitData(config.data, v); });
  v.group("search", "the oracle search", [&] { visitSearch(config.search, v); });
  v.group("train", "the program predictor", [&] { visitTrain(config.train, v); });
  v.group("eval", "policies on the test sets", [&] { visitEval(config.eval, v); });
  v.group("runtime", "how it is computed: changes speed, never results", [&] {
    v.field(speedKey("workers", "CPU workers; 0 = cores").between(0, 4096), config.runtime.workers);
    v.field(speedKey("executor", "plain or shared (src/llm)").oneOf({"plain", "shared"}), config.runtime.executor);
    v.field(speedKey("head_mb", "memory for the prompt's head, kept over examples; MiB for all workers together")
                .between(0, 1 << 20),
            config.runtime.headMegabytes);
    v.field(speedKey("leaf_mb", "memory for programs that wait to decode; MiB for each worker").between(0, 1 << 20),
            config.runtime.leafMegabytes);
    v.names(
        speedKey(
            "reuse",
            "label files of earlier searches: search and eval take over what they hold of the same model, prompt and "
            "questions, and runs the rest")
            .orNone(),
        config.runtime.reuse);
  });
}

}  // namespace polar
