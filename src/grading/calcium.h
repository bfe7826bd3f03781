// FLINT, Arb and Calcium, whose headers are C: they assign flint_malloc's void* without a cast. Only this file includes
// them, and only grading's sources include this file.
#pragma once

#include <flint/flint.h>

#include <cstddef>

namespace polar::c_memory {

struct AnyPointer {
  void* pointer;
  template <typename T>
  operator T*() const {  // NOLINT: the implicit conversion is the point
    return static_cast<T*>(pointer);
  }
};

inline AnyPointer allocate(std::size_t size) { return {flint_malloc(size)}; }
inline AnyPointer reallocate(void* old, std::size_t size) { return {flint_realloc(old, size)}; }

}  // namespace polar::c_memory

#include <acb.h>

#define flint_malloc(size) polar::c_memory::allocate(size)
#define flint_realloc(old, size) polar::c_memory::reallocate(old, size)
#include <calcium/ca.h>
#undef flint_malloc
#undef flint_realloc
