// The rows of an evaluation, and a policy's summary of them: what
// every figure, table and test of a report is drawn from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eval/policy_name.h"
#include "grading/grader.h"
#include "support/origin.h"
#include "support/statistics.h"

namespace polar {

// One executed program of one policy on one example.
struct Trial {
  std::string program;  // text form
  Verdict verdict = Verdict::undecided;
  int executed = 0, unique = 0;
  std::string text;
  // Of all runs that the answer took: prefixes that they share once, decoding for each (Evaluation has one run's).
  std::int64_t prefillLayerTokens = 0, decodeLayerTokens = 0;
};

// One policy on one example: its ranked programs, all executed.
struct Row {
  std::string exampleId;
  std::optional<int> level;
  std::vector<Trial> trials;             // rank order
  std::int64_t choosingLayerTokens = 0;  // without the layers read of the prompt that the answer's programs begin with
  std::optional<double> seconds = {};    // wall-clock of choosing and of the first choice's answer, if measured
};

struct PolicyResult {
  std::string policy;  // policy_name.h
  bool usesAnswer = false;
  std::vector<Row> rows;                  // in the order of the set's examples
  std::string settings = {};              // Policy::settings
  std::optional<std::int64_t> seed = {};  // of the training or the draw, where several are in the record
  std::optional<double> price = {};       // of a layer, where the policy weighs accuracy against layers
  std::string key = {};  // what its rows are a function of, beside what all of the run's are; empty in older files
};

struct SetResult {
  std::string name;
  bool inDistribution = false;
  int depth = 0;               // of the model: says which program is the standard one
  std::int64_t available = 0;  // examples in the file; more than were run = partial
  std::vector<PolicyResult> policies;
  std::int64_t leftOut = 0;          // examples of the file left out as repeats of others
  std::vector<Origin> origins = {};  // what computed it, each once; empty in older files
  bool olderCounts = false;          // layer-tokens hold the reference answer's too, and shared prefixes for each run
  bool fullChoosing = false;         // choosing holds layers that programs begin with, and some policy reads to choose
  std::vector<PolicyResult> aside =
      {};  // not asked for any more: kept, so that asking again runs nothing; in no report
};

// One line of the report's table, from a PolicyResult and the standard program's on the same examples.
struct Summary {
  std::string set, policy;
  PolicyName name;  // `policy` in parts, with the record's own seed and price
  bool inDistribution = false, usesAnswer = false;
  std::int64_t n = 0, right = 0, undecided = 0;
  double accuracy = 0;  // pass@1
  Interval interval;
  bool paired = false;          // the five below hold: the set ran policy "standard" too, and this is another
  double difference = 0;        // of the share right to the standard program's, on the examples both ran
  Interval differenceInterval;  // Newcombe's, for paired shares
  double mcnemarP = 1;
  std::int64_t gained = 0, lost = 0;  // discordant pairs: only this policy right, only the standard program right
  double executed = 0, unique = 0;    // mean layers of the first choice
  std::map<int, std::int64_t> executedCounts, uniqueCounts;  // layers → first choices
  std::optional<double> seconds;  // mean wall-clock per answer, over the questions where it was measured
  double prefillLayerTokens = 0, decodeLayerTokens = 0, choosingLayerTokens = 0;  // means per question
  double totalLayerTokens = 0;                                                    // their sum: the cost of an answer
  std::optional<double> costRatio;  // of the total to the standard program's, on the questions both ran
  std::vector<double> passAt;       // pass@1 … pass@k: share with any right among the first k (k = most ranked)
  double standardShare = 0;         // how often the first choice is the standard program (collapse)
  std::int64_t distinct = 0;        // distinct first choices
  double entropy = 0;               // of first choices, bits
  std::string commonest;            // first choice made most often (ties: text order)
  double commonestShare = 0;
  std::vector<std::pair<int, std::pair<std::int64_t, std::int64_t>>> perLevel;  // level → right, n
};

// Whether the first choice is right.
bool firstRight(const Row& row);
// What the first choice's answer costs in all, choosing included.
std::int64_t totalLayerTokens(const Row& row);

// One summary a policy, in the set's order.
std::vector<Summary> summarise(const SetResult& set, double confidence);

// JSON of raw results (eval/NAME.json in the run folder), a row of a policy a line; written atomically and read back by
// `polar report`. Generated text is kept for reading: bytes that are no UTF-8 become U+FFFD. Reading throws InputError
// naming the file and the member that is missing, of another type or out of range.
void writeSetResult(const std::filesystem::path& file, const SetResult& set);
SetResult readSetResult(const std::filesystem::path& file);
// Whether a file starts as writeSetResult writes it.
bool isSetResult(const std::filesystem::path& file);

}  // namespace polar
