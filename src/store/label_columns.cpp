#include "store/label_columns.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "support/error.h"

namespace polar {
namespace {

// Bytes of the well-formed UTF-8 sequence at `begin` (Unicode 15, table 3-7), or 0; NUL is none.
std::size_t utf8Length(const std::string& text, std::size_t begin) {
  const auto byte = [&](std::size_t i) {
    return begin + i < text.size() ? static_cast<unsigned char>(text[begin + i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
  const unsigned first = byte(0), second = byte(1);
  if (first >= 0x01 && first <= 0x7F) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool fits = second >= (first == 0xE0 ? 0xA0U : 0x80U) && second <= (first == 0xED ? 0x9FU : 0xBFU);
    return fits && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool fits = second >= (first == 0xF0 ? 0x90U : 0x80U) && second <= (first == 0xF4 ? 0x8FU : 0xBFU);
    return fits && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void appendExample(LabelColumns& c, const ExampleLabels& labels) {
  const Example& example = labels.example;
  if (example.id.empty() || storable(example.id) != example.id)
    throw InputError("example '" + storable(example.id) + "'", "an id that cannot be stored", "UTF-8 text without NUL",
                     "change the record's id");
  if (example.level == kNoLevel) throw std::logic_error("label store: level " + std::to_string(kNoLevel));
  c.id.push_back(example.id);
  c.question.push_back(storable(example.question));
  c.answer.push_back(storable(example.answer));
  c.solution.push_back(storable(example.solution));
  c.level.push_back(example.level.value_or(kNoLevel));
  c.subject.push_back(storable(example.subject));
  c.source.push_back(storable(example.source));
  c.split.push_back(storable(labels.split));
  c.standardVerdict.push_back(static_cast<std::uint8_t>(labels.standardVerdict));
  for (const std::string& option : example.options) c.option.push_back(storable(option));
  c.optionOffset.push_back(c.option.size());
}

void appendProgram(LabelColumns& c, const LabelledProgram& labelled, int depth) {
  for (const LayerIndex layer : labelled.program.layers()) {
    if (layer >= depth)
      throw std::logic_error("label store: layer " + std::to_string(layer) + " of " + std::to_string(depth));
    c.layers.push_back(layer);
  }
  const Evaluation& evaluation = labelled.evaluation;
  c.example.push_back(static_cast<std::uint32_t>(c.id.size() - 1));
  c.offset.push_back(c.layers.size());
  c.verdict.push_back(static_cast<std::uint8_t>(evaluation.verdict));
  c.answerLogprob.push_back(evaluation.answerLogprob);
  c.margin.push_back(evaluation.margin);
  c.executed.push_back(labelled.program.executed());
  c.unique.push_back(labelled.program.unique());
  c.order.push_back(labelled.order);
  c.parent.push_back(labelled.parent);
  c.origin.push_back(storable(labelled.origin));
  c.text.push_back(storable(evaluation.text));
  c.rule.push_back(storable(evaluation.rule));
  c.prefillLayerTokens.push_back(evaluation.prefillLayerTokens);
  c.decodeLayerTokens.push_back(evaluation.decodeLayerTokens);
}

// Refuses one value, by its row.
class RowCheck {
 public:
  RowCheck(const std::string& file, const char* column) : place_(file + ": " + column) {}
  void require(bool holds, std::size_t row, const std::string& found, const std::string& expected) const {
    if (!holds) throw InputError(place_ + "[" + std::to_string(row) + "]", found, expected);
  }

 private:
  std::string place_;
};

void checkOffsets(const std::vector<std::uint64_t>& offsets, std::size_t rows, std::size_t values,
                  const std::string& file, const char* column) {
  const RowCheck check(file, column);
  if (offsets.size() != rows + 1)
    throw InputError(file + ": " + column, std::to_string(offsets.size()) + " rows", std::to_string(rows + 1));
  check.require(offsets.front() == 0, 0, std::to_string(offsets.front()), "0");
  for (std::size_t i = 1; i <= rows; ++i)
    check.require(offsets[i] >= offsets[i - 1], i,
                  std::to_string(offsets[i]) + " after " + std::to_string(offsets[i - 1]), "no smaller number");
  check.require(offsets.back() == values, rows, std::to_string(offsets.back()),
                std::to_string(values) + ", the rows it points into");
}

void checkVerdicts(const std::vector<std::uint8_t>& verdicts, const std::string& file, const char* column) {
  const RowCheck check(file, column);
  for (std::size_t i = 0; i < verdicts.size(); ++i)
    check.require(verdicts[i] <= 2, i, std::to_string(verdicts[i]), "0 wrong, 1 right, or 2 undecided");
}

void checkExamples(const LabelColumns& c, const std::string& file) {
  const RowCheck ids(file, "/examples/id");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < c.id.size(); ++i) {
    ids.require(!c.id[i].empty(), i, "an empty id", "text");
    ids.require(seen.insert(c.id[i]).second, i, "'" + c.id[i] + "' a second time", "each id once");
  }
  checkVerdicts(c.standardVerdict, file, "/examples/standard_verdict");
  checkOffsets(c.optionOffset, c.id.size(), c.option.size(), file, "/examples/option_offset");
}

void checkPrograms(const LabelColumns& c, int depth, const std::string& file) {
  checkVerdicts(c.verdict, file, "/programs/verdict");
  checkOffsets(c.offset, c.example.size(), c.layers.size(), file, "/programs/offset");
  const RowCheck examples(file, "/programs/example"), layers(file, "/programs/layers"),
      parents(file, "/programs/parent");
  for (std::size_t i = 0; i < c.layers.size(); ++i)
    layers.require(c.layers[i] < depth, i, std::to_string(c.layers[i]),
                   "a layer below the depth, " + std::to_string(depth));
  for (std::size_t i = 0; i < c.example.size(); ++i) {
    examples.require(c.example[i] < c.id.size(), i, std::to_string(c.example[i]), "a row of /examples");
    examples.require(i == 0 || c.example[i] >= c.example[i - 1], i, std::to_string(c.example[i]),
                     "programs in the order of their examples");
    parents.require(c.parent[i] >= -1, i, std::to_string(c.parent[i]), "the order of a program, or -1");
  }
}

LabelledProgram programAt(LabelColumns& c, std::size_t row, const std::string& file) {
  LabelledProgram labelled;
  labelled.program =
      Program(std::vector<LayerIndex>(c.layers.begin() + static_cast<std::ptrdiff_t>(c.offset[row]),
                                      c.layers.begin() + static_cast<std::ptrdiff_t>(c.offset[row + 1])));
  Evaluation& evaluation = labelled.evaluation;
  evaluation.executed = labelled.program.executed();
  evaluation.unique = labelled.program.unique();
  RowCheck(file, "/programs/executed")
      .require(c.executed[row] == evaluation.executed, row, std::to_string(c.executed[row]),
               std::to_string(evaluation.executed));
  RowCheck(file, "/programs/unique")
      .require(c.unique[row] == evaluation.unique, row, std::to_string(c.unique[row]),
               std::to_string(evaluation.unique));
  evaluation.verdict = static_cast<Verdict>(c.verdict[row]);
  evaluation.answerLogprob = c.answerLogprob[row];
  evaluation.margin = c.margin[row];
  evaluation.text = std::move(c.text[row]);
  evaluation.rule = std::move(c.rule[row]);
  evaluation.prefillLayerTokens = c.prefillLayerTokens[row];
  evaluation.decodeLayerTokens = c.decodeLayerTokens[row];
  labelled.order = c.order[row];
  labelled.parent = c.parent[row];
  labelled.origin = std::move(c.origin[row]);
  return labelled;
}

}  // namespace

std::string storable(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8Length(text, i);
    if (length == 0)
      result += "\xEF\xBF\xBD";
    else
      result.append(text, i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return result;
}

LabelColumns columnsOf(const std::vector<ExampleLabels>& examples, int depth) {
  if (depth < 1 || depth > 65535) throw std::logic_error("label store: depth " + std::to_string(depth));
  LabelColumns columns;
  columns.optionOffset.push_back(0);
  columns.offset.push_back(0);
  for (const ExampleLabels& labels : examples) {
    appendExample(columns, labels);
    for (const LabelledProgram& program : labels.programs) appendProgram(columns, program, depth);
  }
  return columns;
}

std::vector<ExampleLabels> examplesOf(LabelColumns c, int depth, const std::string& file) {
  checkExamples(c, file);
  checkPrograms(c, depth, file);
  std::vector<ExampleLabels> examples(c.id.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    Example& example = examples[i].example;
    example.id = std::move(c.id[i]);
    example.question = std::move(c.question[i]);
    example.answer = std::move(c.answer[i]);
    example.solution = std::move(c.solution[i]);
    if (c.level[i] != kNoLevel) example.level = c.level[i];
    example.subject = std::move(c.subject[i]);
    example.source = std::move(c.source[i]);
    for (std::uint64_t j = c.optionOffset[i]; j < c.optionOffset[i + 1]; ++j)
      example.options.push_back(std::move(c.option[j]));
    examples[i].split = std::move(c.split[i]);
    examples[i].standardVerdict = static_cast<Verdict>(c.standardVerdict[i]);
  }
  for (std::size_t row = 0; row < c.example.size(); ++row)
    examples[c.example[row]].programs.push_back(programAt(c, row, file));
  return examples;
}

}  // namespace polar
