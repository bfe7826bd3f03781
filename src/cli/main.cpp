// polar: one command, a subcommand a file. Exit codes: 0 done, 1 internal fault, 2 bad input or usage, or no memory, 3
// stopped and resumable, 4 a requested check failed.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "cli/commands.h"
#include "support/command_line.h"
#include "support/error.h"
#include "support/memory.h"
#include "support/output.h"
#include "support/printable.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "support/version.h"

namespace {

// The constructors of libtorch take most of a short command's time. A signal that comes among them must find its
// handler, and the files that they open must not become stdout: the loader calls what is listed here before them.
void beforeConstructors() {
  polar::watchStopSignals();
  polar::openStandardFiles();
}
[[gnu::used, gnu::section(".preinit_array")]] void (*const kBeforeConstructors)() = beforeConstructors;

// The tensors of a pass are freed and asked for again all the time. By default much of that
// memory goes back to the system, and every 4 KiB of it come again as a page fault.
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
  for (const polar::AddCommand add : polar::commands()) add(app);
  // CLI11 would only say that the word was not expected.
  if (argc > 1 && argv[1][0] != '-') polar::requireCommand(app, argv[1]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream text;
    app.exit(success, text, text);
    polar::writeText(text.str());
  } catch (const CLI::ParseError& error) {
    const auto used = app.get_subcommands();
    polar::logLine(polar::printable(error.what(), 500) + "; see polar " +
                   (used.empty() ? "" : used.front()->get_name() + " ") + "--help");
    return 2;
  }
  polar::finishOutput();
  return 0;
}

int fail(int code, const char* text) {
  polar::logLine(text);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  keepFreedMemory();
  polar::keepCommandLine(argc, argv);
  polar::exitWhenMemoryEnds();
  try {
    return run(argc, argv);
  } catch (const polar::InputError& error) {
    return fail(2, error.what());
  } catch (const polar::Stopped& stopped) {
    return fail(3, stopped.what());
  } catch (const polar::CheckFailed& failed) {
    return fail(4, failed.what());
  } catch (const std::exception& bug) {
    if (polar::saysOutOfMemory(bug)) return fail(2, polar::kOutOfMemory);
    return fail(1, (std::string("internal fault, please report it with the command line: ") + bug.what()).c_str());
  }
}
