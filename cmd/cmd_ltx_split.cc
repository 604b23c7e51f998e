// litetool ltx split: the images of a segment as files of their own.
#include "cmd/command.h"
#include "cmd/ltx_args.h"
#include "cmd/progress.h"
#include "core/ltx/extract.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "A segment (.ltxs) is LTX images one after another. Each becomes a file\n"
          "<min>-<max>.ltx, byte for byte, once it is verified.")
      .positional("SEGMENT", Arity::kOne, "segment file", Complete::kFile)
      .value("--output", 'o', "DIR", "directory to write to, created if missing (required)",
             Complete::kDirectory)
      .force()
      .threads()
      .example("litetool ltx split 0000000000000001.ltxs -o out", "every transaction as a file")
      .path("SEGMENT", PathUse::kReads)
      .path("--output", PathUse::kWrites)
      .exit_code(4, "the segment is damaged")
      .exit_code(7, "a file exists");
  return spec;
}

Result<int> run(const Args& args, Context& context) {
  const std::string output = args.get("--output");
  if (output.empty()) return Error(Errc::kUsage, "where to? --output DIR is needed");
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(const auto images, list_images(context.job(threads), args.one("SEGMENT")));
  Result<std::vector<SplitImage>> split = std::vector<SplitImage>{};
  {
    Progress progress(context.out, "split", total_size(images));
    split = split_images(context.job(threads, &progress), images, output, args.has("--force"));
  }
  if (!split) return std::move(split).error();
  for (const SplitImage& s : *split) {
    if (context.out.json_mode()) {
      Json j{{"file", s.path}, {"offset", s.image.offset}, {"size_bytes", s.image.size}};
      j.update(image_json(s.image.header, s.image.trailer));
      context.out.json_line(j);
    } else if (!context.out.quiet()) {
      context.out.line(s.path + ": " + image_text(s.image.header) + ", " +
                       human_size(s.image.size));
    }
  }
  return kExitDone;
}

}  // namespace

extern const Command kLtxSplitCommand;
const Command kLtxSplitCommand = {"ltx split", "cut a segment into LTX files", spec, run};

}  // namespace litetool
