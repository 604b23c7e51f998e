// Real write-ahead logs in memory, and the walks over them that the tests repeat.
#pragma once

#include <string>
#include <vector>

#include "formats/sqlite/wal.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {

struct LiveWal {
  Buffer database;
  Buffer wal;
  Buffer shm;
};

// The files of a WAL database with `rows` commits, while a client has it open.
inline LiveWal live_wal(std::uint32_t page_size, int rows) {
  const TempDir dir;
  SqliteSession db(dir.file("a.db"));
  db.exec("PRAGMA page_size=" + std::to_string(page_size) +
          "; PRAGMA journal_mode=WAL; CREATE TABLE t(x);");
  for (int i = 0; i < rows; ++i) db.exec("INSERT INTO t VALUES(" + std::to_string(i) + ")");
  return {read_file(dir.file("a.db")), read_file(dir.file("a.db-wal")),
          read_file(dir.file("a.db-shm"))};
}

// The same log with all checksums computed anew, over words of the given byte order.
inline Buffer rechained(Buffer wal, bool big_endian) {
  const std::size_t page_size = load_be<std::uint32_t>(wal.data() + 8);
  store_be(wal.data(), big_endian ? kWalBigEndianMagic : kWalLittleEndianMagic);
  WalChecksum c = wal_checksum_serial({}, Bytes(wal).first(24), big_endian);
  store_be(wal.data() + 24, c.s1);
  store_be(wal.data() + 28, c.s2);
  const std::size_t step = kWalFrameHeaderSize + page_size;
  for (std::size_t at = kWalHeaderSize; at + step <= wal.size(); at += step) {
    c = wal_checksum_serial(c, Bytes(wal).subspan(at, 8), big_endian);
    c = wal_checksum_serial(c, Bytes(wal).subspan(at + kWalFrameHeaderSize, page_size), big_endian);
    store_be(wal.data() + at + 16, c.s1);
    store_be(wal.data() + at + 20, c.s2);
  }
  return wal;
}
inline Buffer with_big_endian_checksums(Buffer wal) {
  return rechained(std::move(wal), true);
}

struct Scan {
  WalHeader header;
  std::vector<WalFrame> frames;  // without their pages
  WalState state;
  WalState committed;
};

inline Scan scan(const Buffer& wal, WalScanner::Extent extent = WalScanner::Extent::kValid) {
  const Result<WalHeader> header = decode_wal_header(wal);
  REQUIRE(header);
  const MemorySource source(wal);
  WalScanner scanner(source, *header, wal_start(*header), std::numeric_limits<std::uint32_t>::max(),
                     extent);
  Scan s;
  s.header = *header;
  while (true) {
    auto f = scanner.next();
    REQUIRE(f);
    if (!*f) break;
    s.frames.push_back(**f);
    s.frames.back().page = {};
  }
  s.state = scanner.state();
  s.committed = scanner.committed();
  return s;
}

}  // namespace litetool::test
