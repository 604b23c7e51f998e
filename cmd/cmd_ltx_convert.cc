// litetool ltx convert: LTX files from one variant into another.
#include "cmd/command.h"
#include "cmd/ltx_args.h"
#include "cmd/progress.h"
#include "core/ltx/convert.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "The bridge between LiteFS (v1-lz4, with database checksums) and Litestream (v3-frame\n"
          "for 0.5.15 and older, v3-block later, without them). Adding checksums needs the state\n"
          "before the first file: a snapshot among the files, or --base.")
      .positional("FILE", Arity::kOneOrMore, "LTX files, segments or folders of them",
                  Complete::kFile)
      .value("--output", 'o', "OUT", "file to write, or directory for several (required)",
             Complete::kFile);
  add_variant_flag(spec, "variant to write (required)");
  spec.choice("--checksums", 0, "CHANGE", "add or strip the database checksums", {"add", "strip"})
      .value("--base", 0, "BASE", "database, LTX file or folder with the state before",
             Complete::kFile);
  add_timeout_flag(spec);
  spec.force()
      .threads()
      .example("litetool ltx convert dbs/app.db/ltx -o out/ --to v3-frame --checksums strip",
               "LiteFS files for Litestream 0.5.0 and later")
      .example("litetool ltx convert ltx/0 -o litefs/ --to v1-lz4 --checksums add",
               "Litestream files, from a snapshot on, for LiteFS")
      .example("litetool ltx convert old.ltx -o new.ltx --to v3-block", "one file, recompressed")
      .path("FILE", PathUse::kReads)
      .path("--output", PathUse::kWrites)
      .path("--base", PathUse::kReadsHistory)
      .exit_code(4, "a file is damaged")
      .exit_code(5, "the files do not follow on, or their checksums disagree")
      .exit_code(7, "an output exists");
  return spec;
}

Result<ConvertOptions> options_from(const Args& args) {
  if (!args.has("--to")) return Error(Errc::kUsage, "into what? --to VARIANT is needed");
  ConvertOptions o;
  LT_ASSIGN(o.variant, variant_arg(args));
  const std::string change = args.get("--checksums");
  if (change == "add") o.checksums = ChecksumChange::kAdd;
  if (change == "strip") o.checksums = ChecksumChange::kStrip;
  o.base = args.get("--base");
  if (!o.base.empty() && o.checksums != ChecksumChange::kAdd) {
    return Error(Errc::kUsage, "--base only goes with --checksums add");
  }
  o.replace = args.has("--force");
  LT_ASSIGN(o.timeout_ms, timeout_arg(args));
  return o;
}

// A directory when it is one, is written as one, or has to hold several files.
ConvertTarget target_from(Env& env, const std::string& output, std::size_t images) {
  const auto st = env.stat(kCwd, output);
  const bool directory = st ? S_ISDIR(st->st_mode) : output.ends_with('/') || images > 1;
  return {output, directory};
}

Result<int> run(const Args& args, Context& context) {
  const std::string output = args.get("--output");
  if (output.empty()) return Error(Errc::kUsage, "where to? --output OUT is needed");
  LT_ASSIGN(const ConvertOptions options, options_from(args));
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(auto images, find_images(context.job(threads), args.all("FILE")));
  const ConvertTarget target = target_from(context.env, output, images.size());
  Result<std::vector<ConvertedImage>> converted = std::vector<ConvertedImage>{};
  {
    Progress progress(context.out, "convert", total_size(images));
    const Job job = context.job(threads, &progress);
    converted = convert_images(job, std::move(images), target, options);
  }
  if (!converted) return std::move(converted).error();
  for (const ConvertedImage& c : *converted) {
    if (context.out.json_mode()) {
      Json j{{"input", c.input}, {"file", c.output}};
      j.update(image_json(c.header, c.trailer));
      j["size_bytes"] = c.size_bytes;
      context.out.json_line(j);
    } else if (!context.out.quiet()) {
      context.out.line(c.output + ": " + image_text(c.header) + ", " + human_size(c.size_bytes));
    }
  }
  return kExitDone;
}

}  // namespace

extern const Command kLtxConvertCommand;
const Command kLtxConvertCommand = {"ltx convert", "convert LTX files into another variant", spec,
                                    run};

}  // namespace litetool
