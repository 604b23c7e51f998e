// litetool inspect: what a file is, and what it says about itself.
#include "cmd/command.h"
#include "cmd/inspect_details.h"
#include "cmd/inspect_report.h"
#include "core/inspect/file_kind.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Tells databases, WALs, wal-indexes, rollback journals, LTX files of every version and\n"
          "segments by their bytes, decodes their headers and proves what has a checksum.\n"
          "Only this one file is read: a database is shown without the WAL beside it.")
      .toggle("--frames", 0,
              "list the frames of a WAL, the records of a journal, the images of a "
              "segment")
      .toggle("--pages", 0, "list the pages of a database: kind and owner")
      .positional("FILE", Arity::kOne, "the file to look at")
      .example("litetool inspect app.db", "page size, journal mode, versions, free pages")
      .example("litetool inspect --pages app.db", "what each page is and whose")
      .example("litetool inspect --frames app.db-wal", "each frame with its verdict")
      .path("FILE", PathUse::kReadsHistory)
      .exit_code(kExitCorrupt, "the file is damaged")
      .exit_code(kExitUnsupported, "the file is of no kind that litetool knows");
}

struct Inspected {
  const std::string& path;
  const File& file;
  bool frames;
  bool pages;
  Context& context;
};

// The kind and the size in front of what the file says about itself.
void print_report(const Inspected& in, FileKind kind, const Json& report) {
  Output& out = in.context.out;
  Json whole{{"path", out.json_mode() ? in.path : printable(in.path)},
             {"kind", file_kind_text(kind)},
             {"size_bytes", in.file.size()}};
  whole.update(report);
  if (!out.json_mode()) {
    whole.erase("damage");  // it is the error that ends the command
    out.text(report_text(whole));
  } else if (in.frames || in.pages) {
    Json head{{"type", "file"}};
    head.update(whole);
    out.json_line(head);
  } else {
    out.document(whole);
  }
}

Status as_status(std::optional<Error> damage) {
  if (damage) return *std::move(damage);
  return {};
}

Status inspect_database(const Inspected& in) {
  LT_ASSIGN(const DatabaseSummary s, summarise_database(in.file));
  print_report(in, FileKind::kDatabase, report_of(s));
  if (in.pages) {
    const Status pages = print_pages(in.file, s.header, in.context);
    if (!pages.ok() && !s.damage) return pages;
  }
  return as_status(s.damage);
}

Status inspect_wal(const Inspected& in) {
  LT_ASSIGN(const WalSummary s, summarise_wal(in.file, in.context.job(1)));
  print_report(in, FileKind::kWal, report_of(s));
  if (in.frames) LT_TRY(print_frames(in.file, s, in.context));
  return as_status(s.damage);
}

Status inspect_wal_index(const Inspected& in) {
  LT_ASSIGN(const WalIndexSummary s, summarise_wal_index(in.file));
  print_report(in, FileKind::kWalIndex, report_of(s));
  return as_status(s.damage);
}

// Of the database that the journal stands beside; 0 when there is none.
std::uint32_t page_size_beside(const std::string& journal_path, Env& env) {
  constexpr std::string_view kSuffix = "-journal";
  if (!journal_path.ends_with(kSuffix)) return 0;
  const std::string path = journal_path.substr(0, journal_path.size() - kSuffix.size());
  const auto database = env.open(kCwd, path, OpenMode::kRead);
  if (!database) return 0;
  const auto summary = summarise_database(**database);
  return summary ? summary->header.page_size : 0;
}

Status inspect_journal(const Inspected& in) {
  const std::uint32_t page_size = page_size_beside(in.path, in.context.env);
  LT_ASSIGN(const JournalSummary s, summarise_journal(in.file, page_size, in.context.job(1)));
  print_report(in, FileKind::kJournal, report_of(s));
  if (in.frames) LT_TRY(print_records(in.file, page_size, in.context));
  return as_status(s.damage);
}

void print_image(const ImageSummary& image, Output& out) {
  if (out.json_mode()) {
    Json j{{"type", "image"}, {"offset", image.offset}, {"size_bytes", image.size}};
    j.update(report_of(image.header, image.tail));
    out.json_line(j);
    return;
  }
  out.line(format("%14llu  %12llu  ", static_cast<unsigned long long>(image.offset),
                  static_cast<unsigned long long>(image.size)) +
           image.header.min_txid.text() + "  " + image.header.max_txid.text() +
           format("  %10u  %10llu", image.header.commit,
                  static_cast<unsigned long long>(image.tail.page_count)));
}

Status inspect_ltx(const Inspected& in, bool segment) {
  const auto extent = segment ? ltx::Extent::kImage : ltx::Extent::kWholeFile;
  LT_ASSIGN(const LtxSummary s, summarise_ltx(in.file, extent, in.context.job(1)));
  print_report(in, segment ? FileKind::kSegment : FileKind::kLtx, report_of(s, segment));
  if (in.frames && segment) {
    if (!in.context.out.json_mode()) {
      in.context.out.line(
          "\n        offset          size          min_txid          max_txid"
          "      commit       pages");
    }
    for (const ImageSummary& image : s.images) print_image(image, in.context.out);
  }
  return as_status(s.damage);
}

Status inspect(const Inspected& in, FileKind kind) {
  switch (kind) {
    case FileKind::kDatabase:
      return inspect_database(in);
    case FileKind::kWal:
      return inspect_wal(in);
    case FileKind::kWalIndex:
      return inspect_wal_index(in);
    case FileKind::kJournal:
      return inspect_journal(in);
    case FileKind::kLtx:
      return inspect_ltx(in, false);
    case FileKind::kSegment:
      return inspect_ltx(in, true);
    case FileKind::kEmpty:
      print_report(in, kind, Json::object());
      return {};
    case FileKind::kUnknown:
      break;
  }
  return Error(Errc::kUnsupported,
               "neither a database, a WAL, a wal-index, a rollback journal nor an LTX file");
}

Result<int> run(const Args& args, Context& context) {
  const std::string& path = args.one("FILE");
  LT_ASSIGN(const std::unique_ptr<File> file, context.env.open(kCwd, path, OpenMode::kRead));
  LT_ASSIGN(const FileKind kind, detect_file_kind(*file, path));
  const Inspected in{path, *file, args.has("--frames"), args.has("--pages"), context};
  if (in.pages && kind != FileKind::kDatabase) {
    return Error(Errc::kUsage, printable(path) + " is no database: --pages has nothing to list");
  }
  const bool has_frames =
      kind == FileKind::kWal || kind == FileKind::kJournal || kind == FileKind::kSegment;
  if (in.frames && !has_frames) {
    return Error(Errc::kUsage,
                 printable(path) + " is no WAL, journal or segment: --frames has nothing to list");
  }
  Status done = inspect(in, kind);
  if (!done.ok()) return std::move(done).error().with(printable(path));
  return kExitDone;
}

}  // namespace

extern const Command kInspectCommand;
const Command kInspectCommand = {"inspect", "say what a file is and decode its header", spec, run};

}  // namespace litetool
