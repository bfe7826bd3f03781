// Evaluations of earlier searches, reused by a new one or by a test. An evaluation is a pure function of weights,
// prompt, question and program, so it need not be run again: several strategies on the same questions share their work.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "evaluation/evaluator.h"
#include "store/label_store.h"

namespace polar {

class StoredEvaluations {
 public:
  // Takes the greedy evaluations of the file that it does not have yet; temperature samples are left out.
  void add(LabelFile labels);
  // Null where there is none. A question is the same where its text, reference answer and options are.
  const Evaluation* find(const Example& example, const Program& program) const;
  std::int64_t size() const { return size_; }

 private:
  struct Stored {
    Program program;
    Evaluation evaluation;
  };
  std::map<std::string, std::vector<Stored>> questions_;  // each sorted by program
  std::int64_t size_ = 0;
};

// InputError at `where` (a label file) where `found`, its provenance, differs from `own` in something that evaluations
// depend on: weights, tokenizer, grader, dtype, device, and every key below model and prompt. It names the first
// difference.
void requireSameEvaluations(const std::string& where, const LabelProvenance& found, const LabelProvenance& own);

// Answers greedy tasks from `stored` where it can, and passes the others to `other`, which must outlive it, with those
// whose answer is not known. The results are the same as those of `other`.
class ReusingEvaluator final : public ProgramEvaluator {
 public:
  ReusingEvaluator(std::shared_ptr<const StoredEvaluations> stored, const ProgramEvaluator& other)
      : stored_(std::move(stored)), other_(other) {}

  int depth() const override { return other_.depth(); }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override;
  std::int64_t reused() const { return reused_; }

 private:
  std::shared_ptr<const StoredEvaluations> stored_;
  const ProgramEvaluator& other_;
  mutable std::atomic<std::int64_t> reused_ = 0;
};

}  // namespace polar
