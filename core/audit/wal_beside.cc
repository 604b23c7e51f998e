#include "core/audit/wal_beside.h"

#include <array>

#include "formats/sqlite/wal.h"

namespace litetool {

Result<std::uint64_t> wal_frames_beside(Env& env, const std::string& path) {
  const auto file = env.open(kCwd, path + "-wal", OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return std::uint64_t{0};
  if (!file) return file.error();
  std::array<std::byte, kWalHeaderSize> head;
  LT_ASSIGN(const std::size_t n, (*file)->read_at(head, 0));
  const auto header = decode_wal_header(Bytes(head).first(n));
  if (!header) return std::uint64_t{0};
  WalScanner scanner(**file, *header, wal_start(*header));
  while (true) {
    LT_ASSIGN(const auto frame, scanner.next());
    if (!frame || !frame->ok()) return std::uint64_t{scanner.committed().frame};
  }
}

}  // namespace litetool
