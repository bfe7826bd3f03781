// polar import, polar export: the field's label files.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "interchange/gzip.h"
#include "interchange/interchange.h"
#include "support/error.h"
#include "support/process_file.h"
#include "support/progress.h"
#include "support/whole_number.h"

namespace polar {
namespace {

InputError existing(const std::string& output) {
  return InputError(output, "an existing file", "a new name", "nothing is overwritten: remove it or choose another");
}

void requireNew(const std::string& output) {
  if (std::filesystem::exists(output)) throw existing(output);
}

struct ImportOptions {
  std::string file, output, format;
  int depth = 0;
};

void importFile(const ImportOptions& options) {
  requireNew(options.output);
  const nlohmann::json json = readForeignJson(options.file);
  const bool drllm = options.format.empty() ? looksLikeDrllm(json) : options.format == "drllm";
  ImportSummary summary;
  const LabelFile labels = labelsOf(drllm ? readDrllmResults(json, options.file) : readPolarSamples(json, options.file),
                                    options.file, options.depth, summary);
  writeLabels(options.output, labels);
  if (summary.depthInferred)
    logLine("depth " + std::to_string(summary.depth) + ", from the largest layer index; --depth says otherwise");
  if (summary.renamed > 0)
    logLine(std::to_string(summary.renamed) + " sample(s) bear an id that an earlier one has: stored as ID#2, …");
  if (summary.contradictingStandard > 0)
    logLine(std::to_string(summary.contradictingStandard) +
            " sample(s) where the score of the standard program contradicts the list it is in");
  logLine("wrote " + options.output + ": " + std::to_string(labels.examples.size()) + " examples, " +
          std::to_string(summary.programs) + " programs");
}

struct ExportCall {
  std::string file, output, parseableBy;
  int level = -1;
};

void exportFile(const ExportCall& call) {
  requireNew(call.output);
  ExportOptions options;
  options.parseableByPolar = !call.parseableBy.empty();
  if (call.level >= 0) options.level = call.level;
  ExportSummary summary;
  const std::string text = polarSamplesJson(readLabels(call.file), options, summary);
  if (summary.samples == 0)
    throw InputError(call.file, "no example to export", "labels", "polar inspect shows the levels in a file");
  if (!createSharedFile(call.output, call.output.ends_with(".gz") ? gzip(text) : text)) throw existing(call.output);
  if (options.parseableByPolar)
    logLine("left out " + std::to_string(summary.unparseable) + " of " +
            std::to_string(summary.unparseable + summary.programs) + " programs, which PoLar's loader cannot parse");
  if (summary.temperatureSamples > 0)
    logLine("left out " + std::to_string(summary.temperatureSamples) + " temperature samples of the standard program");
  logLine("wrote " + call.output + ": " + std::to_string(summary.samples) + " samples, " +
          std::to_string(summary.programs) + " programs");
}

}  // namespace

void addImport(CLI::App& app) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      app.add_subcommand("import", "labels from PoLar's merged_mcts_samples.json(.gz) or Dr.LLM's results");
  command->add_option("file", options->file, "the JSON file, packed or not")->required();
  command->add_option("--output,-o", options->output, "the label file to write; must not exist")->required();
  command->add_option("--depth", options->depth, "the model's layers; default: the largest layer index + 1")
      ->check(wholeNumber(1, 65535));
  command->add_option("--format", options->format, "polar or drllm; default: what the file looks like")
      ->check(CLI::IsMember({"polar", "drllm"}));
  command->callback([options] { importFile(*options); });
}

void addExport(CLI::App& app) {
  auto call = std::make_shared<ExportCall>();
  CLI::App* command =
      app.add_subcommand("export", "labels as merged_mcts_samples.json(.gz), as PoLar and RE-PoLar read it");
  command->add_option("file", call->file, "labels.h5 or a part of it")->required();
  command->add_option("--output,-o", call->output, "the file to write, packed where it ends in .gz; must not exist")
      ->required();
  command
      ->add_option("--parseable-by", call->parseableBy,
                   "polar: only programs that PoLar's loader parses, of segments of at most 4 layers repeated once")
      ->check(CLI::IsMember({"polar"}));
  command->add_option("--level", call->level, "only examples of this level: PoLar keeps a file for each")
      ->check(wholeNumber(0));
  command->callback([call] { exportFile(*call); });
}

}  // namespace polar
