// What a stage's output is a function of, kept beside it: a later call resumes or skips where nothing changed, and is
// refused with the differing keys where something did.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace polar {

// A stage looks first and claims last: a record is written only when all input is read and
// found good, so that a call that fails binds no later one. Safe where several processes
// start the stage at once: the first one's record holds, and all are held to it.
class StageRecord {
 public:
  // Looks, and writes nothing. `stage`: "search", "train", "eval". `keys`: every value that changes its output.
  // Throws InputError listing the differing keys where the run folder holds this stage with other values.
  StageRecord(std::filesystem::path runFolder, std::string stage, std::map<std::string, std::string> keys);

  // Writes the record where there is none, which the run folder must be there for; true
  // where it did. InputError as above where another process was faster with other keys.
  bool claim();

  // The record as it is, whatever its keys: for commands that join what a run's shards made.
  static StageRecord stored(const std::filesystem::path& runFolder, const std::string& stage);

  const std::map<std::string, std::string>& keys() const { return keys_; }
  const std::string& stage() const { return stage_; }
  bool done() const { return done_; }
  void markDone();

  // For a stage that starts anew (--fresh): not done, and held to no
  // record that is there; claim() writes it once that is removed.
  static StageRecord anew(std::filesystem::path runFolder, std::string stage, std::map<std::string, std::string> keys);

  static bool exists(const std::filesystem::path& runFolder, const std::string& stage);
  // Removes the stage's record (its outputs are the stage's own to remove).
  static void remove(const std::filesystem::path& runFolder, const std::string& stage);
  // … and those of all stages whose names start so: "train" has one for each thing that is trained.
  static void removeAll(const std::filesystem::path& runFolder, const std::string& prefix);

 private:
  StageRecord() = default;
  void readStored();
  std::string text() const;

  std::filesystem::path runFolder_, file_;
  std::string stage_;
  std::map<std::string, std::string> keys_;
  bool done_ = false;
};

}  // namespace polar
