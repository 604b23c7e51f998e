#include "core/restore/restore.h"

#include "core/ltx/leftover_files.h"
#include "core/os/atomic_file.h"
#include "core/restore/page_file.h"
#include "core/rows/sqlite_library.h"
#include "formats/base/text.h"

namespace litetool {

Result<RestorePlan> plan_restore(const HistorySource& source, const FoundMoment& found) {
  LT_ASSIGN(auto chain, source.chain_to(found));
  const Moment& moment = found.moment;
  RestorePlan plan{moment, std::move(chain)};
  if (plan.commit() == 0) {
    const std::string when = moment.time_ms == 0 ? "" : " (" + rfc3339_ms(moment.time_ms) + ")";
    return Error(Errc::kNotFound, "the database was removed in transaction " + moment.txid.text() +
                                      when + ": choose an earlier one");
  }
  return plan;
}

Status write_restored(Env& env, const std::string& output, const RestoreOptions& options,
                      const std::function<Status(File&)>& fill) {
  LT_TRY(refuse_leftover_files(env, output));
  LT_ASSIGN(AtomicFile aside, AtomicFile::create(env, output, options.replace));
  LT_TRY(fill(aside.file()));
  if (options.check != RestoreCheck::kNone) {
    LT_TRY(check_integrity(aside.temp_path(), options.check == RestoreCheck::kQuick));
  }
  return aside.commit();
}

Result<NewestPages> restore_database(const Job& job, const RestorePlan& plan,
                                     const std::string& output, const RestoreOptions& options) {
  NewestPages read;
  const auto fill = [&](File& file) -> Status {
    LT_TRY(file.truncate(plan.size_bytes()));
    PageFile restored(file, plan.page_size());
    LT_ASSIGN(read, read_newest_pages(job, *plan.chain, [&](Pgno first, Bytes pages) {
                return restored.write(first, pages);
              }));
    return {};
  };
  LT_TRY(write_restored(job.env, output, options, fill));
  return read;
}

}  // namespace litetool
