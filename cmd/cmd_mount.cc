// litetool mount: serves a directory over itself, with a history for every database in it.
#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "cmd/command.h"
#include "cmd/daemon.h"
#include "cmd/mount_history.h"
#include "cmd/mount_plan.h"
#include "cmd/mount_status.h"
#include "cmd/retention_settings.h"
#include "cmd/supervisor.h"
#include "core/capture/upkeep_thread.h"
#include "core/capture/witness.h"
#include "core/history/sweep.h"
#include "core/os/paths.h"
#include "core/source/find_history.h"
#include "formats/base/text.h"
#include "fuse/mount_guard.h"
#include "fuse/session.h"

namespace litetool {
namespace {

// What is loaded in this time is in the count that is told; clients are served meanwhile.
constexpr auto kWorthTheWait = std::chrono::seconds(2);

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
      "Mounts over MOUNTPOINT in place: same paths, same files. Every transaction of every\n"
      "SQLite database below it is kept in MOUNTPOINT/.litetool, or in the directory that\n"
      "--history names. Runs in the foreground until the directory is unmounted ('litetool\n"
      "unmount') or a signal asks it to stop.\n"
      "\n"
      "With a COMMAND it starts that when the mount is ready, passes signals on to it, unmounts\n"
      "when it has ended, and exits with its code (128 + N if signal N ended it).");
  add_setting_options(spec);
  return spec
      .toggle("--adopt", 0, "take the history of another directory, and go on with it as its own")
      .toggle("--daemon", 0, "go to the background; return when the mount is ready")
      .positional("MOUNTPOINT", Arity::kOne, "directory to mount over", Complete::kDirectory)
      .trailing_command("COMMAND [ARGUMENT...]", "program to run while the mount serves")
      .exit_code(kExitFailed, "somebody has a database below the directory open")
      .exit_code(kExitUsage, "wrong arguments or configuration")
      .exit_code(kExitBrokenChain, "the history is that of another directory")
      .exit_code(kExitNotFound, "MOUNTPOINT, or the COMMAND, does not exist")
      .exit_code(kExitExists, "mounted already")
      .exit_code(kExitUnsupported,
                 "no FUSE here, not the tier or transport that was asked for, or a newer history")
      .exit_code(kExitDenied, "no permission to mount, or to write the history")
      .example("litetool mount ./data", "give the databases in ./data a history")
      .example("litetool mount --daemon ./data", "the same in the background")
      .example("litetool mount ./data -- ./server --port 80",
               "for as long as a program runs, with its exit code")
      .example("litetool mount --source /srv/db --tier cached /mnt/db",
               "show /srv/db at another place, all through the page cache")
      .example("litetool mount --history /backup/data ./data", "keep the history on another disk");
}

// Each open file needs a descriptor, each database some, and each file that the kernel knows of may
// have one (see InodeTable).
void raise_descriptor_limit() {
  constexpr rlim_t kMany = 1u << 20;  // as many as the kernel's default allows
  rlimit limit{kMany, kMany};
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// What a large transaction needed is given back after it. Left alone, glibc learns from large
// blocks to keep them, up to 64 MiB for each thread.
void keep_little_memory() {
  constexpr int kOfItsOwn = 1 << 20;
  constexpr int kKept = 4 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kOfItsOwn);
  ::mallopt(M_TRIM_THRESHOLD, kKept);
}

Error cannot_open(const std::string& path) {
  const int err = errno;
  if (is_dead_mount(path)) {
    return Error(Errc::kFailed, path +
                                    " is a mount whose program has died (run 'litetool unmount " +
                                    path + "', then mount again)");
  }
  return Error::from_errno(err, "open " + path);
}

// Not by its lock: the lock of a file seen through a mount is another one.
bool is_mounted(int dir) {
  struct statfs st {};
  constexpr long kFuseMagic = 0x65735546;
  return ::fstatfs(dir, &st) == 0 && st.f_type == kFuseMagic &&
         ::faccessat(dir, kMountStatusFile, F_OK, 0) == 0;
}

// A directory above it is mounted.
bool is_within_mount(int dir) {
  UniqueFd above(::openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat last {};
  struct stat st {};
  while (above.valid() && ::fstat(above.get(), &st) == 0) {
    if (is_mounted(above.get())) return true;
    if (st.st_ino == last.st_ino && st.st_dev == last.st_dev) return false;  // "/.." is "/"
    last = st;
    above = UniqueFd(::openat(above.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  return false;
}

Status refuse_overlap(const MountPlan& plan, Context& context) {
  if (plan.in_place()) return {};
  const std::string below = plan.source == "/" ? "/" : plan.source + "/";
  if (plan.mount_point.starts_with(below)) {
    return Error(Errc::kUsage, plan.mount_point + " lies inside " + plan.source +
                                   ": the mount would show itself (mount elsewhere)");
  }
  LT_ASSIGN(const std::vector<std::string> names, context.env.list(kCwd, plan.mount_point));
  if (names.empty() || plan.settings.is_on("mount.non_empty")) return {};
  return Error(Errc::kUsage, plan.mount_point +
                                 " is not empty, its files would be hidden (use --non-empty, or "
                                 "leave out --source to mount in place)");
}

Tier tier_of(const Settings& settings) {
  const std::string& name = settings.text("mount.tier");
  if (name == "passthrough") return Tier::kPassthrough;
  return name == "cached" ? Tier::kCached : Tier::kAuto;
}

Transport transport_of(const Settings& settings) {
  const std::string& name = settings.text("mount.transport");
  if (name == "io_uring") return Transport::kRings;
  return name == "device" ? Transport::kDevice : Transport::kAuto;
}

Result<std::unique_ptr<Log>> open_log(const MountPlan& plan, const HistoryRoot& history,
                                      bool daemon, Context& context) {
  LogOptions options;
  const std::string& level = plan.settings.text("log.level");
  for (const LogLevel l :
       {LogLevel::kError, LogLevel::kWarning, LogLevel::kInfo, LogLevel::kDebug}) {
    if (level == log_level_text(l)) options.level = l;
  }
  options.file = plan.settings.text("log.file");
  if (options.file.empty() && daemon) {
    options.dir = history.dir;
    options.file = history.file("log");
  }
  if (context.out.json_mode() || plan.settings.text("log.format") == "json") {
    options.render = [](const LogLine& line) {
      return to_line(Json{{"type", log_level_text(line.level)},
                          {"time", rfc3339_ms(line.time_ms)},
                          {"message", line.message}});
    };
  }
  return Log::open(context.env, options);
}

// On standard output, which a command that runs in the mount has for itself.
std::string announce(Context& context, const std::string& path, bool passthrough,
                     std::size_t databases, bool with_command) {
  const std::string tier = passthrough ? "passthrough" : "cached";
  const std::string text = "mounted " + path + " (" + tier + ", " + std::to_string(databases) +
                           (databases == 1 ? " database)" : " databases)");
  const Json ready = {
      {"type", "ready"}, {"directory", path}, {"tier", tier}, {"databases", databases}};
  if (context.out.json_mode()) {
    with_command ? context.out.json_note(ready) : context.out.json_line(ready);
  } else if (with_command) {
    context.out.note(text);
  } else {
    context.out.line(text);
  }
  // A reader that has gone is no reason to stop serving.
  (void)context.out.finish();
  return text;
}

// The directory to serve, before anything covers it.
Result<UniqueFd> open_source(const MountPlan& plan) {
  UniqueFd root(::open(plan.source.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return cannot_open(plan.source);
  if (is_mounted(root.get())) return Error(Errc::kExists, plan.source + " is mounted already");
  if (is_within_mount(root.get())) {
    return Error(Errc::kExists, plan.source +
                                    " lies within a mount of litetool's, which keeps a "
                                    "history of all that is below it");
  }
  return root;
}

// Two histories of one directory: only one of them goes on.
void warn_of_other_history(const MountPlan& plan, Context& context, Log& log) {
  const std::string own = plan.source + "/" + std::string(kHistoryFolder);
  if (plan.has_own_history()) return;
  const auto is_there = is_history(context.env, own);
  if (!is_there || !*is_there) return;
  log.write(LogLevel::kWarning, own + " is a history of this directory too and does not go on: " +
                                    plan.history + " does (to go on with it, leave out --history)");
}

// Serves until the mount is over; the exit code.
Result<int> serve_plan(const MountPlan& plan, UniqueFd root, const MountHistory& history,
                       Context& context, Log& log, Supervisor& supervisor, Daemon& daemon) {
  const int dir = root.get();
  LT_TRY(refuse_open_databases(context.env, dir, plan.source, context.stop));
  const auto warn = [&](const std::string& message) { log.write(LogLevel::kWarning, message); };
  sweep_history(context.env, history.root, warn);
  CachePeek peek;
  Witness witness(
      CaptureContext{context.env, dir, history.root, history.node_id, warn,
                     [&](const std::string& file, MutableBytes into, std::uint64_t offset) {
                       return peek.read(dir, file, into, offset);
                     }});
  LT_TRY(witness.start());
  UpkeepThread upkeep(
      witness.context(), [&] { return witness.databases(); }, retention_of(plan.settings));
  upkeep.start();
  FileSystem fs(std::move(root), witness, peek);
  const std::int64_t started_ms = context.env.now_ms();
  fs.virtual_files.status = [&](const VirtualFiles::Shown& shown) {
    const char* tier = fs.passthrough.negotiated() ? "passthrough" : "cached";
    const char* transport = fs.passthrough.over_rings() ? "io_uring" : "device";
    return mount_status_text(
        {plan.mount_point, plan.source, plan.history, tier, transport, started_ms}, witness, shown);
  };
  SessionOptions options;
  options.mount_point = plan.mount_point;
  options.tier = tier_of(plan.settings);
  options.transport = transport_of(plan.settings);
  options.allow_other = plan.settings.is_on("mount.allow_other");
  options.on_ready = [&](bool passthrough) {
    (void)witness.wait_loaded(kWorthTheWait);
    const std::string text = announce(context, plan.mount_point, passthrough,
                                      witness.databases_with_history(), supervisor.has_command());
    if (log.has_file()) log.write(LogLevel::kInfo, text);
    daemon.ready();
    supervisor.ready(text);
  };
  options.warn = warn;
  options.stops = [&](int signal, bool from_terminal) {
    return supervisor.stops(signal, from_terminal);
  };
  const Result<bool> quiet = serve(fs, options);
  const Result<int> code = supervisor.finish();
  upkeep.stop();
  witness.stop(quiet && *quiet);
  if (!quiet) return quiet.error();
  if (log.has_file()) log.write(LogLevel::kInfo, "unmounted " + plan.mount_point);
  return code;
}

Result<int> run(const Args& args, Context& context) {
  if (const auto place = absolute_path(args.one("MOUNTPOINT"))) {
    LT_TRY(clear_dead_mount(*place, [&](const std::string& text) { context.out.warn(text); }));
  }
  LT_ASSIGN(const MountPlan plan, plan_mount(args, context, args.one("MOUNTPOINT")));
  LT_TRY(refuse_overlap(plan, context));
  LT_TRY(refuse_seen_history(plan));
  LT_ASSIGN(UniqueFd root, open_source(plan));
  const bool in_background = args.has("--daemon");
  if (in_background && args.has_trailing()) {
    return Error(Errc::kUsage, "--daemon and a command exclude each other: who waits for it?");
  }
  Daemon daemon;
  if (in_background) {
    LT_ASSIGN(const std::optional<int> code, daemon.start(context.stop));
    if (code) return *code;
  }
  std::optional<Child> child;
  if (args.has_trailing()) {
    LT_ASSIGN(Child prepared, Child::prepare(args.trailing()));
    child.emplace(std::move(prepared));
  }
  LT_ASSIGN(const MountHistory history,
            take_history(context.env, plan, root.get(), args.has("--adopt")));
  LT_ASSIGN(const std::unique_ptr<Log> log, open_log(plan, history.root, in_background, context));
  if (!history.note.empty()) log->write(LogLevel::kInfo, plan.history + ": " + history.note);
  warn_of_other_history(plan, context, *log);
  block_stop_signals();
  if (context.stop) return Error(Errc::kInterrupted, "interrupted");
  raise_descriptor_limit();
  keep_little_memory();
  ::umask(0);
  Supervisor supervisor(std::move(child), *log);
  Result<int> code = serve_plan(plan, std::move(root), history, context, *log, supervisor, daemon);
  if (!code && log->has_file()) log->write(LogLevel::kError, code.error().text());
  return code;
}

}  // namespace

extern const Command kMountCommand;
const Command kMountCommand = {"mount", "give the databases in a directory a history", spec, run};

}  // namespace litetool
