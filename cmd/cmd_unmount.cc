// litetool unmount: takes a mount away and waits until its daemon has finished.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "cmd/command.h"
#include "cmd/mount_status.h"
#include "core/os/mount_table.h"
#include "core/os/paths.h"
#include "core/os/unique_fd.h"
#include "fuse/unmount.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Returns when the daemon has ended: everything is captured and on the disk, and the\n"
          "directory holds plain SQLite files. A dead mount, whose daemon was killed, is cleared.")
      .toggle("--lazy", 0, "also when files are open: they stay usable until they are closed")
      .positional("MOUNTPOINT", Arity::kOne, "directory that is mounted", Complete::kDirectory)
      .exit_code(kExitFailed, "files are open; the message names the programs")
      .exit_code(kExitNotFound, "MOUNTPOINT is not a mount of litetool")
      .example("litetool unmount ./data", "back to the plain directory");
}

// Absolute, without looking into the directory, which a dead mount refuses.
Result<std::string> mount_point_of(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::string name = last_part(path);
  if (path == "/" || name == "." || name == "..") return absolute_directory(path);
  LT_ASSIGN(std::string absolute, absolute_path(path));
  if (mount_at(absolute)) return absolute;
  return absolute_directory(path);
}

// Holds on to the daemon before it can go; invalid when there is none to wait for.
UniqueFd daemon_of(const std::string& mount_point) {
  const auto status = read_mount_status(mount_point);
  if (!status) return {};
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, number_in(*status, "pid"), 0)));
}

Status wait_for(const UniqueFd& daemon, const Context& context) {
  constexpr int kSliceMs = 100;
  while (daemon.valid()) {
    pollfd ended{daemon.get(), POLLIN, 0};
    const int n = ::poll(&ended, 1, kSliceMs);
    if (n > 0 || (n < 0 && errno != EINTR)) break;
    if (context.stop) {
      return Error(Errc::kInterrupted, "interrupted; unmounted, but the daemon has not ended yet");
    }
  }
  return {};
}

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const std::string mount_point, mount_point_of(args.one("MOUNTPOINT")));
  const bool lazy = args.has("--lazy");
  const UniqueFd daemon = daemon_of(mount_point);
  Status done = unmount(mount_point, lazy);
  if (!done && done.error().code == Errc::kFailed && !lazy) {
    done.error().message += " (end these programs, or use --lazy)";
  }
  LT_TRY(std::move(done));
  if (!lazy) LT_TRY(wait_for(daemon, context));
  if (context.out.json_mode()) {
    context.out.document(Json{{"directory", mount_point}, {"lazy", lazy}});
  } else {
    context.out.note("unmounted " + mount_point);
  }
  return kExitDone;
}

}  // namespace

extern const Command kUnmountCommand;
const Command kUnmountCommand = {"unmount", "take a mount away, and wait until it is over", spec,
                                 run};

}  // namespace litetool
