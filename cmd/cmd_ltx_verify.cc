// litetool ltx verify: proves LTX files, segments and whole folders of them.
#include <cstdlib>

#include "cmd/command.h"
#include "cmd/progress.h"
#include "core/audit/verify.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "Reads every byte of LTX files of all versions (also those of LiteFS and Litestream)\n"
          "and checks each file for itself, and the files of each folder as a chain.\n"
          "Prints one line per problem, \"FILE: at OFFSET: problem\", and a summary.")
      .positional("PATH", Arity::kOneOrMore, "files, segments (.ltxs), or folders with all below")
      .choice("--level", 0, "LEVEL", "how deep to look (default chain)",
              {"structure", "content", "chain"})
      .toggle("--deep", 0, "also rebuild each chain's database and let SQLite check it")
      .value("--max-age", 0, "TIME", "fail if the newest transaction is older: 90s, 10m, 1h, 7d")
      .threads()
      .example("litetool ltx verify data/.litetool", "all histories below a folder")
      .example("litetool ltx verify --level content backup.ltx", "one file for itself")
      .example("litetool ltx verify --deep --max-age 1h /backup/app", "for a nightly job")
      .example("litetool ltx verify --json /backup/app", "one JSON object a line")
      .path("PATH", PathUse::kReadsHistory)
      .exit_code(4, "corrupt data")
      .exit_code(5, "broken chain: gap, overlap or two histories")
      .exit_code(6, "a path is not there, or holds no LTX files")
      .exit_code(9, "the newest transaction is older than --max-age")
      .exit_code(10, "a format that is recognised and not supported")
      .exit_code(11, "a path may not be read")
      .exit_code(12, "reading failed");
  return spec;
}

// Shows problems as they come.
class ProblemPrinter : public ProblemSink {
 public:
  explicit ProblemPrinter(Output& out) : out_(out) {}

  void problem(const Problem& p) override {
    if (out_.json_mode()) {
      Json j{{"type", p.warning ? "warning" : "problem"},
             {"file", p.file},
             {"offset", nullptr},
             {"code", name_of(p.code)},
             {"exit_code", p.warning ? 0 : static_cast<int>(exit_code_of(p.code))},
             {"message", p.text}};
      if (p.offset) j["offset"] = *p.offset;
      out_.json_line(j);
      return;
    }
    std::string text = printable(p.file) + ": ";
    if (p.offset) text += "at " + std::to_string(*p.offset) + ": ";
    text += printable(p.text);
    if (p.warning) {
      out_.warn(text);
    } else {
      out_.line(text);
    }
  }

 private:
  Output& out_;
};

VerifyLevel level_of(const std::string& name) {
  if (name == "structure") return VerifyLevel::kStructure;
  return name == "content" ? VerifyLevel::kContent : VerifyLevel::kChain;
}

Result<VerifyOptions> options_from(const Args& args) {
  VerifyOptions options;
  options.level = level_of(args.get("--level", "chain"));
  options.deep = args.has("--deep");
  if (options.deep && options.level != VerifyLevel::kChain) {
    return Error(Errc::kUsage, "--deep needs --level chain");
  }
  if (const char* dir = std::getenv("TMPDIR"); dir != nullptr && *dir != 0) options.temp_dir = dir;
  return options;
}

std::string plural(std::uint64_t n, const std::string& noun) {
  return grouped(n) + " " + noun + (n == 1 ? "" : "s");
}

void print_summary(Output& out, const FileSet& set, const VerifySummary& s) {
  if (out.quiet()) return;
  std::string text = plural(s.files_ok, "file") + " ok, " + grouped(s.files_bad) + " bad";
  if (s.chain_count > 0) {
    text += "; " + plural(s.chain_count, "chain") + ", " + grouped(s.chains_bad) + " broken";
  }
  if (s.rebuilt_count > 0) text += ", " + grouped(s.rebuilt_count) + " rebuilt";
  text += "; " + plural(s.image_count, "image") + ", " + plural(s.page_count, "page") + ", " +
          human_size(set.total_bytes);
  if (set.temporary_count + set.foreign_count > 0) {
    text += "; skipped " + plural(set.temporary_count, "temporary file") + ", " +
            grouped(set.foreign_count) + " other";
  }
  out.line(text);
}

void print_json(Output& out, const FileSet& set, const VerifySummary& s, int code) {
  out.json_line(Json{{"type", "summary"},
                     {"files_ok", s.files_ok},
                     {"files_bad", s.files_bad},
                     {"images", s.image_count},
                     {"pages", s.page_count},
                     {"bytes", set.total_bytes},
                     {"chains", s.chain_count},
                     {"chains_broken", s.chains_bad},
                     {"rebuilt", s.rebuilt_count},
                     {"warnings", s.warning_count},
                     {"skipped_temporary", set.temporary_count},
                     {"skipped_other", set.foreign_count},
                     {"newest", s.newest_ms == 0 ? Json() : Json(rfc3339_ms(s.newest_ms))},
                     {"exit_code", code}});
}

// What is wrong with the selection as a whole.
void check_selection(const FileSet& set, std::int64_t max_age_ms, std::int64_t now_ms,
                     VerifySummary& summary, ProblemSink& sink, const std::string& first_path) {
  const auto report = [&](Errc code, std::string text) {
    sink.problem({code, false, first_path, {}, std::move(text)});
    if (!summary.first_cause) summary.first_cause = code;
  };
  if (set.files.empty() && set.unread.empty()) report(Errc::kNotFound, "holds no LTX files");
  if (max_age_ms == 0 || set.files.empty()) return;
  if (summary.newest_ms == 0) {
    report(Errc::kTimeout, "no transaction has a time, so none is known to be recent");
  } else if (now_ms - summary.newest_ms > max_age_ms) {
    report(Errc::kTimeout, "the newest transaction is of " + rfc3339_ms(summary.newest_ms) +
                               ", which is older than --max-age allows");
  }
}

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const VerifyOptions options, options_from(args));
  LT_ASSIGN(const unsigned threads, args.threads());
  std::int64_t max_age_ms = 0;
  if (args.has("--max-age")) {
    auto age = parse_duration_ms(args.get("--max-age"));
    if (!age) return std::move(age).error().with("--max-age");
    if (*age == 0) return Error(Errc::kUsage, "--max-age: nothing is as young as 0");
    max_age_ms = *age;
  }
  const auto& paths = args.all("PATH");
  const FileSet set = collect_files(context.env, paths);
  ProblemPrinter printer(context.out);
  Result<VerifySummary> summary = VerifySummary{};
  {
    Progress progress(context.out, "verify", set.total_bytes);
    const Job job = context.job(threads, &progress);
    summary = verify_files(job, set, options, printer);
  }
  if (!summary) return summary.error();
  check_selection(set, max_age_ms, context.env.now_ms(), *summary, printer, join(paths, " "));
  const int code = summary->first_cause ? exit_code_of(*summary->first_cause) : kExitDone;
  if (context.out.json_mode()) {
    print_json(context.out, set, *summary, code);
  } else {
    print_summary(context.out, set, *summary);
  }
  return code;
}

}  // namespace

extern const Command kLtxVerifyCommand;
const Command kLtxVerifyCommand = {"ltx verify", "prove LTX files, segments and histories", spec,
                                   run};

}  // namespace litetool
