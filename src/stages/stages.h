// The stages of an experiment: search, train, eval, report. Each resumes or skips what an earlier call of it finished.
#pragma once

#include <string>
#include <vector>

#include "stages/run_lock.h"
#include "stages/session.h"
#include "stages/shard.h"
#include "stages/stage_keys.h"
#include "stages/stage_record.h"
#include "eval/report/report.h"
#include "store/label_store.h"

namespace polar {

// What stands in a run folder.
//   .polar-run            marks the folder, and is locked while a command writes into it (RunLock)
//   config.yaml           the resolved config of the last call
//   search.keys.json …    what each stage's output is a function of (StageRecord)
//   labels/, labels.h5    oracle labels of the train questions, in parts and merged
//   oracle/, oracle.h5    … of the test questions, for the policy `oracle` alone
//   labels.log.jsonl, oracle.log.jsonl    what these searches did, and their clocks (SearchLog)
//   predictor/            predictor.safetensors, predictor.json, log.jsonl; value.safetensors, value.json,
//                         value_log.jsonl, calibration.json; the same below seed-N/ for further seeds
//   eval/SET.json         every executed trial of a set; until it is whole, SET.journal.jsonl (SetJournal)
//   report/               index.html, table.md, table.tex, table.csv, results.json, FIGURE.vl.json
struct RunPaths {
  explicit RunPaths(const std::filesystem::path& run);
  std::filesystem::path run, config, labelParts, labels, oracleParts, oracle, predictor, eval, report;
};

// Names that the YAML takes as free text, checked before anything is loaded or written. InputError with the known ones.
void checkNames(const ExperimentConfig& config);

// Opens the files that a search reads beside its questions: the menu, and what runtime.reuse names. InputError where
// one of them is not what it should be.
void checkSearchFiles(const Session& session, const LoadedSet& train);

// fresh (--fresh): what the stage and those behind it have written is removed.
enum class Start { resumed, fresh };

// A stage calls it when it has read all that it reads, so that bad input costs nothing that an earlier call made: makes the
// run folder, proves it writable, locks it, and removes what `start` says.
void prepareRun(const RunPaths& paths, const std::string& stage, Start start, RunLock& lock);

// The stage's record, looked at: to be claimed after prepareRun. InputError where it is of other keys and not to be removed.
StageRecord recordOf(const RunPaths& paths, const std::string& stage, StageKeys keys, Start start);

// Whether the test questions are searched as well, for the policy `oracle`.
bool searchesTest(const ExperimentConfig& config);

// Labels the shard's questions; the shard that finishes last joins the parts of all into labels.h5.
void searchStage(const Session& session, const RunPaths& paths, const Shard& shard, Start start, RunLock& lock);
void trainStage(const Session& session, const RunPaths& paths, Start start, RunLock& lock);
// Runs the policies whose rows are not there yet (eval_stage.cpp).
void evalStage(const Session& session, const RunPaths& paths, Start start, RunLock& lock);

// The labels that `polar COMMAND` writes; InputError where they are not there yet.
LabelFile requireLabels(const std::filesystem::path& file, const std::string& command);

// Joins the parts that shards left in a run folder into labels.h5 (and oracle.h5), in the order of the dataset; needs no
// model. InputError where questions are missing.
void mergeRun(const RunPaths& paths);

// Reads a run's finished stages and writes its report; needs no model. Returns it for printing.
Report reportStage(const RunPaths& paths);

}  // namespace polar
