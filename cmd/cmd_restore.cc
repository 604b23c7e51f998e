// litetool restore: a database as it was at a point of its history.
#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/point_args.h"
#include "cmd/progress.h"
#include "cmd/restore_in_place.h"
#include "cmd/restore_report.h"
#include "core/restore/restore.h"
#include "core/restore/restore_v3.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(std::string(
                 "SOURCE is a database below a mounted directory (the history is found in the\n"
                 "folder .litetool of a directory above it, mounted or not; the database itself\n"
                 "need not exist any more), a history that lies elsewhere or a folder of its db,\n"
                 "a LiteFS data directory or its dbs/NAME, a file replica of Litestream, or a\n"
                 "folder of LTX files.\n"
                 "The output is verified before it appears.\n\n") +
             kPointHelp)
      .value("--at", 0, "POINT", "restore the state at this point (default: latest)")
      .value("--output", 'o', "FILE", "write the database here", Complete::kFile)
      .toggle("--in-place", 0, "replace the database itself, as one transaction")
      .toggle("--plan", 0, "print what would be read, and write nothing")
      .force()
      .threads()
      .positional("SOURCE", Arity::kOne, "database, replica or folder of LTX files")
      .path("SOURCE", PathUse::kReadsHistory)
      .path("SOURCE", PathUse::kChangesHistory, "--in-place")
      .path("--output", PathUse::kWrites)
      .exit_code(kExitDiffers, "--in-place: the database holds what its history does not")
      .exit_code(kExitCorrupt, "pages or checksums are damaged, or SQLite finds a fault")
      .exit_code(kExitBrokenChain, "files are missing on the way to the point")
      .exit_code(kExitNotFound, "no history, no such point, or removed at that point")
      .exit_code(kExitExists, "FILE exists and --force was not given")
      .example("litetool restore data/app.db -o app.db", "the last captured state")
      .example("litetool restore data/app.db --at '10m ago' -o before.db", "before the accident")
      .example("litetool restore data/app.db --at '10m ago' --in-place",
               "undo, while programs go on using it")
      .example("litetool restore /backup/replica --at 0x29 --plan", "what it would take");
  add_check_flag(spec);
  return spec;
}

Status print_plan(Context& context, const SourcePlace& place, const RestorePlan& plan) {
  LT_ASSIGN(const std::vector<ImageRef> images, list_chain(*plan.chain));
  if (context.out.json_mode()) {
    Json j = plan_json(place, plan);
    j["read_bytes"] = total_size(images);
    j["images"] = Json::array();
    for (const ImageRef& image : images) {
      j["images"].push_back(Json{{"file", image.path},
                                 {"offset", image.offset},
                                 {"size_bytes", image.size},
                                 {"min_txid", image.header.min_txid.text()},
                                 {"max_txid", image.header.max_txid.text()}});
    }
    context.out.document(j);
    return {};
  }
  Table table({{"FIRST TXID"}, {"LAST TXID"}, {"BYTES", Table::Align::kRight}, {"FILE"}});
  for (const ImageRef& image : images) {
    table.row({image.header.min_txid.text(), image.header.max_txid.text(), grouped(image.size),
               printable(image.name())});
  }
  context.out.text(table.text());
  context.out.note("would restore " + plan_text(plan) + ", from " + human_size(total_size(images)));
  return {};
}

void report(Context& context, const SourcePlace& place, const RestorePlan& plan,
            const RestoredInPlace& done, const std::string& output) {
  if (context.out.json_mode()) {
    Json j = plan_json(place, plan);
    j["checksum"] = done.read.checksum.text();
    j["images"] = done.read.images;
    j["output"] = output;
    j["replaced"] = done.tag.empty() ? Json() : Json("tag:" + done.tag);
    context.out.document(j);
    return;
  }
  context.out.note("restored " + plan_text(plan) + ", checksum " + done.read.checksum.text());
  if (!done.tag.empty()) context.out.note("what was there before is tag:" + done.tag);
}

// A replica without transactions: its files are what a plan consists of.
Json v3_json(const SourcePlace& place, const V3Plan& plan) {
  return Json{{"source", source_kind_name(place.kind)},
              {"database", place.name},
              {"txid", Json()},
              {"time", time_json(plan.time_ms)}};
}

std::uint64_t total_size(const V3Plan& plan) {
  std::uint64_t sum = 0;
  for (const V3File& file : plan.files) sum += file.size_bytes;
  return sum;
}

void print_v3_plan(Context& context, const SourcePlace& place, const V3Plan& plan) {
  if (context.out.json_mode()) {
    Json j = v3_json(place, plan);
    j["read_bytes"] = total_size(plan);
    j["images"] = Json::array();
    for (const V3File& file : plan.files) {
      j["images"].push_back(Json{{"file", file.path}, {"size_bytes", file.size_bytes}});
    }
    context.out.document(j);
    return;
  }
  Table table({{"BYTES", Table::Align::kRight}, {"FILE"}});
  for (const V3File& file : plan.files) table.row({grouped(file.size_bytes), printable(file.path)});
  context.out.text(table.text());
  context.out.note("would restore the state of " + local_time_text(plan.time_ms) + ", from " +
                   human_size(total_size(plan)));
}

Result<int> run_v3(const Args& args, Context& context, const SourcePlace& place,
                   const Point& point) {
  const std::string output = args.get("--output");
  LT_ASSIGN(const auto files, list_v3_files(context.env, place.folders.front()));
  LT_ASSIGN(const V3Plan plan, plan_v3(files, point, now_here(context)));
  if (args.has("--plan")) {
    print_v3_plan(context, place, plan);
    return kExitDone;
  }
  Progress progress(context.out, "restore", total_size(plan));
  LT_ASSIGN(const RestoredV3 done, restore_v3(context.job(1, &progress), plan, output,
                                              {check_of(args), args.has("--force")}));
  const std::uint64_t size_bytes = std::uint64_t{done.page_size} * done.pages;
  if (context.out.json_mode()) {
    Json j = v3_json(place, plan);
    j["pages"] = done.pages;
    j["page_size"] = done.page_size;
    j["size_bytes"] = size_bytes;
    j["images"] = plan.files.size();
    j["output"] = output;
    context.out.document(j);
  } else {
    context.out.note("restored the state of " + local_time_text(plan.time_ms) + ": " +
                     grouped(done.pages) + " pages, " + human_size(size_bytes));
  }
  return kExitDone;
}

Result<RestoredInPlace> restore_to(const Args& args, const Job& job, const SourcePlace& place,
                                   const RestorePlan& plan, const std::string& output) {
  const RestoreOptions options{check_of(args), args.has("--force")};
  if (args.has("--in-place")) return restore_in_place(job, output, place, plan, options);
  LT_ASSIGN(const NewestPages read, restore_database(job, plan, output, options));
  return RestoredInPlace{read, ""};
}

Result<int> run(const Args& args, Context& context) {
  const std::string output = args.has("--in-place") ? args.one("SOURCE") : args.get("--output");
  if (args.has("--in-place") && args.has("--output")) {
    return Error(Errc::kUsage, "--in-place and --output do not go together");
  }
  if (output.empty() && !args.has("--plan")) {
    return Error(Errc::kUsage, "--output FILE is needed (or --in-place)");
  }
  const Now now = now_here(context);
  LT_ASSIGN(const Point point, parse_point(args.get("--at", "latest"), now));
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(const SourcePlace place, named_source(context, args.one("SOURCE")));
  if (place.kind == SourceKind::kLitestream3 && !args.has("--in-place"))
    return run_v3(args, context, place, point);
  LT_ASSIGN(const auto source, open_source(context.job(threads), place));
  LT_ASSIGN(const FoundMoment found, source->find(point, now));
  LT_ASSIGN(const RestorePlan plan, plan_restore(*source, found));
  if (args.has("--plan")) {
    LT_TRY(print_plan(context, place, plan));
    return kExitDone;
  }
  Result<RestoredInPlace> done = RestoredInPlace{};
  {
    Progress progress(context.out, "restore", plan.size_bytes());
    done = restore_to(args, context.job(threads, &progress), place, plan, output);
  }
  if (!done) return std::move(done).error();
  report(context, place, plan, *done, output);
  return kExitDone;
}

}  // namespace

extern const Command kRestoreCommand;
const Command kRestoreCommand = {"restore", "rebuild a database as it was at a point in time", spec,
                                 run};

}  // namespace litetool
