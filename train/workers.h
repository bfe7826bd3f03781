// Work in parts that several threads share. The result of a training must not depend on the number of threads: a part
// depends on its number alone, and parts are added up in the order of their numbers.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace polar {

class Workers {
 public:
  explicit Workers(int count);
  ~Workers();

  // Calls part(0) … part(parts − 1), each once, in any order and at the same time, each with one ATen thread. Rethrows
  // an exception of one of them.
  void run(std::size_t parts, const std::function<void(std::size_t)>& part) const;

 private:
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace polar
