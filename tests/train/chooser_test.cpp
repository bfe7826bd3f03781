// What the menu chooser is made of: the likelihood of a set, principal components, calibration, model and files.
#include <torch/torch.h>

#include "train/chooser_model.h"
#undef CHECK

#include <cmath>
#include <vector>

#include "catch.h"
#include "input_error.h"
#include "train/chooser_fit.h"
#include "train/principal_components.h"
#include "train/score_calibration.h"

namespace polar {
namespace {

using Row = std::vector<double>;

MenuChoice menuOfThree() {
  return {{Program::parse("0-3", 4), Program::parse("0-2", 4), Program::parse("0-3,3", 4)}, 4};
}

double at2(const at::Tensor& tensor, std::int64_t row, std::int64_t column) {
  return tensor[row][column].item<double>();
}

// exp(logits) / their sum over the programs that `isIn` says.
Row shares(const Row& logits, const Row& isIn) {
  double sum = 0;
  for (std::size_t k = 0; k < logits.size(); ++k) sum += isIn[k] * std::exp(logits[k]);
  Row result;
  for (std::size_t k = 0; k < logits.size(); ++k) result.push_back(isIn[k] * std::exp(logits[k]) / sum);
  return result;
}

}  // namespace

TEST_CASE("the likelihood of a set and its gradient, against the plain formula") {
  const std::vector<Row> logits{{0.3, -1.2, 2, 0.5}, {-0.4, 1.1, 0, 3}, {1, 2, 3, 4}, {700, 0, -700, 5}};
  const std::vector<Row> valid{
      {1, 0, 1, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}, {0, 1, 1, 1}};  // nothing is right for the third
  at::Tensor all = at::empty({4, 4}, at::kDouble), isValid = at::zeros({4, 4});
  for (int q = 0; q < 4; ++q)
    for (int k = 0; k < 4; ++k) {
      all[q][k] = logits[static_cast<std::size_t>(q)][static_cast<std::size_t>(k)];
      isValid[q][k] = valid[static_cast<std::size_t>(q)][static_cast<std::size_t>(k)];
    }
  all.requires_grad_(true);
  const at::Tensor loss = setLoss(all, isValid);
  loss.backward();
  double expected = 695;  // the fourth: 700 of the wrong one, 5 of the best right one, and e^-5 is next to nothing
  expected -= std::log1p(std::exp(-5.0));
  for (const std::size_t q : {std::size_t{0}, std::size_t{1}}) {
    const Row share = shares(logits[q], Row(4, 1)), posterior = shares(logits[q], valid[q]);
    double mass = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      mass += valid[q][k] * share[k];
      CHECK(std::abs(at2(all.grad(), static_cast<int>(q), static_cast<int>(k)) - (share[k] - posterior[k]) / 3) <
            1e-12);
    }
    expected -= std::log(mass);
  }
  CHECK(std::abs(loss.item<double>() - expected / 3) < 1e-9);
  CHECK(all.grad()[2].abs().max().item<double>() == 0);
  CHECK(setLoss(all, at::zeros({4, 4})).item<double>() == 0);
}

TEST_CASE("principal components of rows whose covariance is known") {
  // Variances 4.5 along (0.6, 0.8) and 0.5 along (-0.8, 0.6), in two columns of `width`; the others are 0.
  for (const int width : {2, 7}) {
    CAPTURE(width);
    at::Tensor rows = at::zeros({4, width}, at::kDouble);
    const double along[4][2] = {{1.8, 2.4}, {-1.8, -2.4}, {-0.8, 0.6}, {0.8, -0.6}};
    for (int q = 0; q < 4; ++q)
      for (int i = 0; i < 2; ++i) rows[q][i * (width - 1)] = along[q][i];
    const PrincipalComponents found = principalComponents(rows, 2);
    CHECK(std::abs(found.variances[0].item<double>() - 4.5) < 1e-12);
    CHECK(std::abs(found.variances[1].item<double>() - 0.5) < 1e-12);
    CHECK(std::abs(at2(found.directions, 0, 0) - 0.6) < 1e-12);
    CHECK(std::abs(at2(found.directions, 0, width - 1) - 0.8) < 1e-12);
    CHECK(std::abs(at2(found.directions, 1, 0) - 0.8) < 1e-12);  // the larger number is positive
    CHECK(std::abs(at2(found.directions, 1, width - 1) + 0.6) < 1e-12);
    if (width == 2) continue;
    // There are no more than two.
    const PrincipalComponents more = principalComponents(rows, 6);
    CHECK(more.directions.slice(0, 2).abs().max().item<double>() == 0);
    CHECK(more.variances.slice(0, 2).abs().max().item<double>() == 0);
    CHECK(at::equal(more.directions.slice(0, 0, 2), found.directions));
  }
}

TEST_CASE("calibration finds the probabilities that scores were drawn from, and is finite where they separate") {
  const int questions = 4000;
  torch::manual_seed(3);
  const at::Tensor scores = at::log_softmax(2 * at::randn({questions, 5}, at::kDouble), 1);
  const double expected[] = {1.5, 1.2, 1.8, 1.4, 1.6, 0.8, -0.5};
  const at::Tensor truth =
      at::sigmoid(torch::tensor({1.5, 1.2, 1.8, 1.4, 1.6}) + 0.8 * scores - 0.5 * (scores - scores.narrow(1, 0, 1)));
  const at::Tensor right = (at::rand({questions, 5}, at::kDouble) < truth).to(at::kFloat);
  const ScoreCalibration fitted = ScoreCalibration::fitted(scores, right);
  for (int i = 0; i < 7; ++i) CHECK(std::abs(fitted.parameters[i].item<double>() - expected[i]) < 0.15);
  CHECK((fitted.probabilities(scores) - truth).abs().max().item<double>() < 0.05);
  // One question as in many.
  CHECK((fitted.probabilities(scores[7]) - fitted.probabilities(scores)[7]).abs().max().item<double>() < 1e-12);

  const ScoreCalibration separated = ScoreCalibration::fitted(scores, (scores > -1).to(at::kFloat));
  CHECK(separated.parameters.abs().max().item<double>() < 1e3);
  CHECK(((separated.probabilities(scores) > 0.5) == (scores > -1)).to(at::kDouble).mean().item<double>() > 0.99);
  CHECK(ScoreCalibration::fitted(scores.slice(0, 0, 0), right.slice(0, 0, 0)).parameters.abs().max().item<double>() ==
        0);
}

TEST_CASE("where scores say nothing of the question, a program's probability is its accuracy, drawn to that of all") {
  // The second and third program are right on the same half of the questions, the fourth on most of the others: the
  // likelihood of a set gives it the largest share.
  const int questions = 500;
  at::Tensor right = at::zeros({questions, 4});
  for (int q = 0; q < questions; ++q) {
    if (q % 2 == 0) right[q][1] = right[q][2] = 1;
    if (q % 2 == 1 && q % 10 != 1) right[q][3] = 1;
    if (q % 5 == 0) right[q][0] = 1;
  }
  const at::Tensor scores = torch::tensor({0.1, 0.25, 0.25, 0.4}).log().expand({questions, 4});
  const at::Tensor found = ScoreCalibration::fitted(scores, right).probabilities(scores)[0];
  const double accuracy[] = {0.2, 0.5, 0.5, 0.4}, mean = 0.4;
  for (int k = 0; k < 4; ++k) {
    const double p = found[k].item<double>();
    CHECK(std::abs(p - accuracy[k]) < 0.03);
    CHECK(std::abs(p - mean) <= std::abs(accuracy[k] - mean) + 2e-3);  // of log odds the mean is another
  }
  // Of ten questions each says little.
  const at::Tensor few =
      ScoreCalibration::fitted(scores.slice(0, 0, 10), right.slice(0, 0, 10)).probabilities(scores)[0];
  CHECK(few[0].item<double>() > 0.3);
}

TEST_CASE("a fit is where the penalised loss has no slope") {
  // Features that say nothing: of two questions in three the second program is right, else the third.
  const at::Tensor features = at::ones({30, 4});
  at::Tensor valid = at::zeros({30, 3});
  for (int q = 0; q < 30; ++q) valid[q][q % 3 == 0 ? 2 : 1] = 1;
  ChooserSettings settings;
  settings.rank = 2;
  const double penalty = 0.05;
  const ChooserFit fit(features, valid, menuOfThree(), settings, 1);
  const auto model = fit.at(penalty, {});
  CHECK(model->shape().components == 4);
  CHECK(model->weights.programs.abs().max().item<double>() < 1e-3);
  Row logits;
  for (int k = 0; k < 3; ++k) logits.push_back(model->weights.intercepts[k].item<double>());
  const Row share = shares(logits, Row(3, 1)), right{0, 2.0 / 3, 1.0 / 3};
  for (std::size_t k = 0; k < 3; ++k) CHECK(std::abs(share[k] - right[k] + penalty / 10 * logits[k]) < 1e-5);
  // Questions without a right program change nothing.
  const auto again =
      ChooserFit(at::cat({features, features}), at::cat({valid, at::zeros({30, 3})}), menuOfThree(), settings, 1)
          .at(penalty, {});
  CHECK(at::allclose(again->weights.intercepts, model->weights.intercepts, 1e-5, 1e-6));
  CHECK_THROWS_AS(fit.at(penalty, [] { return true; }), Stopped);
}

namespace {

// Two features, of which one component is read.
ChooserModel handMade() {
  ChooserModel model({4, 2, 3, 1, 1}, menuOfThree());
  model.weights.mean.copy_(torch::tensor({1.0f, 2.0f}));
  model.weights.scale.copy_(torch::tensor({2.0f, 4.0f}));
  model.weights.components.copy_(torch::tensor({{0.5f, -1.0f}}));
  model.weights.intercepts.copy_(torch::tensor({0.1f, 0.2f, 0.3f}));
  model.weights.programs.copy_(torch::tensor({{1.0f}, {0.0f}, {-2.0f}}));
  model.weights.interaction.copy_(torch::tensor({{3.0f}}));
  model.weights.calibration.copy_(torch::tensor({0.5f, 0.25f, -0.5f, 2.0f, -1.0f}));
  return model;
}

}  // namespace

TEST_CASE("a chooser's scores and probabilities, by hand") {
  const ChooserModel model = handMade();
  // z = 0.5 · (5 − 1) / 2 − (4 − 2) / 4 = 0.5, times 3.
  const Row logits{0.1 + 1.5, 0.2, 0.3 - 3}, share = shares(logits, Row(3, 1));
  const at::Tensor features = torch::tensor({5.0f, 4.0f});
  const double intercepts[] = {0.5, 0.25, -0.5};
  for (int k = 0; k < 3; ++k) {
    const double score = std::log(share[static_cast<std::size_t>(k)]);
    CHECK(std::abs(model.scores(features)[k].item<double>() - score) < 1e-6);
    const double logit = intercepts[k] + 2 * score - (score - std::log(share[0]));
    CHECK(std::abs(model.probabilities(features)[k].item<double>() - 1 / (1 + std::exp(-logit))) < 1e-6);
  }
  const at::Tensor both = model.probabilities(at::stack({at::zeros({2}), features}));
  CHECK(at::allclose(both[1], model.probabilities(features)));
  CHECK_THROWS_AS(model.probabilities(at::zeros({3})), InputError);
}

TEST_CASE("a chooser comes back as it was saved, one that does not fit or is broken is named") {
  const testing::TemporaryFolder folder;
  ChooserModel model = handMade();
  model.choice.heldOut = {{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}, {0, 1, 0, 0, 0, 1}, 5, 0.25, {1, 0.75, 1.125}};
  model.save(folder.path(), "distilled", R"({"seed": 3})");
  const auto loaded = ChooserModel::load(folder.path(), "distilled", 4);
  const at::Tensor features = torch::tensor({5.0f, 4.0f});
  CHECK(at::equal(loaded->probabilities(features), model.probabilities(features)));
  CHECK((loaded->choice.menu() == model.choice.menu()));
  CHECK(loaded->choice.heldOut.probability == model.choice.heldOut.probability);
  CHECK(loaded->choice.heldOut.right == model.choice.heldOut.right);
  CHECK(loaded->choice.heldOut.readingCost == 0.25);
  CHECK(loaded->choice.heldOut.answerCost == model.choice.heldOut.answerCost);
  CHECK(loaded->choice.heldOut.folds == 5);

  const auto refusal = [&](int depth = 4, const char* name = "distilled") {
    return testing::errorOf([&] { ChooserModel::load(folder.path(), name, depth); });
  };
  const auto says = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  CHECK(says(refusal(5), "for a model of 4 layers"));
  CHECK(says(refusal(4, "chooser"), "chooser.json: found no such file"));
  const auto json = folder.path() / "distilled.json", weights = folder.path() / "distilled.safetensors";
  const std::string text = testing::slurp(json), bytes = testing::slurp(weights);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    testing::spill(json, changed);
    return refusal();
  };
  CHECK(says(with("polar-chooser-2", "polar-chooser-0"), "distilled.json: found no description of"));
  CHECK(says(with("\"components\": 1", "\"components\": 3"), "distilled.json: found components 3, expected 1 to"));
  CHECK(says(with("\"components\": 1", "\"components\": 2"), "distilled.safetensors: tensor components"));
  CHECK(says(with("\"rank\": 1", "\"rank\": 2"), "distilled.safetensors: tensor programs"));
  CHECK(says(with("\"held_out_questions\": 2", "\"held_out_questions\": 3"), "tensor held_out.probability"));
  CHECK(says(with("\"0-3\",", "\"0-2\","), "distilled.json: menu: found 0-2, expected the standard program first"));
  CHECK(
      says(with("0.75", "0"), "distilled.json: answer_cost: found [1.0,0,1.125], expected a number above 0 for each"));
  CHECK(says(with("\"folds\": 5", "\"folds\": \"5\""), "distilled.json: folds"));
  testing::spill(json, text);
  std::string damaged = bytes;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  testing::spill(weights, damaged);
  CHECK(says(refusal(), "distilled.safetensors: found SHA-256"));
  testing::spill(weights, bytes);
  CHECK(refusal() == "no InputError");
}

}  // namespace polar
