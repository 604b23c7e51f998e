#include "core/history/rename_note.h"

#include <charconv>

#include "core/os/atomic_file.h"
#include "core/os/paths.h"

namespace litetool {
namespace {

// More than the names of all databases that can be below a directory.
constexpr std::uint64_t kLargestNote = std::uint64_t{256} << 20;

std::string path_in(const HistoryRoot& root) {
  return root.file(kRenameFile);
}

// Nothing where there is no note.
Result<std::vector<std::string>> read_fields(Env& env, const HistoryRoot& root) {
  std::vector<std::string> fields;
  const auto file = env.open(root.dir, path_in(root), OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return fields;
  if (!file) return file.error();
  if ((*file)->size() > kLargestNote) {
    return Error(Errc::kCorrupt, path_in(root) + " is too large for the note of a rename");
  }
  std::string text((*file)->size(), '\0');
  LT_TRY((*file)->read_exact(std::as_writable_bytes(std::span(text)), 0));
  for (std::size_t at = 0, end = 0; (end = text.find('\0', at)) != text.npos; at = end + 1) {
    fields.push_back(text.substr(at, end - at));
  }
  return fields;
}

Result<RenameNote> note_of(const std::vector<std::string>& fields) {
  RenameNote note;
  const std::string& inode = fields.front();
  const auto [end, err] = std::from_chars(inode.data(), inode.data() + inode.size(), note.inode);
  for (std::size_t i = 1; i + 1 < fields.size(); i += 2) {
    note.names.push_back({fields[i], fields[i + 1]});
  }
  if (err != std::errc() || note.names.empty()) {
    return Error(Errc::kCorrupt, "no note of a rename");
  }
  return note;
}

Result<bool> was_done(Env& env, int dir, const RenameNote& note) {
  const auto old_name = env.lstat(dir, note.names.front().from);
  if (old_name) return false;
  if (old_name.error().code != Errc::kNotFound) return old_name.error();
  const auto new_name = env.lstat(dir, note.names.front().to);
  if (!new_name && new_name.error().code != Errc::kNotFound) return new_name.error();
  return new_name && new_name->st_ino == note.inode;
}

}  // namespace

Status write_rename_note(Env& env, const HistoryRoot& root, const RenameNote& note) {
  std::string text = std::to_string(note.inode) + '\0';
  for (const auto& [from, to] : note.names) text += from + '\0' + to + '\0';
  return replace_file(env, root.dir, path_in(root), as_bytes(text));
}

Status remove_rename_note(Env& env, const HistoryRoot& root) {
  return env.unlink(root.dir, path_in(root));
}

Status finish_noted_rename(Env& env, int dir, const HistoryRoot& root) {
  LT_ASSIGN(const std::vector<std::string> fields, read_fields(env, root));
  if (fields.empty()) return {};
  LT_ASSIGN(const RenameNote note, note_of(fields));
  LT_ASSIGN(const bool done, was_done(env, dir, note));
  for (const auto& [from, to] : done ? note.names : std::vector<RenameNote::Names>()) {
    Status moved = move_history(env, root, from, to);
    if (!moved && moved.error().code != Errc::kExists) return moved;
  }
  if (done) LT_TRY(sync_moved_histories(env, root));
  return remove_rename_note(env, root);
}

Status move_history(Env& env, const HistoryRoot& root, const std::string& from,
                    const std::string& to) {
  const std::string folder = root.folder_of(from);
  if (!env.stat(root.dir, folder)) return {};
  return env.rename(root.dir, folder, root.folder_of(to));
}

Status sync_moved_histories(Env& env, const HistoryRoot& root) {
  return env.sync_dir(root.dir, directory_of(root.folder_of("any")));
}

}  // namespace litetool
