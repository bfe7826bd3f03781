#include <cmath>
#include <map>

#include "catch.h"
#include "input_error.h"
#include "train/predictor.h"
#include "train/predictor_network.h"
#include "weights/weight_file.h"

namespace polar {

using testing::errorOf;

namespace {

constexpr PredictorShape kTiny{6, 12, 16, 4, 2, 0.1};

at::Tensor read(const WeightFile& file, const std::string& name) {
  at::Tensor tensor = torch::empty(file.shape(name));
  file.read(name, {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())});
  return tensor;
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return (a - b).abs().max().item<double>();
}

struct Reference {
  std::unique_ptr<WeightFile> file = openSafetensors(testing::fixture("train/reference.safetensors"));
  ProgramPredictor predictor{kTiny, 1};
  at::Tensor questions = read(*file, "questions");
  at::Tensor padding =
      torch::arange(questions.size(1)).unsqueeze(0).ge(read(*file, "lengths").to(torch::kLong).unsqueeze(1));

  Reference() {
    at::set_num_threads(1);  // waiting for each other would cost the threads a thousand times as much as these sums
    const torch::NoGradGuard noGrad;
    for (auto& item : predictor.network().named_parameters()) item.value().copy_(read(*file, "weights." + item.key()));
  }
};

void replace(const std::filesystem::path& file, const std::string& from, const std::string& to) {
  std::string text = testing::slurp(file);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  testing::spill(file, text.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("the paper's shape has the paper's parameter count") {
  const ProgramPredictor predictor({28, 1024}, 1);
  CHECK(predictor.parameters() == 2113284);
  CHECK(std::abs(static_cast<double>(predictor.parameters()) / 2.11e6 - 1) < 0.02);
}

TEST_CASE("outputs, losses and gradients equal those of the same module in PyTorch") {
  Reference reference;
  const auto logits = reference.predictor.network().forward(reference.questions, reference.padding);
  CHECK(distance(logits.boundary, read(*reference.file, "boundary")) < 1e-5);
  CHECK(distance(logits.op, read(*reference.file, "op")) < 1e-5);

  const auto losses =
      programLoss(logits, read(*reference.file, "boundaries"), read(*reference.file, "ops").to(torch::kLong));
  CHECK(distance(losses, read(*reference.file, "losses")) < 1e-5);
  (losses * torch::tensor({0.25f, 0.75f})).sum().backward();
  int compared = 0;
  for (const auto& item : reference.predictor.network().named_parameters()) {
    INFO(item.key());
    CHECK(distance(item.value().grad(), read(*reference.file, "gradients." + item.key())) < 1e-5);
    ++compared;
  }
  CHECK(compared == 35);  // 2 + 1 + 4 + 2 blocks × 12 + 4
}

TEST_CASE("the loss is the paper's, by plain loops") {
  const at::Tensor boundary = torch::tensor({{9.f, -1.f, 0.5f, 2.f}}),
                   op = torch::tensor({{{1.f, 2.f, 0.f}, {5.f, 5.f, 5.f}, {-1.f, 0.f, 3.f}, {0.f, 0.f, 0.f}}});
  const std::vector<double> z{1, 0, 1, 0};
  const std::vector<int> labels{1, -1, 0, -1};
  double expected = 0;
  for (int i = 1; i < 4; ++i) {
    const double p = 1 / (1 + std::exp(-boundary[0][i].item<double>()));
    expected -= (z[static_cast<std::size_t>(i)] == 1 ? std::log(p) : std::log(1 - p)) / 3;
  }
  for (int i = 0; i < 4; ++i) {
    const int label = labels[static_cast<std::size_t>(i)];
    if (label < 0) continue;
    double sum = 0;
    for (int o = 0; o < 3; ++o) sum += std::exp(op[0][i][o].item<double>());
    expected -= (op[0][i][label].item<double>() - std::log(sum)) / 2;
  }
  const auto loss =
      programLoss({boundary, op}, torch::tensor({{1.f, 0.f, 1.f, 0.f}}), torch::tensor({{1, -1, 0, -1}}, torch::kLong));
  CHECK(std::abs(loss[0].item<double>() - expected) < 1e-6);
  // One layer has no boundary to learn, only the op.
  const auto single = programLoss({torch::zeros({1, 1}), torch::zeros({1, 1, 3})}, torch::ones({1, 1}),
                                  torch::zeros({1, 1}, torch::kLong));
  CHECK(std::abs(single[0].item<double>() - std::log(3.0)) < 1e-6);
}

TEST_CASE("padding changes nothing") {
  Reference reference;
  const auto padded = reference.predictor.network().forward(reference.questions, reference.padding);
  const auto alone = reference.predictor.network().forward(reference.questions.slice(0, 1).slice(1, 0, 4));
  const auto second = reference.predictor.network().forward(reference.questions.slice(0, 1, 2).slice(1, 0, 4));
  CHECK(distance(padded.op.slice(0, 1), second.op) < 1e-6);
  CHECK(distance(padded.op.slice(0, 0, 1), alone.op) > 1e-3);  // the first question has seven tokens
}

TEST_CASE("initial weights follow the seed and leave torch's generator alone") {
  torch::manual_seed(5);
  const auto before = torch::rand({3});
  torch::manual_seed(5);
  const ProgramPredictor a(kTiny, 1), b(kTiny, 1), c(kTiny, 2);
  CHECK(torch::equal(torch::rand({3}), before));
  const auto weights = [](const ProgramPredictor& p) { return p.network().named_parameters(); };
  for (const auto& item : weights(a)) CHECK(torch::equal(item.value(), weights(b)[item.key()]));
  CHECK_FALSE(torch::equal(weights(a)["projection.weight"], weights(c)["projection.weight"]));
  CHECK_FALSE(torch::equal(weights(a)["blocks.0.linear1.weight"], weights(a)["blocks.1.linear1.weight"]));
}

TEST_CASE("propose gives distinct programs, the likeliest first, the same after save and load") {
  const testing::TemporaryFolder folder;
  Reference reference;
  reference.predictor.save(folder.path(), R"({"best_epoch": 3})");
  const auto loaded = ProgramPredictor::load(folder.path(), 6);
  CHECK(loaded->shape().inputWidth == 12);
  CHECK(testing::slurp(folder.path() / "predictor.json").find("\"best_epoch\": 3") != std::string::npos);

  const auto question = reference.questions[0];
  const auto programs = reference.predictor.propose(question, 4, 2), again = loaded->propose(question, 4, 2);
  REQUIRE(programs.size() == 4);
  REQUIRE(again.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(programs[i].program == again[i].program);
    CHECK(programs[i].logProbability == again[i].logProbability);
    for (std::size_t j = 0; j < i; ++j) CHECK(programs[i].program != programs[j].program);
    if (i > 0) CHECK(programs[i].logProbability <= programs[i - 1].logProbability);
  }
  // The first is the argmax of every segment, from PyTorch's own logits.
  const auto boundary = read(*reference.file, "boundary")[0], op = read(*reference.file, "op")[0];
  std::vector<LayerIndex> layers;
  int start = 0;
  for (int layer = 1; layer <= 6; ++layer) {
    if (layer < 6 && boundary[layer].item<float>() <= 0 && layer - start < 4) continue;
    for (int pass = 0; pass < op[start].argmax().item<int>(); ++pass)
      for (int l = start; l < layer; ++l) layers.push_back(static_cast<LayerIndex>(l));
    start = layer;
  }
  CHECK(programs[0].program == Program(layers));
  CHECK(reference.predictor.propose(question, 1, 5).front().program == Program(layers));
  CHECK(errorOf([&] { loaded->propose(torch::zeros({3, 11}), 1, 1); }).find("[3, 11]") != std::string::npos);
}

TEST_CASE("a predictor that does not fit is answered by one line") {
  const testing::TemporaryFolder folder;
  const auto json = folder.path() / "predictor.json", weights = folder.path() / "predictor.safetensors";
  const auto load = [&] { ProgramPredictor::load(folder.path(), 6); };
  const auto says = [&](const std::string& part) {
    const std::string text = errorOf(load);
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  says("polar train");
  const ProgramPredictor predictor(kTiny, 1);
  const auto fresh = [&] { predictor.save(folder.path(), "{}"); };
  fresh();
  CHECK(errorOf(load) == "no InputError");
  CHECK(errorOf([&] { ProgramPredictor::load(folder.path(), 28); }).find("28 layers") != std::string::npos);
  replace(json, "\"input_width\": 12", "\"input_width\": 13");
  says("projection.weight");
  fresh();
  replace(json, "\"blocks\": 2", "\"blocks\": 3");
  says("blocks.2");
  fresh();
  replace(json, "\"width\": 16", "\"width\": \"a\"");
  says("width");
  fresh();
  replace(json, "\"heads\": 4", "\"heads\": 0");
  says("heads");
  fresh();
  testing::spill(json, "{");
  says("polar-predictor-1");
  fresh();
  testing::spill(weights, testing::slurp(weights).substr(0, 5000));
  says("SHA-256");
  std::filesystem::remove(weights);
  says("no such file");
  CHECK(errorOf([] { ProgramPredictor({6, 12, 15, 4, 2, 0.1}, 1); }).find("multiple") != std::string::npos);
}

}  // namespace polar
