// The one line of a process that can do nothing more, not even allocate.
#pragma once

#include <initializer_list>

namespace polar {

// Writes "polar: ", the parts and a line break to stderr and ends the process at once with exit code 2. For handlers of
// signals and of failed allocations: it calls nothing that they may not call.
[[noreturn]] void endWith(std::initializer_list<const char*> parts);

}  // namespace polar
