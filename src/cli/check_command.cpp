// polar check CONFIG: validate and estimate, run nothing; polar schema: JSON Schema of the YAML.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "cli/commands.h"
#include "cli/stages.h"
#include "support/output.h"
#include "support/printable.h"
#include "support/progress.h"

namespace polar {
namespace {

void check(const std::string& file, const std::vector<std::string>& overrides) {
  const ExperimentConfig config = loadExperiment(file, overrides);
  checkNames(config);
  const LoadedSet train = loadTrainSet(config.data), test = loadTestSet(config.data, config.data.test);
  writeFormatted("config      %s, run folder %s\n", printable(file).c_str(), printable(config.runFolder().string()).c_str());
  const auto show = [](const char* role, const LoadedSet& set) {
    writeFormatted("%-11s %s: %zu of %lld questions\n", role, printable(set.name).c_str(), set.examples.size(),
                static_cast<long long>(set.available));
  };
  show("train", train);
  show("test", test);
  for (const DatasetSettings& ood : config.data.ood) show("ood", loadTestSet(config.data, ood));

  const Session session(config);
  checkSearchFiles(session);
  const std::size_t probe = std::min<std::size_t>(3, train.examples.size());
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < probe; ++i) {
    const EvaluationTask task{&train.examples[i], Program::standard(session.model()->depth())};
    session.evaluator().evaluate({&task, 1});
  }
  const double each =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(probe);
  const double perExample = static_cast<double>(config.search.budget) + config.search.samples;
  const double evaluations = perExample * static_cast<double>(train.examples.size());
  writeFormatted("model       %s, %d layers, %.1f M parameters\n", session.model()->config().architecture.c_str(),
              session.model()->depth(), static_cast<double>(session.model()->parameters()) / 1e6);
  writeFormatted("search      %s: at most %.0f evaluations of %.0f ms; about %s with %d worker(s)\n",
              config.search.strategy.c_str(), evaluations, each * 1e3,
              duration(evaluations * each / session.workers()).c_str(), session.workers());
  const std::string caveat = searchCaveat(session);
  if (!caveat.empty()) writeFormatted("note        %s\n", caveat.c_str());
}

}  // namespace

void addCheck(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  auto overrides = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("check", "validate a config and its files, and estimate the search; writes nothing");
  command->add_option("config", *file, "the experiment's YAML")->required();
  command->add_option("overrides", *overrides, "key=value: any key of the YAML");
  command->callback([file, overrides] { check(*file, *overrides); });

  app.add_subcommand("schema", "JSON Schema of the YAML, for editors")->callback([] {
    writeOutput(experimentSchema() + "\n");
  });
}

}  // namespace polar
