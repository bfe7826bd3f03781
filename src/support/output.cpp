#include "support/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

#include "support/error.h"
#include "support/printable.h"

namespace polar {
namespace {

[[noreturn]] void refuse(int error) {
  if (error == EPIPE) {  // SIGPIPE was ignored when the process started
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  throw InputError("standard output", std::string("that it cannot be written (") + std::strerror(error) + ")",
                   "a place that takes all of the output", "free space there, or send it elsewhere");
}

}  // namespace

void openStandardFiles() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", O_RDWR);  // takes the lowest free number
}

void writeOutput(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      refuse(errno);
  }
}

void writeText(std::string_view text) { writeOutput(printableLines(text)); }

void writeFormatted(const char* format, ...) {
  std::va_list values, again;
  va_start(values, format);
  va_copy(again, values);
  const int size = std::vsnprintf(nullptr, 0, format, values);
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  std::vsnprintf(text.data(), text.size(), format, again);
  va_end(again);
  va_end(values);
  text.pop_back();
  writeText(text);
}

void finishOutput() {
  // Closing any descriptor of the file reports what went wrong; this one stays open.
  const int copy = ::dup(STDOUT_FILENO);
  if (copy >= 0 && ::close(copy) != 0 && errno != EINTR) refuse(errno);
}

}  // namespace polar
