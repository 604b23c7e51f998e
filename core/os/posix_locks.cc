#include "core/os/posix_locks.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace litetool {
namespace {

struct Lock {
  ino_t inode;
  std::uint64_t first;
  std::uint64_t last;
};

// From "1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 120 120"; false for another kind, and for one
// that is only waited for, which has "->" behind its number.
bool parse_write_lock(const std::string& line, Lock& lock) {
  std::istringstream words(line);
  std::string number, kind, advisory, access, pid, file, first, last;
  words >> number >> kind >> advisory >> access >> pid >> file >> first >> last;
  if (!words || access != "WRITE" || (kind != "POSIX" && kind != "OFDLCK")) return false;
  lock.inode = std::strtoull(file.c_str() + file.rfind(':') + 1, nullptr, 10);
  lock.first = std::strtoull(first.c_str(), nullptr, 10);
  lock.last = last == "EOF" ? UINT64_MAX : std::strtoull(last.c_str(), nullptr, 10);
  return true;
}

}  // namespace

bool is_write_locked(ino_t inode, std::uint64_t first, std::uint64_t last) {
  std::ifstream list("/proc/locks");
  for (std::string line; std::getline(list, line);) {
    Lock lock{};
    if (!parse_write_lock(line, lock) || lock.inode != inode) continue;
    if (lock.first <= last && first <= lock.last) return true;
  }
  return false;
}

}  // namespace litetool
