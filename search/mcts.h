// `mcts`: Monte Carlo tree search from the standard program.
//
// One simulation: from the root, as long as no child may be added to a node, go to the child that maximises
//   UCB = R/v + c·sqrt(ln V / v) − λ·|π|/D        (PoLar, arXiv 2606.06574, App. B)
// (R: rewards and v: visits of the child, V: simulations so far, |π|: its executed layers, D: depth, c: `exploration`,
// λ: `lengthPenalty`); add a child; its evaluation's reward goes to every node on the way. With the chance
// `randomChild` a step takes a random child instead. A program that was evaluated before costs no budget. Within a
// round, a program that waits for its evaluation counts as visited, without reward. After 1000 simulations in a row
// without a new program, the oldest nodes get more children.
//
// `mctsVariant`
//   paper          an action skips a block of the *current path* or runs it 2 … maxTimes times (blocks of up to
//                  maxLength positions), as in App. B; every action of a node is tried before any child is visited
//                  again. So a budget below the number of actions never leaves depth 1. Actions that leave the edit
//                  space are not taken.
//   transposition  RE-PoLar's remedy (arXiv 2609.31360): an action places an edit anywhere on free layers, programs
//                  reached in different orders are one node, and a node with v visits may have ceil(2·sqrt(v))
//                  children. With the reward `logprob` a node's edits are placed in the order of rankEdits, else at
//                  random.
// Where c or λ is below 0, it is the variant's own. Published values:
//                                                         c         λ   random child
//   PoLar, as RE-PoLar's code has it (re_polar/mcts/      sqrt(2)   5   0
//   search.py; PoLar's own search is not released):
//   the default of `paper`
//   CoLa, arXiv 2507.07996, App. B                                      0.1
//   Dr.LLM                                                1.8       3   0.1
// `transposition` has 0.1 and 0.1, chosen on 60 questions of the embedded model (results/reports/search).
// `reward` (here of a simulation)
//   verdict        1{right}, as in the paper
//   logprob        (1 − w)·1{right} + w·sigmoid(log p − log p of the standard program); p: probability of the reference
//                  answer, w: `logprobWeight`
//
// Statistics: tree_depth (edges below the root), ucb_choices (descents decided by UCB), simulations.
#pragma once

#include <memory>

#include "search/rounds.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeMcts(const StrategyOptions& options);

// The same as a phase of another strategy.
std::unique_ptr<Proposer> makeTree(const StrategyOptions& options);

// Whether the tree cannot leave depth 1: then it asks single edits in random order. So it is where `maxEdits` is 1, and
// in the paper's tree where the budget is not above the number of single edits.
bool staysAtDepthOne(const StrategyOptions& options);

}  // namespace polar
