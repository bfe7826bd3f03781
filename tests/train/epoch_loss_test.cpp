// The losses in log.jsonl, computed again with plain loops over questions, programs and layers.
#include <cmath>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "planted.h"
#include "program/segments.h"
#include "train/predictor_network.h"
#include "train/trainer.h"

namespace polar {

using namespace testing::planted;

namespace {

// Every question: its own kind's program and the next kind's are right; one of them may be the standard program.
std::vector<ExampleLabels> labelsWithTwoPrograms() {
  auto labels = plantedLabels(24);
  for (ExampleLabels& example : labels)
    example.programs[static_cast<std::size_t>((kindOfQuestion(example.example) + 1) % 4)].evaluation.verdict =
        Verdict::right;
  return labels;
}

double softplus(double x) { return std::log1p(std::exp(x)); }

double programLossByLoops(const at::Tensor& boundary, const at::Tensor& op, const Program& program) {
  const auto segments = canonicalParse(program, kDepth, {4, 2});
  REQUIRE(segments);
  std::vector<bool> starts(kDepth, false);
  double opLoss = 0;
  for (const Segment& segment : *segments) {
    starts[static_cast<std::size_t>(segment.start)] = true;
    double sum = 0;
    for (int o = 0; o < 3; ++o) sum += std::exp(op[segment.start][o].item<double>());
    opLoss += std::log(sum) - op[segment.start][static_cast<int>(segment.op)].item<double>();
  }
  double boundaryLoss = 0;
  for (int layer = 1; layer < kDepth; ++layer) {
    const double x = boundary[layer].item<double>();
    boundaryLoss += softplus(starts[static_cast<std::size_t>(layer)] ? -x : x);
  }
  return boundaryLoss / (kDepth - 1) + opLoss / static_cast<double>(segments->size());
}

double meanLoss(const ProgramPredictor& predictor, const std::vector<ExampleLabels>& labels, const std::string& split) {
  double total = 0, questions = 0;
  for (const ExampleLabels& example : labels) {
    if (example.split != split) continue;
    const auto logits = predictor.network().forward(PlantedEncoder().encode(example.example).unsqueeze(0));
    bool shorter = false;
    for (const LabelledProgram& label : example.programs)
      shorter = shorter || (label.evaluation.right() && label.program.executed() < kDepth);
    double sum = 0, weights = 0;
    for (const LabelledProgram& label : example.programs) {
      if (!label.evaluation.right()) continue;
      const double weight = shorter && label.program == Program::standard(kDepth) ? 0.3 : 1;
      sum += weight * programLossByLoops(logits.boundary[0], logits.op[0], label.program);
      weights += weight;
    }
    total += sum / weights;
    questions += 1;
  }
  return total / questions;
}

}  // namespace

TEST_CASE("logged losses are means over questions of their programs' weighted losses") {
  at::set_num_threads(1);
  // The weights do not change, so that the log's losses are those of the saved predictor.
  TrainSettings settings;
  settings.width = 16;
  settings.dropout = 0;
  settings.epochs = 1;
  settings.batch = 5;
  settings.learningRate = 1e-12;
  settings.weightDecay = 0;
  const auto labels = labelsWithTwoPrograms();
  const testing::TemporaryFolder folder;
  const auto summary = trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, folder.path());
  CHECK(summary.programs == 36);
  const auto line = nlohmann::json::parse(testing::slurp(folder.path() / "log.jsonl"));
  const auto predictor = ProgramPredictor::load(folder.path());
  CHECK(std::abs(line["train_loss"].get<double>() - meanLoss(*predictor, labels, "train")) < 1e-5);
  CHECK(std::abs(line["validation_loss"].get<double>() - meanLoss(*predictor, labels, "validation")) < 1e-5);
}

}  // namespace polar
