// The makers of policies.cpp, each in a file of its own name, but for the three that a trained model of a menu serves
// (menu_model_policy.cpp). All throw InputError where the context lacks
// what the policy needs.
#pragma once

#include <memory>

#include "eval/policies/policies.h"

namespace polar {

// The standard program, always.
std::unique_ptr<Policy> makeStandardPolicy(const PolicyContext& context);

// Programs drawn from the edit space by a stream of the example's own: the chance column beside any pass@k. The first
// choice is random as well.
std::unique_ptr<Policy> makeRandomPolicy(const PolicyContext& context);

// One fixed ranking for all examples: by share right on the labelled questions (train and validation),
// among the programs that were run on every one of them; then fewer executed layers; then text form.
std::unique_ptr<Policy> makeStaticPolicy(const PolicyContext& context);

// What the trained predictor proposes, in its order.
std::unique_ptr<Policy> makePredictorPolicy(const PolicyContext& context);

// The value model's choice at the context's price (train/value_model.h).
std::unique_ptr<Policy> makeValuePolicy(const PolicyContext& context);

// The menu chooser's (train/chooser_model.h), in the same way.
std::unique_ptr<Policy> makeChooserPolicy(const PolicyContext& context);

// As the menu chooser, but it learned which programs give the answer that most of the menu gives (consensus.h): a vote
// of the menu at the price of one program. What it learns needs no reference answers; its thresholds are tuned on right
// and wrong answers, on questions that it was not fitted to, like the others'.
std::unique_ptr<Policy> makeDistilledPolicy(const PolicyContext& context);

// Dr.LLM's per-layer routers (train/router.h).
std::unique_ptr<Policy> makeDrLlmPolicy(const PolicyContext& context);

// Two programs: the second is run where the first one's margin is low for it, and the answer whose
// margin is the higher of its program's is kept. Which two and how low is chosen on the labelled
// questions; the standard program alone where that brings no sure gain (cascade_plan.h).
std::unique_ptr<Policy> makeCascadePolicy(const PolicyContext& context);

// The answer that most of `votes` programs give: the standard one and those that are right most often on the labels of
// train and validation. Self-consistency (Wang et al., ICLR 2023) with programs instead of samples; all layers count.
std::unique_ptr<Policy> makeVotePolicy(const PolicyContext& context);

// Up to `votes` programs one after the other, until the margin of the first or the lead of an answer is enough
// (Adaptive-Consistency, Aggarwal et al. 2023). Which programs, in which order, and how much is enough is chosen
// on the labelled questions at the context's price; the standard program alone where that brings no sure gain
// (vote_plan.h).
std::unique_ptr<Policy> makeAdaptiveVotePolicy(const PolicyContext& context);

// Programs one after the other until an answer looks right, by a model of what right answers look like on the labelled
// questions; the likeliest is given (evidence_plan.h).
std::unique_ptr<Policy> makeEvidencePolicy(const PolicyContext& context);

// As makeVotePolicy, with the standard program alone: one greedy run and `votes` − 1
// draws at the context's temperature. What a vote of programs has to beat.
std::unique_ptr<Policy> makeSampleVotePolicy(const PolicyContext& context);

// The standard program, its tokens drawn at the context's temperature by a stream of the question's own: k draws. The
// chance column beside any pass@k.
std::unique_ptr<Policy> makeSamplesPolicy(const PolicyContext& context);

// ShortGPT (Men et al. 2024): the layers that change the hidden state least are left out
// for all questions; how many, from one to a quarter of them, is tuned (tuning.h).
std::unique_ptr<Policy> makeShortGptPolicy(const PolicyContext& context);

// Ends the program at the first layer at which the output head, put right after it (logit lens), is sure of the
// answer's first token; the standard program where none is. How sure, and from which layer on, is tuned (tuning.h).
std::unique_ptr<Policy> makeEarlyExitPolicy(const PolicyContext& context);

// The programs that the labels of the very example call right, fewest executed layers first, then text form; else the
// standard program. Uses the answer: an upper bound, not a method.
std::unique_ptr<Policy> makeOraclePolicy(const PolicyContext& context);

}  // namespace polar
