#include "train/targets.h"

#include <algorithm>

#include "program/segments.h"
#include "support/random.h"

namespace polar {
namespace {

// The op head says only "repeat", so a repeat always has two passes (the paper's predictor).
constexpr SegmentLimits kPredictorLimits{4, 2};

// No layer of a parseable program runs more than twice; checking that first avoids the parse of most loops.
bool repeatsAtMostTwice(const Program& program, int depth) {
  std::vector<int> passes(static_cast<std::size_t>(depth), 0);
  for (const LayerIndex layer : program.layers())
    if (layer >= depth || ++passes[layer] > kPredictorLimits.maxTimes) return false;
  return true;
}

bool isShorter(const LabelledProgram* a, const LabelledProgram* b) {
  const int executedA = a->program.executed(), executedB = b->program.executed();
  return executedA != executedB ? executedA < executedB : a->order < b->order;
}

struct WritableProgram {
  const LabelledProgram* label;
  ProgramTarget target;
};

// Every right program that has a target and counts, shortest first.
std::vector<WritableProgram> writablePrograms(const ExampleLabels& labels, int depth, double standardWeight,
                                              int& dropped) {
  std::vector<const LabelledProgram*> right;
  for (const LabelledProgram& label : labels.programs)
    if (label.evaluation.right() && !label.isSample()) right.push_back(&label);
  std::sort(right.begin(), right.end(), isShorter);
  const Program standard = Program::standard(depth);
  const bool shorter = !right.empty() && right.front()->program.executed() < depth;
  std::vector<WritableProgram> writable;
  for (const LabelledProgram* label : right) {
    auto target = programTarget(label->program, depth);
    if (!target) {
      ++dropped;
      continue;
    }
    target->weight = shorter && label->program == standard ? standardWeight : 1;
    if (target->weight > 0) writable.push_back({label, std::move(*target)});
  }
  return writable;
}

// Cuts `writable` to `most`, and leaves it shortest first.
void choosePrograms(std::vector<WritableProgram>& writable, std::size_t most, const std::string& choice,
                    Random random) {
  if (writable.size() <= most) return;
  if (choice == "sample") {
    random.shuffle(writable);
    std::sort(writable.begin(), writable.begin() + static_cast<std::ptrdiff_t>(most),
              [](const WritableProgram& a, const WritableProgram& b) { return isShorter(a.label, b.label); });
  }
  writable.resize(most);
}

QuestionTargets questionTargets(const ExampleLabels& labels, int depth, const TrainSettings& settings,
                                std::uint64_t seed, int& dropped) {
  auto writable = writablePrograms(labels, depth, settings.standardWeight, dropped);
  choosePrograms(writable, static_cast<std::size_t>(settings.maxPrograms), settings.programChoice,
                 Random(seed, "targets of " + labels.example.id));
  double sum = 0;
  for (const WritableProgram& program : writable) sum += program.target.weight;
  QuestionTargets question{&labels, {}};
  for (WritableProgram& program : writable) {
    program.target.weight /= sum;
    question.programs.push_back(std::move(program.target));
  }
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
                      const TrainSettings& settings, std::uint64_t seed) {
  TargetSet set;
  for (const ExampleLabels& example : labels) {
    if (example.split != split) continue;
    set.questions.push_back(questionTargets(example, depth, settings, seed, set.dropped));
    set.programs += static_cast<int>(set.questions.back().programs.size());
  }
  return set;
}

void leaveOutQuestionsWithoutTargets(TargetSet& set) {
  std::erase_if(set.questions, [](const QuestionTargets& question) { return question.programs.empty(); });
}

}  // namespace polar
