// litetool ltx apply: LTX files onto a database, or into a new one.
#include "cmd/command.h"
#include "cmd/ltx_args.h"
#include "cmd/progress.h"
#include "core/ltx/apply.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "Verifies every file and every position on the way before the database is touched. A\n"
          "snapshot makes a new database; other files change the one that is there, which must\n"
          "stand where the first of them starts. After a crash the database is the old or the new\n"
          "one.")
      .positional("FILE", Arity::kOneOrMore, "LTX files, segments or folders of them",
                  Complete::kFile)
      .value("--database", 'd', "DB", "database to change or create (required)", Complete::kFile)
      .toggle("--dry-run", 'n', "verify everything and say what would be done")
      .toggle("--trust-base", 0, "apply files without checksums to a database that is there");
  add_timeout_flag(spec);
  spec.force()
      .threads()
      .example("litetool ltx apply -d new.db snapshot.ltx", "a new database")
      .example("litetool ltx apply -d app.db ltx/", "every LTX file of a folder, in order")
      .example("litetool ltx apply -d app.db --dry-run next.ltx", "would this file go on?")
      .path("FILE", PathUse::kReads)
      .path("--database", PathUse::kChangesHistory)
      .exit_code(1, "a hot journal or log frames are beside the database")
      .exit_code(4, "a file is damaged")
      .exit_code(5, "a gap, or the database does not stand where the first file starts")
      .exit_code(6, "no database, and the first file is not a snapshot")
      .exit_code(7, "a snapshot, and the database exists")
      .exit_code(9, "another program did not leave the database in time");
  return spec;
}

void print(Output& out, const std::string& database, const ApplyReport& r, bool dry_run) {
  const auto optional = [](Checksum c) { return c.present() ? Json(c.text()) : Json(); };
  if (out.json_mode()) {
    out.document(Json{{"database", database},
                      {"dry_run", dry_run},
                      {"created", r.created},
                      {"images_applied", r.images},
                      {"images_passed_over", r.images_passed_over},
                      {"page_size", r.page_size},
                      {"pages_before", r.pages_before},
                      {"pages_after", r.pages_after},
                      {"pages_written", r.pages_written},
                      {"txid", r.txid.text()},
                      {"checksum_before", optional(r.before)},
                      {"checksum_after", optional(r.after)}});
    return;
  }
  if (out.quiet() && !dry_run) return;
  const std::string verb = r.created ? (dry_run ? "would be created, " : "created, ")
                                     : (dry_run ? "would be changed, " : "changed, ");
  out.line(database + ": " + verb + grouped(r.images) + (r.images == 1 ? " file" : " files") +
           " up to transaction " + r.txid.text() + ", " + grouped(r.pages_written) + " of " +
           grouped(r.pages_after) + " pages written, checksum " + r.after.text());
}

Result<int> run(const Args& args, Context& context) {
  const std::string database = args.get("--database");
  if (database.empty()) return Error(Errc::kUsage, "which database? --database DB is needed");
  ApplyOptions options;
  options.replace = args.has("--force");
  options.dry_run = args.has("--dry-run");
  options.trust_base = args.has("--trust-base");
  LT_ASSIGN(options.timeout_ms, timeout_arg(args));
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(auto images, find_images(context.job(threads), args.all("FILE")));
  LT_TRY(refuse_as_output(context.env, images, database));
  Result<ApplyReport> report = ApplyReport{};
  {
    Progress progress(context.out, "apply", total_size(images));
    report = apply_images(context.job(threads, &progress), std::move(images), database, options);
  }
  if (!report) return std::move(report).error();
  print(context.out, database, *report, options.dry_run);
  return kExitDone;
}

}  // namespace

extern const Command kLtxApplyCommand;
const Command kLtxApplyCommand = {"ltx apply", "apply LTX files to a database", spec, run};

}  // namespace litetool
