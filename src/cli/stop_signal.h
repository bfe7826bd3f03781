// SIGINT and SIGTERM as a question: stop cleanly at the next safe point, exit code 3.
#pragma once

namespace polar {

// Installs the handlers (once); a second signal ends the process at once.
void watchStopSignals();
bool stopRequested();

}  // namespace polar
