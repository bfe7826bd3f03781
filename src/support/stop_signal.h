// Signals that ask the process to stop: SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU, which terminals,
// Slurm and `ulimit -t` send. One that is ignored when the process starts (nohup) stays ignored. Exit code 3.
#pragma once

namespace polar {

// From here on a stop signal ends the process at once, with one line. A file that grows
// beyond `ulimit -f` is a failed write, not a signal (SIGXFSZ). May be called before main.
void watchStopSignals();

// From here on a stop signal is a question, asked at safe points; a
// SIGINT or SIGTERM after it ends the process at once.
void stopAtSafePoints();
bool stopRequested();

}  // namespace polar
