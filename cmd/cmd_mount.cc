// litetool mount: serves a directory over itself, with a history for every database in it.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cmd/command.h"
#include "core/capture/witness.h"
#include "fuse/session.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Mounts over DIR in place: same paths, same files. Every transaction of every SQLite\n"
          "database below it is kept in DIR/.litetool. Runs in the foreground until the\n"
          "directory is unmounted (fusermount3 -u DIR) or a signal asks it to stop.")
      .toggle("--no-passthrough", 0, "serve all files through the page cache (slower)")
      .positional("DIR", Arity::kOne, "directory to mount over", Complete::kDirectory)
      .exit_code(kExitDenied, "no permission to mount")
      .example("litetool mount ./data", "give the databases in ./data a history");
}

// Every file that the kernel knows of costs a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

Error cannot_open(const std::string& path) {
  if (errno == ENOTCONN) {
    return Error(Errc::kFailed, path + " is a mount whose program has died (run 'fusermount3 -u " +
                                    path + "' or 'umount -l " + path + "', then mount again)");
  }
  return Error::from_errno(errno, "open " + path);
}

// Not by its lock: the lock of a file seen through a mount is another one.
bool is_mounted(int dir) {
  struct statfs st {};
  constexpr long kFuseMagic = 0x65735546;
  return ::fstatfs(dir, &st) == 0 && st.f_type == kFuseMagic &&
         ::faccessat(dir, ".litetool/node", F_OK, 0) == 0;
}

Result<std::string> absolute(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return cannot_open(path);
  std::string result = resolved;
  std::free(resolved);
  return result;
}

void announce(Context& context, const std::string& path, bool passthrough, std::size_t databases) {
  const std::string tier = passthrough ? "passthrough" : "cached";
  if (context.out.json_mode()) {
    context.out.json_line(
        Json{{"type", "ready"}, {"directory", path}, {"tier", tier}, {"databases", databases}});
  } else {
    context.out.line("mounted " + path + " (" + tier + ", " + std::to_string(databases) +
                     (databases == 1 ? " database)" : " databases)"));
  }
  // A reader that has gone is no reason to stop serving.
  (void)context.out.finish();
}

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const std::string path, absolute(args.one("DIR")));
  UniqueFd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return cannot_open(path);
  if (is_mounted(root.get())) return Error(Errc::kExists, path + " is mounted already");
  const int dir = root.get();
  block_stop_signals();
  raise_descriptor_limit();
  ::umask(0);
  LT_ASSIGN(const std::uint64_t node_id, load_node_id(context.env, dir));
  const UniqueFd node(::openat(dir, ".litetool/node", O_RDONLY | O_CLOEXEC));
  if (::flock(node.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error(Errc::kExists, path + " is served by another litetool");
  }
  CachePeek peek;
  Witness witness(CaptureContext{
      context.env, dir, node_id, [&](const std::string& message) { context.out.warn(message); },
      [&](const std::string& file, MutableBytes into, std::uint64_t offset) {
        return peek.read(dir, file, into, offset);
      }});
  LT_TRY(witness.start());
  FileSystem fs(std::move(root), witness, peek);
  SessionOptions options;
  options.mount_point = path;
  options.tier = args.has("--no-passthrough") ? Tier::kCached : Tier::kAuto;
  options.on_ready = [&](bool passthrough) {
    announce(context, path, passthrough, witness.databases_with_history());
  };
  options.warn = [&](const std::string& message) { context.out.warn(message); };
  const Result<bool> quiet = serve(fs, options);
  witness.stop(quiet && *quiet);
  if (!quiet) return quiet.error();
  return kExitDone;
}

}  // namespace

extern const Command kMountCommand;
const Command kMountCommand = {"mount", "give the databases in a directory a history", spec, run};

}  // namespace litetool
