// Reading what a library may crash on, in a process of its own. Private to src/store.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace polar {

// Values on their way out of the process that reads. What is put in is taken in the same order and as the same types.
class Sender {
 public:
  explicit Sender(int descriptor) : descriptor_(descriptor) {}

  template <typename T>
  void put(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      add(&value, sizeof value);
    } else {
      put(static_cast<std::uint64_t>(value.size()));
      if constexpr (std::is_same_v<T, std::vector<std::string>>)
        for (const std::string& text : value) put(text);
      else
        add(value.data(), value.size() * sizeof(typename T::value_type));
    }
  }
  void flush();

 private:
  void add(const void* bytes, std::size_t count);

  int descriptor_;
  std::string waiting_;
};

class Receiver {
 public:
  explicit Receiver(int descriptor) : descriptor_(descriptor) {}

  template <typename T>
  void take(T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      fill(&value, sizeof value);
    } else {
      std::uint64_t left = 0;
      take(left);
      value.clear();
      // Grows as the values come: a count is only as good as the process that sent it.
      while (left > 0) {
        const std::size_t step = std::min<std::uint64_t>(left, kStep), before = value.size();
        value.resize(before + step);
        if constexpr (std::is_same_v<T, std::vector<std::string>>)
          for (std::size_t i = before; i < value.size(); ++i) take(value[i]);
        else
          fill(value.data() + before, step * sizeof(typename T::value_type));
        left -= step;
      }
    }
  }

 private:
  static constexpr std::uint64_t kStep = std::uint64_t{1} << 16;
  void fill(void* into, std::size_t count);
  std::size_t next(char* into, std::size_t count);

  int descriptor_;
  std::string buffer_;
  std::size_t used_ = 0;
};

// Calls `read` in a child process, and `receive` here with what that sends. An InputError of
// `read` is thrown here as it is; where the child crashes, hangs or runs out of memory, an
// InputError names `file` (with `expected` and `mend`). Where the system allows no child, both
// run here, one after the other. `read` calls nothing that other threads hold locks of.
void readApart(const std::filesystem::path& file, const std::string& expected, const std::string& mend,
               const std::function<void(Sender&)>& read, const std::function<void(Receiver&)>& receive);

}  // namespace polar
