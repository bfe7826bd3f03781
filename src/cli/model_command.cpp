// polar model M: what was loaded, and the numeric self-check of this machine.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "stages/session.h"
#include "support/machine.h"
#include "support/output.h"
#include "support/printable.h"

namespace polar {
namespace {

std::string ruleText(const RowRule& rule) {
  if (!rule.tiles.empty()) {
    std::string text = "in tiles of ";
    for (const int tile : rule.tiles) text += std::to_string(tile) + (tile == rule.tiles.back() ? " rows only" : ", ");
    return text;
  }
  return rule.least > 0 ? "from M = " + std::to_string(rule.least) + " rows up" : "for no row count";
}

void describe(const std::string& name, const LoadOptions& options) {
  useOneThread();
  const auto path = resolveModelPath(name);
  const auto tokenizer = loadTokenizer(path);
  const auto model = LanguageModel::load(path, options);
  const ModelConfig& config = model->config();
  writeFormatted("model       %s (%s)\n", printable(path.string()).c_str(), model->format().c_str());
  writeFormatted("family      %s\n", config.architecture.c_str());
  writeFormatted("depth       %d layers, width %d, %d heads (%d for keys and values) of %d, feed-forward %d\n",
                 config.depth, config.width, config.heads, config.kvHeads, config.headSize, config.feedForward);
  writeFormatted("parameters  %.1f M%s\n", static_cast<double>(model->parameters()) / 1e6,
                 config.tiedEmbeddings ? " (embedding tied to the output)" : "");
  writeFormatted("weights     SHA-256 %s\n", model->weightsSha256().c_str());
  writeFormatted("tokenizer   %s\n", tokenizer->description().c_str());
  writeFormatted("machine     %s\n", machineInWords(options.device).c_str());

  const SelfCheck& check = model->selfCheck();
  writeFormatted("self-check  rows of a product are bit-identical\n");
  for (const SelfCheck::Product& product : check.products)
    writeFormatted("              %-17s %5lld x %-6lld %s\n", product.name.c_str(),
                   static_cast<long long>(product.inner), static_cast<long long>(product.outer),
                   ruleText(product.rule).c_str());
  writeFormatted("            attention (in %s) and a layer over tokens at once, in chunks and one by one: %s\n",
                 check.attention.c_str(), check.layerInvariant ? "identical" : "DIFFERENT");
  writeFormatted("            %s\n", check.holds() ? "evaluations do not depend on batching on this machine"
                                                   : "evaluations may depend on batching on this machine");
}

}  // namespace

void addModel(CLI::App& app) {
  auto model = std::make_shared<std::string>();
  auto options = std::make_shared<LoadOptions>();
  CLI::App* command = app.add_subcommand("model", "what a checkpoint holds, and this machine's numeric self-check");
  command->add_option("model", *model, "Hugging Face folder, .gguf file, or cache:NAME")->required();
  command->add_option("--dtype", options->dtype, "fp32 or bf16")->capture_default_str();
  command->add_option("--device", options->device, "cpu, cuda or cuda:N")->capture_default_str();
  command->callback([model, options] { describe(*model, *options); });
}

}  // namespace polar
