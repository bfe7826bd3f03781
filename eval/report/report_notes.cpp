#include "eval/report/report_notes.h"

#include <algorithm>
#include <set>

#include "eval/report/number_text.h"
#include "eval/report/report_tables.h"

namespace polar {
namespace {

bool anySummary(const Report& report, bool (*holds)(const Summary&)) {
  return std::ranges::any_of(report.summaries, holds);
}

// "13 policies of test, 4 of ood": how many tests are corrected together.
std::string testedPolicies(const Report& report) {
  std::vector<std::pair<std::string, int>> counts;
  for (const PooledSummary& one : report.pooled) {
    if (!one.holmP) continue;
    if (counts.empty() || counts.back().first != one.set) counts.emplace_back(one.set, 0);
    ++counts.back().second;
  }
  std::string text;
  for (const auto& [set, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + (text.empty() ? " policies of " : " of ") + set;
  return text;
}

void addTests(const Report& report, std::vector<std::string>& notes) {
  notes.push_back(
      "Δ points compares with the standard program on the same questions. For one seed p is McNemar's exact "
      "two-sided one, and the interval of Δ Newcombe's for paired shares.");
  if (hasSeeds(report))
    notes.push_back(
        "Seeds of a policy answer the same questions and are no experiments of their own: a policy with "
        "several has one line and one test. Its Δ is the mean over seeds; a question, with all its seeds, "
        "is one observation. p is that of the exact two-sided sign-flip test over questions, the interval "
        "of Δ a bootstrap over questions (10,000 resamples, percentiles).");
  if (const std::string tested = testedPolicies(report); !tested.empty())
    notes.push_back("p (Holm) holds for all policies of a set together, by Holm's correction: " + tested +
                    ". Judge by it where you look for any difference in the table; p alone is of one comparison.");
}

void addCosts(const Report& report, std::vector<std::string>& notes) {
  notes.push_back(
      "Layer-tokens are layer executions × tokens, the mean per question of all that an answer takes: prefill "
      "of the prompt, decoding, and choosing the program; the answer counts as not known. Where an answer "
      "takes several runs, layers that their programs begin with alike are prefilled once, and each run "
      "decodes. So it is with layers that choosing runs over the prompt and the program begins with; a policy "
      "that decides while its program runs (drllm, early_exit) chooses at no further layer.");
  notes.push_back(
      "× standard is a policy's layer-tokens divided by the standard program's. Executed layers are the "
      "layers of all programs that an answer runs, without those read to choose.");
  if (anySummary(report, [](const Summary& one) { return one.name.price.has_value(); }))
    notes.push_back(
        "A layer price is the share of right answers that as many layer-tokens as the standard program's "
        "answer must be worth.");
  if (anySummary(report, [](const Summary& one) { return one.seconds.has_value(); }))
    notes.push_back(
        "Seconds per answer are wall-clock for choosing and for the first choice's answer, one question "
        "at a time, over the questions that were timed. They differ from run to run; nothing else here does.");
}

}  // namespace

std::vector<std::string> reportNotes(const Report& report) {
  std::vector<std::string> notes = {
      "pass@1 is the share of questions that a policy's first choice answers, every verdict from running the program; "
      "its interval is Wilson's at " +
      confidenceText(report.confidence) +
      (hasSeeds(report)
           ? ". Of several seeds it is their mean, and in place of the interval come the least and the most."
           : ".")};
  addTests(report, notes);
  addCosts(report, notes);
  if (const std::size_t k = mostRanked(report); k > 1)
    notes.push_back("pass@" + std::to_string(k) + " counts a question where any of the first " + std::to_string(k) +
                    " programs is right. A policy does not know which one: compare it with the same k of random "
                    "programs, never with a pass@1. A policy of one program has none.");
  if (anySummary(report, [](const Summary& one) { return one.usesAnswer; }))
    notes.push_back(
        "A policy marked “uses the answer” chooses by the reference answer of the question under test: an "
        "upper bound for methods, not a method. It is not among the tests that are corrected, and what its "
        "search cost is not counted.");
  notes.insert(notes.end(), report.remarks.begin(), report.remarks.end());
  return notes;
}

}  // namespace polar
