// Runs build/polar as a user would.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "catch.h"

namespace polar::testing {

struct CommandResult {
  int status = -1;  // exit code
  std::string out, err;
};

// The command as a word of a shell.
inline const std::string kPolar = "'" + std::string(POLAR_BINARY) + "'";

// A line of a shell, run from the source folder; stdin from `input`.
inline CommandResult shellCommand(const std::string& line, const std::string& input = "") {
  const TemporaryFolder folder;
  const auto in = folder.path() / "in", out = folder.path() / "out", err = folder.path() / "err";
  spill(in, input);
  const std::string command = "cd '" + sourceDir().string() + "' && { " + line + "\n} <'" + in.string() + "' >'" +
                              out.string() + "' 2>'" + err.string() + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(out), slurp(err)};
}

// `arguments` as typed into a shell.
inline CommandResult polarCommand(const std::string& arguments, const std::string& input = "") {
  return shellCommand(kPolar + " " + arguments, input);
}

inline void require(const CommandResult& result) {
  INFO(result.err);
  REQUIRE(result.status == 0);
}

// Overrides that make the quickstart a matter of seconds.
inline std::string smallRun(const std::filesystem::path& results) {
  return " results_dir=" + results.string() +
         " data.train.limit=16 data.test.limit=8 'data.ood=[{name: wording, path: datasets/embedded/ood_wording.jsonl, "
         "limit: 4}]' search.budget=30 search.samples=2 search.part_examples=5 train.epochs=2 "
         "data.validation_fraction=0.4";
}

}  // namespace polar::testing
