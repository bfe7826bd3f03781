// polar model M: what was loaded, and the numeric self-check of this machine.
#include <ATen/Parallel.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/session.h"
#include "llm/self_check.h"

namespace polar {
namespace {

void describe(const std::string& name) {
  at::set_num_threads(1);
  const auto path = resolveModelPath(name);
  const auto tokenizer = loadTokenizer(path);
  const auto model = LanguageModel::load(path);
  const ModelConfig& config = model->config();
  std::printf("model       %s (%s)\n", path.string().c_str(), model->format().c_str());
  std::printf("family      %s\n", config.architecture.c_str());
  std::printf("depth       %d layers, width %d, %d heads (%d for keys and values) of %d, feed-forward %d\n", config.depth,
              config.width, config.heads, config.kvHeads, config.headSize, config.feedForward);
  std::printf("parameters  %.1f M%s\n", static_cast<double>(model->parameters()) / 1e6,
              config.tiedEmbeddings ? " (embedding tied to the output)" : "");
  std::printf("weights     SHA-256 %s\n", model->weightsSha256().c_str());
  std::printf("tokenizer   %s\n", tokenizer->description().c_str());
  std::printf("machine     %s\n", machineInWords().c_str());

  const SelfCheck check = numericSelfCheck(*model);
  std::printf("self-check  rows of a product are bit-identical from M rows up:\n");
  for (const SelfCheck::Linear& linear : check.linears)
    std::printf("              %-14s %5lld x %-6lld M = %s\n", linear.name.c_str(), static_cast<long long>(linear.inner),
                static_cast<long long>(linear.outer),
                linear.safeRows ? std::to_string(linear.safeRows).c_str() : "none up to 16");
  std::printf("            a layer over 150 tokens at once, in chunks and one by one: %s\n",
              check.layerInvariant ? "identical" : "DIFFERENT");
  std::printf("            %s\n", check.holds() ? "evaluations do not depend on batching on this machine"
                                                : "evaluations may depend on batching on this machine");
}

}  // namespace

void addModel(CLI::App& app) {
  auto model = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("model", "what a checkpoint holds, and this machine's numeric self-check");
  command->add_option("model", *model, "Hugging Face folder, .gguf file, or cache:NAME")->required();
  command->callback([model] { describe(*model); });
}

}  // namespace polar
