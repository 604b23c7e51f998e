#include "cmd/confinement.h"

#include <cstdlib>

#include "cmd/history_place.h"
#include "cmd/mount_status.h"
#include "cmd/past_args.h"
#include "core/history/layout.h"
#include "core/os/paths.h"
#include "core/os/sandbox.h"

namespace litetool {
namespace {

bool is_directory(Context& context, const std::string& path) {
  const auto st = context.env.stat(kCwd, path);
  return st && S_ISDIR(st->st_mode);
}

class Rules {
 public:
  explicit Rules(Context& context) : context_(context) {
    // What libraries and the clock look at: mounts, memory, CPUs, time zones.
    for (const char* path :
         {"/proc/self", "/proc/mounts", "/proc/sys/kernel/random/boot_id",
          "/sys/devices/system/cpu", "/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom"}) {
      read(path);
    }
    if (const char* zone = std::getenv("TZ")) read(*zone == ':' ? zone + 1 : zone);
    if (const char* zones = std::getenv("TZDIR")) read(zones);
    rules_.push_back({"/dev/null", SandboxAccess::kChange});
  }

  void add(PathUse use, const std::string& path) {
    if (path == "-" || path.empty()) return;
    switch (use) {
      case PathUse::kReads:
        return read(path);
      case PathUse::kReadsHistory:
        return history(path, SandboxAccess::kRead);
      case PathUse::kWrites:
        return output(path);
      case PathUse::kChangesHistory:
        return history(path, SandboxAccess::kChange);
    }
  }

  // A folder for the command alone; removing it is all that it may do beside it.
  void add_temporary(const std::string& parent, const std::string& folder) {
    rules_.push_back({folder, SandboxAccess::kChange});
    rules_.push_back({parent, SandboxAccess::kRemove});
  }

  const std::vector<SandboxRule>& all() const { return rules_; }

 private:
  void read(const std::string& path) { rules_.push_back({path, SandboxAccess::kRead}); }

  // Beside the database are its log and journal, or will be.
  void database(const std::string& path, SandboxAccess access) {
    const std::string folder = directory_of(path);
    const bool may_be_made = access == SandboxAccess::kChange;
    rules_.push_back({may_be_made ? existing_directory(folder) : folder, access});
    if (const auto target = resolved_path(path)) rules_.push_back({directory_of(*target), access});
  }

  // A database, a directory or a history, with what belongs to it wherever that lies.
  void history(const std::string& path, SandboxAccess access) {
    rules_.push_back({path, access});
    const bool is_folder = is_directory(context_, path);
    const bool is_image = path.ends_with(".ltx") || path.ends_with(kSegmentSuffix);
    const bool is_database = !is_folder && (!is_image || access == SandboxAccess::kChange);
    if (is_database) database(path, access);
    const auto named = named_histories(context_, path);
    if (!named) return;
    rules_.push_back({named->history, access});
    read(named->directory + "/" + kMountStatusFile);
    const std::string source = named->mount ? text_in(*named->mount, "source") : "";
    for (const std::string& directory : {named->directory, source}) {
      if (directory.empty()) continue;
      if (named->database) {
        database(directory + "/" + *named->database, access);
      } else {
        rules_.push_back({directory, access});
      }
    }
  }

  // The path, or the nearest directory above it that is there.
  std::string existing_directory(std::string path) const {
    while (!is_directory(context_, path) && path != "." && path != "/") path = directory_of(path);
    return path;
  }

  // The file is written aside and renamed; a directory may have to be made.
  void output(const std::string& path) {
    std::string place = path;
    while (place.size() > 1 && place.ends_with('/')) place.pop_back();
    rules_.push_back({existing_directory(place), SandboxAccess::kChange});
  }

  Context& context_;
  std::vector<SandboxRule> rules_;
};

}  // namespace

Result<Confinement> Confinement::enter(const ArgSpec& spec, const Args& args, Context& context) {
  Confinement confinement;
  if (spec.paths.empty()) return confinement;
  Rules rules(context);
  for (const PathSpec& path : spec.paths) {
    if (!path.only_with.empty() && !args.has(path.only_with)) continue;
    const std::vector<std::string>& given = args.all(path.argument);
    if (given.empty()) rules.add(path.use, path.otherwise);
    for (const std::string& one : given) rules.add(path.use, one);
  }
  const std::string parent = temp_directory();
  // Without one, who needs it says so.
  if (auto temp = TempDir::create(context.env, parent)) {
    confinement.temp_.emplace(*std::move(temp));
    const std::string folder = confinement.temp_->folder();
    rules.add_temporary(parent, folder);
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  LT_TRY(enter_sandbox(rules.all()));
  return confinement;
}

}  // namespace litetool
