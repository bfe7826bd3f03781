#include "train/encoded_set.h"

#include <utility>

#include "train/one_thread.h"

namespace polar {
namespace {

using Logits = ProgramPredictor::Network::Logits;

struct TargetRow {
  std::int64_t question;  // row of the logits
  const ProgramTarget* target;
};

at::Tensor weightedLoss(const Logits& logits, const std::vector<TargetRow>& rows) {
  std::vector<std::int64_t> questions, ops;
  std::vector<float> boundaries, weights;
  for (const TargetRow& row : rows) {
    questions.push_back(row.question);
    ops.insert(ops.end(), row.target->ops.begin(), row.target->ops.end());
    boundaries.insert(boundaries.end(), row.target->boundaries.begin(), row.target->boundaries.end());
    weights.push_back(static_cast<float>(row.target->weight));
  }
  const auto index = torch::tensor(questions);
  const auto count = static_cast<std::int64_t>(rows.size()), depth = logits.boundary.size(1);
  const auto loss =
      programLoss({logits.boundary.index_select(0, index), logits.op.index_select(0, index)},
                  torch::tensor(boundaries).reshape({count, depth}), torch::tensor(ops).reshape({count, depth}));
  return (loss * torch::tensor(weights)).sum();
}

}  // namespace

EncodedSet encodeSet(TargetSet targets, const QuestionEncoder& encoder, const Workers& workers, Progress& progress,
                     const std::function<bool()>& stop) {
  EncodedSet set{std::move(targets.questions), {}, {}};
  set.encodings.resize(set.questions.size());
  workers.run(set.questions.size(), [&](std::size_t q) {
    requireGoingOn(stop);
    set.encodings[q] = encoder.encode(set.questions[q].labels->example).to(at::kCPU, at::kFloat).contiguous();
    progress.advance(1);
  });
  for (const at::Tensor& rows : set.encodings) set.lengths.push_back(rows.size(0));
  return set;
}

at::Tensor pairsLoss(const ProgramPredictor::Network& network, const EncodedSet& set, std::span<const Pair> pairs,
                     Dropout dropout) {
  std::vector<at::Tensor> questions;
  std::vector<std::int64_t> lengths;
  std::vector<TargetRow> rows;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto [question, program] = pairs[i];
    if (i == 0 || question != pairs[i - 1].question) {
      questions.push_back(set.encodings[question]);
      lengths.push_back(set.lengths[question]);
    }
    rows.push_back({static_cast<std::int64_t>(questions.size()) - 1, &set.questions[question].programs[program]});
  }
  const auto padded = torch::nn::utils::rnn::pad_sequence(questions, /*batch_first=*/true);
  const auto padding = torch::arange(padded.size(1)).unsqueeze(0).ge(torch::tensor(lengths).unsqueeze(1));
  return weightedLoss(network.forward(padded, padding, dropout), rows);
}

at::Tensor questionLoss(const Logits& logits, const QuestionTargets& question) {
  std::vector<TargetRow> rows;
  for (const ProgramTarget& target : question.programs) rows.push_back({0, &target});
  return weightedLoss(logits, rows);
}

}  // namespace polar
