#include "train/targets.h"

#include <algorithm>

#include "program/segments.h"

namespace polar {
namespace {

// The op head writes "repeat" alone, so that a repeat is always of two passes (the paper's predictor).
constexpr SegmentLimits kPredictorLimits{4, 2};

// No layer of a parseable program runs more than twice; saying so first spares the parse of most loops.
bool repeatsAtMostTwice(const Program& program, int depth) {
  std::vector<int> passes(static_cast<std::size_t>(depth), 0);
  for (const LayerIndex layer : program.layers())
    if (layer >= depth || ++passes[layer] > kPredictorLimits.maxTimes) return false;
  return true;
}

std::vector<const LabelledProgram*> rightPrograms(const ExampleLabels& labels) {
  std::vector<const LabelledProgram*> right;
  for (const LabelledProgram& label : labels.programs)
    if (label.evaluation.right() && !label.isSample()) right.push_back(&label);
  std::sort(right.begin(), right.end(), [](const LabelledProgram* a, const LabelledProgram* b) {
    const int executedA = a->program.executed(), executedB = b->program.executed();
    return executedA != executedB ? executedA < executedB : a->order < b->order;
  });
  return right;
}

QuestionTargets questionTargets(const ExampleLabels& labels, int depth, const TrainSettings& settings, int& dropped) {
  const auto right = rightPrograms(labels);
  const Program standard = Program::standard(depth);
  const bool shorter = !right.empty() && right.front()->program.executed() < depth;
  QuestionTargets question{&labels, {}};
  double sum = 0;
  for (const LabelledProgram* label : right) {
    auto target = programTarget(label->program, depth);
    if (!target) {
      ++dropped;
      continue;
    }
    if (question.programs.size() >= static_cast<std::size_t>(settings.maxPrograms)) continue;
    target->weight = shorter && label->program == standard ? settings.standardWeight : 1;
    sum += target->weight;
    question.programs.push_back(std::move(*target));
  }
  // A standard weight of 0 takes the standard program out, also where it is all that is left.
  if (sum <= 0) question.programs.clear();
  for (ProgramTarget& target : question.programs) target.weight /= sum;
  return question;
}

}  // namespace

std::optional<ProgramTarget> programTarget(const Program& program, int depth) {
  if (!repeatsAtMostTwice(program, depth)) return std::nullopt;
  const auto segments = canonicalParse(program, depth, kPredictorLimits);
  if (!segments) return std::nullopt;
  const auto size = static_cast<std::size_t>(depth);
  ProgramTarget target{std::vector<float>(size, 0), std::vector<std::int64_t>(size, -1), 0};
  for (const Segment& segment : *segments) {
    target.boundaries[static_cast<std::size_t>(segment.start)] = 1;
    target.ops[static_cast<std::size_t>(segment.start)] = static_cast<std::int64_t>(segment.op);
  }
  return target;
}

TargetSet makeTargets(const std::vector<ExampleLabels>& labels, const std::string& split, int depth,
                      const TrainSettings& settings) {
  TargetSet set;
  for (const ExampleLabels& example : labels) {
    if (example.split != split) continue;
    QuestionTargets question = questionTargets(example, depth, settings, set.dropped);
    if (question.programs.empty()) continue;
    set.programs += static_cast<int>(question.programs.size());
    set.questions.push_back(std::move(question));
  }
  return set;
}

}  // namespace polar
