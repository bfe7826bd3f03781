#include "support/stop_signal.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace polar {
namespace {

constexpr int kExitCode = 3;

volatile std::sig_atomic_t waits = 0, requested = 0;

void endWith(std::string_view line) {
  // Only what a signal handler may call.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) ::_exit(kExitCode);
  ::_exit(kExitCode);
}

void onSignal(int number) {
  if (waits == 0) endWith("polar: stopped by a signal; the same command starts again\n");
  // The others may come several times although nobody asks twice:
  // SIGHUP from a terminal and its shell, SIGXCPU every second.
  const bool meant = number == SIGINT || number == SIGTERM;
  if (requested != 0 && meant) endWith("polar: stopped at once by a second signal; the same command goes on\n");
  requested = 1;
}

}  // namespace

void watchStopSignals() {
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU}) {
    struct sigaction action{};
    ::sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_DFL) continue;
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
  }
}

void stopAtSafePoints() { waits = 1; }

bool stopRequested() { return requested != 0; }

}  // namespace polar
