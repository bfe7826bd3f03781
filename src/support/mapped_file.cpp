#include "support/mapped_file.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "support/error.h"
#include "support/files.h"
#include "support/last_words.h"
#include "support/printable.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// The open maps, where a signal's handler can look them up. More than fit are not named when they fail.
struct Place {
  std::atomic<const std::byte*> begin = nullptr;
  std::atomic<std::size_t> size = 0;
  char name[1024] = {};
};
std::array<Place, 256> places;
std::mutex placesMutex;

// Calls nothing but what a signal's handler may call.
void onBusError(int signal, siginfo_t* info, void*) {
  const auto* at = static_cast<const std::byte*>(info->si_addr);
  for (const Place& place : places) {
    const std::byte* begin = place.begin;
    if (!begin || at < begin || at >= begin + place.size) continue;
    endWith({place.name,
             ": found less than there was when it was opened, or a disk that fails, expected a file that stays"
             " as it is while it is read; fetch it again"});
  }
  std::signal(signal, SIG_DFL);  // the fault comes again, and the system reports it
}

void watchBusErrors() {
  struct sigaction action{};
  action.sa_sigaction = onBusError;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

void remember(std::span<const std::byte> bytes, const std::string& name) {
  static std::once_flag once;
  std::call_once(once, watchBusErrors);
  const std::lock_guard lock(placesMutex);
  for (Place& place : places) {
    if (place.begin) continue;
    const std::string text = printable(name);
    place.name[text.copy(place.name, sizeof place.name - 1)] = '\0';
    place.size = bytes.size();
    place.begin = bytes.data();
    return;
  }
}

void forget(const std::byte* begin) {
  const std::lock_guard lock(placesMutex);
  for (Place& place : places)
    if (place.begin == begin) place.begin = nullptr;
}

}  // namespace

MappedFile::MappedFile(const fs::path& file) {
  const InputFile opened(file);
  if (opened.size() == 0) return;
  void* address = ::mmap(nullptr, opened.size(), PROT_READ, MAP_PRIVATE, opened.descriptor(), 0);
  if (address == MAP_FAILED)
    throw InputError(file.string(), std::string("it cannot be mapped (") + std::strerror(errno) + ")",
                     "a regular file");
  bytes_ = {static_cast<const std::byte*>(address), opened.size()};
  remember(bytes_, file.string());
}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  forget(bytes_.data());
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

}  // namespace polar
