#include "search/stored_evaluations.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "support/error.h"

namespace polar {
namespace {

std::string keyOf(const Example& example) {
  std::string key = example.question + '\0' + example.answer;
  for (const std::string& option : example.options) key += '\0' + option;
  return key;
}

// Whether an evaluation depends on a config key: what the model is, what it is shown and how much it may answer. The
// path of the model does not count, since its weights are compared; dtype and device have an attribute of their own.
bool changesEvaluations(const std::string& key) {
  return key.starts_with("prompt.") ||
         (key.starts_with("model.") && key != "model.path" && key != "model.dtype" && key != "model.device");
}

// These keys of a label file's config, one "key: value" each.
std::map<std::string, std::string> evaluationKeys(const LabelProvenance& provenance) {
  // What versions without the key did.
  std::map<std::string, std::string> keys = {{"model.kv", "own_slot"}, {"prompt.multiple_choice", "generate"}};
  std::istringstream lines(provenance.config);
  for (std::string line; std::getline(lines, line);) {
    const std::string key = line.substr(0, line.find(": "));
    if (changesEvaluations(key)) keys[key] = line.substr(std::min(line.size(), key.size() + 2));
  }
  return keys;
}

std::string lineOf(const std::map<std::string, std::string>& keys, const std::string& key) {
  const auto found = keys.find(key);
  return found == keys.end() ? "no " + key : key + ": " + found->second;
}

}  // namespace

void StoredEvaluations::add(LabelFile labels) {
  for (ExampleLabels& each : labels.examples) {
    std::vector<Stored>& stored = questions_[keyOf(each.example)];
    size_ -= static_cast<std::int64_t>(stored.size());
    for (LabelledProgram& labelled : each.programs)
      if (!labelled.isSample()) stored.push_back({std::move(labelled.program), std::move(labelled.evaluation)});
    const auto before = [](const Stored& a, const Stored& b) { return a.program < b.program; };
    const auto same = [](const Stored& a, const Stored& b) { return a.program == b.program; };
    std::stable_sort(stored.begin(), stored.end(), before);
    stored.erase(std::unique(stored.begin(), stored.end(), same), stored.end());
    stored.shrink_to_fit();
    size_ += static_cast<std::int64_t>(stored.size());
  }
}

const Evaluation* StoredEvaluations::find(const Example& example, const Program& program) const {
  const auto question = questions_.find(keyOf(example));
  if (question == questions_.end()) return nullptr;
  const auto& stored = question->second;
  const auto at = std::lower_bound(stored.begin(), stored.end(), program,
                                   [](const Stored& each, const Program& wanted) { return each.program < wanted; });
  return at != stored.end() && at->program == program ? &at->evaluation : nullptr;
}

void requireSameEvaluations(const std::string& where, const LabelProvenance& found, const LabelProvenance& own) {
  const auto require = [&](const char* what, const std::string& theirs, const std::string& ours) {
    if (theirs != ours)
      throw InputError(where, std::string("evaluations with another ") + what + ", " + theirs, "this search's, " + ours,
                       "leave it out, or search with what it was made with");
  };
  require("model (SHA-256 of its weights)", found.weightsSha256, own.weightsSha256);
  require("tokenizer", found.tokenizerSha256, own.tokenizerSha256);
  require("dtype", found.dtype, own.dtype);
  require("device", found.device, own.device);
  require("grader", found.graderVersion, own.graderVersion);
  const auto theirs = evaluationKeys(found), ours = evaluationKeys(own);
  for (const auto* keys : {&theirs, &ours})
    for (const auto& [key, value] : *keys)
      require(key.starts_with("prompt.") ? "prompt" : key.c_str(), lineOf(theirs, key), lineOf(ours, key));
}

std::vector<Evaluation> ReusingEvaluator::evaluate(std::span<const EvaluationTask> tasks) const {
  std::vector<Evaluation> evaluations(tasks.size());
  std::vector<EvaluationTask> open;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    // One whose answer is not known is timed.
    const bool canBeStored = tasks[i].temperature == 0 && tasks[i].answerKnown;
    if (const Evaluation* known = canBeStored ? stored_->find(*tasks[i].example, tasks[i].program) : nullptr) {
      evaluations[i] = *known;
      continue;
    }
    open.push_back(tasks[i]);
    places.push_back(i);
  }
  reused_ += static_cast<std::int64_t>(tasks.size() - open.size());
  if (open.empty()) return evaluations;
  std::vector<Evaluation> run = other_.evaluate(open);
  if (run.size() != open.size()) throw std::logic_error("an evaluator must answer every task");
  for (std::size_t i = 0; i < run.size(); ++i) evaluations[places[i]] = std::move(run[i]);
  return evaluations;
}

}  // namespace polar
