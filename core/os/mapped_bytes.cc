#include "core/os/mapped_bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <optional>

namespace litetool {
namespace {

// Mappings that exist at a time; with more, files are read without mapping.
constexpr std::size_t kSlots = 64;
// Bytes between two looks at whether the file is in the page cache.
constexpr std::size_t kLookEvery = 256 * 1024;

// What the signal handler may look at: no locks, nothing but lock-free atomics.
struct Slot {
  std::atomic<bool> taken{false};
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};  // 0: no mapping (yet)
  std::atomic<bool> damaged{false};
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

std::array<Slot, kSlots> slots;
struct sigaction previous_action;
const std::size_t memory_page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

void on_bus_error(int, siginfo_t* info, void*) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Slot& slot : slots) {
    if (at < slot.begin.load() || at >= slot.end.load()) continue;
    void* page = reinterpret_cast<void*>(at / memory_page * memory_page);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (::mmap(page, memory_page, PROT_READ, flags, -1, 0) != page) break;
    slot.damaged.store(true);
    return;
  }
  // Not ours: the access is repeated on return, under what was in force before.
  ::sigaction(SIGBUS, &previous_action, nullptr);
}

bool install_handler() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  return ::sigaction(SIGBUS, &action, &previous_action) == 0;
}

std::optional<std::size_t> take_slot() {
  static const bool installed = install_handler();
  if (!installed) return std::nullopt;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i].taken.exchange(true)) return i;
  }
  return std::nullopt;
}

bool looks_cached(std::byte* data, std::size_t size) {
  for (std::size_t at = 0; at < size; at += kLookEvery) {
    unsigned char resident = 0;
    if (::mincore(data + at, 1, &resident) != 0 || (resident & 1) == 0) return false;
  }
  return true;
}

}  // namespace

MappedBytes MappedBytes::cached(int fd, std::uint64_t offset, std::size_t size) {
  if (size == 0 || offset % memory_page != 0) return {};
  const auto slot = take_slot();
  if (!slot) return {};
  MappedBytes mapped;
  mapped.slot_ = *slot;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) {
    slots[*slot].taken.store(false);
    return {};
  }
  mapped.data_ = static_cast<std::byte*>(data);
  mapped.size_ = size;
  slots[*slot].damaged.store(false);
  slots[*slot].begin.store(reinterpret_cast<std::uintptr_t>(data));
  slots[*slot].end.store(reinterpret_cast<std::uintptr_t>(data) + size);
  if (!looks_cached(static_cast<std::byte*>(data), size)) mapped.reset();
  return mapped;
}

bool MappedBytes::intact() const {
  return empty() || !slots[slot_].damaged.load();
}

void MappedBytes::reset() {
  if (empty()) return;
  Slot& slot = slots[slot_];
  slot.end.store(0);
  // Cannot fail for a range that mmap() gave.
  (void)::munmap(const_cast<std::byte*>(data_), size_);
  slot.taken.store(false);
  data_ = nullptr;
  size_ = 0;
}

}  // namespace litetool
