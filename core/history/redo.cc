#include "core/history/redo.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/history/layout.h"
#include "core/history/prepared_image.h"
#include "core/history/redo_log.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

// Far more than any log of ours has.
constexpr std::uint64_t kMostRead = std::uint64_t{16} << 20;

// What the records of a log come to: a segment has `bytes` from `from` on, and nothing behind them,
// and single bytes before.
struct Redone {
  std::string boot_id;
  std::string segment;
  std::uint64_t from = 0;
  Buffer bytes;
  std::map<std::uint64_t, std::byte> replaced;

  std::uint64_t size() const { return from + bytes.size(); }
};

// False for a record that cannot follow.
bool add_record(Redone& redone, const FoundRedoRecord& found) {
  const FilePart& part = found.record.part;
  if (found.record.number == 0) redone.from = part.from;
  if (part.from > redone.size()) return false;
  redone.from = std::min(redone.from, part.from);
  redone.bytes.resize(part.from - redone.from);
  redone.bytes.insert(redone.bytes.end(), found.appended.begin(), found.appended.end());
  redone.replaced.erase(redone.replaced.lower_bound(redone.from), redone.replaced.end());
  for (const auto& [offset, value] : part.replaced) {
    if (offset < redone.from) {
      redone.replaced[offset] = value;
    } else {
      redone.bytes[offset - redone.from] = value;
    }
  }
  return true;
}

// Nothing where the log has no record: it was cleared, or never used.
std::optional<Redone> redone_by(Bytes log) {
  std::optional<Redone> redone;
  std::uint64_t generation = 0;
  for (std::uint64_t number = 0; !log.empty(); ++number) {
    const auto found = read_redo_record(log);
    if (!found || found->record.number != number) break;
    const RedoRecord& record = found->record;
    if (number == 0) {
      if (!is_segment_name(record.segment)) break;
      redone = Redone{record.boot_id, record.segment, 0, {}, {}};
      generation = record.generation;
    }
    const bool follows = record.generation == generation && record.segment == redone->segment &&
                         record.boot_id == redone->boot_id && add_record(*redone, *found);
    if (!follows) break;
    const std::size_t blocks = (found->size + kDirectBlock - 1) / kDirectBlock;
    log = log.subspan(std::min(log.size(), blocks * kDirectBlock));
  }
  return redone;
}

// A segment as it is with what was redone.
class RedoneSegment : public ByteSource {
 public:
  RedoneSegment(const ByteSource& found, const Redone& redone) : found_(found), redone_(redone) {}

  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    if (offset >= size()) return std::size_t{0};
    out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size() - offset)));
    const std::uint64_t end = offset + out.size();
    std::size_t old = 0;
    if (offset < redone_.from) {
      old = static_cast<std::size_t>(std::min(end, redone_.from) - offset);
      LT_TRY(found_.read_exact(out.first(old), offset));
    }
    if (end > redone_.from) {
      const Bytes bytes = Bytes(redone_.bytes).subspan(offset + old - redone_.from);
      std::ranges::copy(bytes.first(out.size() - old),
                        out.begin() + static_cast<std::ptrdiff_t>(old));
    }
    for (auto byte = redone_.replaced.lower_bound(offset);
         byte != redone_.replaced.end() && byte->first < end; ++byte) {
      out[byte->first - offset] = byte->second;
    }
    return out.size();
  }
  std::uint64_t size() const override { return redone_.size(); }

 private:
  const ByteSource& found_;
  const Redone& redone_;
};

// Whether the segment lacks something that it has with the log. Writes reach a disk in any order:
// so each image counts that is whole, from the first on, and none behind one that is not.
Result<bool> is_behind(const ByteSource& found, const Redone& redone) {
  if (redone.from > found.size()) return false;  // of another state of the file
  const RedoneSegment with_log(found, redone);
  LT_ASSIGN(const ltx::SegmentEnd now, ltx::find_segment_end(found));
  LT_ASSIGN(const ltx::SegmentEnd then, ltx::find_segment_end(with_log));
  if (then.end != now.end) return then.end > now.end;
  // What is prepared there was synced last: it may be committed, unlike another one here.
  LT_ASSIGN(const auto prepared, find_prepared_image(with_log, with_log.size()));
  if (!prepared || prepared->offset != then.end) return false;
  LT_ASSIGN(const auto here, find_prepared_image(found, found.size()));
  return !here || here->offset != prepared->offset ||
         here->trailer.file_checksum != prepared->trailer.file_checksum;
}

// Can be repeated: what it has changed is what the log has.
Status write_to(File& segment, const Redone& redone) {
  for (const auto& [offset, value] : redone.replaced) {
    LT_TRY(segment.write_at(Bytes(&value, 1), offset));
  }
  LT_TRY(segment.write_at(redone.bytes, redone.from));
  return segment.truncate(redone.size());
}

Status redo_segment(Env& env, int dir, const std::string& folder, const Redone& redone,
                    bool machine_restarted) {
  const std::string path = folder + "/" + redone.segment;
  const auto segment = env.open(dir, path, OpenMode::kReadWrite);
  if (!segment && segment.error().code == Errc::kNotFound) return {};
  if (!segment) return segment.error();
  LT_ASSIGN(const std::string boot_id, env.boot_id());
  if (machine_restarted || boot_id != redone.boot_id) {
    LT_ASSIGN(const bool behind, is_behind(**segment, redone));
    if (behind) LT_TRY(write_to(**segment, redone));
  }
  return (*segment)->sync();
}

}  // namespace

Status redo(Env& env, int dir, const std::string& folder, bool machine_restarted) {
  const std::string path = redo_path(folder);
  const auto file = env.open(dir, path, OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return {};
  if (!file) return file.error();
  Buffer log(static_cast<std::size_t>(std::min((*file)->size(), kMostRead)));
  LT_ASSIGN(const std::size_t n, (*file)->read_at(log, 0));
  if (const auto redone = redone_by(Bytes(log).first(n))) {
    LT_TRY(redo_segment(env, dir, folder, *redone, machine_restarted));
  }
  LT_TRY(env.unlink(dir, path));
  return env.sync_dir(dir, folder);
}

}  // namespace litetool
