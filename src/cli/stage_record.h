// What a stage's output is a function of, kept beside it: a later call resumes or skips where nothing changed, and is
// refused with the differing keys where something did.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace polar {

// Safe where several processes start the stage at once: the first one's record stands, and all are held to it.
class StageRecord {
 public:
  // `stage`: "search", "train", "eval". `keys`: every value that changes its output.
  // Throws InputError listing the differing keys where the run folder holds this stage with other values.
  StageRecord(std::filesystem::path runFolder, std::string stage, std::map<std::string, std::string> keys);

  // The record as it stands, whatever its keys: for commands that join what a run's shards made.
  static StageRecord stored(const std::filesystem::path& runFolder, const std::string& stage);

  const std::map<std::string, std::string>& keys() const { return keys_; }
  bool done() const { return done_; }
  void markDone();

  // Removes the stage's record (its outputs are the stage's own to remove).
  static void remove(const std::filesystem::path& runFolder, const std::string& stage);

 private:
  std::string text() const;

  std::filesystem::path file_;
  std::map<std::string, std::string> keys_;
  bool done_ = false;
};

}  // namespace polar
