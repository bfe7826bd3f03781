// Questions as the predictor reads them, with their targets. Internal: it brings <torch/torch.h>.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "support/progress.h"
#include "train/batches.h"
#include "train/predictor_network.h"
#include "train/question_encoder.h"
#include "train/targets.h"
#include "train/workers.h"

namespace polar {

struct EncodedSet {
  std::vector<QuestionTargets> questions;
  std::vector<at::Tensor> encodings;  // [T, inputWidth] of each question
  std::vector<std::int64_t> lengths;  // T of each
};

// The workers ask `stop`.
EncodedSet encodeSet(TargetSet targets, const QuestionEncoder& encoder, const Workers& workers, Progress& progress,
                     const std::function<bool()>& stop);

// Σ weight × loss over pairs, differentiable. The network reads each question once.
at::Tensor pairsLoss(const ProgramPredictor::Network& network, const EncodedSet& set, std::span<const Pair> pairs,
                     Dropout dropout);

// The same for all programs of one question, from its logits. Their weights sum to 1.
at::Tensor questionLoss(const ProgramPredictor::Network::Logits& logits, const QuestionTargets& question);

}  // namespace polar
