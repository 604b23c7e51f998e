// litetool ltx compact: many LTX files as one.
#include "cmd/command.h"
#include "cmd/ltx_args.h"
#include "cmd/progress.h"
#include "core/ltx/compact.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "Of each page the newest version is kept. Files of any variants may be mixed; they\n"
          "are sorted by transaction and must follow on from each other. Every file is\n"
          "verified to its end before the output appears.")
      .positional("FILE", Arity::kOneOrMore, "LTX files, segments or folders of them",
                  Complete::kFile)
      .value("--output", 'o', "OUT", "file to write (required)", Complete::kFile);
  add_variant_flag(spec, "variant to write (default: v3-block)");
  spec.toggle("--allow-gaps", 0, "accept files that leave transactions out")
      .toggle("--no-checksums", 0, "write no database checksums, whatever the files have")
      .force()
      .threads()
      .example("litetool ltx compact ltx/ -o all.ltx", "a folder as one file")
      .example("litetool ltx compact ltx/*.ltx -o week.ltx --to v1-lz4", "the same for LiteFS")
      .path("FILE", PathUse::kReads)
      .path("--output", PathUse::kWrites)
      .exit_code(4, "a file is damaged")
      .exit_code(5, "the files do not follow on from each other")
      .exit_code(7, "the output exists")
      .exit_code(10, "page size changes, or only some files have checksums");
  return spec;
}

Result<int> run(const Args& args, Context& context) {
  const std::string output = args.get("--output");
  if (output.empty()) return Error(Errc::kUsage, "where to? --output OUT is needed");
  CompactOptions options;
  LT_ASSIGN(options.rules.variant, variant_arg(args));
  options.rules.allow_gaps = args.has("--allow-gaps");
  options.rules.allow_overlaps = true;
  options.rules.drop_checksums = args.has("--no-checksums");
  options.replace = args.has("--force");
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(auto images, find_images(context.job(threads), args.all("FILE")));
  LT_TRY(refuse_as_output(context.env, images, output));
  const std::uint64_t size_before = total_size(images);
  Result<CompactReport> report = CompactReport{};
  {
    Progress progress(context.out, "compact", size_before);
    report = compact(context.job(threads, &progress), std::move(images), output, options);
  }
  if (!report) return std::move(report).error();
  if (context.out.json_mode()) {
    Json j{{"file", output}};
    j.update(image_json(report->header, report->trailer));
    j["images"] = report->inputs;
    j["frames_read"] = report->frames_read;
    j["pages"] = report->pages;
    j["input_bytes"] = size_before;
    j["size_bytes"] = report->size_bytes;
    context.out.document(j);
  } else if (!context.out.quiet()) {
    context.out.line(output + ": " + image_text(report->header) + ", " +
                     human_size(report->size_bytes) + " from " + grouped(report->inputs) +
                     (report->inputs == 1 ? " file of " : " files of ") + human_size(size_before));
  }
  return kExitDone;
}

}  // namespace

extern const Command kLtxCompactCommand;
const Command kLtxCompactCommand = {"ltx compact", "merge LTX files into one", spec, run};

}  // namespace litetool
