// polar tokenize, polar grade: JSON lines in, JSON lines out.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "config/experiment.h"
#include "grading/grader.h"
#include "interchange/json_lines.h"
#include "text/tokenizer.h"

namespace polar {

void addTokenize(CLI::App& app) {
  auto model = std::make_shared<std::string>();
  CLI::App* tokenize = app.add_subcommand("tokenize", "JSON lines {\"text\"} from stdin; {\"ids\"} on stdout");
  tokenize->add_option("--model", *model, "Hugging Face folder, .gguf file, or cache:NAME")->required();
  tokenize->callback([model] {
    const auto tokenizer = loadTokenizer(resolveModelPath(*model));
    forEachJsonLine(std::cin, [&](const nlohmann::json& line, const std::string& where) {
      printJsonLine({{"ids", tokenizer->encode(textMember(line, "text", where))}});
    });
  });

  CLI::App* grading =
      app.add_subcommand("grade", "JSON lines {\"answer\",\"reference\"} from stdin; {\"verdict\",\"rule\"} on stdout");
  grading->callback([] {
    forEachJsonLine(std::cin, [](const nlohmann::json& line, const std::string& where) {
      const Grade result = gradeAnswer(textMember(line, "answer", where), textMember(line, "reference", where));
      printJsonLine({{"verdict", name(result.verdict)}, {"rule", result.rule}});
    });
  });
}

}  // namespace polar
