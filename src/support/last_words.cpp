#include "support/last_words.h"

#include <unistd.h>

#include <cstring>

namespace polar {
namespace {

void writeOut(const char* text) {
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text, std::strlen(text));
}

}  // namespace

void endWith(std::initializer_list<const char*> parts) {
  if (::isatty(STDERR_FILENO)) writeOut("\r\x1b[K");  // a live line of progress
  writeOut("polar: ");
  for (const char* part : parts) writeOut(part);
  writeOut("\n");
  ::_exit(2);
}

}  // namespace polar
