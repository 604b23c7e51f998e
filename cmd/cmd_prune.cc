// litetool prune: what the retention takes away, shown or done.
#include <algorithm>
#include <optional>

#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/mount_history.h"
#include "cmd/retention_settings.h"
#include "core/config/config_file.h"
#include "core/history/compaction.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/history/marks.h"
#include "core/history/prepared_image.h"
#include "core/os/paths.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Merges what the settings under [retention] do not keep: every transaction for a while,\n"
          "then one a minute, then one an hour; tagged points stay. A mount does this by itself,\n"
          "once a minute; prune does it for a directory that is not mounted. Files that were\n"
          "replaced stay for ten minutes, for those who read them, and go the next time.")
      .toggle("--dry-run", 0, "only show what would be done")
      .value("--config", 0, "FILE", "settings (default: config.toml in the history folder)",
             Complete::kFile)
      .positional("DB", Arity::kOne, "database with a history")
      .path("DB", PathUse::kChangesHistory)
      .path("--config", PathUse::kReads)
      .exit_code(kExitNotFound, "DB has no history")
      .exit_code(kExitExists, "it is mounted, or another litetool is at work there")
      .exit_code(kExitUnsupported, "the history is not litetool's own")
      .example("litetool prune data/app.db --dry-run", "what is kept and what goes")
      .example("litetool prune data/app.db", "while nothing is mounted");
}

Result<RetentionPolicy> policy_of(const Args& args, Context& context, const std::string& history) {
  Settings settings;
  if (args.has("--config")) {
    LT_ASSIGN(const std::string file, absolute_path(args.get("--config")));
    LT_TRY(read_config(context.env, file, settings));
    return retention_of(settings);
  }
  const Status read = read_config(context.env, history + "/config.toml", settings);
  if (!read && read.error().code != Errc::kNotFound) return read.error();
  return retention_of(settings);
}

// Of a mounted database: the newest segment, which is appended to.
Result<std::string> newest_segment(Env& env, const std::string& folder) {
  LT_ASSIGN(const std::vector<std::string> files, history_files(env, kCwd, folder));
  for (auto name = files.rbegin(); name != files.rend(); ++name) {
    if (is_segment_name(*name)) return *name;
  }
  return std::string();
}

std::uint64_t size_of(const CompactionOutlook& outlook, const std::vector<std::string>& names) {
  std::uint64_t bytes = 0;
  for (const HistoryFile& file : outlook.files) {
    if (std::ranges::find(names, file.name) != names.end()) bytes += file.size;
  }
  return bytes;
}

Json outlook_json(const SourcePlace& place, const CompactionOutlook& outlook) {
  Json tagged = Json::array();
  for (const Txid txid : outlook.tagged) tagged.push_back(txid.text());
  const RetentionPlan& plan = outlook.plan;
  return Json{{"database", place.name},
              {"points", outlook.points},
              {"kept", outlook.kept.size()},
              {"tagged", std::move(tagged)},
              {"new_base", plan.new_base.value == 0 ? Json() : Json(plan.new_base.text())},
              {"rewrites", plan.rewrites},
              {"removals", plan.removals},
              {"removed_bytes", size_of(outlook, plan.removals)}};
}

void print_outlook(Output& out, const CompactionOutlook& outlook) {
  const RetentionPlan& plan = outlook.plan;
  out.line("points kept   " + grouped(outlook.kept.size()) + " of " + grouped(outlook.points) +
           (outlook.tagged.empty() ? "" : ", " + grouped(outlook.tagged.size()) + " by tags"));
  if (plan.new_base.value != 0) out.line("new base      " + plan.new_base.text());
  for (const std::vector<std::string>& run : plan.rewrites) {
    out.line("merged        " + join(run, ", "));
  }
  for (const std::string& name : plan.removals) out.line("removed       " + name);
  if (plan.new_base.value == 0 && plan.rewrites.empty() && plan.removals.empty()) {
    out.line("nothing is to be done");
  }
}

// A power cut or a kill came in the way of whoever wrote it: the next mount puts that right, and
// must find it as it was left.
Result<bool> newest_is_unfinished(Env& env, const std::string& folder) {
  for (const std::string_view note : {kRedoFile, kDamagedFile}) {
    if (env.stat(kCwd, folder + "/" + std::string(note))) return true;
  }
  LT_ASSIGN(const std::string newest, newest_segment(env, folder));
  if (newest.empty()) return false;
  LT_ASSIGN(const auto file, env.open(kCwd, folder + "/" + newest, OpenMode::kRead));
  LT_ASSIGN(const auto prepared, find_prepared_image(*file, file->size()));
  return prepared.has_value();
}

Result<int> run(const Args& args, Context& context) {
  const std::string& path = args.one("DB");
  LT_ASSIGN(const SourcePlace place, named_source(context, path));
  if (place.kind != SourceKind::kLitetool) {
    return Error(Errc::kUnsupported,
                 path + " is not a history of litetool's (" + source_kind_name(place.kind) + ")");
  }
  LT_ASSIGN(const NamedHistories named, named_histories(context, path));
  LT_ASSIGN(const RetentionPolicy policy, policy_of(args, context, named.history));
  const bool dry = args.has("--dry-run");
  if (named.is_mounted && !dry) {
    return Error(Errc::kExists, path +
                                    " is mounted, and the mount prunes by itself (--dry-run "
                                    "shows what)");
  }
  UniqueFd lock;
  if (!dry) {
    LT_ASSIGN(lock, lock_history(named.history));
  }
  const std::string& folder = place.folders.front();
  CompactionPlace where{kCwd, folder, nullptr};
  bool keeps_newest = named.is_mounted;
  if (!named.is_mounted) {
    LT_ASSIGN(keeps_newest, newest_is_unfinished(context.env, folder));
  }
  if (keeps_newest && !named.is_mounted) {
    context.out.note(
        "the newest file was left in the middle of its work, and stays as it is until "
        "the directory is mounted again");
  }
  if (keeps_newest) {
    LT_ASSIGN(const std::string open, newest_segment(context.env, folder));
    where.open_segment = [open]() { return std::optional(open); };
  }
  LT_ASSIGN(const CompactionOutlook outlook, look_ahead(context.job(1), where, policy));
  CompactionReport report;
  if (!dry) {
    LT_ASSIGN(report, compact_history(context.job(1), where, policy));
    if (const Txid base = report.new_base; base.value != 0) {
      LT_TRY(forget_marks_before(context.env, kCwd, folder, base));
    }
  }
  if (context.out.json_mode()) {
    Json j = outlook_json(place, outlook);
    j["dry_run"] = dry;
    j["files_written"] = report.files_written;
    j["files_removed"] = report.files_removed;
    j["bytes_removed"] = report.bytes_removed;
    context.out.document(j);
    return kExitDone;
  }
  print_outlook(context.out, outlook);
  if (!dry) {
    context.out.note("wrote " + grouped(report.files_written) + " files, removed " +
                     grouped(report.files_removed) + " of " + human_size(report.bytes_removed));
  }
  return kExitDone;
}

}  // namespace

extern const Command kPruneCommand;
const Command kPruneCommand = {"prune", "take away what the retention does not keep", spec, run};

}  // namespace litetool
