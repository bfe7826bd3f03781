#include "eval/policies/consensus.h"

#include "planted_policies.h"
#include "support/hash.h"
#include "train/chooser_trainer.h"
#include "train/value_table.h"

using namespace polar;
using namespace polar::testing;

namespace {

const std::vector<Program>& menu() {
  static const std::vector<Program> programs = plantedMenu();
  return programs;
}

// Verdicts are all wrong: nothing may come from them.
ExampleLabels answered(int i, const std::vector<std::string>& texts) {
  ExampleLabels labels;
  labels.example = plantedExample(i);
  for (std::size_t k = 0; k < texts.size(); ++k) {
    labels.programs.push_back(planted(menu()[k].text(), kDepth, Verdict::wrong));
    labels.programs.back().evaluation.text = texts[k];
    labels.programs.back().evaluation.margin = 1;
  }
  return labels;
}

using Agrees = std::vector<float>;

}  // namespace

TEST_CASE("the consensus is the answer that most programs of the menu give, as the grader compares answers") {
  CHECK(consensusOf(answered(1, {"7}", "8 + 5}", "13}", "13.0}"}), menu(), true) == Agrees{0, 1, 1, 1});
  CHECK(consensusOf(answered(1, {"it is 7", "so 7", "13", "8"}), menu(), false) == Agrees{1, 1, 0, 0});
  CHECK(consensusOf(answered(1, {"I do not know", "nor do I", "5}", "no"}), menu(), true) == Agrees{0, 0, 1, 0});
  CHECK(consensusOf(answered(1, {"I do not know", "nor do I", "no", "no"}), menu(), true) == Agrees{0, 0, 0, 0});
  // Two against two: the surer ones. A sample of the standard program has no vote.
  ExampleLabels draw = answered(1, {"7}", "8}", "7}", "8}"});
  draw.programs[3].evaluation.margin = 2;
  draw.programs.insert(draw.programs.begin(), planted("0-5", kDepth, Verdict::right, "sample"));
  draw.programs.front().evaluation.text = "7}";
  CHECK(consensusOf(draw, menu(), true) == Agrees{0, 1, 0, 1});
  // The reference answer does not matter.
  draw.example.answer = "7";
  CHECK(consensusOf(draw, menu(), true) == Agrees{0, 1, 0, 1});
}

namespace {

// Which of two kinds a question is: which programs agree on it.
bool isOdd(const Example& example) { return stableHash(example.question) % 2 == 1; }

class Parity final : public QuestionFeatures {
 public:
  at::Tensor read(const Example& example) const override { return at::tensor({isOdd(example) ? 1.0f : -1.0f, 0.5f}); }
  int width() const override { return 2; }
  std::int64_t layerTokens(const Example&) const override { return 0; }
};

}  // namespace

TEST_CASE("a distilled chooser learns a planted consensus without a right answer, and then prefers no program") {
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < 120; ++i) {
    labels.push_back(answered(i, isOdd(plantedExample(i)) ? std::vector<std::string>{"1}", "2}", "2}", "2}"}
                                                          : std::vector<std::string>{"1}", "2}", "3}", "1}"}));
    labels.back().split = i % 4 == 0 ? "validation" : "train";
  }
  TrainSettings settings;
  settings.chooser.penalties = {0.01};
  const TemporaryFolder folder;
  const ChooserKind kind{"distilled", [](const ExampleLabels& question, const std::vector<Program>& programs) {
                           return consensusOf(question, programs, true);
                         }};
  trainChooser(labels, Parity(), kDepth, settings, 1, folder.path(), kind);
  const auto model = ChooserModel::load(folder.path(), "distilled", kDepth);
  int agreed = 0;
  for (int i = 200; i < 260; ++i) {
    const Example example = plantedExample(i);
    const auto best = model->scores(Parity().read(example)).argmax().item<std::int64_t>();
    const std::string chosen = model->choice.menu()[static_cast<std::size_t>(best)].text();
    agreed += (isOdd(example) ? chosen != "0-5" : chosen == "0-5" || chosen == "0-4") ? 1 : 0;
  }
  CHECK(agreed >= 57);
  CHECK(model->choice.rule({}).standardOnly);
}
