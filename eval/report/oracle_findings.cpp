#include "eval/report/oracle_findings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "eval/report/number_text.h"
#include "program/edit.h"

namespace polar {
namespace {

// A pool of programs of one question, and how many of them were right.
struct Pool {
  std::int64_t size = 0, right = 0;

  void add(bool isRight) {
    ++size;
    right += isRight;
  }
  // Probability that at least one of `count` drawn without replacement is right (hypergeometric).
  double chance(std::int64_t count) const {
    double none = 1;
    for (std::int64_t i = 0; i < std::min(count, size); ++i)
      none *= static_cast<double>(std::max<std::int64_t>(0, size - right - i)) / static_cast<double>(size - i);
    return 1 - none;
  }
};

// What one question's labels come to.
struct Question {
  std::optional<int> level;
  bool standard = false;            // the standard program is right
  Pool skips, loops, searched;      // skip-only and loop-only without, `searched` with the standard program
  bool shorter = false;             // a right program with fewer layers than the model
  std::optional<int> fewestLayers;  // of a right program
  std::vector<bool> samples;

  bool skipFound() const { return standard || skips.right > 0; }
  bool loopFound() const { return standard || loops.right > 0; }
  bool found() const { return standard || searched.right > 0; }
};

using Kinds = std::unordered_map<Program, ProgramKind>;  // only ever looked up

Question summarise(const ExampleLabels& labels, int depth, Kinds& kinds) {
  Question question;
  question.level = labels.example.level;
  question.standard = labels.standardVerdict == Verdict::right;
  for (const LabelledProgram& each : labels.programs) {
    const bool right = each.evaluation.right();
    if (each.isSample()) {
      question.samples.push_back(right);
      continue;
    }
    auto kind = kinds.find(each.program);
    if (kind == kinds.end()) kind = kinds.emplace(each.program, kindOf(each.program, depth)).first;
    question.searched.add(right);
    if (kind->second == ProgramKind::skipOnly) question.skips.add(right);
    if (kind->second == ProgramKind::loopOnly) question.loops.add(right);
    if (!right) continue;
    const int layers = each.program.executed();
    question.shorter |= layers < depth;
    question.fewestLayers = std::min(layers, question.fewestLayers.value_or(layers));
  }
  return question;
}

// A share of questions, with its interval.
struct Share {
  std::int64_t part = 0, whole = 0;

  void add(bool holds) {
    ++whole;
    part += holds;
  }
  double value() const { return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0; }
  std::string bare() const { return whole > 0 ? percent(value()) + " %" : "no questions"; }
  std::string text(double confidence) const {
    return whole > 0 ? bare() + " " + percentInterval(wilson(part, whole, confidence)) : bare();
  }
};

std::string count(const Share& share) { return " (n = " + std::to_string(share.whole) + ")"; }

template <typename Holds>
Share shareOf(const std::vector<Question>& questions, Holds holds) {
  Share share;
  for (const Question& question : questions) share.add(holds(question));
  return share;
}

template <typename Chance>
double meanOf(const std::vector<Question>& questions, Chance chance) {
  double sum = 0;
  for (const Question& question : questions) sum += chance(question);
  return sum / static_cast<double>(questions.size());
}

constexpr const char* kNotInPaper = "not given";

// Table 1 of the paper, Llama-3.2-3B-Instruct on DART-Math: standard program and skips with loops.
std::string paperAtLevel(int level) {
  static constexpr const char* kShares[] = {"37.9 %, 84.7 %", "28.1 %, 72.3 %", "23.2 %, 65.2 %", "22.8 %, 57.0 %",
                                            "27.1 %, 59.1 %"};
  if (level < 1 || level > 5) return kNotInPaper;
  return std::string(kShares[level - 1]) + " (Llama-3.2-3B, DART-Math level " + std::to_string(level) + ")";
}

using Findings = std::vector<Report::Finding>;

// Skip-only < loop-only < both (Table 1).
void addKinds(Findings& findings, const std::vector<Question>& questions, double confidence) {
  const Share standard = shareOf(questions, [](const Question& q) { return q.standard; });
  const Share skip = shareOf(questions, [](const Question& q) { return q.skipFound(); });
  const Share loop = shareOf(questions, [](const Question& q) { return q.loopFound(); });
  const Share all = shareOf(questions, [](const Question& q) { return q.found(); });
  findings.push_back({"Questions with a right program: the standard one, skip-only, loop-only, all that were searched",
                      "standard " + standard.text(confidence) + ", skip-only " + skip.text(confidence) +
                          ", loop-only " + loop.text(confidence) + ", all " + all.text(confidence) + count(all),
                      "37.9 %, 45.7 %, 54.9 %, 84.7 % (Llama-3.2-3B, DART-Math level 1)"});
  findings.push_back({"Does skip-only < loop-only < all hold?",
                      std::string(skip.part < loop.part && loop.part < all.part ? "yes" : "no") + ": " + skip.bare() +
                          ", " + loop.bare() + ", " + all.bare() + count(all),
                      "yes, in every model and level"});
}

// More programs find more, and a space of loops is larger than one of skips: the same question at equal counts.
void addKindsAtEqualCounts(Findings& findings, const std::vector<Question>& questions) {
  const auto count = [](const Question& q) { return std::min(q.skips.size, q.loops.size); };
  const double programs = meanOf(questions, [&](const Question& q) { return static_cast<double>(count(q)); });
  if (programs <= 0) return;
  const auto expected = [&](const Pool Question::* pool) {
    const double share =
        meanOf(questions, [&](const Question& q) { return q.standard ? 1 : (q.*pool).chance(count(q)); });
    return percent(share) + " %";
  };
  findings.push_back({"The same with equally many programs of each kind, drawn at random (expected share)",
                      "skip-only " + expected(&Question::skips) + ", loop-only " + expected(&Question::loops) +
                          ", all " + expected(&Question::searched) + " at " + fixed(programs, 1) +
                          " programs a question (n = " + std::to_string(questions.size()) + ")",
                      kNotInPaper});
}

void addShorter(Findings& findings, const std::vector<Question>& questions, double confidence) {
  Share shorter, corrected, rescued;
  for (const Question& question : questions) {
    if (question.standard) {
      shorter.add(question.shorter);
    } else {
      corrected.add(question.shorter);
      rescued.add(question.found());
    }
  }
  findings.push_back({"Of the questions the standard program answers rightly, those with a shorter right program",
                      shorter.text(confidence) + count(shorter), "75.5 %"});
  findings.push_back({"Of the questions it fails, those with a shorter right program",
                      corrected.text(confidence) + count(corrected), "36.2 %"});
  findings.push_back({"Of the questions it fails, those rescued by any program",
                      rescued.text(confidence) + count(rescued), kNotInPaper});
}

// Any set of tries finds something: the programs beside as many temperature samples of the standard program.
void addSamples(Findings& findings, const std::vector<Question>& questions, double confidence) {
  std::vector<Question> sampled;
  for (const Question& question : questions)
    if (!question.samples.empty()) sampled.push_back(question);
  if (sampled.empty()) return;
  std::size_t k = sampled.front().samples.size();
  for (const Question& question : sampled) k = std::min(k, question.samples.size());
  const auto tries = static_cast<std::int64_t>(k);
  const Share samples = shareOf(sampled, [&](const Question& q) {
    return std::any_of(q.samples.begin(), q.samples.begin() + tries, [](bool right) { return right; });
  });
  const double programs = meanOf(sampled, [&](const Question& q) { return q.searched.chance(tries); });
  const std::string name = std::to_string(k);
  findings.push_back({"Chance: at least one right among " + name + " temperature samples of the standard " +
                          "program, and among " + name + " of the searched programs drawn at random (expected share)",
                      "samples " + samples.text(confidence) + ", programs " + percent(programs) + " %" + count(samples),
                      kNotInPaper});
}

void addLevels(Findings& findings, const std::vector<Question>& questions, double confidence) {
  std::map<int, std::vector<Question>> levels;
  for (const Question& question : questions)
    if (question.level) levels[*question.level].push_back(question);
  if (levels.empty()) return;
  std::vector<Share> shares;
  std::string shown;
  for (const auto& [level, own] : levels) {
    const Share standard = shareOf(own, [](const Question& q) { return q.standard; });
    shares.push_back(shareOf(own, [](const Question& q) { return q.found(); }));
    Share found;
    double layers = 0;
    for (const Question& question : own) {
      found.add(question.fewestLayers.has_value());
      layers += question.fewestLayers.value_or(0);
    }
    std::string measured = "standard " + standard.text(confidence) + ", any program " + shares.back().text(confidence);
    if (found.part > 0)
      measured +=
          ", shortest right program " + fixed(layers / static_cast<double>(found.part), 1) + " layers on average";
    findings.push_back({"Level " + std::to_string(level) + ": questions with a right program",
                        measured + count(standard), paperAtLevel(level)});
    shown += (shown.empty() ? "" : ", ") + shares.back().bare();
  }
  if (shares.size() < 2) return;
  const bool falls = std::is_sorted(shares.begin(), shares.end(),
                                    [](const Share& a, const Share& b) { return a.value() > b.value(); });
  findings.push_back({"Does the share with a right program never rise with the level?",
                      (falls ? "yes: " : "no: ") + shown,
                      "84.7, 72.3, 65.2, 57.0, 59.1 % (Llama-3.2-3B); falls throughout in the other three models"});
}

}  // namespace

std::vector<Report::Finding> oracleFindings(const std::vector<ExampleLabels>& labels, int depth, double confidence) {
  if (labels.empty()) return {};
  Kinds kinds;
  std::vector<Question> questions;
  for (const ExampleLabels& each : labels) questions.push_back(summarise(each, depth, kinds));
  Findings findings;
  addKinds(findings, questions, confidence);
  addKindsAtEqualCounts(findings, questions);
  addShorter(findings, questions, confidence);
  addSamples(findings, questions, confidence);
  addLevels(findings, questions, confidence);
  return findings;
}

}  // namespace polar
