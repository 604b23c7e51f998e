#include "core/archive/export_pages.h"

#include "formats/base/crc64.h"
#include "formats/ltx/encoder.h"

namespace litetool {
namespace {

// Written at once.
constexpr std::size_t kWriteBytes = 256 * 1024;
// What an empty database file is said to have; it has no page that could tell.
constexpr std::uint32_t kDefaultPageSize = 4096;

}  // namespace

Result<Checksum> export_database(const Job& job, PageSource& pages, ByteSink& sink) {
  Checksum sum = kEmptyDatabase;
  const Pgno lock = pages.page_count() == 0 ? 0 : lock_page(pages.page_size());
  Buffer out;
  for (Pgno pgno = 1; pgno <= pages.page_count(); ++pgno) {
    LT_ASSIGN(const Bytes page, pages.page(pgno));
    if (pgno != lock) sum = checksum_xor(sum, page_checksum(pgno, page));
    out.insert(out.end(), page.begin(), page.end());
    if (out.size() < kWriteBytes && pgno != pages.page_count()) continue;
    LT_TRY(job.check());
    LT_TRY(sink.write(out));
    job.advance(out.size());
    out.clear();
  }
  return sum;
}

Result<Checksum> export_snapshot(const Job& job, PageSource& pages, Txid txid,
                                 std::int64_t timestamp_ms, ByteSink& sink) {
  ltx::Header header;
  header.variant = ltx::Variant::kV3Block;
  header.page_size = pages.page_count() == 0 ? kDefaultPageSize : pages.page_size();
  header.commit = pages.page_count();
  header.min_txid = Txid{1};
  header.max_txid = txid;
  header.timestamp_ms = timestamp_ms;
  LT_ASSIGN(auto encoder, ltx::Encoder::start(sink, header));
  Checksum sum = kEmptyDatabase;
  for (Pgno pgno = 1; pgno <= header.commit; ++pgno) {
    if (pgno == header.lock_pgno()) continue;
    LT_TRY(job.check());
    LT_ASSIGN(const Bytes page, pages.page(pgno));
    sum = checksum_xor(sum, page_checksum(pgno, page));
    LT_TRY(encoder.add_page(pgno, page));
    job.advance(page.size());
  }
  LT_TRY(encoder.finish(sum));
  return sum;
}

}  // namespace litetool
