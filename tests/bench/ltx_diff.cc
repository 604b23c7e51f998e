// Makes the incremental LTX file between two states of a database, for scripts/bench and the
// interop tests.
//
//   bench_ltx_diff OLD NEW TXID FILE
//
// FILE (v3-block) holds every page of NEW that is new or differs from OLD, with true checksums
// before and after. Both databases are plain files without a -wal. Reads them into memory: a tool
// for tests.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "formats/base/crc64.h"
#include "formats/ltx/encoder.h"

namespace litetool {
namespace {

using ltx::Encoder;
using ltx::Header;

Result<Buffer> load(const char* path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return Error(Errc::kFailed, std::string("open ") + path);
  Buffer bytes(static_cast<std::size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) return Error(Errc::kFailed, std::string("read ") + path);
  return bytes;
}

class FileSink : public ByteSink {
 public:
  explicit FileSink(const char* path) : out_(path, std::ios::binary) {}
  Status write(Bytes b) override {
    out_.write(reinterpret_cast<const char*>(b.data()), static_cast<std::streamsize>(b.size()));
    return state();
  }
  Status close() {
    out_.close();
    return state();
  }

 private:
  Status state() const {
    if (!out_) return Error(Errc::kFailed, "write the LTX file");
    return {};
  }
  std::ofstream out_;
};

struct Pages {
  Bytes all;
  std::uint32_t page_size;
  Pgno count() const { return static_cast<Pgno>(all.size() / page_size); }
  Bytes page(Pgno pgno) const { return all.subspan(std::size_t{pgno - 1} * page_size, page_size); }
  bool holds(Pgno pgno) const { return pgno <= count(); }
};

Checksum database_checksum(const Pages& pages) {
  Checksum sum = kEmptyDatabase;
  for (Pgno pgno = 1; pgno <= pages.count(); ++pgno) {
    if (pgno == lock_page(pages.page_size)) continue;
    sum = checksum_xor(sum, page_checksum(pgno, pages.page(pgno)));
  }
  return sum;
}

Status write_difference(const Pages& from, const Pages& to, Txid txid, const char* path) {
  Header header;
  header.page_size = to.page_size;
  header.commit = to.count();
  header.min_txid = header.max_txid = txid;
  header.timestamp_ms = 1700000000000 + static_cast<std::int64_t>(txid.value) * 1000;
  if (txid.value > 1) header.pre_apply = database_checksum(from);
  FileSink sink(path);
  LT_ASSIGN(Encoder encoder, Encoder::start(sink, header));
  for (Pgno pgno = 1; pgno <= to.count(); ++pgno) {
    const Bytes page = to.page(pgno);
    const bool same = from.holds(pgno) && std::ranges::equal(page, from.page(pgno));
    if (same || pgno == lock_page(to.page_size)) continue;
    LT_TRY(encoder.add_page(pgno, page));
  }
  LT_TRY(encoder.finish(database_checksum(to)));
  return sink.close();
}

Status run(char** argv) {
  LT_ASSIGN(const Buffer from, load(argv[1]));
  LT_ASSIGN(const Buffer to, load(argv[2]));
  if (to.size() < 100) return Error(Errc::kCorrupt, "the new state is no database");
  const std::uint32_t stored = load_be<std::uint16_t>(to.data() + 16);
  const std::uint32_t page_size = stored == 1 ? 65536 : stored;
  return write_difference({from, page_size}, {to, page_size},
                          Txid{std::strtoull(argv[3], nullptr, 10)}, argv[4]);
}

}  // namespace
}  // namespace litetool

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench_ltx_diff OLD NEW TXID FILE\n", stderr);
    return 2;
  }
  const litetool::Status status = litetool::run(argv);
  if (!status) std::fprintf(stderr, "bench_ltx_diff: %s\n", status.error().text().c_str());
  return status ? 0 : 1;
}
