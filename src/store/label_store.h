// Oracle labels in HDF5, schema 1 (src/store/FORMAT.md): immutable parts, merged into labels.h5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "data/example.h"
#include "evaluation/evaluation.h"
#include "program/program.h"

namespace polar {

inline constexpr int kSchemaVersion = 1;

inline constexpr const char* kSampleOrigin = "sample";  // a temperature sample of the standard program

// One program of one example, with what running it gave.
struct LabelledProgram {
  Program program;
  Evaluation evaluation;
  std::uint32_t order = 0;   // rank in which the strategy asked for it, from 0
  std::int32_t parent = -1;  // order of the program it was made from, or -1
  std::string origin;        // strategy or stage that proposed it: "standard", "enumerate", "sample", …

  // Says nothing about the program's greedy answer, and is no program of the search.
  bool isSample() const { return origin == kSampleOrigin; }
};

// All labels of one example.
struct ExampleLabels {
  Example example;
  Verdict standardVerdict = Verdict::undecided;
  std::string split;  // "train" or "validation"
  std::vector<LabelledProgram> programs;
};

// Root attributes: what the labels are a function of. Keys that change results are in `fingerprint`.
struct LabelProvenance {
  int depth = 0;
  std::string fingerprint;  // SHA-256 over every config key that changes results, and the hashes below
  std::string config;       // the whole resolved config, YAML
  std::string toolVersion, gitRevision;
  std::string weightsSha256, tokenizerSha256, dataSha256;
  std::string promptTemplate, dtype, device, graderVersion;
  std::uint64_t seed = 0;
  // Where the labels were computed, in what decides their bits: processor, libtorch. One a line, sorted,
  // each once: a part has one, a merged file those of its parts. Empty in files of earlier versions.
  std::string computedOn;
  std::string
      weightsFormat;  // how the checkpoint stores its weights: "safetensors, BF16", "GGUF, Q4_1"; empty: not recorded
  // Near-duplicates left out before the search (data/near_duplicates.h): of the train
  // set, of test questions; of a test set, of its own. Below 0: not recorded.
  std::int32_t leftOut = -1;
};

// Appends examples to an open part and commits it as labels/part-NNNNNN.h5: made in memory, written to a
// temporary name, synced, reopened and compared with what was to be written, renamed, folder synced. A kill
// loses at most the open part; several processes (shards) may write into one folder. Not thread-safe, and
// nothing else of this header may run at the same time in the process: HDF5 is not thread-safe.
class LabelWriter {
 public:
  // `folder` is the run's labels folder, made if absent. Parts already there stay; numbering goes on after them.
  // InputError where its parts carry another fingerprint (naming it) or the folder cannot be written.
  LabelWriter(std::filesystem::path folder, LabelProvenance provenance);

  // Ids of the examples in committed parts: what a resumed run need not do again.
  const std::vector<std::string>& committed() const { return committed_; }
  // Each id once, over this part and the committed ones; a second time is a std::logic_error (a bug).
  void add(ExampleLabels labels);
  std::size_t pending() const { return open_.size(); }
  // Writes what was added since the last commit as one part. No-op where there is nothing. InputError where the disk
  // refuses; then no part is left, and what was added stays pending.
  void commit();

 private:
  std::filesystem::path folder_;
  LabelProvenance provenance_;
  std::vector<std::string> committed_;
  std::set<std::string> ids_;  // committed and open
  std::vector<ExampleLabels> open_;
  int nextPart_ = 1;
};

struct LabelFile {
  LabelProvenance provenance;
  std::vector<ExampleLabels> examples;
};

// A part or a merged file. InputError (file, dataset, found, expected) on anything that is not whole schema-1 content:
// the SHA-256 in front is checked before HDF5 sees a byte. Evaluation::executed and unique are those of the program.
LabelFile readLabels(const std::filesystem::path& file);

// Root attributes only.
LabelProvenance readProvenance(const std::filesystem::path& file);

// Ids of the examples in the committed parts of a labels folder, sorted, each once: what all shards have done so far.
std::vector<std::string> storedIds(const std::filesystem::path& folder);

// Joins the parts of a labels folder into `output`, examples in the order of `exampleIds` (all must be
// present where the list is given, and others are left out; else all, sorted by id): the bytes do not
// depend on how the parts were cut or when they were written. An example may be in two parts where its
// labels are the same. The provenance is the first part's, computed on all machines of the parts; a
// line on stderr names them where there are several. InputError where fingerprints differ.
void mergeParts(const std::filesystem::path& folder, const std::filesystem::path& output,
                const std::vector<std::string>& exampleIds);

// One schema-1 file, written atomically. In texts, bytes that are not UTF-8 (a generation may end inside a character)
// and NUL become U+FFFD; ids must be UTF-8 without NUL (InputError).
void writeLabels(const std::filesystem::path& file, const LabelFile& labels);

}  // namespace polar
