// The checks of 'litetool doctor' that are about this machine.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "cmd/doctor_checks.h"
#include "core/os/sandbox.h"
#include "core/rows/sqlite_library.h"
#include "formats/base/crc64.h"
#include "formats/base/text.h"
#include "formats/sqlite/file_header.h"
#include "fuse/ring/kernel_switch.h"

namespace litetool {
namespace {

struct Version {
  int major = 0;
  int minor = 0;
  bool at_least(int a, int b) const { return major > a || (major == a && minor >= b); }
};

// FUSE passthrough came with Linux 6.9.
constexpr int kPassthroughMajor = 6;
constexpr int kPassthroughMinor = 9;
// FUSE_NOTIFY_RETRIEVE, what the cached tier needs, and all else are older than this.
constexpr int kOldestMajor = 5;
constexpr int kOldestMinor = 4;

Version kernel_version(std::string& release) {
  utsname name{};
  Version version;
  if (::uname(&name) == 0) {
    release = name.release;
    (void)std::sscanf(name.release, "%d.%d", &version.major, &version.minor);
  }
  return version;
}

bool can_open_fuse() {
  const int fd = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

// The full path of a program in PATH; empty when there is none.
std::string find_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    const std::string file = std::string(folder) + "/" + name;
    if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

void check_kernel(const Version& kernel, const std::string& release, Findings& findings) {
  if (!kernel.at_least(kOldestMajor, kOldestMinor)) {
    findings.push_back({Severity::kWarning, "kernel", "Linux " + release + " is old",
                        "litetool is not tested on it; 5.4 or later is expected"});
  } else {
    findings.push_back({Severity::kOk, "kernel", "Linux " + release, ""});
  }
}

void check_fuse(Findings& findings) {
  if (::access("/dev/fuse", F_OK) != 0) {
    findings.push_back({Severity::kProblem, "fuse", "there is no /dev/fuse",
                        "'modprobe fuse'; for a container: --device /dev/fuse and SYS_ADMIN"});
  } else if (!can_open_fuse()) {
    findings.push_back({Severity::kProblem, "fuse", "/dev/fuse cannot be opened",
                        "its mode should be 0666; in a container, allow the device"});
  } else {
    findings.push_back({Severity::kOk, "fuse", "/dev/fuse can be opened", ""});
  }
}

void check_helper(Findings& findings) {
  if (::geteuid() == 0) return;  // root mounts without it
  const std::string helper = find_program("fusermount3");
  struct stat st {};
  if (helper.empty()) {
    findings.push_back({Severity::kProblem, "fusermount3",
                        "it is not installed, and only root mounts without it",
                        "'apt-get install fuse3'"});
  } else if (::stat(helper.c_str(), &st) == 0 && (st.st_mode & S_ISUID) == 0) {
    findings.push_back({Severity::kProblem, "fusermount3", helper + " is not setuid root",
                        "'chmod u+s " + helper + "', as its package does"});
  } else {
    findings.push_back({Severity::kOk, "fusermount3", helper, ""});
  }
}

void check_tier(const Version& kernel, Findings& findings) {
  if (!kernel.at_least(kPassthroughMajor, kPassthroughMinor)) {
    findings.push_back({Severity::kWarning, "tier", "cached: this kernel has no FUSE passthrough",
                        "Linux 6.9 or later makes WAL commits and reads faster"});
  } else if (::geteuid() != 0) {
    findings.push_back({Severity::kWarning, "tier", "cached: passthrough needs root",
                        "mount as root for the fastest tier"});
  } else {
    findings.push_back({Severity::kOk, "tier", "passthrough: kernel and permissions allow it", ""});
  }
}

// What a mount does that nobody tells otherwise.
void check_transport(Findings& findings) {
  std::string forbidden;
  std::getline(std::ifstream("/proc/sys/kernel/io_uring_disabled"), forbidden);
  std::string says = "io_uring: kernel and permissions allow it";
  if (::access(ring::kSwitchFile, F_OK) != 0) {
    says = "device: FUSE over io_uring came with Linux 6.14";
  } else if (forbidden == "2") {
    says = "device: kernel.io_uring_disabled is 2";
  } else if (::geteuid() != 0) {
    says = "device: io_uring is used beside passthrough, which needs root";
  }
  findings.push_back({Severity::kOk, "transport", says, ""});
}

void check_sandbox(Findings& findings) {
  const int version = landlock_version();
  findings.push_back(
      {Severity::kOk, "sandbox",
       version != 0
           ? "Landlock " + std::to_string(version) + ": commands can touch only what they are given"
           : "this kernel has no Landlock: commands could touch other files",
       ""});
}

void check_libraries(Findings& findings) {
  const std::string version = sqlite_library_version();
  int major = 0;
  int minor = 0;
  int patch = 0;
  (void)std::sscanf(version.c_str(), "%d.%d.%d", &major, &minor, &patch);
  const auto number = static_cast<std::uint32_t>(major * 1'000'000 + minor * 1000 + patch);
  if (has_wal_reset_bug(number)) {
    findings.push_back({Severity::kWarning, "sqlite",
                        "SQLite " + version +
                            " has the WAL-reset bug: several connections that write and "
                            "checkpoint one database at the same time can damage it",
                        "3.51.3, 3.50.7 and 3.44.6 are without it; programs have versions of "
                        "their own, see 'litetool status'"});
  } else {
    findings.push_back({Severity::kOk, "sqlite", "SQLite " + version, ""});
  }
  if (!crc64_uses_isal()) {
    findings.push_back({Severity::kWarning, "crc64", "checksums are computed without ISA-L",
                        "they take longer; install libisal where this CPU has it"});
  }
}

void check_clock(Context& context, Findings& findings) {
  constexpr std::int64_t kStartOf2026Ms = 1'767'225'600'000;
  const std::int64_t now = context.env.now_ms();
  if (now < kStartOf2026Ms) {
    findings.push_back({Severity::kProblem, "clock", "it says " + rfc3339_ms(now),
                        "set it: points in time would mean something else"});
  } else {
    findings.push_back({Severity::kOk, "clock", rfc3339_ms(now), ""});
  }
}

}  // namespace

void check_machine(Context& context, Findings& findings) {
  std::string release;
  const Version kernel = kernel_version(release);
  check_kernel(kernel, release, findings);
  check_fuse(findings);
  check_helper(findings);
  check_tier(kernel, findings);
  check_transport(findings);
  check_sandbox(findings);
  check_libraries(findings);
  check_clock(context, findings);
}

}  // namespace litetool
