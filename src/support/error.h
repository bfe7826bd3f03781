// The one exception type a user can cause. Everything else that is thrown is a bug in Polar.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace polar {

// Bad input: YAML, weights, tokenizer, dataset, HDF5, command line. Caught once, in `src/cli/main.cpp`,
// printed as one line by `what()`, exit code 2.
class InputError : public std::runtime_error {
 public:
  // where: file with line, key or tensor ("configs/a.yaml:12: search.budget"); found,
  // expected: what is there, what should be; mend: what the user can do about it (may be
  // empty). All are made fit to print, a long one cut (support/printable.h).
  InputError(std::string where, const std::string& found, const std::string& expected, const std::string& mend = "");

  const std::string& where() const { return where_; }

 private:
  std::string where_;
};

// The run was asked to stop (support/stop_signal.h) and can be resumed by the same command: exit code 3.
class Stopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A check the user asked for did not hold (`search --verify`, `model --check`): exit code 4.
class CheckFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The member of `known` closest to `given` by edit distance, or "" where none is near enough to be a likely typo.
std::string nearestName(std::string_view given, const std::vector<std::string>& known);

// "a, b, c": for "known names: …" in messages.
std::string joinNames(const std::vector<std::string>& names);

}  // namespace polar
