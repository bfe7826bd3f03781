// A run folder is marked as Polar's and locked while a command writes into it.
#pragma once

#include <filesystem>

namespace polar {

// shared: the shards of one search beside each other, and commands that only read. exclusive: all others.
enum class Use { shared, exclusive };

// The lock is flock(2) on the folder's file .polar-run, which also marks the folder as a run's. The kernel
// gives it back when a process ends, however that happens, so none is left over by a kill. On NFS, Linux
// hands flock on to the server (NFS 4, or NFS 3 with its lock service), so it holds between machines too.
// Where a file system knows no locks, a line says so and the command goes on without one.
//
// Who holds it says a file .in-use-HOST-PID.tmp for each holder: for messages alone.
class RunLock {
 public:
  // Takes the lock at once where the folder is marked. InputError that names the holder where another process has it.
  RunLock(std::filesystem::path run, Use use);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  // Makes the folder and its mark where they are missing, proves the
  // folder writable, and takes the lock where it is not held yet.
  void claim();

 private:
  void take();
  [[noreturn]] void refuse() const;

  std::filesystem::path run_, holder_;
  Use use_;
  int descriptor_ = -1;
};

// Whether the folder is marked, or holds a stage's record as runs of earlier versions do.
bool isRunFolder(const std::filesystem::path& run);

}  // namespace polar
