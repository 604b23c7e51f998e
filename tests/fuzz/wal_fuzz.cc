// The write-ahead log: the header's checksum is repaired so that damage reaches the frames.
#include "formats/sqlite/wal.h"

#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

Buffer with_good_checksum(Bytes input) {
  Buffer wal(input.begin(), input.end());
  if (wal.size() < kWalHeaderSize) return wal;
  const bool big_endian = (static_cast<unsigned>(wal[3]) & 1) != 0;
  const WalChecksum sum = wal_checksum({}, Bytes(wal).first(24), big_endian);
  store_be(wal.data() + 24, sum.s1);
  store_be(wal.data() + 28, sum.s2);
  return wal;
}

// Every frame is inside the log, numbers ascend, and the walk ends.
std::uint32_t walk(const ByteSource& source, const WalHeader& header, WalScanner::Extent extent) {
  WalScanner scanner(source, header, wal_start(header), 0xffffffff, extent);
  std::uint32_t last = 0;
  std::uint32_t valid = 0;
  while (true) {
    const auto frame = scanner.next();
    require(frame.ok(), "memory does not fail");
    if (!frame->has_value()) break;
    const WalFrame& f = **frame;
    require(f.number == last + 1, "frames are numbered one after another");
    require(f.offset == header.frame_offset(f.number), "the offset follows from the number");
    require(!f.ok() || f.page.size() == header.page_size, "a valid frame has its page");
    last = f.number;
    if (f.ok() && valid + 1 == f.number) valid = f.number;
  }
  require(scanner.state().frame >= scanner.committed().frame, "commits are valid frames");
  require(last <= header.frames_in(source.size()) + 1, "no more frames than fit");
  return scanner.state().frame;
}

void read(Bytes input) {
  const Buffer wal = with_good_checksum(input);
  const auto header = decode_wal_header(wal);
  if (!header) return;
  const MemorySource source(wal);
  const std::uint32_t strict = walk(source, *header, WalScanner::Extent::kValid);
  const std::uint32_t whole = walk(source, *header, WalScanner::Extent::kWholeFile);
  require(strict == whole, "both walks agree on what is valid");
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
