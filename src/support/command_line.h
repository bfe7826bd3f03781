// This process's command as it was given: for records of what
// computed something, and for advice that can be typed again.
#pragma once

#include <string>

namespace polar {

// Called once, at the start. What follows is "polar" alone where it was not, as in tests.
void keepCommandLine(int count, const char* const* arguments);

// "polar eval configs/quickstart.yaml 'eval.policies=[standard, random]'", quoted as a shell needs it.
std::string commandLine();

// "polar run": the program and its subcommand.
std::string commandName();

// The given command with another stage as its subcommand and with --fresh, where it was polar
// run, search, train or eval: "polar eval configs/quickstart.yaml seed=2 --fresh"; else "polar
// STAGE CONFIG --fresh". Without --shard and --verify, which belong to one search.
std::string freshCommand(const std::string& stage);

}  // namespace polar
