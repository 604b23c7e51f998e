// litetool restore: a database as it was at a point of its history.
#include <cerrno>
#include <cstdlib>

#include "cmd/command.h"
#include "core/restore/restore.h"
#include "core/source/find_history.h"
#include "core/source/point.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Finds the history of DB in the folder .litetool of a directory above it; DB itself\n"
          "need not exist any more. The output is verified against the history's checksum\n"
          "before it appears.\n"
          "\n"
          "POINT is 'latest' or a transaction id: 16 hex digits, 0x29 or decimal.")
      .value("--at", 0, "POINT", "restore the state at this point (default: latest)")
      .value("--output", 'o', "FILE", "write the database here", Complete::kFile)
      .force()
      .positional("DB", Arity::kOne, "database, by its path below the mounted directory")
      .exit_code(kExitNotFound, "no history, no such transaction, or removed at that point")
      .exit_code(kExitExists, "FILE exists and --force was not given")
      .example("litetool restore data/app.db -o app.db", "the last captured state")
      .example("litetool restore data/app.db --at 0x29 -o before.db", "after transaction 41");
}

// Absolute, with the links of the folder resolved; the file itself may be gone.
Result<std::string> absolute(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = path.substr(slash + 1);
  if (name.empty()) return Error(Errc::kUsage, path + " is a directory, a database is needed");
  char* resolved = ::realpath(folder.c_str(), nullptr);
  if (resolved == nullptr) return Error::from_errno(errno, "open " + folder);
  const std::string result = std::string(resolved) + "/" + name;
  std::free(resolved);
  return result;
}

void report(Context& context, const Restored& done, const std::string& output) {
  const HistoryImage& point = done.point;
  if (context.out.json_mode()) {
    context.out.document(Json{{"txid", point.max_txid.text()},
                              {"time", rfc3339_ms(point.timestamp_ms)},
                              {"pages", point.commit},
                              {"page_size", point.page_size},
                              {"size_bytes", done.size_bytes},
                              {"checksum", point.post_apply.text()},
                              {"images", done.images},
                              {"output", output}});
    return;
  }
  context.out.note("restored transaction " + point.max_txid.text() + " of " +
                   rfc3339_ms(point.timestamp_ms) + ": " + grouped(point.commit) + " pages, " +
                   human_size(done.size_bytes) + ", checksum " + point.post_apply.text());
}

Result<int> run(const Args& args, Context& context) {
  const std::string output = args.get("--output");
  if (output.empty()) return Error(Errc::kUsage, "--output FILE is needed");
  LT_ASSIGN(const Point point, parse_point(args.get("--at", "latest")));
  LT_ASSIGN(const std::string path, absolute(args.one("DB")));
  LT_ASSIGN(const HistoryPlace place, find_history(context.env, path));
  auto history = HistoryReader::open(context.env, kCwd, place.directory + "/" + place.folder);
  if (!history && history.error().code == Errc::kNotFound) {
    return Error(Errc::kNotFound,
                 place.database + " has no history in " + place.directory + "/" + ".litetool");
  }
  if (!history) return std::move(history).error();
  LT_ASSIGN(const HistoryImage image, resolve(point, *history));
  LT_ASSIGN(const Restored done,
            restore_database(context.env, *history, image, output, args.has("--force")));
  report(context, done, output);
  return kExitDone;
}

}  // namespace

extern const Command kRestoreCommand;
const Command kRestoreCommand = {"restore", "rebuild a database as it was at a transaction", spec,
                                 run};

}  // namespace litetool
