// polar ask: what the trained predictor does with one question.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "cli/commands.h"
#include "grading/grader.h"
#include "stages/train_stage.h"
#include "support/error.h"
#include "support/output.h"
#include "support/printable.h"
#include "support/shell_word.h"
#include "support/whole_number.h"

namespace polar {
namespace {

struct AskOptions {
  std::string config, question;
  std::vector<std::string> overrides;
  int k = 3;
};

double milliseconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count();
}

// The answer without the brace that closes the prompt's box; all the text where none is closed.
std::string answerIn(const std::string& text, bool boxOpen) {
  const std::size_t end = answerEnd(text, boxOpen);
  return boxOpen && end != std::string::npos ? text.substr(0, end - 1) : text;
}

void printAnswer(const char* who, const Evaluation& evaluation, const Program& program, bool boxOpen, double time) {
  writeFormatted("%-10s %3d layers  %7.1f ms  %-24s  %s\n", who, program.executed(), time, program.text().c_str(),
                 printable(answerIn(evaluation.text, boxOpen), 1000).c_str());
}

// The value model where the run has one, else the predictor.
std::string trainedPolicy(const ExperimentConfig& config, const RunPaths& paths, const AskOptions& options) {
  for (const char* name : {"value", "predictor"})
    if (wantsPolicy(config, name) && std::filesystem::exists(paths.predictor / (std::string(name) + ".json")))
      return name;
  throw InputError(paths.predictor.string(), "no trained predictor or value model", "one",
                   "run " + experimentCommand("run", options.config, options.overrides) + " first");
}

void ask(const AskOptions& options) {
  const ExperimentConfig config = loadExperiment(options.config, options.overrides);
  const RunPaths paths(config.runFolder());
  const std::string chooser = trainedPolicy(config, paths, options);
  const Session session(config);
  PolicyContext context;
  context.space = session.editSpace();
  context.beam = config.eval.beam;
  context.price = config.eval.layerPrices.front();
  const auto policy = makePolicy(chooser, trainedContext(session, paths, context, chooser, config.seed));
  Example example;
  example.id = "question";
  example.question = options.question;

  auto start = std::chrono::steady_clock::now();
  const std::vector<Program> chosen = policy->rank(example, options.k);
  writeFormatted("choosing took %.1f ms (%s and what it reads of the question)\n", milliseconds(start),
                 chooser.c_str());
  const auto run = [&](const char* who, const Program& program) {
    start = std::chrono::steady_clock::now();
    const EvaluationTask task{&example, program};
    const Evaluation evaluation = session.evaluator().evaluate({&task, 1}).front();
    printAnswer(who, evaluation, program, session.prompts()->promptTemplate().boxOpen(), milliseconds(start));
  };
  run("standard", Program::standard(session.model()->depth()));
  for (std::size_t i = 0; i < chosen.size(); ++i) run(("choice " + std::to_string(i + 1)).c_str(), chosen[i]);
}

}  // namespace

void addAsk(CLI::App& app) {
  auto options = std::make_shared<AskOptions>();
  CLI::App* command =
      app.add_subcommand("ask", "one question: the predictor's programs, their answers, layers and time");
  command->add_option("config", options->config, "the YAML of a run whose predictor is trained")->required();
  command->add_option("--question", options->question, "the question's text")->required();
  command->add_option("-k", options->k, "how many of the predictor's programs to run")
      ->check(wholeNumber(1, 100))
      ->capture_default_str();
  command->add_option("overrides", options->overrides, "key=value: any key of the YAML");
  command->callback([options] { ask(*options); });
}

}  // namespace polar
