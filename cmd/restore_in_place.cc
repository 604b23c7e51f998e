#include "cmd/restore_in_place.h"

#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "core/audit/audit.h"
#include "core/history/tags.h"
#include "core/os/temp_dir.h"
#include "core/rows/replace_database.h"

namespace litetool {
namespace {

constexpr std::int64_t kTimeoutMs = 10'000;

Status refuse_loss(const Job& job, const std::string& path, const SourcePlace& place) {
  AuditOptions options;
  options.lag_ms = capture_lag_ms(path);
  LT_ASSIGN(const AuditReport report, audit_database(job, path, place, options));
  if (report.agrees()) return {};
  return Error(Errc::kDiffers,
               path +
                   " holds what its history does not, and that would be lost: mount its "
                   "directory once, then it is taken in (or lose it with --force)");
}

// The state that is there now, by name.
Result<Tag> tag_present_state(const Job& job, const SourcePlace& place) {
  LT_ASSIGN(const auto source, open_source(job, place));
  LT_ASSIGN(const FoundMoment latest, source->latest());
  const Txid txid = latest.moment.txid;
  Tag tag{"before-restore-" + txid.text(), txid, job.env.now_ms()};
  LT_TRY(add_tag(job, place.folders.front(), tag, true));
  return tag;
}

}  // namespace

Result<RestoredInPlace> restore_in_place(const Job& job, const std::string& path,
                                         const SourcePlace& place, const RestorePlan& plan,
                                         const RestoreOptions& options) {
  if (place.kind != SourceKind::kLitetool) {
    return Error(Errc::kUnsupported, path + " has no history of litetool's (" +
                                         source_kind_name(place.kind) +
                                         "): --in-place could not keep what is there");
  }
  const auto there = job.env.stat(kCwd, path);
  if (there && !S_ISREG(there->st_mode)) {
    return Error(Errc::kUsage,
                 path + " is not a database file: --in-place needs the one to replace");
  }
  if (!there) {
    LT_ASSIGN(const NewestPages read, restore_database(job, plan, path, options));
    return RestoredInPlace{read, ""};
  }
  LT_ASSIGN(const TempDir temp, TempDir::create(job.env, temp_directory()));
  const std::string made = temp.path("restored.db");
  LT_ASSIGN(const NewestPages read, restore_database(job, plan, made, options));
  if (!options.replace) LT_TRY(refuse_loss(job, path, place));
  LT_ASSIGN(const Tag tag, tag_present_state(job, place));
  Status replaced = replace_database(job, made, path, kTimeoutMs);
  if (!replaced) {
    (void)delete_tag(job, place.folders.front(), tag.name);  // the first error is the one to tell
    return std::move(replaced).error();
  }
  return RestoredInPlace{read, tag.name};
}

}  // namespace litetool
