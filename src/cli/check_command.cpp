// polar check CONFIG: validate and estimate, run nothing; polar schema: JSON Schema of the YAML.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/commands.h"
#include "stages/run_plan.h"
#include "stages/search_options.h"
#include "stages/search_stage.h"
#include "stages/stages.h"
#include "support/output.h"
#include "support/printable.h"

namespace polar {
namespace {

// Seconds of one evaluation of the standard program, alone: the
// mean of three questions, after one that fills the caches.
double secondsOfEvaluation(const Session& session, const std::vector<Example>& examples) {
  const auto run = [&](const Example& example) {
    const EvaluationTask task{&example, Program::standard(session.model()->depth())};
    session.evaluator().evaluate({&task, 1});
  };
  run(examples.front());
  const std::size_t probe = std::min<std::size_t>(3, examples.size());
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < probe; ++i) run(examples[i]);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(probe);
}

void show(const char* role, const LoadedSet& set) {
  writeFormatted("%-11s %s: %zu of %lld questions\n", role, printable(set.name).c_str(), set.examples.size(),
                 static_cast<long long>(set.available));
}

void check(const std::string& file, const std::vector<std::string>& overrides) {
  const ExperimentConfig config = loadExperiment(file, overrides);
  checkNames(config);
  const Session session(config);
  const RunPlan plan = planRun(session);
  checkSearchFiles(session, plan.train);
  writeFormatted("config      %s, run folder %s\n", printable(file).c_str(),
                 printable(config.runFolder().string()).c_str());
  show("train", plan.train);
  for (std::size_t i = 0; i < plan.tests.size(); ++i) show(i == 0 ? "test" : "ood", plan.tests[i]);
  writeFormatted("model       %s, %d layers, %.1f M parameters\n", session.model()->config().architecture.c_str(),
                 session.model()->depth(), static_cast<double>(session.model()->parameters()) / 1e6);
  for (const auto& [stage, line] : estimates(session, plan, secondsOfEvaluation(session, plan.train.examples)))
    writeFormatted("%-11s %s\n", stage.c_str(), line.c_str());
  const std::string caveat = searchCaveat(session);
  if (!caveat.empty()) writeFormatted("note        %s\n", caveat.c_str());
  if (wantsPolicy(config, "oracle") && !searchesTest(config))
    writeFormatted("note        policy oracle is left out, as search.oracle_test is false\n");
}

}  // namespace

void addCheck(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  auto overrides = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("check", "validate a config and its files, and estimate every stage; writes nothing");
  command->add_option("config", *file, "the experiment's YAML")->required();
  command->add_option("overrides", *overrides, "key=value: any key of the YAML");
  command->callback([file, overrides] { check(*file, *overrides); });

  app.add_subcommand("schema", "JSON Schema of the YAML, for editors")->callback([] {
    writeOutput(experimentSchema() + "\n");
  });
}

}  // namespace polar
