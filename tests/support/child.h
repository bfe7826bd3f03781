// Runs what may end a process in a process of its own.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "catch.h"

namespace polar::testing {

struct ChildResult {
  int code = -1;  // exit code; -1 where a signal ended it
  std::string err;
};

// `body` returns the exit code; 99 where it throws.
template <typename Body>
ChildResult inChild(Body body) {
  const TemporaryFolder folder;
  const auto err = folder.path() / "err";
  const pid_t process = ::fork();
  if (process == 0) {
    for (const int each : {SIGSEGV, SIGABRT, SIGBUS})
      std::signal(each, SIG_DFL);  // Catch's handlers report a failed test
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    int code = 99;
    try {
      code = body();
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(err)};
}

}  // namespace polar::testing
