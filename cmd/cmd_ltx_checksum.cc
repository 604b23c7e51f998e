// litetool ltx checksum: the LTX checksum of a database file.
#include "cmd/command.h"
#include "cmd/progress.h"
#include "core/audit/database_checksum.h"
#include "core/audit/wal_beside.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "The checksum that LTX files carry as pre- and post-apply checksum: the flag bit and\n"
          "the XOR of the CRC-64 of every page, the lock page left out. It guards against\n"
          "accidents: two swapped pages do not change it. --digest adds BLAKE2b-256, which\n"
          "nothing escapes.")
      .positional("DB", Arity::kOne, "SQLite database file", Complete::kFile)
      .toggle("--pages", 0, "print the checksum of every page first")
      .toggle("--digest", 0, "print BLAKE2b-256 of the pages in order too")
      .value("--page-size", 0, "BYTES", "page size of a file without a database header")
      .threads()
      .example("litetool ltx checksum app.db", "compare it with the last post-apply checksum")
      .example("litetool ltx checksum --pages app.db > before.tsv", "to find changed pages later")
      .example("litetool ltx checksum --digest app.db", "a digest that sees swapped pages too")
      .path("DB", PathUse::kReadsHistory)
      .exit_code(4, "not a database, or not a whole number of pages")
      .exit_code(6, "the file is not there");
  return spec;
}

// Prints the page map as it is made.
class PagePrinter : public PageSumSink {
 public:
  explicit PagePrinter(Output& out) : out_(out) {
    if (!out_.json_mode()) out_.line("pgno\tchecksum");
  }
  Status pages(std::span<const PageSum> sums) override {
    std::string text;
    for (const PageSum& s : sums) {
      if (out_.json_mode()) {
        out_.json_line(Json{{"type", "page"}, {"pgno", s.pgno}, {"checksum", s.checksum.text()}});
      } else {
        text += std::to_string(s.pgno) + "\t" + s.checksum.text() + "\n";
      }
    }
    out_.text(text);
    return {};
  }

 private:
  Output& out_;
};

Result<std::uint32_t> page_size_arg(const Args& args) {
  LT_ASSIGN(
      const std::uint64_t n,
      args.number("--page-size", 0, args.has("--page-size") ? kMinPageSize : 0, kMaxPageSize));
  const auto size = static_cast<std::uint32_t>(n);
  if (size != 0 && !is_page_size(size)) {
    return Error(Errc::kUsage, "--page-size: " + std::to_string(n) + " is not a power of two");
  }
  return size;
}

void print_json(Output& out, const std::string& path, const DatabaseChecksum& sum, bool streamed,
                std::uint64_t wal_frames) {
  Json j;
  if (streamed) j["type"] = "summary";
  j["file"] = path;
  j["page_size"] = sum.page_size == 0 ? Json() : Json(sum.page_size);
  j["pages"] = sum.page_count;
  j["checksum"] = sum.checksum.text();
  j["checksum_with_lock_page"] = sum.with_lock_page ? Json(sum.with_lock_page->text()) : Json();
  j["blake2b"] = sum.digest ? Json(to_hex(*sum.digest)) : Json();
  j["wal_frames_left_out"] = wal_frames;
  streamed ? out.json_line(j) : out.document(j);
}

void print_text(Output& out, const DatabaseChecksum& sum, bool streamed) {
  out.line((streamed ? "total\t" : "") + sum.checksum.text());
  if (sum.digest) out.line((streamed ? "blake2b\t" : "blake2b ") + to_hex(*sum.digest));
  if (sum.with_lock_page) {
    out.note("ltx 0.5.2 and older count the lock page too and print " + sum.with_lock_page->text());
  }
}

Result<int> run(const Args& args, Context& context) {
  const std::string& path = args.one("DB");
  ChecksumRequest request;
  LT_ASSIGN(request.page_size, page_size_arg(args));
  LT_ASSIGN(const unsigned threads, args.threads());
  request.digest = args.has("--digest");
  LT_ASSIGN(const auto file, context.env.open(kCwd, path, OpenMode::kRead));
  std::optional<PagePrinter> printer;
  if (args.has("--pages")) printer.emplace(context.out);
  Result<DatabaseChecksum> sum = DatabaseChecksum{};
  {
    Progress progress(context.out, "checksum", file->size());
    sum = database_checksum(context.job(threads, &progress), *file, request,
                            printer ? &*printer : nullptr);
  }
  if (!sum) return std::move(sum).error().with(path);
  LT_ASSIGN(const std::uint64_t wal_frames, wal_frames_beside(context.env, path));
  if (wal_frames > 0) {
    context.out.warn(path + "-wal holds " + grouped(wal_frames) +
                     " frames, which are not summed (checkpoint it, or use 'litetool ltx encode', "
                     "which takes them along)");
  }
  if (context.out.json_mode()) {
    print_json(context.out, path, *sum, printer.has_value(), wal_frames);
  } else {
    print_text(context.out, *sum, printer.has_value());
  }
  return kExitDone;
}

}  // namespace

extern const Command kLtxChecksumCommand;
const Command kLtxChecksumCommand = {"ltx checksum", "print the LTX checksum of a database", spec,
                                     run};

}  // namespace litetool
