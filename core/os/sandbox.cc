#include "core/os/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "core/os/unique_fd.h"

namespace litetool {
namespace {

// What the headers of Debian 12 do not name.
constexpr std::uint64_t kRefer = 1 << 13;     // version 2
constexpr std::uint64_t kTruncate = 1 << 14;  // version 3
constexpr std::uint64_t kIoctlDevice = 1 << 15;

// As the kernel lays it out; `size` tells it how much of that a version knows.
struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;  // version 4
  std::uint64_t scoped = 0;   // version 6
};

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kReadFolder = LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kChangeFile = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kChangeFolder = LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                        LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                        LANDLOCK_ACCESS_FS_REMOVE_DIR | kRefer;

std::uint64_t files_of(int version) {
  constexpr std::uint64_t kFirst = (1 << 13) - 1;
  std::uint64_t files = kFirst;
  if (version >= 2) files |= kRefer;
  if (version >= 3) files |= kTruncate;
  if (version >= 5) files |= kIoctlDevice;
  return files;
}

std::uint64_t allowed_by(SandboxAccess access, bool is_folder) {
  const std::uint64_t read = kReadFile | (is_folder ? kReadFolder : 0);
  const std::uint64_t change = kChangeFile | (is_folder ? kChangeFolder : 0);
  if (access == SandboxAccess::kRemove) return is_folder ? LANDLOCK_ACCESS_FS_REMOVE_DIR : 0;
  return access == SandboxAccess::kRead ? read : read | change;
}

Error failed() {
  return Error::from_errno(errno, "restrict this process (Landlock)");
}

Status allow(int ruleset, const SandboxRule& rule, std::uint64_t known) {
  const UniqueFd path(::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
  struct stat st {};
  if (!path.valid() || ::fstat(path.get(), &st) != 0) return {};
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = allowed_by(rule.access, S_ISDIR(st.st_mode)) & known;
  beneath.parent_fd = path.get();
  if (beneath.allowed_access == 0) return {};
  const long added =
      ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
  // Pipes and what the kernel keeps without a place have none to be named by; nothing restricts
  // them either.
  return added == 0 || errno == EBADFD ? Status() : failed();
}

}  // namespace

int landlock_version() {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : static_cast<int>(version);
}

Status enter_sandbox(const std::vector<SandboxRule>& rules) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed();
  const int version = landlock_version();
  if (version == 0) return {};
  Ruleset what{files_of(version)};
  constexpr std::uint64_t kBindAndConnect = 3;
  constexpr std::uint64_t kAbstractSocketsAndSignals = 3;
  if (version >= 4) what.network = kBindAndConnect;
  if (version >= 6) what.scoped = kAbstractSocketsAndSignals;
  const std::size_t known = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const UniqueFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &what, known, 0)));
  if (!ruleset.valid()) return failed();
  for (const SandboxRule& rule : rules) LT_TRY(allow(ruleset.get(), rule, what.files));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return failed();
  return {};
}

}  // namespace litetool
