// Whether an answer looks right, and plans that go on where it does not.
#include <algorithm>
#include <cmath>

#include "catch.h"
#include "eval/planted_runs.h"
#include "eval/policies/evidence_plan.h"
#include "support/error.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;
using namespace polar::testing::planted_runs;

namespace {

ChosenEvidence choose(const std::vector<ExampleLabels>& labels, int votes, double price) {
  return chooseEvidence(labels, kDepth, 5, votes, true, price, "policy 'evidence'");
}

std::vector<std::size_t> questionsOf(const std::vector<ExampleLabels>& labels) {
  std::vector<std::size_t> all(labels.size());
  for (std::size_t q = 0; q < all.size(); ++q) all[q] = q;
  return all;
}

float evenMargin(int, int) { return 1; }

// Another number of as many digits for each p of 0 … 4.
int wrongNumber(int right, int p) {
  int least = 1;
  while (least * 10 <= right) least *= 10;
  return least + (right - least + 1 + p) % (9 * least);
}

}  // namespace

TEST_CASE("a model of evidence finds what right answers look like") {
  Random random(2);
  // Right ones are whole and have high margins; wrong ones are fractions in one case of two. Right answers agree.
  std::vector<std::vector<bool>> rights(500, std::vector<bool>(5));
  const auto labels = labelsOfTexts(
      500,
      [&](int q, int p) {
        rights[static_cast<std::size_t>(q)][static_cast<std::size_t>(p)] = random.uniform() < 0.4;
        if (rights[static_cast<std::size_t>(q)][static_cast<std::size_t>(p)]) return std::to_string(q + 1);
        const std::string wrong = std::to_string(q + 2 + static_cast<int>(40 * random.uniform()));
        return random.uniform() < 0.5 ? wrong : "\\frac{1}{" + wrong + "}";
      },
      [&](int q, int p) {
        const bool right = rights[static_cast<std::size_t>(q)][static_cast<std::size_t>(p)];
        return static_cast<float>(random.uniform() + (right ? 0.3 : 0));
      });
  const RunTable table(labels, kDepth, true, "test");
  const EvidenceModel model(table, questionsOf(labels));
  const auto alone = [&](float margin, AnswerForm form) {
    const std::vector<RunEvidence> run{{0, margin, 4, form, form == AnswerForm::none ? -1 : 0}};
    return model.probabilities(run).front();
  };
  CHECK(std::abs(alone(0.65f, AnswerForm::positiveWhole) - 0.57) < 0.08);
  CHECK(alone(1.2f, AnswerForm::positiveWhole) > alone(0.2f, AnswerForm::positiveWhole) + 0.1);
  CHECK(alone(0.65f, AnswerForm::otherNumber) < 0.05);
  // Of three runs two that agree are likelier right than either alone, the third less.
  const std::vector<RunEvidence> runs{{0, 0.65f, 4, AnswerForm::positiveWhole, 0},
                                      {1, 0.65f, 4, AnswerForm::positiveWhole, 1},
                                      {2, 0.65f, 4, AnswerForm::positiveWhole, 0}};
  const std::vector<double> together = model.probabilities(runs);
  CHECK(together[0] > alone(0.65f, AnswerForm::positiveWhole) + 0.1);
  CHECK(together[1] < alone(0.65f, AnswerForm::positiveWhole) - 0.1);
  CHECK(likeliest(model, runs).place != 1);
  // A probability is a frequency: of all runs alone, in two halves by it.
  double predicted[2] = {}, observed[2] = {};
  for (std::size_t q = 0; q < labels.size(); ++q)
    for (std::size_t p = 0; p < 5; ++p) {
      const std::vector<RunEvidence> run{evidenceOf(table, p, q)};
      const double probability = model.probabilities(run).front();
      predicted[probability > 0.3] += probability;
      observed[probability > 0.3] += table.cell(p, q).right ? 1 : 0;
    }
  for (int half = 0; half < 2; ++half) CHECK(std::abs(predicted[half] - observed[half]) < 0.06 * 2500);
}

TEST_CASE("where an answer's form shows that it is wrong, and only there, the next program runs") {
  Random random(4);
  // The standard program is right on three questions of four and else writes a fraction; the one without the last layer
  // is right on half of the fourths.
  const auto labels = labelsOfTexts(
      400,
      [&](int q, int p) {
        const std::string right = std::to_string(q + 1), wrong = "\\frac{1}{" + std::to_string(2 + q % 7) + "}";
        if (p == 0) return q % 4 != 3 ? right : wrong;
        return p == 1 && q % 4 == 3 && random.uniform() < 0.5 ? right : wrong;
      },
      evenMargin);
  const ChosenEvidence chosen = choose(labels, 3, 0.2);
  CAPTURE(chosen.inWords());
  REQUIRE_FALSE(chosen.rule.standardOnly);
  CHECK(chosen.rule.gain > 0.08);
  CHECK(chosen.rule.cost < 1.1);
  REQUIRE(chosen.plan.programs == std::vector{menuProgram(0), menuProgram(1)});
  const auto probability = [&](const std::string& text) {
    return chosen.plan.kept(labels[0].example, true, {{1, text}}).probability;
  };
  CHECK(probability("17}") >= chosen.plan.enough);
  CHECK(probability("\\frac{1}{3}}") < chosen.plan.enough);
  CHECK(probability("I do not know") < chosen.plan.enough);
  CHECK(chosen.plan.kept(labels[0].example, true, {{1, "\\frac{1}{3}}"}, {1, "12}"}}).place == 1);
  CHECK(chosen.plan.kept(labels[0].example, true, {{1, "12}"}, {1, "\\frac{1}{3}}"}}).place == 0);
  CHECK(without(chosen.inWords(), "price 0.2: 0-11, then 0-10 until an answer is right with P of at least 0.") == "");
  // So dear that one run is all.
  const ChosenEvidence dear = choose(labels, 3, 30);
  CHECK((dear.rule.standardOnly || dear.plan.programs.size() == 1));
}

TEST_CASE("where nothing tells right answers from wrong ones, the standard program answers alone") {
  int standard = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    // At most one program is right on a question, most often the standard one; no two give the same answer.
    std::vector<int> lucky;
    for (int q = 0; q < 150; ++q) {
      const double drawn = random.uniform();
      lucky.push_back(drawn < 0.3 ? 0 : drawn < 0.7 ? 1 + static_cast<int>((drawn - 0.3) * 10) : -1);
    }
    const auto labels = labelsOfTexts(
        150,
        [&](int q, int p) {
          return std::to_string(lucky[static_cast<std::size_t>(q)] == p ? q + 1 : wrongNumber(q + 1, p));
        },
        [&](int, int) { return static_cast<float>(random.uniform()); });
    const ChosenEvidence chosen = choose(labels, 3, 0);
    if (!chosen.rule.standardOnly) continue;
    ++standard;
    CHECK(chosen.plan.programs == std::vector{Program::standard(kDepth)});
    CHECK(without(chosen.inWords(), "price 0: always the standard program; ") == "");
  }
  CHECK(standard >= 18);  // of 20, where 0.1 may be wrong
}

TEST_CASE("a plan of evidence is the same whatever the order of its labels, and needs programs that were run on all") {
  Random random(7);
  auto labels = labelsOfTexts(
      80,
      [&](int q, int) {
        return std::to_string(random.uniform() < 0.6 ? q + 1 : q + 2 + static_cast<int>(9 * random.uniform()));
      },
      [&](int, int) { return static_cast<float>(random.uniform()); });
  const std::string words = choose(labels, 3, 0).inWords();
  std::reverse(labels.begin(), labels.end());
  CHECK(choose(labels, 3, 0).inWords() == words);
  for (ExampleLabels& each : labels) each.programs.resize(1);
  CHECK_THROWS_AS(choose(labels, 3, 0), InputError);
}
