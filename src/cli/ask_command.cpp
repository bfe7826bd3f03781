// polar ask: what a policy does with one question.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/commands.h"
#include "eval/answer_cost.h"
#include "grading/grader.h"
#include "stages/eval_stage.h"
#include "stages/train_stage.h"
#include "support/error.h"
#include "support/output.h"
#include "support/printable.h"
#include "support/shell_word.h"
#include "support/whole_number.h"

namespace polar {
namespace {

struct AskOptions {
  std::string config, question, policy;
  std::vector<std::string> overrides;
  int k = 3;
};

double milliseconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count();
}

// The value model where the run has one, else the predictor.
std::string trainedPolicy(const ExperimentConfig& config, const RunPaths& paths, const AskOptions& options) {
  for (const char* name : {"value", "predictor"})
    if (wantsPolicy(config, name) && std::filesystem::exists(paths.predictor / (std::string(name) + ".json")))
      return name;
  throw InputError(paths.predictor.string(), "no trained predictor or value model", "one",
                   "run " + experimentCommand("run", options.config, options.overrides) + " first");
}

// A policy of the config that needs no answer.
std::string listedPolicy(const ExperimentConfig& config, const std::string& name) {
  std::vector<std::string> listed;
  for (const std::string& each : config.eval.policies)
    if (!policyRow(each).usesAnswer) listed.push_back(each);
  if (std::ranges::find(listed, name) != listed.end()) return name;
  const std::string nearest = nearestName(name, listed);
  throw InputError("--policy", "'" + name + "'", "one of eval.policies that need no answer: " + joinNames(listed),
                   nearest.empty() ? "" : "did you mean '" + nearest + "'?");
}

// A policy that is not trained may be tuned on the run's labels, and then says so where there are none.
std::unique_ptr<Policy> madePolicy(const std::string& name, const Session& session, const RunPaths& paths,
                                   LabelFile& labels) {
  PolicyContext context = policyContext(session);
  if (!trainedFor(name) && std::filesystem::exists(paths.labels)) {
    labels = requireLabels(paths.labels, "search");
    context.labels = &labels.examples;
  }
  return makePolicy(name, trainedContext(session, paths, context, name, session.config().seed));
}

// The answer without the brace that closes the prompt's box; all the text where none is closed.
std::string answerIn(const std::string& text, bool boxOpen) {
  const std::size_t end = answerEnd(text, boxOpen);
  return printable(boxOpen && end != std::string::npos ? text.substr(0, end - 1) : text, 1000);
}

// A program that was run on the question.
struct Run {
  std::string name;
  Choice choice;
  Evaluation evaluation;
};

// A question and what was run on it.
class Asking {
 public:
  // start: where the programs may go on from, or null. It must outlive the runs.
  Asking(const Session& session, const Example& example, const PromptStart* start)
      : session_(session), example_(example), start_(start) {}

  const std::vector<Run>& runs() const { return runs_; }
  bool boxOpen() const { return session_.prompts()->promptTemplate().boxOpen(); }

  // Runs it and prints a line, where it was not run before; its place.
  std::size_t run(const std::string& name, const Choice& choice) {
    const auto known = std::ranges::find(runs_, choice, &Run::choice);
    if (known != runs_.end()) return static_cast<std::size_t>(known - runs_.begin());
    const auto begin = std::chrono::steady_clock::now();
    const EvaluationTask task{&example_,   choice.program,        choice.temperature,
                              choice.seed, /*answerKnown=*/false, start_};
    runs_.push_back({name, choice, session_.evaluator().evaluate({&task, 1}).front()});
    writeFormatted("%-10s %3d layers  %7.1f ms  %-24s  %s\n", name.c_str(), choice.program.executed(),
                   milliseconds(begin), choice.program.text().c_str(),
                   answerIn(runs_.back().evaluation.text, boxOpen()).c_str());
    return runs_.size() - 1;
  }

 private:
  const Session& session_;
  const Example& example_;
  const PromptStart* start_;
  std::vector<Run> runs_;
};

// Runs the first choice and what the policy asks for after it; prints whose answer it gives. The places of all runs.
std::vector<std::size_t> runAnswer(Asking& asking, const Policy& policy, const Example& example, const Choice& first) {
  std::vector<std::size_t> places{asking.run("choice 1", first)};
  const auto outcomes = [&] {
    std::vector<Outcome> all;
    for (const std::size_t place : places)
      all.push_back({asking.runs()[place].evaluation.margin, asking.runs()[place].evaluation.text});
    return all;
  };
  for (auto more = policy.further(example, outcomes()); !more.empty(); more = policy.further(example, outcomes()))
    for (const Choice& choice : more) places.push_back(asking.run("further " + std::to_string(places.size()), choice));
  const Run& kept = asking.runs()[places[places.size() > 1 ? policy.kept(example, outcomes()) : 0]];
  writeFormatted("%-10s by %s: %s\n", "answer", kept.name.c_str(),
                 answerIn(kept.evaluation.text, asking.boxOpen()).c_str());
  return places;
}

// In layer-tokens, counted as in an evaluation's rows. `runs`: all that the answer took; a run that was asked for twice
// decodes once.
void printCost(const Policy& policy, const Example& example, const std::vector<const Run*>& runs,
               std::int64_t promptTokens, const Evaluation& standard) {
  std::vector<Program> programs;
  std::int64_t decode = 0;
  for (const Run* run : runs) {
    programs.push_back(run->choice.program);
    decode += run->evaluation.decodeLayerTokens;
  }
  const auto [prefill, choosing] = promptCost(policy, example, std::move(programs), promptTokens);
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  writeFormatted("%-10s choosing %s + prefill %s + decode %s = %s layer-tokens; the standard program's answer %s\n",
                 "cost", text(choosing).c_str(), text(prefill).c_str(), text(decode).c_str(),
                 text(choosing + prefill + decode).c_str(),
                 text(standard.prefillLayerTokens + standard.decodeLayerTokens).c_str());
}

void ask(const AskOptions& options) {
  const ExperimentConfig config = loadExperiment(options.config, options.overrides);
  const RunPaths paths(config.runFolder());
  const std::string name =
      options.policy.empty() ? trainedPolicy(config, paths, options) : listedPolicy(config, options.policy);
  const Session session(config);
  LabelFile labels;
  const std::unique_ptr<Policy> policy = madePolicy(name, session, paths, labels);
  Example example;
  example.id = "question";
  example.question = options.question;
  const auto promptTokens = static_cast<std::int64_t>(session.prompts()->build(example).tokens.size());

  const auto begin = std::chrono::steady_clock::now();
  const std::shared_ptr<const PromptStart> start = policy->start(example);
  const std::vector<Choice> choices = policy->choices(example, options.k);
  writeFormatted("choosing took %.1f ms (%s and what it reads of the question)\n", milliseconds(begin), name.c_str());
  Asking alone(session, example, nullptr), asking(session, example, start.get());
  alone.run("standard", {Program::standard(session.model()->depth())});
  const std::int64_t before = session.executor().work().byStart;
  std::vector<std::size_t> places = runAnswer(asking, *policy, example, choices.front());
  const std::int64_t saved = session.executor().work().byStart - before;
  for (std::size_t i = 1; i < choices.size(); ++i) asking.run("choice " + std::to_string(i + 1), choices[i]);

  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  std::vector<const Run*> runs;
  for (const std::size_t place : places) runs.push_back(&asking.runs()[place]);
  printCost(*policy, example, runs, promptTokens, alone.runs().front().evaluation);
  if (start)
    writeFormatted("%-10s choosing read %d layers of the prompt; going on from there saved %s of %s layer-tokens\n",
                   "resumed", policy->promptLayersRead(example), std::to_string(saved).c_str(),
                   std::to_string(policy->promptLayersRead(example) * promptTokens).c_str());
}

}  // namespace

void addAsk(CLI::App& app) {
  auto options = std::make_shared<AskOptions>();
  CLI::App* command = app.add_subcommand(
      "ask", "one question: a policy's programs, their answers, and what they cost in layers and time");
  command->add_option("config", options->config, "the YAML of a run whose policy is trained")->required();
  command->add_option("--question", options->question, "the question's text")->required();
  command->add_option("--policy", options->policy,
                      "one of its eval.policies, e.g. vote; default: value, else predictor, whichever is trained");
  command->add_option("-k", options->k, "how many of the programs that the policy ranks to run")
      ->check(wholeNumber(1, 100))
      ->capture_default_str();
  command->add_option("overrides", options->overrides, "key=value: any key of the YAML");
  command->footer("Example: polar ask configs/quickstart.yaml --policy predictor --question \"What is 3 + 4?\"");
  command->callback([options] { ask(*options); });
}

}  // namespace polar
