// The stages of an experiment in their order. Each resumes or skips what an earlier call of it finished.
#pragma once

#include <span>

#include "stages/run_folder.h"
#include "stages/session.h"
#include "stages/shard.h"

namespace polar {

// What a stage is called with.
struct StageCall {
  const Session& session;
  const RunPaths& paths;
  const Shard& shard;  // of the search; the other stages are not divided
  Start start = Start::resumed;
  RunLock& lock;
};

struct StageEntry {
  Stage stage;
  void (*run)(const StageCall& call);
};

// search, train, eval, report.
std::span<const StageEntry> stages();

// Names that the YAML takes as free text, checked before anything is loaded or written. InputError with the known ones.
void checkNames(const ExperimentConfig& config);

}  // namespace polar
