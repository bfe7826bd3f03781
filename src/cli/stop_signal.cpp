#include "cli/stop_signal.h"

#include <csignal>

namespace polar {
namespace {

volatile std::sig_atomic_t requested = 0;

void onSignal(int signal) {
  requested = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watchStopSignals() {
  std::signal(SIGINT, onSignal);
  std::signal(SIGTERM, onSignal);
}

bool stopRequested() { return requested != 0; }

}  // namespace polar
