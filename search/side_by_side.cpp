#include "search/side_by_side.h"

#include <condition_variable>
#include <exception>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace polar {
namespace {

// What one search asked and waits for.
struct Call {
  std::span<const EvaluationTask> tasks;
  std::vector<Evaluation> answer;
  std::exception_ptr error;
  bool answered = false;
};

class Meeting {
 public:
  explicit Meeting(std::size_t count) : calls_(count, nullptr), running_(count) { served_.reserve(count); }

  std::vector<Evaluation> ask(std::size_t member, std::span<const EvaluationTask> tasks) {
    Call call{tasks, {}, {}, false};
    std::unique_lock lock(mutex_);
    calls_[member] = &call;
    leave();
    answered_.wait(lock, [&] { return call.answered; });
    if (call.error) std::rethrow_exception(call.error);
    return std::move(call.answer);
  }

  void done() {
    const std::lock_guard lock(mutex_);
    leave();
  }

  // `missing` searches could not begin: whatever the others ask is answered by `error`.
  void abandon(std::size_t missing, const std::exception_ptr& error) {
    const std::lock_guard lock(mutex_);
    abandoned_ = error;
    running_ -= missing;
    if (running_ == 0) allWait_.notify_one();
  }

  // Until every search is done. Throws nothing: searches still run on threads of their own.
  void serve(const ProgramEvaluator& evaluator) noexcept {
    std::unique_lock lock(mutex_);
    while (true) {
      allWait_.wait(lock, [&] { return running_ == 0; });
      std::vector<Call*>& asked = served_;  // in the order of the searches
      asked.clear();
      for (Call*& call : calls_)
        if (call) asked.push_back(std::exchange(call, nullptr));
      if (asked.empty()) return;
      lock.unlock();
      if (abandoned_)
        for (Call* call : asked) call->error = abandoned_;
      else
        answer(asked, evaluator);
      lock.lock();
      for (Call* call : asked) call->answered = true;
      running_ = asked.size();
      answered_.notify_all();
    }
  }

 private:
  void leave() {
    if (--running_ == 0) allWait_.notify_one();
  }

  static void answer(const std::vector<Call*>& asked, const ProgramEvaluator& evaluator) {
    try {
      std::vector<EvaluationTask> tasks;
      for (const Call* call : asked) tasks.insert(tasks.end(), call->tasks.begin(), call->tasks.end());
      auto evaluations = evaluator.evaluate(tasks);
      if (evaluations.size() != tasks.size()) throw std::logic_error("evaluator: one evaluation a task expected");
      auto next = evaluations.begin();
      for (Call* call : asked) {
        const auto end = next + static_cast<std::ptrdiff_t>(call->tasks.size());
        call->answer.assign(std::make_move_iterator(next), std::make_move_iterator(end));
        next = end;
      }
    } catch (...) {
      for (Call* call : asked) call->error = std::current_exception();
    }
  }

  std::mutex mutex_;
  std::condition_variable allWait_, answered_;
  std::vector<Call*> calls_;      // of each search, while it waits
  std::vector<Call*> served_;     // being answered
  std::size_t running_;           // searches that neither wait nor are done
  std::exception_ptr abandoned_;  // set before serve()
};

class Member final : public ProgramEvaluator {
 public:
  Member(Meeting& meeting, std::size_t number, int depth) : meeting_(meeting), number_(number), depth_(depth) {}
  int depth() const override { return depth_; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    return meeting_.ask(number_, tasks);
  }

 private:
  Meeting& meeting_;
  std::size_t number_;
  int depth_;
};

}  // namespace

void searchSideBySide(std::size_t count, const ProgramEvaluator& evaluator,
                      const std::function<void(std::size_t, const ProgramEvaluator&)>& search) {
  if (count == 1) return search(0, evaluator);
  Meeting meeting(count);
  std::vector<std::exception_ptr> errors(count);
  std::exception_ptr unbegun;
  std::vector<std::thread> threads;
  const auto run = [&](std::size_t i) {
    try {
      search(i, Member(meeting, i, evaluator.depth()));
    } catch (...) {
      errors[i] = std::current_exception();
    }
    meeting.done();
  };
  try {
    threads.reserve(count);
    while (threads.size() < count) threads.emplace_back(run, threads.size());
  } catch (...) {  // no more threads: those that run must end before this is thrown, or the process does
    unbegun = std::current_exception();
    meeting.abandon(count - threads.size(), unbegun);
  }
  meeting.serve(evaluator);
  for (std::thread& thread : threads) thread.join();
  if (unbegun) std::rethrow_exception(unbegun);
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace polar
