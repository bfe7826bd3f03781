// The programs that a strategy has asked for, their evaluations, and how good they are: the memory that strategies
// share.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "search/strategy.h"

namespace polar {

class History {
 public:
  struct Entry {
    Program program;
    std::vector<Segment> edits;  // of the canonical parse
    bool right = false;
    // Of the reference answer, in nats; 0 before the evaluation is known. At least kFloor, which also counts where the
    // answer was not scored. Where the reward is the verdict alone: 0 where right, else kUnscored.
    double logprob = 0;
  };

  // Lower log-probabilities count as this one.
  static constexpr double kFloor = -20;
  static constexpr double kUnscored = -4;
  static constexpr double kRight = 1000;  // more than any log-probability or price

  explicit History(StrategyOptions options) : options_(std::move(options)) {}

  const StrategyOptions& options() const { return options_; }
  std::size_t size() const { return entries_.size(); }
  bool allEvaluated() const { return evaluated_ == entries_.size(); }
  const Entry& operator[](std::size_t order) const { return entries_[order]; }
  // Order of a program that was asked; empty where it was not.
  std::optional<std::int32_t> find(const Program& program) const;

  void ask(const Program& program);  // must be of the edit space and new
  void tell(std::size_t order, const Evaluation& evaluation);

  // The price, in nats, of as many layers as the model has: `layerPrice` until a right program is known, then kShorten
  // times that, since from then on only shorter programs are worth finding.
  double layerPrice() const { return options_.layerPrice * (anyRight_ ? kShorten : 1); }
  static constexpr double kShorten = 8;

  // Of an evaluated program: right ones first, then by the answer's log-probability less the price of its layers.
  //   score = kRight·1{right} + log p(answer) − layerPrice() · executed / depth
  double score(std::size_t order) const;

 private:
  StrategyOptions options_;
  std::vector<Entry> entries_;
  std::unordered_map<Program, std::int32_t> orders_;  // never iterated
  std::size_t evaluated_ = 0;
  bool anyRight_ = false;
};

// Whether a program with these edits may be asked: at most `maxEdits` of them, only of kinds that the space has.
bool allowed(const std::vector<Segment>& edits, const StrategyOptions& options);

// `edits` and one more; empty where they overlap.
std::optional<std::vector<Segment>> withEdit(const std::vector<Segment>& edits, const Segment& more);

// The single edits, most promising first: by the score of the program that has this edit alone. An edit that was not
// tried alone counts as the standard program. Equals keep their order.
std::vector<Segment> rankEdits(const History& history, std::vector<Segment> edits);

}  // namespace polar
