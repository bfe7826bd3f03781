// Schema 1 as columns in memory, and the one list of them that writer, reader and check share. Private to src/store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/label_store.h"

namespace polar {

struct LabelColumns {
  // examples [E]
  std::vector<std::string> id, question, answer, solution, subject, source, split;
  std::vector<std::int32_t> level;            // kNoLevel = none
  std::vector<std::uint8_t> standardVerdict;  // Verdict
  std::vector<std::uint64_t> optionOffset;    // [E + 1] into option
  std::vector<std::string> option;
  // programs [N], those of an example together, examples in order
  std::vector<std::uint32_t> example;  // row of the example
  std::vector<std::uint64_t> offset;   // [N + 1] into layers
  std::vector<std::uint16_t> layers;
  std::vector<std::uint8_t> verdict;
  std::vector<float> answerLogprob, margin;
  std::vector<std::int32_t> executed, unique;
  std::vector<std::uint32_t> order;
  std::vector<std::int32_t> parent;
  std::vector<std::string> origin, text, rule;
  std::vector<std::int64_t> prefillLayerTokens, decodeLayerTokens;
};

inline constexpr std::int32_t kNoLevel = INT32_MIN;

// How many rows a column has: one per example or program, one more for offsets, or what the offsets' last says.
enum class Rows { examples, exampleOffsets, options, programs, programOffsets, layers };

template <typename Columns, typename Visitor>
void visitColumns(Columns& c, Visitor&& v) {
  v("/examples/id", c.id, Rows::examples);
  v("/examples/question", c.question, Rows::examples);
  v("/examples/answer", c.answer, Rows::examples);
  v("/examples/solution", c.solution, Rows::examples);
  v("/examples/level", c.level, Rows::examples);
  v("/examples/subject", c.subject, Rows::examples);
  v("/examples/source", c.source, Rows::examples);
  v("/examples/split", c.split, Rows::examples);
  v("/examples/standard_verdict", c.standardVerdict, Rows::examples);
  v("/examples/option_offset", c.optionOffset, Rows::exampleOffsets);
  v("/examples/option", c.option, Rows::options);
  v("/programs/example", c.example, Rows::programs);
  v("/programs/offset", c.offset, Rows::programOffsets);
  v("/programs/layers", c.layers, Rows::layers);
  v("/programs/verdict", c.verdict, Rows::programs);
  v("/programs/answer_logprob", c.answerLogprob, Rows::programs);
  v("/programs/margin", c.margin, Rows::programs);
  v("/programs/executed", c.executed, Rows::programs);
  v("/programs/unique", c.unique, Rows::programs);
  v("/programs/order", c.order, Rows::programs);
  v("/programs/parent", c.parent, Rows::programs);
  v("/programs/origin", c.origin, Rows::programs);
  v("/programs/text", c.text, Rows::programs);
  v("/programs/rule", c.rule, Rows::programs);
  v("/programs/prefill_layer_tokens", c.prefillLayerTokens, Rows::programs);
  v("/programs/decode_layer_tokens", c.decodeLayerTokens, Rows::programs);
}

// Which files have an attribute: all, or only those of the version that brought it and later ones.
enum class In { all, laterFiles };

template <typename Provenance, typename Visitor>
void visitProvenance(Provenance& p, Visitor&& v) {
  v("depth", p.depth, In::all);
  v("fingerprint", p.fingerprint, In::all);
  v("config", p.config, In::all);
  v("tool_version", p.toolVersion, In::all);
  v("git_revision", p.gitRevision, In::all);
  v("weights_sha256", p.weightsSha256, In::all);
  v("tokenizer_sha256", p.tokenizerSha256, In::all);
  v("data_sha256", p.dataSha256, In::all);
  v("prompt_template", p.promptTemplate, In::all);
  v("dtype", p.dtype, In::all);
  v("device", p.device, In::all);
  v("grader_version", p.graderVersion, In::all);
  v("seed", p.seed, In::all);
  v("computed_on", p.computedOn, In::laterFiles);
  v("weights_format", p.weightsFormat, In::laterFiles);
  v("left_out", p.leftOut, In::laterFiles);
}

// Text as a column can hold it: bytes that are not UTF-8, and NUL, become U+FFFD.
std::string storable(const std::string& text);

// std::logic_error (a bug) on a depth beyond 1 … 65535, a layer outside it, or the level kNoLevel; InputError on an id
// that is empty, not UTF-8, or holds NUL.
LabelColumns columnsOf(const std::vector<ExampleLabels>& examples, int depth);

// The examples that columns hold. InputError naming `file` and the dataset where they do not fit together.
std::vector<ExampleLabels> examplesOf(LabelColumns columns, int depth, const std::string& file);

}  // namespace polar
