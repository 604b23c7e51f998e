#include "core/restore/restore.h"

#include "core/history/replay.h"
#include "core/os/atomic_file.h"
#include "formats/base/text.h"

namespace litetool {

Result<Restored> restore_database(Env& env, const HistoryReader& history, const HistoryImage& point,
                                  const std::string& output, bool replace) {
  if (point.commit == 0) {
    return Error(Errc::kNotFound, "the database was removed in transaction " +
                                      point.max_txid.text() + " (" +
                                      rfc3339_ms(point.timestamp_ms) + "): choose an earlier one");
  }
  LT_ASSIGN(const std::vector<HistoryImage> chain, history.chain_to(point.max_txid));
  LT_ASSIGN(AtomicFile file, AtomicFile::create(env, output, replace));
  const std::uint64_t page_size = point.page_size;
  LT_TRY(file.file().truncate(page_size * point.commit));
  LT_TRY(replay(history, chain, [&](Pgno pgno, Bytes page, Checksum) {
    return file.file().write_at(page, (std::uint64_t{pgno} - 1) * page_size);
  }));
  LT_TRY(file.commit());
  return Restored{point, page_size * point.commit, chain.size()};
}

}  // namespace litetool
