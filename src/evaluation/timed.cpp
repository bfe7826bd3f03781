#include "evaluation/timed.h"

namespace polar {
namespace {

class TimedExecutor final : public ProgramExecutor {
 public:
  TimedExecutor(std::unique_ptr<ProgramExecutor> executor, std::shared_ptr<Stopwatch> watch)
      : executor_(std::move(executor)), watch_(std::move(watch)) {}

  std::vector<Execution> execute(std::span<const ExecutionRequest> requests) const override {
    const Stopwatch::Lap lap(*watch_);
    return executor_->execute(requests);
  }
  ExecutorWork work() const override { return executor_->work(); }

 private:
  std::unique_ptr<ProgramExecutor> executor_;
  std::shared_ptr<Stopwatch> watch_;
};

}  // namespace

std::unique_ptr<ProgramExecutor> timedExecutor(std::unique_ptr<ProgramExecutor> executor,
                                               std::shared_ptr<Stopwatch> watch) {
  return std::make_unique<TimedExecutor>(std::move(executor), std::move(watch));
}

}  // namespace polar
