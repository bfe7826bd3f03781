// The line a user would see.
#pragma once

#include <functional>
#include <string>

#include "catch.h"
#include "support/error.h"

namespace polar::testing {

inline std::string errorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    const std::string text = error.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  return "no InputError";
}

}  // namespace polar::testing
