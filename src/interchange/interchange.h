// The field's label files: merged_mcts_samples.json of PoLar and RE-PoLar in and out, Dr.LLM's results file in.
// Their fields and variants are listed at readPolarSamples and readDrllmResults.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "store/label_store.h"

namespace polar {

// One sample of a foreign file. Programs are held as they are there; layers are checked against 0 … 65534.
struct ForeignSample {
  std::string where;  // "FILE: sample 17", for messages
  Example example;    // id empty where the file has none
  std::optional<bool> standardRight;
  struct Entry {
    Program program;
    Verdict verdict;
    std::string where;  // "final_valid_transitions[3]"
  };
  std::vector<Entry> programs;
};

// The field's files have up to some hundred megabytes; read, they take several times as much memory.
inline constexpr std::size_t kMostForeignText = std::size_t{1} << 30;

// JSON text of at most kMostForeignText bytes, gunzipped where it is packed. InputError (file, place) on damage and as
// support/json.h says.
nlohmann::json readForeignJson(const std::filesystem::path& file);

// merged_mcts_samples.json. Samples: the list `samples`, the top-level list, or the values of the top-level object.
//   question     `question` or `sample_info.question`; text, or {question, options, category}
//   answer       `gt_ans`, `ground_truth`, `answer`, the same in `sample_info`; \boxed{…} is taken off; an integer is
//                an option's index where there are options
//   programs     `final_valid_transitions`, `final_invalid_transitions`, and `undecided_transitions`, which only Polar
//                writes; each may be absent
//   standard     `initial_score`, `initial_transition_metric`, `evaluation_result.initial_score`
//   id, level    `query_id`, `sample_info.query_id`; `level`, or 4 from a path with diff-4
// Unknown fields are passed over.
std::vector<ForeignSample> readPolarSamples(const nlohmann::json& json, const std::filesystem::path& file);

// Dr.LLM's {dataset}_results_{time}.json: lists of one length, `questions`, `best_response` (the reference answer),
// `good_paths` (right programs), `best_path` (right where `mcts_correct`), `original_correct`. `path_lengths`,
// `unique_layers` and `improved_cases` follow from these and are passed over.
std::vector<ForeignSample> readDrllmResults(const nlohmann::json& json, const std::filesystem::path& file);

// Whether the object is Dr.LLM's (columns) rather than PoLar's (samples).
bool looksLikeDrllm(const nlohmann::json& json);

struct ImportSummary {
  int depth = 0;
  bool depthInferred = false;
  std::size_t programs = 0, renamed = 0, contradictingStandard = 0;
};

// Labels as Polar stores them: origin "import", rule "import", no log-probability and no margin (NaN), no text. A
// second sample of one id gets "ID#2". depth 0: the largest layer index plus one. InputError names sample and index
// where a program leaves the depth or is in both lists.
LabelFile labelsOf(std::vector<ForeignSample> samples, const std::filesystem::path& file, int depth,
                   ImportSummary& summary);

struct ExportOptions {
  bool parseableByPolar = false;  // only programs of segments of at most 4 layers that repeat at most once
  std::optional<int> level;       // only examples of this level: the field keeps a file for each
};

struct ExportSummary {
  std::size_t samples = 0, programs = 0, unparseable = 0, temperatureSamples = 0;
};

// merged_mcts_samples.json with the fields above; programs in the order in which they were asked for. Temperature
// samples are no programs of the search, and are left out.
std::string polarSamplesJson(const LabelFile& labels, const ExportOptions& options, ExportSummary& summary);

}  // namespace polar
