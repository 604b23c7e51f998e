#include "core/history/quarantine.h"

#include <array>
#include <optional>
#include <span>

#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/os/atomic_file.h"
#include "core/os/holes.h"
#include "core/os/safe_dirs.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

// A new file at `base`, or at `base` and a number.
struct Place {
  std::string path;
  std::unique_ptr<File> file;
};
Result<Place> new_place(Env& env, int dir, const std::string& base) {
  for (int number = 1;; ++number) {
    const std::string path = number == 1 ? base : base + "-" + std::to_string(number);
    auto file = env.open(dir, path, OpenMode::kCreateNew, 0600);
    if (file) return Place{path, *std::move(file)};
    if (file.error().code != Errc::kExists) return file.error();
  }
}

// Has `write` fill a new file, which is gone again when that fails: there will be another try.
template <typename Write>
Status add_file(Env& env, int dir, const std::string& base, Write write) {
  LT_ASSIGN(const Place place, new_place(env, dir, base));
  Status written = write(place);
  if (!written) (void)env.unlink(dir, place.path);
  return written;
}

// Holes stay holes.
Status copy_from(const File& from, std::uint64_t start, File& to) {
  Buffer piece(std::size_t{1} << 20);
  for (std::uint64_t offset = start; (offset = next_data(from, offset)) < from.size();) {
    LT_ASSIGN(const std::size_t n, from.read_at(piece, offset));
    if (n == 0) break;
    LT_TRY(to.write_at(Bytes(piece).first(n), offset - start));
    offset += n;
  }
  if (to.size() < from.size() - start) LT_TRY(to.truncate(from.size() - start));
  return to.sync();
}

std::string note_path(const std::string& folder) {
  return folder + "/" + std::string(kDamagedFile);
}

// The base that was noted; nothing where there is no note.
Result<std::optional<Txid>> noted_base(Env& env, int dir, const std::string& folder) {
  const auto file = env.open(dir, note_path(folder), OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return std::optional<Txid>();
  if (!file) return file.error();
  std::array<char, 16> digits{};
  LT_TRY((*file)->read_exact(std::as_writable_bytes(std::span(digits)), 0));
  LT_ASSIGN(const std::uint64_t base, parse_hex16({digits.data(), digits.size()}));
  return std::optional<Txid>(base);
}

Status quarantine_damage(const Job& job, int dir, const std::string& folder,
                         const std::function<void(const std::string&)>& warn) {
  LT_ASSIGN(const std::vector<std::string> names, history_files(job.env, dir, folder));
  for (const std::string& name : names) {
    LT_TRY(job.check());
    const std::string path = folder + "/" + name;
    LT_ASSIGN(const std::unique_ptr<File> file, job.env.open(dir, path, OpenMode::kRead));
    LT_ASSIGN(const ltx::SegmentEnd good, ltx::find_segment_end(*file));
    if (!good.damage) continue;
    LT_TRY(quarantine_tail(job.env, dir, folder, name, good.end,
                           good.damage->text() +
                               " (the history goes on with a copy of the whole database; "
                               "put a good copy of this file in its place to have these "
                               "transactions back)"));
    warn(path + ": damaged from offset " + std::to_string(good.end) + " on (" +
         good.damage->text() + "): moved to quarantine, transactions in it cannot be restored");
  }
  return {};
}

}  // namespace

Status quarantine_tail(Env& env, int dir, const std::string& folder, const std::string& name,
                       std::uint64_t complete_bytes, const std::string& why) {
  const std::string aside = folder + "/" + std::string(kQuarantineFolder);
  LT_TRY(make_safe_dirs(env, dir, aside, 0700));
  LT_ASSIGN(const std::unique_ptr<File> from,
            env.open(dir, folder + "/" + name, OpenMode::kReadWrite));
  const std::string text =
      "bytes from offset " + std::to_string(complete_bytes) + " of " + name + ": " + why + "\n";
  const auto write_note = [&](const Place& note) -> Status {
    LT_TRY(note.file->append({as_bytes(text)}));
    return note.file->sync();
  };
  Status kept = add_file(env, dir, aside + "/" + name + "-" + std::to_string(complete_bytes),
                         [&](const Place& place) -> Status {
                           LT_TRY(copy_from(*from, complete_bytes, *place.file));
                           return add_file(env, dir, place.path + ".note", write_note);
                         });
  if (!kept) return kept;
  LT_TRY(env.sync_dir(dir, aside));
  LT_TRY(from->truncate(complete_bytes));
  return from->sync();
}

Status note_damage(Env& env, int dir, const std::string& folder, Txid base) {
  return replace_file(env, dir, note_path(folder), as_bytes(base.text() + "\n"));
}

Status quarantine_noted_damage(const Job& job, int dir, const std::string& folder, Txid end,
                               const std::function<void(const std::string&)>& warn) {
  LT_ASSIGN(const std::optional<Txid> base, noted_base(job.env, dir, folder));
  if (!base) return {};
  if (*base <= end) LT_TRY(quarantine_damage(job, dir, folder, warn));
  return job.env.unlink(dir, note_path(folder));
}

}  // namespace litetool
