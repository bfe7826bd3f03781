#include "train/workers.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "llm/linear.h"

namespace polar {

struct Workers::Threads {
  explicit Threads(int count)
      : allowed(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(count)), arena(count) {}
  tbb::global_control allowed;  // else TBB starts no more threads than cores
  tbb::task_arena arena;
};

Workers::Workers(int count) : threads_(std::make_unique<Threads>(std::max(1, count))) {}

Workers::~Workers() = default;

void Workers::run(std::size_t parts, const std::function<void(std::size_t)>& part) const {
  threads_->arena.execute([&] {
    tbb::parallel_for(
        std::size_t{0}, parts,
        [&](std::size_t number) {
          useOneThread();
          part(number);
        },
        tbb::simple_partitioner());
  });
}

}  // namespace polar
