// The typed experiment config: what a YAML file says, with every default filled in.
//
// Every key is described once, in experiment_keys.h (name, meaning, default, range, and whether it changes results or
// only speed); parsing, unknown-key errors, the JSON Schema, the fingerprint and the resolved YAML all come from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/stage.h"

namespace polar {

struct ModelSettings {
  std::string path;             // HF folder or .gguf; "cache:NAME" = what src/setup/fetch_model.sh NAME fetched
  std::string dtype = "fp32";   // fp32 | bf16
  std::string device = "cpu";   // cpu | cuda | cuda:N
  std::string kv = "own_slot";  // own_slot | shared_slot: where a repeated layer keeps its keys (KvSlots)
};

// A template written out in the YAML instead of a name: the fields of PromptTemplate (src/text/prompt.h).
struct InlineTemplate {
  bool present = false;
  std::string head;
  std::string body = "{question}";
  std::string open = "\\boxed{";
  std::string chat = "none";
  std::string system;
  std::string stop;
};

struct PromptSettings {
  std::string templateName = "zero-shot";   // key `template`; a built-in name (src/text/prompt.cpp), or "inline"
  InlineTemplate inlineTemplate;            // key `template` given as a map
  int maxNewTokens = 50;                    // key `max_new_tokens`
  std::string multipleChoice = "generate";  // key `multiple_choice`: generate | letter_likelihood (MultipleChoice)
};

struct DatasetSettings {
  std::string name;  // shown in tables; default: the file's stem, or its folder's name for test.jsonl and the like
  std::string path;  // JSONL; "data:gsm8k/test.jsonl" = what datasets/fetch.sh gsm8k fetched
  std::string order = "file";  // file | shuffled: by a hash of the question, the same everywhere; for sorted files
  std::int64_t offset = 0;     // examples left out at the head
  std::int64_t limit = 0;      // first N examples after them; 0 = all
};

// Which questions count as the same (src/data/near_duplicates.h): none of a test set may be in the train set, and none
// twice in a test set.
struct NearDuplicateSettings {
  bool maskNumbers = true;  // key `mask_numbers`: equal but for their numbers
  double jaccard =
      0.9;  // words in common, of all words of both, from which on two questions are one; 0 = not looked at
};

struct DataSettings {
  DatasetSettings train;             // searched; gives labels for training and validation
  double validationFraction = 0.25;  // key `validation_fraction`: of the train questions, by question hash
  DatasetSettings test;              // in distribution
  std::vector<DatasetSettings> ood;
  NearDuplicateSettings nearDuplicates;  // group `near_duplicates`
};

struct SearchSettings {
  // changes results
  std::string strategy = "enumerate";  // a name of search/strategies.cpp
  std::int64_t budget = 200;           // programs per example, the standard program included
  int maxEdits = 2;                    // key `max_edits`: edits in one program
  int maxLength = 4;                   // key `max_length`: layers in one edit
  int maxTimes = 4;                    // key `max_times`: passes of a repeat
  bool skips = true;
  bool repeats = true;
  int round = 8;                              // programs that a learning strategy asks between two looks at results
  std::string reward = "logprob";             // what strategies learn from: verdict | logprob
  double layerPrice = 1;                      // key `layer_price`: beam, surrogate: nats that a whole pass costs
  int beamWidth = 8;                          // key `beam_width`
  std::string mctsVariant = "transposition";  // key `mcts_variant`: paper | transposition
  double logprobWeight = 0.5;                 // key `logprob_weight`: of the log-probability in mcts' reward
  double exploration = -1;                    // mcts: c of UCB; below 0 = the variant's own (search/mcts.h)
  double lengthPenalty = -1;                  // key `length_penalty`: mcts: lambda of UCB; below 0 = the variant's own
  double randomChild = 0;          // key `random_child`: mcts: chance that a random child is taken, not UCB's
  double optimism = 0.5;           // surrogate: standard deviations added to a prediction
  std::string menu = {};           // labels.h5 of an earlier search, for menu and cascade; empty = none
  int menuSize = 32;               // key `menu_size`: programs on the menu
  bool minimise = false;           // drop edits of found programs while they stay right
  int samples = 0;                 // temperature samples of the standard program beside the search (chance column)
  double sampleTemperature = 0.7;  // key `sample_temperature`
  bool oracleTest = true;          // key `oracle_test`: search the test questions too, for the policy `oracle` alone
  // changes speed
  int partExamples = 64;  // key `part_examples`: examples in one committed part
};

// The value model (train/value_model.h): P(right | question, program).
struct ValueSettings {
  std::vector<double> layers;  // question features: states after these layers; empty = the last
  std::int64_t questions = 0;  // trained on: the first N; 0 = all (for learning curves)
  int width = 256;             // key `width`: of the hidden layers
  double dropout = 0.3;
  int epochs = 10;
  int batch = 64;              // questions in one step
  double learningRate = 1e-3;  // key `learning_rate`
  double weightDecay = 0.1;    // key `weight_decay`
  int members = 3;             // networks whose probabilities are averaged
  int evaluateEvery = 1;       // key `evaluate_every`: epochs between two looks at validation
  double softness = 0.5;       // of a label: its verdict and the answer's probability, mixed; 1 = the probability alone
  double gainWeight = 0;       // key `gain_weight`: added to labels that differ from the standard program's
  bool classWeights = false;   // key `class_weights`: right and wrong labels of a program weigh the same in all
};

// The menu chooser (train/chooser_model.h), of the policies chooser and distilled; it reads what the value model reads.
struct ChooserSettings {
  int rank = 4;                                               // of the matrix from question to programs
  int components = 32;                                        // principal ones of the question features
  std::vector<double> penalties = {1, 0.3, 0.1, 0.03, 0.01};  // of squared weights; the best out of fold is taken
  int steps = 200;                                            // of L-BFGS, at most
};

struct TrainSettings {
  std::string encoder = "self";  // self | mean_pooled | embedding
  std::string embeddingModel;    // key `embedding_model`: HF folder, for encoder embedding
  int encoderLayer = -1;         // key `encoder_layer`: hidden states after this layer; -1 = last
  int width = 256;               // key `width`: d of the predictor
  int heads = 4;
  int blocks = 2;
  double dropout = 0.1;
  int epochs = 10;
  int batch = 128;
  double learningRate = 5e-4;            // key `learning_rate`
  double weightDecay = 0.01;             // key `weight_decay`
  int warmupSteps = 10;                  // key `warmup_steps`
  int maxPrograms = 50;                  // key `max_programs`: valid programs used per question
  std::string programChoice = "sample";  // key `program_choice`: which ones, where there are more: sample | shortest
  double standardWeight = 0.3;  // key `standard_weight`: of the standard program where a shorter valid one exists
  int folds = 5;  // parts of the labelled questions: a threshold is tuned on predictions of parts not fitted to
  ValueSettings value;
  ChooserSettings chooser;
  std::vector<std::uint64_t> seeds;  // one of everything trained for each; empty = the run's seed alone
};

struct EvalSettings {
  std::vector<std::string> policies = {"standard", "random", "static", "predictor", "oracle"};
  int topK = 5;   // key `top_k`: programs a policy may propose, pass@1 … pass@k
  int votes = 5;  // of the votes: runs that give one answer
  int beam = 5;   // predictor's beam over segment ops
  double confidence = 0.95;
  std::vector<double> layerPrices = {0};  // key `layer_prices`: points of a curve of policies
  std::string primary;  // variant of a policy: the comparison that the evaluation is made for; empty = none
  std::vector<std::string> primarySets;  // key `primary_sets`: names of the sets it is made on; empty = all
  int timedQuestions = 20;  // key `timed_questions`: of a set, answered once more for the wall-clock per answer
};

struct RuntimeSettings {            // all: changes speed, never results
  int workers = 0;                  // CPU workers; 0 = cores
  std::string executor = "shared";  // plain: one program at a time, the judge of the other
  std::int64_t headMegabytes =
      2048;  // key `head_mb`: kept of the prompt's head for later examples, all workers together
  std::int64_t leafMegabytes = 1024;  // key `leaf_mb`: a worker keeps of programs that wait to decode
  std::vector<std::string> reuse;     // label files whose evaluations a search takes over instead of running them
};

struct ExperimentConfig {
  std::string name;  // run folder is results_dir/name
  std::uint64_t seed = 1;
  std::string resultsDir = "results";  // key `results_dir`
  ModelSettings model;
  PromptSettings prompt;
  DataSettings data;
  SearchSettings search;
  TrainSettings train;
  EvalSettings eval;
  RuntimeSettings runtime;

  std::filesystem::path runFolder() const { return std::filesystem::path(resultsDir) / name; }
};

// Reads a YAML file, applies `key=value` overrides ("search.budget=20"), checks every key and range.
// Throws InputError with file, line and key: unknown keys (with the nearest known one), wrong types, values out of
// range, duplicate keys, missing required keys.
ExperimentConfig loadExperiment(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

// The same from YAML text; `label` names the file in messages.
ExperimentConfig parseExperiment(const std::string& yaml, const std::string& label,
                                 const std::vector<std::string>& overrides = {});

// The resolved config as YAML, every key present, in a fixed order. Loading it gives the same config.
std::string resolvedYaml(const ExperimentConfig& config);

// The resolved values of the keys that change what a stage stores, as "key" → text: "search": model, prompt,
// data.train, search, seed; "train": these and train; "eval": these and data.test, data.ood, eval. Two runs may share a
// stage's results where these are equal. The report has no keys of its own.
std::map<std::string, std::string> resultKeys(const ExperimentConfig& config, Stage stage);

// JSON Schema (draft 2020-12) of the YAML.
std::string experimentSchema();

// POLAR_CACHE or ~/.cache/polar (InputError without a home): fetched models, and this machine's numeric self-check.
std::filesystem::path cacheFolder();

// "cache:smollm2" → the fetched file's path (POLAR_CACHE or ~/.cache/polar); other paths unchanged. InputError with the
// fetch command where it is missing.
std::filesystem::path resolveModelPath(const std::string& path);

// "data:gsm8k/test.jsonl" → that file below POLAR_DATA or ~/.cache/polar/data; other paths unchanged. InputError with
// the fetch command where it is missing.
std::filesystem::path resolveDataPath(const std::string& path);

}  // namespace polar
