#include "data/reader.h"

#include <algorithm>
#include <unordered_map>

#include "data/record.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"

namespace polar {
namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

void requireText(const std::optional<std::string>& value, const std::string& where, const std::string& field) {
  if (!value)
    throw InputError(where + ": " + field, "no such field", "a text", "see datasets/README.md for the format");
  if (trim(*value).empty()) throw InputError(where + ": " + field, "an empty text", "a text");
}

// GSM8K keeps the reference solution and, after the last "####", the final answer in one field.
void splitGsm8kAnswer(Record& record, const std::string& where) {
  const std::string whole = *record.answer;
  const std::size_t mark = whole.rfind("####");
  if (mark == std::string::npos) {
    throw InputError(where + ": answer", "no \"####\"", "GSM8K's \"#### 72\" at the end, as the record has no id",
                     "give each record an id if this is Polar's own format");
  }
  std::string last(trim(std::string_view(whole).substr(mark + 4)));
  last.erase(std::remove(last.begin(), last.end(), ','), last.end());
  record.answer = last;
  if (!record.solution) record.solution = whole;
}

void requireOption(const Record& record, const std::string& where) {
  const std::string& answer = *record.answer;
  const std::size_t count = std::min<std::size_t>(record.options.size(), 26);
  const bool known = answer.size() == 1 && answer[0] >= 'A' && static_cast<std::size_t>(answer[0] - 'A') < count;
  if (known) return;
  const char last = static_cast<char>('A' + count - 1);
  throw InputError(where + ": answer", "\"" + answer + "\"", std::string("the letter of an option, A to ") + last);
}

Example toExample(Record record, const std::string& where, const std::string& ownId) {
  requireText(record.question, where, "question");
  requireText(record.answer, where, "answer");
  if (!record.id) {
    splitGsm8kAnswer(record, where);
    requireText(record.answer, where, "answer");
    record.id = ownId;
  }
  requireText(record.id, where, "id");
  // Labels are stored by id, as text that ends at a NUL.
  if (record.id->find('\0') != std::string::npos)
    throw InputError(where + ": id", "a NUL character in it", "text without one");
  if (!record.options.empty()) requireOption(record, where);
  return {*record.id,
          *record.question,
          *record.answer,
          record.solution.value_or(""),
          record.level,
          record.subject.value_or(""),
          record.source.value_or(""),
          std::move(record.options)};
}

}  // namespace

std::vector<Example> readExamples(const std::filesystem::path& file, std::size_t limit) {
  const std::string content = readFile(file);
  std::string_view rest = content;
  std::vector<Example> examples;
  std::unordered_map<std::string, std::size_t> lineOfId;
  for (std::size_t number = 1; !rest.empty() && (limit == 0 || examples.size() < limit); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const std::string where = file.string() + ":" + std::to_string(number);
    Example example = toExample(parseRecord(line, where), where, file.stem().string() + "/" + std::to_string(number));
    const auto [earlier, fresh] = lineOfId.emplace(example.id, number);
    if (!fresh) {
      throw InputError(where + ": id", "\"" + example.id + "\", which line " + std::to_string(earlier->second) + " has",
                       "an id of its own for each record");
    }
    examples.push_back(std::move(example));
  }
  if (examples.empty()) throw InputError(file.string(), "no record", "one JSON object a line");
  return examples;
}

std::string normalisedQuestion(std::string_view question) {
  std::string text;
  for (const char c : trim(question)) {
    if (!isBlank(c)) {
      text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (text.back() != ' ') {
      text += ' ';
    }
  }
  return text;
}

bool inFraction(const Example& example, double fraction, std::uint64_t seed) {
  const std::uint64_t hash = stableHash(std::to_string(seed) + "\n" + normalisedQuestion(example.question));
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < fraction;
}

}  // namespace polar
