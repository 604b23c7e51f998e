// litetool import: the content of a file as a database, also in the place of one that is in use.
#include "cmd/command.h"
#include "cmd/past_args.h"
#include "cmd/progress.h"
#include "cmd/seal_args.h"
#include "core/archive/export_pages.h"
#include "core/archive/unpack.h"
#include "core/ltx/apply.h"
#include "core/ltx/database_image.h"
#include "core/ltx/leftover_files.h"
#include "core/os/atomic_file.h"
#include "core/os/temp_dir.h"
#include "core/past/live_pages.h"
#include "core/rows/replace_database.h"
#include "core/rows/sqlite_library.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kTimeoutMs = 10'000;
constexpr std::uint64_t kMaxScriptSize = std::uint64_t{2} << 30;

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
      "FILE is a SQLite database (with its -wal, and it may be in use), a snapshot LTX file\n"
      "or a folder of LTX files that begin with one, or a script of SQL; compressed with\n"
      "zstd, sealed by 'litetool export' or age, or both. All of it is read and checked\n"
      "before DB is touched. An existing DB is replaced with --force, as one transaction:\n"
      "programs may go on using it, and in a mounted directory what was there stays a\n"
      "point of the history.");
  add_unlock_flags(spec);
  spec.force()
      .threads()
      .positional("FILE", Arity::kOne, "what to import")
      .positional("DB", Arity::kOne, "database to make or to replace")
      .path("FILE", PathUse::kReads)
      .path("DB", PathUse::kChangesHistory)
      .path("--identity", PathUse::kReads)
      .path("--passphrase-file", PathUse::kReads)
      .exit_code(kExitCorrupt, "FILE is damaged or not what it claims to be")
      .exit_code(kExitBrokenChain, "LTX files are missing")
      .exit_code(kExitExists, "DB exists and --force was not given")
      .exit_code(kExitTimeout, "DB is in use and its clients do not let go of it")
      .exit_code(kExitUnsupported, "nothing that can be imported, or another page size in WAL mode")
      .exit_code(kExitKey, "no key or passphrase opens FILE, or one was given and it is not sealed")
      .example("litetool import backup.db data/new.db", "a database into a mounted directory")
      .example("litetool import --force -i backup.key app.age data/app.db",
               "a sealed archive over a database that is in use")
      .example("litetool import dump.sql data/users.db", "what 'sqlite3 .dump' wrote");
  return spec;
}

const char* content_name(ContentKind kind) {
  switch (kind) {
    case ContentKind::kDatabase:
      return "sqlite";
    case ContentKind::kLtx:
      return "ltx";
    case ContentKind::kSql:
      return "sql";
    case ContentKind::kUnknown:
      break;
  }
  return "unknown";
}

// A plain database file made from FILE, at `path`, which is new.
class Import {
 public:
  Import(const Args& args, Context& context, const Job& job)
      : args_(args), context_(context), job_(job), file_(args.one("FILE")) {}

  Result<Unpacked> make(const std::string& path) {
    const auto st = context_.env.stat(kCwd, file_);
    if (!st) return std::move(st).error();
    if (S_ISDIR(st->st_mode)) {
      LT_TRY(refuse_unsealed());
      return make_from_images({file_}, path);
    }
    LT_ASSIGN(const auto file, context_.env.open(kCwd, file_, OpenMode::kRead));
    Buffer head(16);
    LT_ASSIGN(const std::size_t n, file->read_at(head, 0));
    if (is_database(Bytes(head).first(n))) {
      LT_TRY(refuse_unsealed());
      return copy_database(path);
    }
    return make_from_archive(*file, path);
  }

 private:
  // One that may have a log and clients.
  Result<Unpacked> copy_database(const std::string& path) {
    LT_ASSIGN(auto image, DatabaseImage::open(job_, file_, kTimeoutMs));
    LivePages pages(std::move(image));
    LT_ASSIGN(AtomicFile out, AtomicFile::create(context_.env, path, false));
    LT_TRY(export_database(job_, pages, out));
    LT_ASSIGN(const bool one_state, pages.image().confirm());
    if (!one_state) return Error(Errc::kTimeout, file_ + " was opened meanwhile; try again");
    LT_TRY(out.commit());
    return Unpacked{false, false, ContentKind::kDatabase,
                    std::uint64_t{pages.page_size()} * pages.page_count()};
  }

  bool has_key() const {
    return !args_.all("--identity").empty() || args_.has("--passphrase-file");
  }

  // A seal says that nobody has changed the file: whoever has a key for it wants that.
  Status refuse_unsealed() const {
    if (!has_key()) return {};
    return Error(Errc::kKey, file_ +
                                 " is not sealed, so anybody may have changed it (without "
                                 "--identity and --passphrase-file it is imported all the same)");
  }

  // With the options that were not given.
  Error hinted(Error error) const {
    if (error.code == Errc::kKey && !has_key()) {
      error.message += " (--identity FILE or --passphrase-file FILE opens it)";
    }
    return error;
  }

  Result<Unpacked> make_from_images(const std::vector<std::string>& paths,
                                    const std::string& path) {
    LT_ASSIGN(auto images, find_images(job_, paths));
    LT_TRY(apply_images(job_, std::move(images), path, ApplyOptions{}));
    return Unpacked{false, false, ContentKind::kLtx, 0};
  }

  Result<Unpacked> make_from_archive(const File& file, const std::string& path) {
    LT_ASSIGN(const age::Unlock unlock, unlock_arg(args_, context_));
    const std::string plain = path + ".ltx";  // find_images() goes by the name
    LT_ASSIGN(const auto out, context_.env.open(kCwd, plain, OpenMode::kCreateNew, 0600));
    FileStream stream(file);
    auto unpacked = unpack(job_, stream, unlock, *out);
    if (!unpacked) return hinted(std::move(unpacked).error()).with(file_);
    if (!unpacked->sealed) LT_TRY(refuse_unsealed());
    LT_TRY(make_from(*unpacked, *out, plain, path));
    return unpacked;
  }

  Status make_from(const Unpacked& unpacked, const File& content, const std::string& plain,
                   const std::string& path) {
    switch (unpacked.content) {
      case ContentKind::kDatabase:
        return context_.env.rename_new(kCwd, plain, path);
      case ContentKind::kLtx: {
        LT_TRY(make_from_images({plain}, path));
        return {};
      }
      case ContentKind::kSql:
        return make_from_script(content, path);
      case ContentKind::kUnknown:
        break;
    }
    return Error(Errc::kUnsupported,
                 file_ + " is neither a database, LTX, SQL, nor an archive of one");
  }

  Status make_from_script(const File& content, const std::string& path) {
    if (content.size() > kMaxScriptSize) {
      return Error(Errc::kUnsupported, file_ + ": a script of more than 2 GiB");
    }
    Buffer text(static_cast<std::size_t>(content.size()));
    LT_TRY(content.read_exact(text, 0));
    const std::string_view sql(reinterpret_cast<const char*>(text.data()), text.size());
    Status done = run_script(job_, path, sql);
    if (!done) return std::move(done).error().with(file_);
    return {};
  }

  const Args& args_;
  Context& context_;
  const Job& job_;
  const std::string file_;
};

// A copy of a plain file that nobody uses, complete or not at all.
Status place(const Job& job, const std::string& from, const std::string& output) {
  LT_ASSIGN(const auto in, job.env.open(kCwd, from, OpenMode::kRead));
  LT_ASSIGN(AtomicFile out, AtomicFile::create(job.env, output, false));
  FileStream stream(*in);
  Buffer piece(std::size_t{1} << 20);
  while (true) {
    LT_TRY(job.check());
    LT_ASSIGN(const std::size_t n, stream.read(piece));
    if (n == 0) return out.commit();
    LT_TRY(out.write(Bytes(piece).first(n)));
  }
}

Result<int> run(const Args& args, Context& context) {
  const std::string& database = args.one("DB");
  const auto there = context.env.stat(kCwd, database);
  if (there && !args.has("--force")) {
    return Error(Errc::kExists, database + " exists already (--force replaces its content)");
  }
  if (!there) LT_TRY(refuse_leftover_files(context.env, database));
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(const TempDir temp, TempDir::create(context.env, temp_directory()));
  const std::string made = temp.path("made.db");
  Result<Unpacked> unpacked = Unpacked{};
  const auto st = context.env.stat(kCwd, args.one("FILE"));
  {
    Progress progress(context.out, "import", st ? static_cast<std::uint64_t>(st->st_size) : 0);
    unpacked = Import(args, context, context.job(threads, &progress)).make(made);
  }
  if (!unpacked) return std::move(unpacked).error();
  LT_TRY(check_integrity(made, true));
  const Job job = context.job(threads);
  LT_TRY(there ? replace_database(job, made, database, kTimeoutMs) : place(job, made, database));
  LT_ASSIGN(const struct stat size, context.env.stat(kCwd, made));
  if (context.out.json_mode()) {
    context.out.document(Json{{"file", args.one("FILE")},
                              {"content", content_name(unpacked->content)},
                              {"sealed", unpacked->sealed},
                              {"compressed", unpacked->compressed},
                              {"database", database},
                              {"replaced", bool(there)},
                              {"size_bytes", size.st_size}});
  } else {
    context.out.note((there ? "replaced the content of " : "made ") + printable(database) + ": " +
                     human_size(static_cast<std::uint64_t>(size.st_size)) + " from " +
                     content_name(unpacked->content) + (unpacked->sealed ? ", sealed" : ""));
  }
  return kExitDone;
}

}  // namespace

extern const Command kImportCommand;
const Command kImportCommand = {"import", "make or replace a database from a file", spec, run};

}  // namespace litetool
