// What happens when memory ends.
#pragma once

#include <exception>

namespace polar {

inline constexpr const char* kOutOfMemory =
    "out of memory: lower runtime.workers or runtime.head_mb, use a smaller model, or split the input; what was "
    "finished is kept, and the same command goes on from there";

// From now on a failing `new`, on any thread, ends the process with that line and exit code 2.
// An exception would meet destructors and libraries that need memory themselves, and end in
// std::terminate. Nothing is lost: files are whole or absent, whenever a process ends.
void exitWhenMemoryEnds();

// Whether a library's exception says that its own allocator found no memory (libtorch's, on the CPU or on a GPU).
bool saysOutOfMemory(const std::exception& error);

}  // namespace polar
