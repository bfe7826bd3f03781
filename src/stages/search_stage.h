// polar search: oracle labels of the train questions, and of the test questions for the policy `oracle`.
#pragma once

#include "stages/run_folder.h"
#include "stages/session.h"
#include "stages/shard.h"

namespace polar {

// Whether the test questions are searched as well, for the policy `oracle`.
bool searchesTest(const ExperimentConfig& config);

// Opens the files that a search reads beside its questions: the menu, and what runtime.reuse names. InputError where
// one of them is not what it should be.
void checkSearchFiles(const Session& session, const LoadedSet& train);

// Labels the shard's questions; the shard that finishes last joins the parts of all into labels.h5.
void searchStage(const Session& session, const RunPaths& paths, const Shard& shard, Start start, RunLock& lock);

// Joins the parts that shards left in a run folder into labels.h5 (and oracle.h5), in
// the order of the dataset; needs no model. InputError where questions are missing.
void mergeRun(const RunPaths& paths);

}  // namespace polar
