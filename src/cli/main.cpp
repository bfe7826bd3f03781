// polar: one command, a subcommand a file. Exit codes: 0 done, 1 internal fault, 2 bad input or usage, 3 stopped and
// resumable, 4 a requested check failed.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/commands.h"
#include "cli/version.h"
#include "support/error.h"

namespace {

// The tensors of a pass are freed and asked for again all the time. By default much of that memory goes back to the system,
// and every 4 KiB of it come again as a page fault.
void keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

int run(int argc, char** argv) {
  CLI::App app("Program-of-layers for frozen LLMs: search layer programs, train a predictor of them, evaluate it.");
  app.set_version_flag("--version", polar::versionText());
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  for (const polar::AddCommand add : polar::commands()) add(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "polar: %s; see polar %s--help\n", error.what(),
                 app.get_subcommands().empty() ? "" : (app.get_subcommands().front()->get_name() + " ").c_str());
    return 2;
  }
  return 0;
}

int fail(int code, const char* text) {
  std::fprintf(stderr, "polar: %s\n", text);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  keepFreedMemory();
  try {
    return run(argc, argv);
  } catch (const polar::InputError& error) {
    return fail(2, error.what());
  } catch (const polar::Stopped& stopped) {
    return fail(3, stopped.what());
  } catch (const polar::CheckFailed& failed) {
    return fail(4, failed.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "out of memory: lower runtime.workers, or use a smaller model");
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "polar: internal fault, please report it with the command line: %s\n", bug.what());
    return 1;
  }
}
