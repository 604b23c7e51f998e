// litetool export: a state of a database as a file to hand on or to keep.
#include <unistd.h>

#include <functional>

#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "cmd/progress.h"
#include "cmd/seal_args.h"
#include "core/archive/export_pages.h"
#include "core/archive/export_sql.h"
#include "core/archive/packed_sink.h"
#include "core/ltx/compact.h"
#include "core/os/atomic_file.h"
#include "core/past/live_pages.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kTimeoutMs = 5000;

ArgSpec spec() {
  ArgSpec spec;
  spec.about(std::string(
                 "SOURCE is a database, which may be in use, or a history as 'litetool restore'\n"
                 "takes it. Without --at and --since a database is read as it is now; else its\n"
                 "history is read. --compress and --seal may be combined with every format.\n\n") +
             kPointHelp)
      .value("--output", 'o', "FILE", "write here; - is standard output", Complete::kFile)
      .value("--at", 0, "POINT", "the state at this point of the history (default: now)")
      .value("--since", 0, "POINT", "with --format ltx: only what changed after this point")
      .choice("--format", 0, "FORMAT", "sqlite (default), sql or ltx", {"sqlite", "sql", "ltx"})
      .choice("--compress", 0, "METHOD", "compress with zstd", {"zstd"});
  add_lock_flags(spec);
  spec.force()
      .threads()
      .positional("SOURCE", Arity::kOne, "database, replica or folder of LTX files")
      .path("SOURCE", PathUse::kReadsHistory)
      .path("--output", PathUse::kWrites)
      .path("--passphrase-file", PathUse::kReads)
      .exit_code(kExitCorrupt, "pages or checksums are damaged")
      .exit_code(kExitBrokenChain, "files are missing on the way to the point")
      .exit_code(kExitNotFound, "no such file, history or point")
      .exit_code(kExitExists, "FILE exists and --force was not given")
      .exit_code(kExitKey, "not a recipient, or no passphrase in the file")
      .example("litetool export data/app.db -o app.db", "a copy of a database that is in use")
      .example("litetool export data/app.db --at 'yesterday 18:00' --compress zstd -o app.db.zst",
               "as it was, small")
      .example("litetool export data/app.db --compress zstd --seal age1... -o app.age",
               "for the holder of a key")
      .example("litetool export data/app.db --format ltx --since 0x29 -o increment.ltx",
               "what came after a transaction");
  return spec;
}

class StdoutSink : public ByteSink {
 public:
  Status write(Bytes b) override {
    while (!b.empty()) {
      const ssize_t n = ::write(STDOUT_FILENO, b.data(), b.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Error::from_errno(errno, "write standard output");
      b = b.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }
};

enum class Format : std::uint8_t { kDatabase, kSql, kLtx };

Format format_of(const Args& args) {
  const std::string name = args.get("--format", "sqlite");
  return name == "ltx" ? Format::kLtx : name == "sql" ? Format::kSql : Format::kDatabase;
}

// What is exported, and what there is to say about it.
struct Export {
  Json report;
  std::function<Status(const Job&, ByteSink&)> write;
  std::uint64_t size_bytes = 0;  // for progress
};

Status compare(Checksum sum, Checksum promised) {
  if (!promised.present() || sum == promised) return {};
  return Error(Errc::kCorrupt, "the pages add up to checksum " + sum.text() +
                                   ", the history says " + promised.text() +
                                   " (see 'litetool ltx verify')");
}

Result<Export> export_live(Context& context, const std::string& path, Format format) {
  LT_ASSIGN(auto image, DatabaseImage::open(context.job(1), path, kTimeoutMs));
  const auto pages = std::make_shared<LivePages>(std::move(image));
  Export out;
  out.size_bytes = std::uint64_t{pages->page_size()} * pages->page_count();
  out.report = Json{{"txid", Json()}, {"time", time_json(context.env.now_ms())}};
  out.write = [=, &context](const Job& job, ByteSink& sink) -> Status {
    if (format == Format::kLtx) {
      LT_TRY(export_snapshot(job, *pages, Txid{1}, context.env.now_ms(), sink));
    } else if (format == Format::kSql) {
      LT_TRY(export_sql(job, *pages, sink));
    } else {
      LT_TRY(export_database(job, *pages, sink));
    }
    LT_ASSIGN(const bool one_state, pages->image().confirm());
    if (one_state) return {};
    return Error(Errc::kTimeout, path + " was opened and closed meanwhile; try again");
  };
  return out;
}

// The images after `since` up to the end of the chain.
Result<std::vector<ImageRef>> images_after(const ImageChain& chain, Txid since) {
  LT_ASSIGN(std::vector<ImageRef> images, list_chain(chain, since));
  if (images.empty()) return Error(Errc::kNotFound, "nothing came after " + since.text());
  if (images.front().header.min_txid != since.next()) {
    return Error(Errc::kNotFound, since.text() + " lies within the range " +
                                      images.front().header.min_txid.text() + "-" +
                                      images.front().header.max_txid.text() +
                                      ": choose its end or an earlier point");
  }
  return images;
}

Result<std::vector<ImageRef>> images_to_export(const Args& args, Context& context,
                                               const NamedSource& named, const NamedPast& past) {
  const ImageChain& chain = past.pages->chain();
  if (!args.has("--since")) return list_chain(chain);
  LT_ASSIGN(const NamedPast before, open_named_past(context, named, args.get("--since")));
  return images_after(chain, before.moment.txid);
}

Status merge_into(const Job& job, const std::vector<ImageRef>& images, const std::string& beside,
                  ByteSink& sink) {
  ImageMerge merge(job, {}, beside);
  for (const ImageRef& image : images) LT_TRY(merge.add(image));
  LT_TRY(merge.write(sink));
  return {};
}

Result<Export> export_past(const Args& args, Context& context, Format format) {
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(const NamedSource named, open_named_source(context, args.one("SOURCE"), threads));
  LT_ASSIGN(NamedPast past, open_named_past(context, named, args.get("--at", "latest")));
  if (past.pages->page_count() == 0) {
    return Error(Errc::kNotFound, "the database was removed in " + moment_text(past.moment) +
                                      ": choose an earlier one");
  }
  Export out;
  out.report = Json{{"txid", past.moment.txid.text()}, {"time", time_json(past.moment.time_ms)}};
  context.out.note(moment_text(past.moment));
  if (format == Format::kLtx) {
    LT_ASSIGN(const std::vector<ImageRef> images, images_to_export(args, context, named, past));
    out.size_bytes = total_size(images);
    const std::string beside = temp_directory() + "/litetool-export";
    out.write = [=](const Job& job, ByteSink& sink) {
      return merge_into(job, images, beside, sink);
    };
    return out;
  }
  const std::shared_ptr<PastDatabase> pages = std::move(past.pages);
  out.size_bytes = std::uint64_t{pages->page_size()} * pages->page_count();
  if (format == Format::kSql) {
    out.write = [=](const Job& job, ByteSink& sink) { return export_sql(job, *pages, sink); };
    return out;
  }
  out.write = [=](const Job& job, ByteSink& sink) -> Status {
    LT_ASSIGN(const Checksum sum, export_database(job, *pages, sink));
    return compare(sum, pages->chain().last().trailer.post_apply);
  };
  return out;
}

Result<Export> find_export(const Args& args, Context& context) {
  const Format format = format_of(args);
  if (args.has("--since") && format != Format::kLtx) {
    return Error(Errc::kUsage, "--since needs --format ltx");
  }
  const std::string& path = args.one("SOURCE");
  if (is_database_file(context, path) && !args.has("--at") && !args.has("--since")) {
    return export_live(context, path, format);
  }
  return export_past(args, context, format);
}

Status write_packed(const Job& job, const Export& what, const Packing& packing, ByteSink& below) {
  LT_ASSIGN(const auto sink, PackedSink::start(below, packing));
  LT_TRY(what.write(job, *sink));
  return sink->finish();
}

Status write_file(const Args& args, Context& context, const Job& job, const Export& what,
                  const Packing& packing) {
  const std::string output = args.get("--output");
  if (output == "-") {
    StdoutSink sink;
    return write_packed(job, what, packing, sink);
  }
  LT_ASSIGN(AtomicFile file, AtomicFile::create(context.env, output, args.has("--force")));
  LT_TRY(write_packed(job, what, packing, file));
  return file.commit();
}

Status refuse_terminal(const Args& args, Context& context) {
  if (args.get("--output").empty()) {
    return Error(Errc::kUsage, "where to? --output FILE is needed (- is standard output)");
  }
  if (args.get("--output") != "-") return {};
  if (context.out.json_mode()) return Error(Errc::kUsage, "--json does not go with --output -");
  const bool is_text = format_of(args) == Format::kSql && !args.has("--compress") &&
                       !args.has("--passphrase-file") && args.all("--seal").empty();
  if (context.out.stdout_is_terminal() && !is_text) {
    return Error(Errc::kUsage, "this would fill the terminal with bytes; redirect it");
  }
  return {};
}

Result<int> run(const Args& args, Context& context) {
  LT_TRY(refuse_terminal(args, context));
  Packing packing;
  packing.zstd = args.has("--compress");
  LT_ASSIGN(packing.lock, lock_arg(args, context));
  LT_ASSIGN(packing.threads, args.threads());
  LT_ASSIGN(Export what, find_export(args, context));
  {
    Progress progress(context.out, "export", what.size_bytes);
    LT_TRY(write_file(args, context, context.job(packing.threads, &progress), what, packing));
  }
  if (context.out.json_mode()) {
    Json j{{"source", args.one("SOURCE")}};
    j.update(what.report);
    j["format"] = args.get("--format", "sqlite");
    j["compressed"] = packing.zstd;
    j["sealed"] = packing.lock.has_value();
    j["output"] = args.get("--output");
    context.out.document(j);
  } else if (args.get("--output") != "-") {
    context.out.note("wrote " + printable(args.get("--output")));
  }
  return kExitDone;
}

}  // namespace

extern const Command kExportCommand;
const Command kExportCommand = {"export", "write a state of a database to a file or a pipe", spec,
                                run};

}  // namespace litetool
