// The lists that the pipeline is made from.
#include "stages/stages.h"

#include "catch.h"
#include "eval/policies/policies.h"
#include "stages/trained_artefacts.h"

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

TEST_CASE("every key of train: is one that something trained depends on") {
  const ExperimentConfig config = loadExperiment(sourceDir() / "configs/quickstart.yaml");
  const auto before = resultKeys(config, Stage::search);
  for (const auto& [key, value] : resultKeys(config, Stage::train)) {
    if (before.contains(key)) continue;
    CAPTURE(key);
    CHECK(std::ranges::any_of(trainedArtefacts(), [&](const TrainedArtefact& each) { return each.dependsOn(key); }));
  }
}
