#include "fuse/session.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "fuse/ask_apart.h"
#include "fuse/hidden_mount.h"
#include "fuse/ring/ring_set.h"
#include "fuse/serve_loop.h"
#include "fuse/unmount.h"

namespace litetool {
namespace {

// Real-time signals, which nobody else sends.
const int kWakeControl = SIGRTMIN;
const int kWakeLoop = SIGRTMIN + 1;

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, kWakeControl}) {
    ::sigaddset(&set, signal);
  }
  return set;
}

struct SessionDeleter {
  void operator()(fuse_session* session) const { ::fuse_session_destroy(session); }
};
using SessionPtr = std::unique_ptr<fuse_session, SessionDeleter>;

Result<SessionPtr> new_session(FileSystem& fs, const SessionOptions& options) {
  char name[] = "litetool";
  char option[] = "-o";
  std::string values = "default_permissions,fsname=litetool,subtype=litetool";
  if (options.allow_other) values += ",allow_other";
  char* words[] = {name, option, values.data(), nullptr};
  // As root we mount ourselves; libfuse takes mount options only for its own mount.
  fuse_args arguments = FUSE_ARGS_INIT(::geteuid() == 0 ? 1 : 3, words);
  const fuse_lowlevel_ops& operations = file_system_operations();
  SessionPtr session(::fuse_session_new(&arguments, &operations, sizeof operations,
                                        static_cast<PassthroughHolder*>(&fs)));
  ::fuse_opt_free_args(&arguments);  // libfuse has made copies of them
  if (session == nullptr) return Error(Errc::kFailed, "libfuse refuses to start a session");
  return session;
}

// The mount restricts what the one beneath it restricts, and nothing else.
Result<unsigned long> mount_flags(int root) {
  struct statvfs st {};
  if (::fstatvfs(root, &st) != 0) return Error::from_errno(errno, "look at the file system");
  constexpr unsigned long kKept = ST_NOSUID | ST_NODEV | ST_NOEXEC;  // the same bits as MS_*
  return (st.f_flag & kKept) | MS_NOATIME;
}

// What libfuse and the kernel say about it names no remedy.
Result<UniqueFd> open_device() {
  UniqueFd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (device.valid()) return device;
  if (errno == ENOENT || errno == ENODEV || errno == ENXIO) {
    return Error(Errc::kUnsupported,
                 "there is no FUSE here: /dev/fuse cannot be opened (run 'modprobe fuse'; a "
                 "container needs the device passed on to it)");
  }
  return Error::from_errno(errno, "open /dev/fuse");
}

// What mount(2) does, with the directory hidden below the top one where the kernel can show it.
Result<std::optional<HiddenMount>> mount_ourselves(FileSystem& fs, int device,
                                                   const std::string& mount_point) {
  LT_ASSIGN(const unsigned long flags, mount_flags(fs.root_fd));
  Result<HiddenMount> hidden = HiddenMount::make(device, flags);
  fs.served_below_top = hidden.ok();
  if (hidden) return std::optional(*std::move(hidden));
  if (hidden.error().code != Errc::kUnsupported) return hidden.error();
  const std::string data = "fd=" + std::to_string(device) +
                           ",rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions";
  if (::mount("litetool", mount_point.c_str(), "fuse.litetool", flags, data.c_str()) != 0) {
    return Error::from_errno(errno, "mount on " + mount_point);
  }
  return std::optional<HiddenMount>();
}

// As root: /dev/fuse and mount(2), which leaves the traffic open to Passthrough. Else libfuse's
// own way, with the help of fusermount3. A hidden mount is still to be shown.
Result<std::optional<HiddenMount>> mount_session(FileSystem& fs, fuse_session* session,
                                                 const SessionOptions& options) {
  const char* target = options.mount_point.c_str();
  const bool passthrough = ::geteuid() == 0 && options.tier != Tier::kCached;
  LT_ASSIGN(UniqueFd device, open_device());
  if (::geteuid() != 0) {
    device.reset();
    if (::fuse_session_mount(session, target) != 0) {
      return Error(Errc::kDenied, "mount on " + options.mount_point + " was refused (see above)");
    }
    LT_TRY(fs.passthrough.attach(session, ::fuse_session_fd(session), passthrough));
    return std::optional<HiddenMount>();
  }
  LT_ASSIGN(std::optional<HiddenMount> hidden,
            mount_ourselves(fs, device.get(), options.mount_point));
  const int fd = device.release();  // the session's from here on
  const Status attached = fs.passthrough.attach(session, fd, passthrough);
  if (attached) return hidden;
  if (!hidden) (void)::umount2(target, MNT_DETACH);
  return attached.error();
}

constexpr const char* kUseDevice = "use --transport auto or --transport device";

// Nothing where requests are to come from the device.
Result<std::optional<ring::KernelSwitch>> switch_for_rings(const SessionOptions& options) {
  const bool may_pass_through = ::geteuid() == 0 && options.tier != Tier::kCached;
  const bool wanted = options.transport == Transport::kRings ||
                      (options.transport == Transport::kAuto && may_pass_through);
  if (!wanted) return std::optional<ring::KernelSwitch>();
  Result<ring::KernelSwitch> on = ring::KernelSwitch::turn_on();
  if (on) return std::optional(*std::move(on));
  if (options.transport == Transport::kAuto) return std::optional<ring::KernelSwitch>();
  return Error(on.error().code, on.error().message + "; " + kUseDevice);
}

// Waits until the kernel has the answer to INIT, which is when it lets the first request pass;
// false when the mount is gone instead.
bool wait_for_init(const std::string& mount_point) {
  const char* target = mount_point.c_str();
  return ask_apart(-1, [target](int) {
           struct stat st {};
           return ::stat(target, &st) == 0 ? 0 : errno;
         }) == 0;
}

// Why a mount ends, or is not even announced; the first reason counts.
class Failure {
 public:
  void set(const Error& error, bool of_rings = false) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
    of_rings_ = of_rings_ || of_rings;
  }
  std::optional<Error> get() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }
  // Requests wait for rings that will not serve them.
  bool of_rings() const {
    const std::lock_guard lock(mutex_);
    return of_rings_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;
  bool of_rings_ = false;
};

// Null where requests come from the device.
Result<std::unique_ptr<ring::RingSet>> make_rings(fuse_session* session,
                                                  std::optional<ring::KernelSwitch> on,
                                                  Transport transport, ServeLoop& loop,
                                                  Failure& failure) {
  if (!on) return std::unique_ptr<ring::RingSet>();
  const auto failed = [&](const Error& error) {
    failure.set(Error(error.code, error.message + " (use --transport device)"), true);
    loop.stop();
  };
  Result<std::unique_ptr<ring::RingSet>> rings =
      ring::RingSet::make({session, ::fuse_session_fd(session), kWakeLoop, failed}, *std::move(on));
  if (rings) return rings;
  // They are forbidden here (kernel.io_uring_disabled), or there is no memory.
  if (transport == Transport::kAuto) return std::unique_ptr<ring::RingSet>();
  return Error(rings.error().code, rings.error().message + "; " + kUseDevice);
}

// The kernel answers what waits in it with an error, as if we had ended.
void abort_connection(fuse_session* session) {
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  (void)::dup3(nothing.get(), ::fuse_session_fd(session), O_CLOEXEC);
}

// The thread that waits for signals while the loop serves requests.
class Control {
 public:
  Control(FileSystem& fs, ServeLoop& loop, std::optional<HiddenMount> hidden,
          const SessionOptions& options, Failure& failure)
      : fs_(fs), loop_(loop), hidden_(std::move(hidden)), options_(options), failure_(failure) {
    struct sigaction ignore {};
    ignore.sa_handler = [](int) {};  // only to interrupt the loop's wait
    ::sigaction(kWakeLoop, &ignore, nullptr);
    thread_ = std::thread([this] { run(); });
  }
  ~Control() {
    loop_ended_ = true;
    ::pthread_kill(thread_.native_handle(), kWakeControl);
    thread_.join();
  }

  bool left_open_files() const { return left_open_files_; }

 private:
  void run() {
    if (appears()) announce();  // only now the tier is known
    const sigset_t signals = stop_signals();
    while (!loop_ended_) {
      siginfo_t info{};
      const int signal = ::sigwaitinfo(&signals, &info);
      if (signal < 0 || signal == kWakeControl) continue;
      const bool from_terminal = info.si_code == SI_KERNEL;
      if (!options_.stops || options_.stops(signal, from_terminal)) end_mount();
    }
  }

  bool appears() {
    if (!hidden_) return wait_for_init(options_.mount_point);
    const Status shown = hidden_->show(options_.mount_point);
    if (!shown)
      failure_.set(shown.error());  // and the loop ends: with `hidden_` the mount has gone
    return shown.ok();
  }

  void announce() {
    const UniqueFd probe(
        ::openat(fs_.root_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR));
    const bool passthrough = fs_.passthrough.probe(probe.get());
    if (options_.tier == Tier::kPassthrough && !passthrough) {
      failure_.set(Error(Errc::kUnsupported,
                         "kernel passthrough is impossible here: it needs Linux 6.9 and root (use "
                         "--tier auto or --tier cached)"));
    } else if (options_.transport == Transport::kRings && !fs_.passthrough.over_rings()) {
      failure_.set(Error(Errc::kUnsupported, "the kernel did not offer io_uring to this mount (" +
                                                 std::string(kUseDevice) + ")"));
    }
    failure_.get() ? end_mount() : options_.on_ready(passthrough);
  }

  // Those that are about to close their files get a moment for it.
  void end_mount() {
    constexpr int kTries = 10;
    constexpr auto kPause = std::chrono::milliseconds(100);
    const std::string& target = options_.mount_point;
    for (int n = 0; n < kTries; ++n) {
      const Status done = unmount(target, false);
      // The loop ends by itself, also when somebody else was faster.
      if (done || done.error().code == Errc::kNotFound) return;
      if (n + 1 < kTries) {
        std::this_thread::sleep_for(kPause);
      } else {
        options_.warn(done.error().message + " (detached: they must be started again)");
      }
    }
    left_open_files_ = true;
    fs_.witness.interrupt_loads();  // for which clients may be waiting
    (void)unmount(target, true);
    loop_.stop();
  }

  FileSystem& fs_;
  ServeLoop& loop_;
  std::optional<HiddenMount> hidden_;
  const SessionOptions& options_;
  std::atomic<bool> loop_ended_{false};
  std::atomic<bool> left_open_files_{false};
  Failure& failure_;
  std::thread thread_;
};

}  // namespace

void block_stop_signals() {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Result<bool> serve(FileSystem& fs, const SessionOptions& options) {
  block_stop_signals();
  LT_ASSIGN(const SessionPtr session, new_session(fs, options));
  LT_ASSIGN(std::optional<ring::KernelSwitch> kernel_switch, switch_for_rings(options));
  LT_ASSIGN(std::optional<HiddenMount> hidden, mount_session(fs, session.get(), options));
  Failure failure;
  ServeLoop loop(session.get(), kWakeLoop);
  LT_ASSIGN(const std::unique_ptr<ring::RingSet> rings,
            make_rings(session.get(), std::move(kernel_switch), options.transport, loop, failure));
  if (rings != nullptr) fs.passthrough.use_rings(*rings);
  fs.peek.attach(session.get(), fs.inodes);
  fs.session = session.get();
  int result = 0;
  bool quiet = false;
  {
    const Control control(fs, loop, std::move(hidden), options, failure);
    result = loop.run();
    if (rings != nullptr) rings->stop();
    if (failure.of_rings()) abort_connection(session.get());
    quiet = !control.left_open_files();
  }
  fs.session = nullptr;
  fs.peek.detach();
  if (::geteuid() != 0) ::fuse_session_unmount(session.get());
  if (const std::optional<Error> error = failure.get()) return *error;
  if (result < 0) return Error::from_errno(-result, "serve " + options.mount_point);
  return quiet;
}

}  // namespace litetool
