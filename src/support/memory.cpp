#include "support/memory.h"

#include <new>
#include <string_view>

#include "support/last_words.h"

namespace polar {

void exitWhenMemoryEnds() {
  std::set_new_handler([] { endWith({kOutOfMemory}); });
}

bool saysOutOfMemory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error)) return true;
  const std::string_view text = error.what();
  return text.find("can't allocate memory") != text.npos || text.find("out of memory") != text.npos;
}

}  // namespace polar
