// A replica of Litestream 0.3: a snapshot and one log, restored. What comes out are whole pages, as
// many as the log says, and nothing is left beside it.
//
//    0  u8   flags: the content of the LZ4 files is given, not the files; the log's checksums are
//            put right
//    1  u24  length of the snapshot, big-endian; then the snapshot, then the log
#include <array>

#include "core/restore/restore_v3.h"
#include "formats/sqlite/wal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_env.h"

namespace litetool {
namespace {

using test::MemoryEnv;

constexpr std::size_t kHead = 4;
const std::string kGeneration = "r/generations/00f1e2d3c4b5a697";

// One frame of blocks that are not compressed.
Buffer lz4_frame(Bytes content) {
  constexpr std::uint8_t kHeader[] = {0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82};
  constexpr std::size_t kBlock = 65536;
  constexpr std::uint32_t kStored = 0x80000000;
  Buffer frame;
  ByteWriter out(frame);
  out.bytes(std::as_bytes(std::span(kHeader)));
  for (; !content.empty(); content = content.subspan(std::min(content.size(), kBlock))) {
    const Bytes block = content.first(std::min(content.size(), kBlock));
    std::array<std::byte, 4> size{};
    store_le(size.data(), static_cast<std::uint32_t>(block.size()) | kStored);
    out.bytes(size);
    out.bytes(block);
  }
  out.be(std::uint32_t{0});
  return frame;
}

void put_checksums_right(MutableBytes log) {
  if (log.size() < kWalHeaderSize) return;
  const bool big_endian = load_be<std::uint32_t>(log.data()) == kWalBigEndianMagic;
  const std::size_t page_size = load_be<std::uint32_t>(log.data() + 8);
  WalChecksum sum = wal_checksum({}, log.first(24), big_endian);
  const auto put = [&](std::byte* at) {
    store_be(at, sum.s1);
    store_be(at + 4, sum.s2);
  };
  put(log.data() + 24);
  if (page_size < 8 || page_size % 8 != 0) return;
  MutableBytes rest = log.subspan(kWalHeaderSize);
  while (rest.size() >= kWalFrameHeaderSize && rest.size() - kWalFrameHeaderSize >= page_size) {
    sum = wal_checksum(sum, rest.first(8), big_endian);
    sum = wal_checksum(sum, rest.subspan(kWalFrameHeaderSize, page_size), big_endian);
    put(rest.data() + 16);
    rest = rest.subspan(kWalFrameHeaderSize + page_size);
  }
}

void run(Bytes input) {
  if (input.size() < kHead) return;
  const bool plain = (input[0] & std::byte{1}) != std::byte{0};
  const std::size_t wanted = load_be<std::uint32_t>(input.data()) & 0xffffff;
  const std::size_t size = std::min<std::size_t>(wanted, input.size() - kHead);
  const Bytes snapshot = input.subspan(kHead, size);
  const Bytes given = input.subspan(kHead + size);
  Buffer log(given.begin(), given.end());
  if ((input[0] & std::byte{2}) != std::byte{0}) put_checksums_right(log);

  MemoryEnv env;
  const auto put = [&](const std::string& name, Bytes content) {
    env.put(kGeneration + name, plain ? Bytes(lz4_frame(content)) : content);
  };
  put("/snapshots/00000000.snapshot.lz4", snapshot);
  put("/wal/00000000_00000000.wal.lz4", Bytes(log).first(log.size() / 2));
  if (plain) {
    char name[64];
    std::snprintf(name, sizeof name, "/wal/00000000_%08zx.wal.lz4", log.size() / 2);
    put(name, Bytes(log).subspan(log.size() / 2));
  }
  const auto files = list_v3_files(env, "r/generations");
  require(files.ok(), "names are good");
  const std::size_t count = env.files.size();
  const TimeZone utc([](std::int64_t) { return 0; });
  const auto plan = plan_v3(*files, Point{}, Now{env.now_ms(), utc});
  if (!plan) return;
  const auto restored = restore_v3(Job{env}, *plan, "out.db", {RestoreCheck::kNone, false});
  require(env.files.size() == count + (restored ? 1 : 0), "nothing is left beside the output");
  if (!restored) return;
  require(env.find("out.db")->size() == std::uint64_t{restored->pages} * restored->page_size,
          "a database has whole pages");
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::run(litetool::fuzz_bytes(data, size));
  return 0;
}
