#include "search/inspect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <map>
#include <sstream>
#include <vector>

#include "support/error.h"
#include "support/printable.h"

namespace polar {
namespace {

bool found(const ExampleLabels& labels) {
  return std::any_of(labels.programs.begin(), labels.programs.end(),
                     [](const LabelledProgram& each) { return !each.isSample() && each.evaluation.right(); });
}

std::string share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "none";
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << 100.0 * static_cast<double>(part) / static_cast<double>(whole) << " % ("
       << part << " of " << whole << ")";
  return text.str();
}

std::string oneLine(const std::string& lines) {
  std::string text;
  for (const char c : lines) text += c == '\n' ? std::string("; ") : std::string(1, c);
  return text;
}

// Questions, those that the standard program answers rightly, and those with any right program.
struct Count {
  std::int64_t n = 0, standard = 0, found = 0;

  void add(const ExampleLabels& labels) {
    ++n;
    standard += labels.standardVerdict == Verdict::right;
    found += polar::found(labels);
  }
};

void writeCounts(std::ostream& out, const LabelFile& file) {
  std::map<std::string, std::int64_t> splits;
  std::array<std::int64_t, 3> verdicts{};
  std::int64_t programs = 0, samples = 0;
  for (const ExampleLabels& labels : file.examples) {
    ++splits[labels.split];
    for (const LabelledProgram& each : labels.programs) {
      (each.isSample() ? samples : programs) += 1;
      if (!each.isSample()) ++verdicts.at(static_cast<std::size_t>(each.evaluation.verdict));
    }
  }
  const LabelProvenance& from = file.provenance;
  const std::string format = from.weightsFormat.empty() ? "" : " (" + printable(from.weightsFormat) + ")";
  out << "model      depth " << from.depth << ", " << printable(from.dtype) << " on " << printable(from.device)
      << ", weights " << printable(from.weightsSha256.substr(0, 12)) << format << "\n"
      << "labels     fingerprint " << printable(from.fingerprint.substr(0, 12)) << ", prompt "
      << printable(from.promptTemplate) << ", grader " << printable(from.graderVersion) << ", seed " << from.seed
      << "\n"
      << (from.computedOn.empty() ? "" : "computed   on " + printable(oneLine(from.computedOn)) + "\n") << "examples   "
      << file.examples.size();
  for (const auto& [split, count] : splits) out << ", " << printable(split) << " " << count;
  out << "\nprograms   " << programs << " searched, " << samples << " temperature samples of the standard program\n";
  for (const Verdict verdict : {Verdict::right, Verdict::wrong, Verdict::undecided})
    out << std::left << std::setw(11) << name(verdict)
        << share(verdicts.at(static_cast<std::size_t>(verdict)), programs) << "\n";
}

void writeFound(std::ostream& out, const LabelFile& file) {
  Count all;
  std::map<std::optional<int>, Count> levels;
  for (const ExampleLabels& labels : file.examples) {
    all.add(labels);
    levels[labels.example.level].add(labels);
  }
  const auto line = [&](const std::string& title, const Count& count) {
    out << std::left << std::setw(11) << title << "standard right " << share(count.standard, count.n)
        << ", any program right " << share(count.found, count.n) << "\n";
  };
  out << "\nQuestions answered\n";
  line("all", all);
  if (levels.size() == 1 && !levels.begin()->first) return;
  for (const auto& [level, count] : levels) line(level ? "level " + std::to_string(*level) : "no level", count);
}

void writeLengths(std::ostream& out, const LabelFile& file) {
  std::map<int, std::int64_t> lengths;
  std::int64_t most = 0;
  for (const ExampleLabels& labels : file.examples)
    for (const LabelledProgram& each : labels.programs)
      if (!each.isSample() && each.evaluation.right()) most = std::max(most, ++lengths[each.program.executed()]);
  out << "\nValid programs by executed layers\n";
  if (lengths.empty()) out << "none\n";
  for (const auto& [length, count] : lengths) {
    const auto bar = static_cast<std::size_t>(std::ceil(40.0 * static_cast<double>(count) / static_cast<double>(most)));
    out << std::right << std::setw(6) << length << std::setw(10) << count << "  " << std::string(bar, '#')
        << (length == file.provenance.depth ? "  (as many as the model has)" : "") << "\n";
  }
}

void writeBestPrograms(std::ostream& out, const LabelFile& file) {
  struct Valid {
    std::int64_t right = 0, tried = 0;
  };
  std::map<Program, Valid> programs;
  for (const ExampleLabels& labels : file.examples)
    for (const LabelledProgram& each : labels.programs) {
      if (each.isSample()) continue;
      Valid& valid = programs[each.program];
      ++valid.tried;
      valid.right += each.evaluation.right();
    }
  std::vector<std::pair<Program, Valid>> ranked(programs.begin(), programs.end());
  // Stable: programs that are valid on equally many examples stay in the order of their layers.
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second.right > b.second.right; });
  std::erase_if(ranked, [](const auto& each) { return each.second.right == 0; });
  ranked.resize(std::min<std::size_t>(10, ranked.size()));
  out << "\nPrograms valid on most examples\n";
  if (ranked.empty()) out << "none\n";
  for (const auto& [program, valid] : ranked)
    out << std::left << std::setw(24) << program.text() << " right on " << share(valid.right, valid.tried)
        << (program == Program::standard(file.provenance.depth) ? "  standard program" : "") << "\n";
}

constexpr std::size_t kMostText = 2000;  // characters of a question or of what a model wrote

std::string quoted(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return "\"" + printable(escaped, kMostText) + "\"";
}

void writeExample(std::ostream& out, const ExampleLabels& labels) {
  const Example& example = labels.example;
  out << "\nExample " << printable(example.id) << "\n"
      << "question   " << quoted(example.question) << "\n"
      << "answer     " << quoted(example.answer) << "\n"
      << "split      " << printable(labels.split);
  if (example.level) out << ", level " << *example.level;
  if (!example.subject.empty()) out << ", " << printable(example.subject);
  out << "\nstandard   " << name(labels.standardVerdict) << "\n\n"
      << " order parent origin     layers verdict    log p  margin  program, generated text\n";
  for (const LabelledProgram& each : labels.programs) {
    const Evaluation& evaluation = each.evaluation;
    out << std::right << std::setw(6) << each.order << std::setw(7) << each.parent << " " << std::left << std::setw(10)
        << printable(each.origin) << std::right << std::setw(7) << each.program.executed() << " " << std::left
        << std::setw(9) << name(evaluation.verdict) << std::right << std::fixed << std::setprecision(3) << std::setw(7)
        << evaluation.answerLogprob << " " << std::setw(7) << evaluation.margin << "  " << each.program.text() << "  "
        << quoted(evaluation.text) << "\n";
  }
}

const ExampleLabels& exampleNamed(const LabelFile& file, const std::string& id) {
  std::vector<std::string> ids;
  for (const ExampleLabels& labels : file.examples) {
    if (labels.example.id == id) return labels;
    ids.push_back(labels.example.id);
  }
  const std::string nearest = nearestName(id, ids);
  throw InputError("example '" + printable(id) + "'", "no labels of it",
                   "the id of one of the " + std::to_string(ids.size()) + " labelled examples",
                   nearest.empty() ? "" : "did you mean '" + printable(nearest) + "'?");
}

}  // namespace

std::string inspectLabels(const LabelFile& labels, const std::optional<std::string>& exampleId) {
  const ExampleLabels* one = exampleId ? &exampleNamed(labels, *exampleId) : nullptr;
  std::ostringstream out;
  writeCounts(out, labels);
  writeFound(out, labels);
  writeLengths(out, labels);
  writeBestPrograms(out, labels);
  if (one) writeExample(out, *one);
  return out.str();
}

}  // namespace polar
