// Which part of the questions this process searches: from --shard, or from the engine that started it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/example.h"

namespace polar {

// Shard `index` of `count`, from 0 as ranks and `--array=0-7` count, takes every count-th example from `index` on:
// datasets are often sorted by level, and blocks would then take unequal time.
struct Shard {
  int index = 0, count = 1;
  int localRank = -1;  // among the processes of this machine; -1 = unknown
  std::string source;  // what said so: "--shard", "RANK and WORLD_SIZE"; empty = nothing did

  bool whole() const { return count == 1; }
  std::vector<Example> of(const std::vector<Example>& examples) const;
  // "shard 2 of 8 (counted from 0), by SLURM_PROCID and SLURM_NTASKS".
  std::string inWords() const;
};

// The value of an environment variable, or null.
using Environment = std::function<const char*(const char* name)>;

// `flag` is "2/8", or empty for what the environment says, innermost launcher first, since mpirun and torchrun run
// inside a Slurm job too:
//   torchrun        RANK, WORLD_SIZE                               local rank LOCAL_RANK
//   Open MPI        OMPI_COMM_WORLD_RANK, _SIZE                    OMPI_COMM_WORLD_LOCAL_RANK
//   Slurm, srun     SLURM_PROCID, SLURM_NTASKS                     SLURM_LOCALID
// (docs of torch.distributed.run; Open MPI's mpirun(1); srun(1) and sbatch(1), "OUTPUT ENVIRONMENT VARIABLES"). In a
// Slurm job array (SLURM_ARRAY_TASK_ID, _MIN, _COUNT, _STEP) each array task splits further into these ranks. The
// batch script itself carries SLURM_PROCID=0 beside the job's SLURM_NTASKS without being one of its tasks: it has no
// SLURM_STEP_ID, and counts as one process.
// InputError on a flag or variables that make no shard.
Shard shardOf(const std::string& flag, const Environment& environment);
Shard shardOf(const std::string& flag);  // with this process's environment

// The entry of CUDA_VISIBLE_DEVICES for a local rank: "2" of four GPUs, an entry of `visible` where that is set
// already. Empty where there is nothing to choose.
std::string visibleDevice(int localRank, const std::string& visible, int gpus);

// Makes device `cuda` this rank's GPU, before CUDA starts: by CUDA_VISIBLE_DEVICES, so that config and fingerprint are
// the same in every shard.
void pickDevice(const Shard& shard, const std::string& device);

}  // namespace polar
