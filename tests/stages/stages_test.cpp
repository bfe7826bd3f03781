// The lists that the pipeline is made from.
#include "stages/stages.h"

#include "catch.h"
#include "eval/policies/policies.h"
#include "stages/trained_artefacts.h"
#include "train/input_error.h"

using namespace polar;
using namespace polar::testing;

TEST_CASE("the stages are listed in the order of the experiment, each once") {
  std::vector<std::string> names;
  for (const StageEntry& entry : stages()) names.emplace_back(name(entry.stage));
  CHECK(names == std::vector<std::string>{"search", "train", "eval", "report"});
}

TEST_CASE("what is trained is for a listed policy that comes once a seed") {
  for (const TrainedArtefact& artefact : trainedArtefacts()) {
    CAPTURE(artefact.policy);
    CHECK(policyRow(artefact.policy).seeded);
    CHECK(trainedFor(artefact.policy) == &artefact);
    CHECK_FALSE(artefact.descriptions.empty());
  }
  CHECK(trainedFor("standard") == nullptr);
}

TEST_CASE("a primary comparison that no line of the table will have is refused") {
  ExperimentConfig config = loadExperiment(sourceDir() / "configs/quickstart.yaml",
                                           {"eval.policies=[standard, value, oracle]", "eval.layer_prices=[0, 0.2]"});
  const auto refusal = [&](const std::string& primary) {
    config.eval.primary = primary;
    return errorOf([&] { checkNames(config); });
  };
  for (const char* fits : {"", "value@price=0.2", "chooser@price=0.5"}) {  // chooser may be added by a later call
    CAPTURE(fits);
    CHECK(refusal(fits) == "no InputError");
  }
  CHECK(refusal("value") ==
        "eval.primary: found 'value', expected as its line of the table is called: value@price=0, value@price=0.2");
  CHECK(refusal("value@price=0.3").starts_with("eval.primary: found 'value@price=0.3', expected as its line"));
  config.eval.primarySets = {config.data.test.name, "gsm9k"};
  CHECK(refusal("value@price=0").starts_with("eval.primary_sets: found 'gsm9k', expected names of test sets: "));
  config.eval.primarySets.pop_back();
  CHECK(refusal("value@price=0") == "no InputError");
  for (const char* none : {"standard", "oracle", "valu"}) {
    CAPTURE(none);
    CHECK(refusal(none).starts_with("eval.primary: found '" + std::string(none) + "', expected one of random, "));
  }
}

TEST_CASE("every key of train: is one that something trained depends on") {
  const ExperimentConfig config = loadExperiment(sourceDir() / "configs/quickstart.yaml");
  const auto before = resultKeys(config, Stage::search);
  for (const auto& [key, value] : resultKeys(config, Stage::train)) {
    if (before.contains(key)) continue;
    CAPTURE(key);
    CHECK(std::ranges::any_of(trainedArtefacts(), [&](const TrainedArtefact& each) { return each.dependsOn(key); }));
  }
}
