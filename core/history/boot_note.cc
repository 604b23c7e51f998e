#include "core/history/boot_note.h"

#include <array>

#include "core/history/layout.h"

namespace litetool {
namespace {

std::string boot_note_path(const std::string& folder) {
  return folder + "/" + std::string(kBootFile);
}

// The line that was noted; empty where there is none, or only a part of one.
Result<std::string> noted(Env& env, int dir, const std::string& folder) {
  const auto file = env.open(dir, boot_note_path(folder), OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return std::string();
  if (!file) return file.error();
  std::array<char, 128> text{};
  LT_ASSIGN(const std::size_t n, (*file)->read_at(std::as_writable_bytes(std::span(text)), 0));
  const std::string line(text.data(), n);
  return line.ends_with('\n') ? line : std::string();
}

}  // namespace

Result<bool> machine_restarted(Env& env, int dir, const std::string& folder) {
  LT_ASSIGN(const std::string then, noted(env, dir, folder));
  if (then.empty()) return false;
  LT_ASSIGN(const std::string now, env.boot_id());
  return then != now + "\n";
}

Status note_boot(Env& env, int dir, const std::string& folder) {
  LT_ASSIGN(const std::string then, noted(env, dir, folder));
  LT_ASSIGN(const std::string now, env.boot_id());
  const std::string line = now + "\n";
  LT_ASSIGN(const std::unique_ptr<File> file,
            env.open(dir, boot_note_path(folder), OpenMode::kCreate, 0600));
  if (then != line) {
    // Ids have one length: where there was one, it is replaced by a write that cannot be torn.
    if (file->size() != line.size()) LT_TRY(file->truncate(0));
    LT_TRY(file->write_at(as_bytes(line), 0));
  }
  // Whoever noted it before may have been killed before it was on the disk.
  LT_TRY(file->sync());
  return env.sync_dir(dir, folder);
}

}  // namespace litetool
