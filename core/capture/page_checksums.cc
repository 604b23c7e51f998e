#include "core/capture/page_checksums.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "formats/base/text.h"

namespace litetool {

Pgno most_pages_here() {
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 25;  // 256 MiB
  constexpr std::uint64_t kShare = 8;                        // of the memory
  const auto memory = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES))) *
                      static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
  const std::uint64_t pages = std::max(kAlways, memory / kShare / sizeof(Checksum));
  return static_cast<Pgno>(std::min<std::uint64_t>(pages, std::numeric_limits<Pgno>::max()));
}

Status check_size(Pgno commit, Pgno most_pages) {
  if (commit <= most_pages) return {};
  return Error(Errc::kFailed, format("a database of %u pages takes too much memory, captured are "
                                     "up to %u here",
                                     commit, most_pages));
}

Status check_absent(Pgno commit, std::uint64_t pages_there) {
  constexpr std::uint64_t kMostAbsent = std::uint64_t{1} << 20;
  if (commit <= pages_there + kMostAbsent) return {};
  return Error(Errc::kFailed, format("it claims %u pages, of which %llu are there", commit,
                                     static_cast<unsigned long long>(pages_there)));
}

}  // namespace litetool
