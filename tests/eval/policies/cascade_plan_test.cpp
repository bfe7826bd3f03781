#include "eval/policies/cascade_plan.h"

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "eval/planted.h"
#include "support/error.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;

namespace {

constexpr int kDepth = 12;

LabelledProgram ran(const std::string& program, bool right, float margin) {
  LabelledProgram labelled = planted(program, kDepth, right ? Verdict::right : Verdict::wrong);
  labelled.evaluation.margin = margin;
  return labelled;
}

// `right(question, program)` and `margin(question, program)`, of the standard program (0) and 15 that skip a segment.
template <typename Right, typename Margin>
std::vector<ExampleLabels> labelsOf(int questions, Right right, Margin margin) {
  std::vector<ExampleLabels> labels;
  for (int q = 0; q < questions; ++q) {
    ExampleLabels example;
    example.example = plantedExample(q);
    example.split = q % 4 == 0 ? "validation" : "train";
    for (int p = 0; p <= 15; ++p) {
      const int from = p % 8, to = from + 1 + p / 8;
      const std::string skipping = (from > 0 ? "0-" + std::to_string(from - 1) + "," : "") + std::to_string(to) + "-11";
      example.programs.push_back(ran(p == 0 ? "0-11" : skipping, right(q, p), margin(q, p)));
    }
    labels.push_back(std::move(example));
  }
  return labels;
}

}  // namespace

TEST_CASE("a gain is sure where a fair coin would seldom bring it") {
  // scipy.stats.binomtest(won, won + lost, alternative="greater").pvalue
  CHECK(std::abs(PairedGain{3, 0}.sureness() - 0.875) < 1e-9);
  CHECK(std::abs(PairedGain{10, 4}.sureness() - (1 - 0.08978271484375)) < 1e-9);
  CHECK(std::abs(PairedGain{4, 10}.sureness() - (1 - 0.971313476562500)) < 1e-9);
  CHECK(std::abs(PairedGain{0, 0}.sureness()) < 1e-9);
  CHECK_FALSE(PairedGain{3, 0}.isSure());
  CHECK(PairedGain{4, 0}.isSure());
  CHECK(PairedGain{10, 4}.isSure());
  CHECK_FALSE(PairedGain{9, 4}.isSure());
  PairedGain gain;
  for (const auto& [first, second] :
       {std::pair{true, true}, {true, false}, {false, false}, {false, true}, {true, false}})
    gain.add(first, second);
  CHECK(gain.won == 2);
  CHECK(gain.lost == 1);
}

TEST_CASE("margins are ranks among those of the same program") {
  const MarginRanks ranks({3, 1, 2, 2, std::nanf("")});
  CHECK(ranks.rank(0.5f) == 2);  // above not-a-number alone
  CHECK(ranks.rank(2) == 6);     // two below, two equal
  CHECK(ranks.rank(9) == 10);
  CHECK(ranks.rank(std::nanf("")) == 1);
  CHECK(ranks.tenth(std::nanf("")) == 1);
  CHECK(ranks.tenth(2) == 6);
  CHECK(ranks.tenth(9) == 10);
}

TEST_CASE("where margins and programs are noise, a cascade is the standard program") {
  // 158 questions; the standard program is right on three of ten, the others on a
  // quarter; margins say nothing, and each program's have a scale of their own. The
  // best of all plans answers far more of the questions that it was chosen on.
  int standard = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    const auto labels = labelsOf(
        158, [&](int, int p) { return random.uniform() < (p == 0 ? 0.3 : 0.25); },
        [&](int, int p) { return static_cast<float>((1 + p) * random.uniform()); });
    const ChosenCascade chosen = chooseCascade(labels, kDepth, 5);
    standard += chosen.isStandard;
    CHECK(chosen.questions == 158);
    if (!chosen.isStandard) continue;
    CHECK(chosen.plan.first == Program::standard(kDepth));
    CHECK_FALSE(chosen.plan.asksSecond(0));
    CHECK(without(chosen.inWords(), "always the standard program: no sure gain; out-of-fold gain ") == "");
    CHECK(without(chosen.inWords(), " points on 158 labelled questions (5 folds, P(gain > 0) ") == "");
  }
  CHECK(standard == 20);
}

TEST_CASE("a second program that is right where the first is unsure is found, whatever the scale of its margins") {
  for (const float scale : {0.01f, 1.0f, 100.0f})
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      Random random(seed);
      // The standard program is unsure on two of five questions, and seldom right there; there the third one is right
      // and sure.
      const auto unsure = [](int q) { return q % 5 < 2; };
      const auto labels = labelsOf(
          200,
          [&](int q, int p) {
            if (p == 0) return random.uniform() < (unsure(q) ? 0.1 : 0.6);
            if (p == 3) return random.uniform() < (unsure(q) ? 0.6 : 0.1);
            return random.uniform() < 0.25;
          },
          [&](int q, int p) {
            const float noise = static_cast<float>(random.uniform());
            if (p == 0) return noise + (unsure(q) ? 0.0f : 1.0f);
            if (p == 3) return scale * (noise + (unsure(q) ? 1.0f : 0.0f));
            return noise;
          });
      const ChosenCascade chosen = chooseCascade(labels, kDepth, 5);
      CAPTURE(scale, seed, chosen.inWords());
      CHECK_FALSE(chosen.isStandard);
      CHECK(chosen.gain.isSure());
      const auto is = [&](const Program& program, int p) {
        return program == labels[0].programs[static_cast<std::size_t>(p)].program;
      };
      const bool standardFirst = is(chosen.plan.first, 0) && is(chosen.plan.second, 3);
      CHECK((standardFirst || (is(chosen.plan.first, 3) && is(chosen.plan.second, 0))));
      if (!standardFirst) continue;
      CHECK(chosen.plan.asksSecond(0.5f));
      CHECK_FALSE(chosen.plan.asksSecond(1.9f));
      CHECK(chosen.plan.keepsSecond(0.5f, 1.8f * scale));
      CHECK_FALSE(chosen.plan.keepsSecond(1.8f, 0.2f * scale));
    }
}

TEST_CASE("a cascade is the same whatever the order of its labels, and needs programs that were run on all") {
  auto labels = labelsOf(
      60, [](int q, int p) { return q % 2 == p % 2; }, [](int q, int p) { return p % 2 == q % 2 ? 2.0f : 1.0f; });
  const ChosenCascade chosen = chooseCascade(labels, kDepth, 5);
  CHECK_FALSE(chosen.isStandard);
  std::reverse(labels.begin(), labels.end());
  CHECK(chooseCascade(labels, kDepth, 5).inWords() == chosen.inWords());
  labels.resize(1);
  CHECK(chooseCascade(labels, kDepth, 5).isStandard);  // nothing to judge it by
  for (ExampleLabels& each : labels) each.programs.resize(1);
  CHECK_THROWS_AS(chooseCascade(labels, kDepth, 5), InputError);
}
