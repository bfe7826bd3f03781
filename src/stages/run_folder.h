// The folder of a run, and how a stage begins to write into it.
#pragma once

#include <filesystem>
#include <string>

#include "config/stage.h"
#include "stages/run_lock.h"
#include "stages/stage_keys.h"
#include "stages/stage_record.h"
#include "store/label_store.h"

namespace polar {

// What a run folder holds.
//   .polar-run            marks the folder, and is locked while a command writes into it (RunLock)
//   config.yaml           the resolved config of the last call
//   search.keys.json …    what each stage's output is a function of (StageRecord)
//   labels/, labels.h5    oracle labels of the train questions, in parts and merged
//   oracle/, oracle.h5    … of the test questions, for the policy `oracle` alone
//   labels.log.jsonl, oracle.log.jsonl    what these searches did, and their clocks (SearchLog)
//   predictor/            predictor.safetensors, predictor.json, log.jsonl; value.safetensors, value.json,
//                         value_log.jsonl, calibration.json; chooser.… and distilled.… with NAME_calibration.json; the
//                         same below seed-N/ for further seeds
//   eval/SET.json         every executed trial of a set; until it is whole, SET.journal.jsonl (SetJournal)
//   report/               index.html, table.md, table.tex, table.csv, results.json, FIGURE.vl.json
struct RunPaths {
  explicit RunPaths(const std::filesystem::path& run);
  std::filesystem::path run, config, labelParts, labels, oracleParts, oracle, predictor, eval, report;
};

// fresh (--fresh): what the stage and those after it have written is removed.
enum class Start { resumed, fresh };

// A stage calls it when it has read all that it reads, so that bad input costs nothing that an earlier
// call made: makes the run folder, proves it writable, locks it, and removes what `start` says.
void prepareRun(const RunPaths& paths, Stage stage, Start start, RunLock& lock);

// A record of the run folder, looked at: to be claimed after prepareRun. InputError where it is of other
// keys and not to be removed. `name`: the stage's, or that of one of its parts ("oracle", "train-value").
StageRecord recordOf(const RunPaths& paths, const std::string& name, StageKeys keys, Start start);

// The labels that `polar COMMAND` writes; InputError where they are not there yet.
LabelFile requireLabels(const std::filesystem::path& file, const std::string& command);

}  // namespace polar
