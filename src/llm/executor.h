// ProgramExecutor: (prompt, program) → tokens, log-probability, margin. The one place where layers are run in a
// program's order.
//
// An execution is a pure function of (weights, prompt, program, dtype, device kind): not of what else is in the batch,
// nor of the implementation. The plain executor is the readable one and the judge of the others, bit for bit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "program/program.h"

namespace polar {

class LanguageModel;
struct PromptStart;

// Where a layer that a program runs more than once keeps its keys and values.
enum class KvSlots {
  own,  // a slot for each position of the program: a repeat attends to its own pass
  // A slot for each layer, to which every pass appends: what the releases of PoLar and Dr.LLM do (HF layers over a
  // DynamicCache that knows slots by layer index, scaled_dot_product_attention, no mask), to compare with their labels.
  // In prefill a repeat's row r then sees the keys 0 … r of the layer's first pass; a decoded token sees the
  // keys of every pass, its own earlier ones included. The plain executor alone can do it.
  shared,
};

// "own_slot" or "shared_slot" (YAML `model.kv`); InputError on another.
KvSlots kvSlots(const std::string& name);

struct DecodingOptions {
  int maxNewTokens = 50;
  KvSlots kv = KvSlots::own;
  std::vector<std::int32_t> endOfSequence;  // sorted
  // True once the generated tokens determine the answer (the closing brace, the stop string); may be empty. Must be a
  // pure function that turns true at some prefix and is not asked again after it.
  std::function<bool(std::span<const std::int32_t>)> determined;
};

struct ExecutionRequest {
  std::span<const std::int32_t> prompt;  // not empty
  std::size_t headTokens = 0;            // prompt[0, headTokens) is shared by every example
  std::span<const std::int32_t>
      answer;  // the reference answer's tokens, or empty: for its log-probability (and as draft)
  const Program* program = nullptr;
  // 0: greedy. Else tokens are drawn from softmax(logits / temperature) by the stream of `seed`; margins are then those
  // of the drawn path's top two.
  double temperature = 0;
  std::uint64_t seed = 0;
  // Where not empty: one token is taken, the likeliest of these after the prompt; margins are then those among them.
  std::span<const std::int32_t> choices = {};
  // This very prompt after some layers (prompt_start.h), or null. An executor may take what the program begins with
  // from there, which changes speed alone; the shared one does, but not where an answer is scored: its tokens are not
  // in the start. std::logic_error where it is of another model, prompt or head.
  const PromptStart* start = nullptr;
};

struct Execution {
  std::vector<std::int32_t> tokens;    // generated, without the end-of-sequence token
  bool finished = false;               // determined or end of sequence, as opposed to the token limit
  float margin = 0;                    // smallest top-1 minus top-2 logit on the path; +inf where no token was needed
  std::optional<float> answerLogprob;  // Σ log p(answer token | prompt, earlier answer tokens), nats
  // Layer executions × tokens that answering costs where the answer
  // is not known, whatever was scored, drafted or shared:
  std::int64_t prefillLayerTokens = 0;  // of the prompt
  std::int64_t decodeLayerTokens = 0;   // of the generated tokens that are fed: all but the last
};

// Layer executions × tokens since an executor was made: what the plain way would have run, the pass that scores the
// reference answer included (which no Execution counts), and what sharing avoided.
// asked = computed + byLayers + byHead + byLast + byDraft + byStart.
struct ExecutorWork {
  std::int64_t asked = 0, computed = 0;
  std::int64_t byLayers = 0;  // programs of one example that begin with the same layers
  std::int64_t byHead = 0;    // the prompt's head, computed for an earlier example
  std::int64_t byLast = 0;    // rows of a program's last layer that nobody reads: only their keys and values are made
  std::int64_t byDraft = 0;   // tokens of the reference answer that decoding would have produced
  std::int64_t byStart = 0;   // of the prompt, layers that its start had run
};

class ProgramExecutor {
 public:
  virtual ~ProgramExecutor() = default;
  // Results in the order of the requests. Thread-safe.
  virtual std::vector<Execution> execute(std::span<const ExecutionRequest> requests) const = 0;
  virtual ExecutorWork work() const = 0;
};

// One program at a time: prefill in one pass, then one token a step; KvSlots as the options say.
std::unique_ptr<ProgramExecutor> makePlainExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options);

struct SharingOptions {                            // all of them change speed and memory, never results
  std::int64_t headBytes = std::int64_t{1} << 30;  // heads kept for later examples, over all threads
  std::int64_t leafBytes = std::int64_t{1} << 30;  // keys and values a call keeps for programs that wait to decode
  bool draft = true;                               // false: generate every token, as if the answer were not known
};

// Programs of one example share the layers they begin with, examples share the prompt's head,
// the reference answer is the draft of its own decoding, and the programs that still have to
// decode do so together, layer by layer. Give it all the programs of an example in one call: those of one prompt also
// share a start, the first that any of them names.
std::unique_ptr<ProgramExecutor> makeSharedExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options,
                                                    const SharingOptions& sharing = {});

// By the name that YAML writes under `runtime.executor`; InputError naming the known ones on another, and on an
// executor that can't have slots as the options want them.
std::vector<std::string> executorNames();
std::unique_ptr<ProgramExecutor> makeExecutor(const std::string& name, std::shared_ptr<const LanguageModel> model,
                                              DecodingOptions options, const SharingOptions& sharing = {});

}  // namespace polar
