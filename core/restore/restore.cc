#include "core/restore/restore.h"

#include "core/ltx/leftover_files.h"
#include "core/os/atomic_file.h"
#include "core/rows/sqlite_library.h"
#include "core/source/newest_pages.h"
#include "formats/base/text.h"

namespace litetool {
Result<RestorePlan> plan_restore(const HistorySource& source, const Moment& moment) {
  LT_ASSIGN(std::vector<ImageRef> chain, source.chain_to(moment.txid));
  RestorePlan plan{moment, std::move(chain)};
  if (plan.commit() == 0) {
    const std::string when = moment.time_ms == 0 ? "" : " (" + rfc3339_ms(moment.time_ms) + ")";
    return Error(Errc::kNotFound, "the database was removed in transaction " + moment.txid.text() +
                                      when + ": choose an earlier one");
  }
  return plan;
}

Result<Checksum> restore_database(const Job& job, const RestorePlan& plan,
                                  const std::string& output, const RestoreOptions& options) {
  LT_TRY(refuse_leftover_files(job.env, output));
  LT_ASSIGN(AtomicFile aside, AtomicFile::create(job.env, output, options.replace));
  File& file = aside.file();
  LT_TRY(file.truncate(plan.size_bytes()));
  const std::uint64_t page_size = plan.page_size();
  LT_ASSIGN(const Checksum checksum,
            read_newest_pages(job, plan.chain, [&](Pgno first, Bytes pages) {
              return file.write_at(pages, (std::uint64_t{first} - 1) * page_size);
            }));
  if (options.check != RestoreCheck::kNone) {
    LT_TRY(check_integrity(aside.temp_path(), options.check == RestoreCheck::kQuick));
  }
  LT_TRY(aside.commit());
  return checksum;
}

}  // namespace litetool
