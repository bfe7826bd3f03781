// What an experiment's stages share: the loaded model, its tokenizer and prompts, the evaluator, the datasets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "data/example.h"
#include "evaluation/evaluator.h"
#include "evaluation/timed.h"
#include "llm/executor.h"
#include "llm/language_model.h"
#include "program/edit.h"
#include "text/prompt.h"

namespace polar {

struct LoadedSet {
  std::string name;
  std::string sha256;             // of the file
  std::vector<Example> examples;  // from `offset` on, `limit` of them
  std::int64_t available = 0;     // from `offset` on, near-duplicates left out where the set is under test
  std::size_t leftOut = 0;  // near-duplicates: of a test set, of its own questions; of the train set, of test questions
};

// Reads a dataset of the config: all of it, in its `order` and from `offset` on, for `available`,
// then the first `limit` of those. Throws InputError where the file ends before the offset.
LoadedSet loadSet(const DatasetSettings& settings);

// The same for a set under test, in which no question is there twice (data/near_duplicates.h), before the limit.
LoadedSet loadTestSet(const DataSettings& data, const DatasetSettings& settings);

// The sets under test: in distribution first, then the OOD ones.
std::vector<DatasetSettings> testSets(const DataSettings& data);

// The train set without near-duplicates of the questions under test (the leak
// guard; a log line says how many). InputError where nothing is left.
LoadedSet loadTrainSet(const DataSettings& data);

PromptTemplate configuredTemplate(const PromptSettings& settings);

class Session {
 public:
  explicit Session(const ExperimentConfig& config);

  const ExperimentConfig& config() const { return config_; }
  const std::shared_ptr<const LanguageModel>& model() const { return model_; }
  const std::shared_ptr<const Tokenizer>& tokenizer() const { return tokenizer_; }
  const std::shared_ptr<const PromptBuilder>& prompts() const { return prompts_; }
  const ProgramExecutor& executor() const { return *executor_; }
  const ProgramEvaluator& evaluator() const { return *evaluator_; }
  double executorSeconds() const { return executorWatch_->seconds(); }  // spent in it so far, all threads together
  EditSpace editSpace() const;
  int workers() const;

 private:
  ExperimentConfig config_;
  std::shared_ptr<const LanguageModel> model_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::shared_ptr<const PromptBuilder> prompts_;
  std::shared_ptr<Stopwatch> executorWatch_ = std::make_shared<Stopwatch>();
  std::shared_ptr<const ProgramExecutor> executor_;
  std::unique_ptr<ProgramEvaluator> evaluator_;
};

}  // namespace polar
