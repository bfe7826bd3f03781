// polar exec: one program on one prompt, one JSON line; with --prompt -, a JSON line each from stdin.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "config/experiment.h"
#include "interchange/json_lines.h"
#include "llm/executor.h"
#include "llm/language_model.h"
#include "support/error.h"
#include "support/whole_number.h"
#include "text/tokenizer.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;

struct ExecOptions {
  std::string model, program, prompt, answer, executor, dtype = "fp32", device = "cpu", kv = "own_slot";
  int maxNewTokens = 50;
};

class Runner {
 public:
  explicit Runner(const ExecOptions& options) {
    useOneThread();
    const auto path = resolveModelPath(options.model);
    tokenizer_ = loadTokenizer(path);
    model_ = LanguageModel::load(path, {options.dtype, options.device, cacheFolder() / "self-check.json"});
    DecodingOptions decoding;
    decoding.maxNewTokens = options.maxNewTokens;
    decoding.endOfSequence = tokenizer_->endOfSequence();
    decoding.kv = kvSlots(options.kv);
    const std::string usual = decoding.kv == KvSlots::shared ? "plain" : "shared";
    executor_ = makeExecutor(options.executor.empty() ? usual : options.executor, model_, decoding);
  }

  void run(const std::string& prompt, const std::string& programText, const std::string& answer) const {
    std::vector<TokenId> ids = tokenizer_->encode(prompt);
    if (const auto first = tokenizer_->beginOfSequence()) ids.insert(ids.begin(), *first);
    const std::vector<TokenId> answerIds = tokenizer_->encode(answer);
    const Program program =
        programText.empty() ? Program::standard(model_->depth()) : Program::parse(programText, model_->depth());
    ExecutionRequest request;
    request.prompt = ids;
    request.answer = answerIds;
    request.program = &program;
    const Execution execution = executor_->execute({&request, 1}).front();
    Json line{{"program", program.text()},     {"prompt_ids", ids},
              {"token_ids", execution.tokens}, {"text", tokenizer_->decode(execution.tokens)},
              {"margin", execution.margin},    {"executed_layers", program.executed()}};
    if (execution.answerLogprob) line["answer_logprob"] = *execution.answerLogprob;
    printJsonLine(line);
  }

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::shared_ptr<const LanguageModel> model_;
  std::unique_ptr<ProgramExecutor> executor_;
};

void exec(const ExecOptions& options) {
  const Runner runner(options);
  if (options.prompt != "-") {
    runner.run(options.prompt, options.program, options.answer);
    return;
  }
  forEachJsonLine(std::cin, [&](const nlohmann::json& line, const std::string& where) {
    runner.run(textMember(line, "prompt", where), textMember(line, "program", where, options.program),
               textMember(line, "answer", where, options.answer));
  });
}

}  // namespace

void addExec(CLI::App& app) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* command = app.add_subcommand("exec", "run one program on one prompt; prints a JSON line");
  command->add_option("--model", options->model, "Hugging Face folder, .gguf file, or cache:NAME")->required();
  command->add_option("--program", options->program, "e.g. 0-7,4-7,9-29; default: the standard program");
  command
      ->add_option("--prompt", options->prompt,
                   "the prompt; - reads JSON lines {\"prompt\",\"program\",\"answer\"} from stdin")
      ->required();
  command->add_option("--answer", options->answer, "adds answer_logprob of this continuation");
  command->add_option("--max-new", options->maxNewTokens, "tokens to generate at most")
      ->check(wholeNumber(0, 100000))
      ->capture_default_str();
  command->add_option("--executor", options->executor,
                      "plain or shared: the same tokens; default: shared, where --kv lets it");
  command
      ->add_option("--kv", options->kv,
                   "where a repeated layer keeps its keys and values: own_slot, or shared_slot "
                   "as the releases of PoLar and Dr.LLM have it")
      ->capture_default_str();
  command->add_option("--dtype", options->dtype, "fp32 or bf16")->capture_default_str();
  command->add_option("--device", options->device, "cpu, cuda or cuda:N")->capture_default_str();
  command->callback([options] { exec(*options); });
}

}  // namespace polar
