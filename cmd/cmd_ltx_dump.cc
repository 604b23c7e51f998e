// litetool ltx dump: every part of an LTX file by name, damaged or not.
#include <cstdlib>

#include "cmd/command.h"
#include "cmd/dump_printer.h"
#include "core/ltx/image_scan.h"
#include "core/ltx/page_owners.h"
#include "formats/base/text.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "Shows header, pages, page index and trailer of an LTX file of any version, and of\n"
          "each page what it is and, for a snapshot or with --base, which table or index it\n"
          "belongs to. Shows all that can be read of a damaged file, marks what is wrong with\n"
          "'!', and ends with exit code 4.")
      .positional("FILE", Arity::kOne, "LTX file or segment (.ltxs)")
      .value("--page", 0, "N", "only this page")
      .toggle("--hex", 0, "show the bytes of pages too")
      .value("--txid", 0, "N", "only the images that hold this TXID")
      .value("--base", 0, "DB", "database whose schema says which table a page belongs to",
             Complete::kFile)
      .example("litetool ltx dump 0000000000000001-0000000000000001.ltx", "the whole file")
      .example("litetool ltx dump --page 1 --hex backup.ltx", "the bytes of one page")
      .example("litetool ltx dump --base app.db 0000000000000029-0000000000000029.ltx",
               "which tables a transaction touched")
      .path("FILE", PathUse::kReads)
      .path("--base", PathUse::kReadsHistory)
      .exit_code(4, "the file is damaged")
      .exit_code(6, "the file or the TXID is not there");
  return spec;
}

struct DumpRequest {
  std::string path;
  DumpView view;
  std::optional<std::uint64_t> txid;
  std::optional<PageMap> base;
};

// 16 hex digits as printed, 0x and hex digits, or decimal.
Result<std::uint64_t> parse_txid(const std::string& text) {
  if (text.size() == 16) return parse_hex16(text);
  if (text.starts_with("0x") && text.size() > 2 && text.size() <= 18) {
    return parse_hex16(std::string(18 - text.size(), '0') + text.substr(2));
  }
  return parse_u64(text);
}

Result<DumpRequest> request_from(const Args& args, Context& context) {
  DumpRequest request;
  request.path = args.one("FILE");
  request.view.hex = args.has("--hex");
  if (args.has("--page")) {
    LT_ASSIGN(const std::uint64_t page, args.number("--page", 0, 1, 0xffffffff));
    request.view.page = static_cast<Pgno>(page);
  }
  if (args.has("--txid")) {
    auto txid = parse_txid(args.get("--txid"));
    if (!txid) return Error(Errc::kUsage, "--txid: '" + args.get("--txid") + "' is not a TXID");
    request.txid = *txid;
  }
  if (args.has("--base")) {
    LT_ASSIGN(const auto file, context.env.open(kCwd, args.get("--base"), OpenMode::kRead));
    auto map = owners_in_database(*file);
    if (!map) return std::move(map).error().with(args.get("--base"));
    request.base = *std::move(map);
  }
  return request;
}

class Dumping {
 public:
  Dumping(Context& context, const DumpRequest& request, const File& file)
      : context_(context), request_(request), file_(file), job_(context.job(1)) {
    const char* dir = std::getenv("TMPDIR");
    if (dir != nullptr && *dir != 0) temp_dir_ = dir;
  }

  Result<int> run() {
    if (request_.path.ends_with(".ltxs")) {
      LT_TRY(all_images());
    } else {
      LT_TRY(only_image());
    }
    if (damage_) return exit_code_of(damage_->code);
    if (images_ == 0 && request_.txid) {
      return Error(Errc::kNotFound, request_.path + ": holds no TXID " + hex16(*request_.txid));
    }
    return kExitDone;
  }

 private:
  bool is_wanted(const ltx::Header& h) const {
    return !request_.txid ||
           (h.min_txid.value <= *request_.txid && *request_.txid <= h.max_txid.value);
  }

  Status only_image() {
    const auto header = read_image_header(file_, 0, ltx::Extent::kWholeFile);
    if (header && !is_wanted(*header)) return {};
    return image(0, ltx::Extent::kWholeFile);
  }

  Status all_images() {
    ltx::SegmentReader reader(file_);
    while (true) {
      const auto next = reader.next();
      if (!next) return image(reader.position(), ltx::Extent::kImage);  // shows what is wrong
      if (!*next) return {};
      if (!is_wanted((*next)->header)) continue;
      LT_TRY(image((*next)->offset, ltx::Extent::kImage));
    }
  }

  Status image(std::uint64_t offset, ltx::Extent extent) {
    if (images_++ > 0 && !context_.out.json_mode()) context_.out.line("");
    DumpView view = request_.view;
    std::optional<PageMap> own;
    if (request_.base) {
      view.owners = &*request_.base;
    } else if (const auto header = read_image_header(file_, offset, extent);
               header && header->is_snapshot()) {
      auto map = owners_in_snapshot(job_, file_, offset, extent, temp_dir_);
      if (map) own = *std::move(map);  // a damaged snapshot is shown without
      if (own) view.owners = &*own;
    }
    const auto printer = make_dump_printer(context_.out, view);
    LT_TRY(dump_image(job_, file_, offset, extent, *printer));
    if (!damage_) damage_ = printer->first_damage();
    return {};
  }

  Context& context_;
  const DumpRequest& request_;
  const File& file_;
  const Job job_;
  std::string temp_dir_ = "/tmp";
  std::uint64_t images_ = 0;
  std::optional<Error> damage_;
};

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const DumpRequest request, request_from(args, context));
  LT_ASSIGN(const auto file, context.env.open(kCwd, request.path, OpenMode::kRead));
  return Dumping(context, request, *file).run();
}

}  // namespace

extern const Command kLtxDumpCommand;
const Command kLtxDumpCommand = {"ltx dump", "show every part of an LTX file", spec, run};

}  // namespace litetool
