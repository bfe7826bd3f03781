// Work cut into parts that cores share. What a training makes must not depend on how many cores there are: a part is a
// function of its number alone, and whoever adds parts up does so in the order of their numbers.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace polar {

class Workers {
 public:
  explicit Workers(int count);
  ~Workers();

  // part(0) … part(parts − 1), each once, in any order and at the same time, each with one ATen thread. Rethrows what one
  // of them threw.
  void run(std::size_t parts, const std::function<void(std::size_t)>& part) const;

 private:
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace polar
