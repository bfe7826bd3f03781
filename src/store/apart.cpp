#include "store/apart.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

#include "support/error.h"
#include "support/files.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// How a child ends whose `read` threw an InputError.
constexpr int kRefused = 3;
// CPU time, which ends endless loops. A second is enough for some fifty megabytes.
constexpr rlim_t kSeconds = 5, kBytesASecond = 4 << 20;

// The child said nothing more.
struct Ended {};

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  int descriptor_;
};

// An InputError's own text, cut where it was put together.
InputError again(const std::string& text) {
  const std::string found = ": found ", expected = ", expected ";
  const std::size_t first = text.find(found), second = text.find(expected, first == text.npos ? 0 : first);
  if (first == text.npos || second == text.npos) return InputError(text, "content that is refused", "label content");
  const std::size_t begin = first + found.size();
  return InputError(text.substr(0, first), text.substr(begin, second - begin), text.substr(second + expected.size()));
}

// A crash must be quiet and short, and a stop is the parent's to answer.
void prepareChild(std::uintmax_t bytes) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPIPE, SIGXCPU}) std::signal(signal, SIG_DFL);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) std::signal(signal, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::set_new_handler(nullptr);
  const struct rlimit none{0, 0}, time{kSeconds + bytes / kBytesASecond, kSeconds + bytes / kBytesASecond};
  ::setrlimit(RLIMIT_CORE, &none);
  ::setrlimit(RLIMIT_CPU, &time);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);  // the C library reports broken memory on stderr
  ::dup2(nowhere, STDERR_FILENO);
}

[[noreturn]] void runChild(int values, int refusal, std::uintmax_t bytes, const std::function<void(Sender&)>& read) {
  int code = 1;
  try {
    prepareChild(bytes);
    Sender sender(values);
    read(sender);
    sender.flush();
    code = 0;
  } catch (const InputError& error) {
    code = writeWhole(refusal, error.what()) ? kRefused : 1;
  } catch (...) {
  }
  ::_exit(code);
}

// The exit code; -1 where a signal ended it.
int codeOf(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string contentOf(int descriptor) {
  std::string text(static_cast<std::size_t>(std::max<off_t>(::lseek(descriptor, 0, SEEK_END), 0)), '\0');
  const ssize_t count = ::pread(descriptor, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return text;
}

void readHere(const std::function<void(Sender&)>& read, const std::function<void(Receiver&)>& receive) {
  const Descriptor memory(::memfd_create("polar", MFD_CLOEXEC));
  Sender sender(memory.get());
  read(sender);
  sender.flush();
  ::lseek(memory.get(), 0, SEEK_SET);
  Receiver receiver(memory.get());
  receive(receiver);
}

}  // namespace

void Sender::add(const void* bytes, std::size_t count) {
  constexpr std::size_t kEnough = std::size_t{1} << 20;
  waiting_.append(static_cast<const char*>(bytes), count);
  if (waiting_.size() >= kEnough) flush();
}

void Sender::flush() {
  if (!writeWhole(descriptor_, waiting_)) throw std::bad_alloc();  // nobody takes it, or memory has ended
  waiting_.clear();
}

void Receiver::fill(void* into, std::size_t count) {
  auto* to = static_cast<char*>(into);
  while (count > 0) {
    const std::size_t taken = next(to, count);
    to += taken;
    count -= taken;
  }
}

std::size_t Receiver::next(char* into, std::size_t count) {
  if (used_ == buffer_.size()) {
    buffer_.resize(kStep);
    ssize_t taken = -1;
    while ((taken = ::read(descriptor_, buffer_.data(), buffer_.size())) < 0 && errno == EINTR) {
    }
    buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
    used_ = 0;
    if (buffer_.empty()) throw Ended();
  }
  const std::size_t taken = std::min(count, buffer_.size() - used_);
  std::memcpy(into, buffer_.data() + used_, taken);
  used_ += taken;
  return taken;
}

void readApart(const fs::path& file, const std::string& expected, const std::string& mend,
               const std::function<void(Sender&)>& read, const std::function<void(Receiver&)>& receive) {
  std::error_code unknown;
  const std::uintmax_t size = fs::file_size(file, unknown);
  int ends[2] = {-1, -1};
  const Descriptor refusal(::memfd_create("polar", MFD_CLOEXEC));
  if (::pipe2(ends, O_CLOEXEC) != 0) return readHere(read, receive);
  Descriptor from(ends[0]), to(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return readHere(read, receive);
  if (child == 0) {
    from.close();
    runChild(to.get(), refusal.get(), unknown ? 0 : size, read);
  }
  to.close();
  try {
    Receiver receiver(from.get());
    receive(receiver);
  } catch (const Ended&) {
    if (codeOf(child) == kRefused) throw again(contentOf(refusal.get()));
    throw InputError(file.string(), "content that ends the process that reads it", expected, mend);
  } catch (...) {
    from.close();  // the child ends at its next word
    codeOf(child);
    throw;
  }
  codeOf(child);
}

}  // namespace polar
