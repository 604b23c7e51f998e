// litetool ltx extract: the bytes of one page.
#include <algorithm>

#include "cmd/command.h"
#include "cmd/ltx_args.h"
#include "core/ltx/extract.h"
#include "core/os/atomic_file.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Reads only the page index and the one page where the variant has an index. An LZ4\n"
          "block has no checksum of its own: --verify reads the whole image and compares all.")
      .positional("FILE", Arity::kOne, "LTX file or segment", Complete::kFile)
      .value("--page", 0, "PGNO", "page number, from 1 (required)")
      .value("--output", 'o', "OUT", "file to write, - for standard output (required)",
             Complete::kFile)
      .value("--txid", 0, "TXID", "the image of a segment that holds this transaction")
      .toggle("--verify", 0, "verify the whole image first")
      .force()
      .threads()
      .example("litetool ltx extract app.ltx --page 1 -o page1.bin", "the first page")
      .example("litetool ltx extract app.ltx --page 7 -o - | od -tx1", "look at a page")
      .path("FILE", PathUse::kReads)
      .path("--output", PathUse::kWrites)
      .exit_code(4, "the file is damaged")
      .exit_code(6, "no such page or transaction in it")
      .exit_code(7, "the output exists");
}

Result<ImageRef> choose(const std::vector<ImageRef>& images, const Args& args) {
  if (!args.has("--txid")) {
    if (images.size() == 1) return images.front();
    return Error(Errc::kUsage, args.one("FILE") + " holds " + grouped(images.size()) +
                                   " images (say which with --txid)");
  }
  LT_ASSIGN(const Txid txid, parse_txid(args.get("--txid")));
  const auto it = std::ranges::find_if(images, [&](const ImageRef& r) {
    return r.header.min_txid <= txid && txid <= r.header.max_txid;
  });
  if (it == images.end()) {
    return Error(Errc::kNotFound, args.one("FILE") + " does not hold transaction " + txid.text());
  }
  return *it;
}

Status write_page(Context& context, const std::string& output, const Buffer& page, bool replace) {
  if (output == "-") {
    context.out.text(std::string(reinterpret_cast<const char*>(page.data()), page.size()));
    return {};
  }
  LT_ASSIGN(auto file, AtomicFile::create(context.env, output, replace));
  LT_TRY(file.write(page));
  return file.commit();
}

Result<int> run(const Args& args, Context& context) {
  const std::string output = args.get("--output");
  if (output.empty()) return Error(Errc::kUsage, "where to? --output OUT is needed");
  if (!args.has("--page")) return Error(Errc::kUsage, "which page? --page PGNO is needed");
  LT_ASSIGN(const std::uint64_t pgno, args.number("--page", 0, 1, 0xffffffff));
  LT_ASSIGN(const unsigned threads, args.threads());
  const Job job = context.job(threads);
  LT_ASSIGN(const auto images, list_images(job, args.one("FILE")));
  LT_TRY(refuse_as_output(context.env, images, output));
  LT_ASSIGN(const ImageRef image, choose(images, args));
  if (args.has("--verify")) LT_TRY(verify_image_contents(job, image));
  LT_ASSIGN(const Buffer page, extract_page(job, image, static_cast<Pgno>(pgno)));
  LT_TRY(write_page(context, output, page, args.has("--force")));
  if (output == "-") return kExitDone;
  if (context.out.json_mode()) {
    context.out.document(Json{{"file", output},
                              {"pgno", pgno},
                              {"page_size", image.header.page_size},
                              {"min_txid", image.header.min_txid.text()},
                              {"max_txid", image.header.max_txid.text()},
                              {"verified", args.has("--verify")}});
  } else if (!context.out.quiet()) {
    context.out.line(output + ": page " + std::to_string(pgno) + " of " + image.name());
  }
  return kExitDone;
}

}  // namespace

extern const Command kLtxExtractCommand;
const Command kLtxExtractCommand = {"ltx extract", "write one page of an LTX file", spec, run};

}  // namespace litetool
