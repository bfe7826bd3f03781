#include "stages/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <utility>

#include "support/command_line.h"
#include "support/error.h"
#include "support/files.h"
#include "support/process_file.h"
#include "support/progress.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = ".polar-run";
constexpr const char* kMarkText = "A run folder of Polar. Its commands lock this file while they write beside it.\n";
constexpr const char* kInUse = "in-use";

bool isHolderFile(const std::string& name) {
  return name.starts_with("." + std::string(kInUse) + "-") && name.ends_with(".tmp");
}

// "polar search, process 123 on host node7, for 3 m 20 s", from .in-use-node7-123.tmp.
std::string holderInWords(const fs::path& file) {
  const std::string name = file.stem().string().substr(std::string(kInUse).size() + 2);
  const std::size_t dash = name.rfind('-');
  std::string command;
  std::ifstream in(file);
  std::getline(in, command);
  std::error_code gone;
  const auto since = fs::last_write_time(file, gone);
  const double age = gone ? 0 : std::chrono::duration<double>(fs::file_time_type::clock::now() - since).count();
  return (command.empty() ? "polar" : command) + ", process " + name.substr(dash + 1) + " on host " +
         name.substr(0, dash) + ", for " + duration(std::max(0.0, age));
}

}  // namespace

bool isRunFolder(const fs::path& run) {
  std::error_code none;
  if (fs::exists(run / kMark, none)) return true;
  for (const auto& entry : fs::directory_iterator(run, none))
    if (entry.path().filename().string().ends_with(".keys.json")) return true;
  return false;
}

RunLock::RunLock(fs::path run, Use use) : run_(std::move(run)), use_(use) {
  const fs::path mark = run_ / kMark;
  descriptor_ = ::open(mark.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  // A report may be made of a run that only others may write.
  if (descriptor_ < 0) descriptor_ = ::open(mark.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor_ >= 0) take();
}

RunLock::~RunLock() {
  std::error_code ignored;
  if (!holder_.empty()) fs::remove(holder_, ignored);
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RunLock::claim() {
  requireWritableFolder(run_);
  if (descriptor_ >= 0) return;
  descriptor_ = ::open((run_ / kMark).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) cannotWrite(run_ / kMark);
  const std::string text = kMarkText;  // the same bytes, whoever is first
  if (::pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    cannotWrite(run_ / kMark);
  take();
}

void RunLock::take() {
  if (::flock(descriptor_, (use_ == Use::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      ::close(std::exchange(descriptor_, -1));
      refuse();
    }
    logLine(run_.string() + ": its file system knows no locks; see to it that no other process works on this run");
  }
  removeAbandoned(run_);
  const fs::path own = processFile(run_ / kInUse);
  std::ofstream out(own, std::ios::trunc);
  if (out << commandName() << "\n" << std::flush) holder_ = own;
}

void RunLock::refuse() const {
  removeAbandoned(run_);
  std::string holders;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(run_, none))
    if (isHolderFile(entry.path().filename().string()))
      holders += (holders.empty() ? "" : "; ") + holderInWords(entry.path());
  throw InputError(run_.string(), "it in use by " + (holders.empty() ? "another process" : holders),
                   "a run that no other process works on", "wait for it, stop it, or use another name=");
}

}  // namespace polar
