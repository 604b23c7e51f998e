#include "core/history/history.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/history/marks.h"
#include "core/history/prepared_image.h"
#include "core/history/quarantine.h"
#include "core/history/redo.h"
#include "core/os/atomic_file.h"
#include "core/os/safe_dirs.h"

namespace litetool {
namespace {

// It costs as much as a few of them to make it.
constexpr int kSyncsWorthALog = 4;

// Bytes of them: a mark whose transaction did not come is the last one, or one of a few.
constexpr std::uint64_t kMostMarksBeyondEnd = std::uint64_t{1} << 20;

}  // namespace

Result<History> History::open(Env& env, int dir, std::string folder, std::uint64_t node_id,
                              const std::function<void(const std::string&)>& warn,
                              const Before& before) {
  LT_TRY(redo(env, dir, folder, before.machine_restarted));
  History history(env, dir, std::move(folder), node_id);
  LT_TRY(history.find_end(warn, before));
  return history;
}

Status History::find_end(const std::function<void(const std::string&)>& warn,
                         const Before& before) {
  LT_ASSIGN(const std::vector<std::string> files, history_files(*env_, dir_, folder_));
  // From the newest file back: a segment whose first image was torn leaves nothing behind.
  for (auto name = files.rbegin(); name != files.rend() && !last_; ++name) {
    const std::string path = folder_ + "/" + *name;
    LT_ASSIGN(const FileFingerprint file, fingerprint_of(*env_, dir_, path));
    const bool is_segment = is_segment_name(*name);
    const FoundFile found = file == before.newest_file               ? FoundFile::kAsLeft
                            : before.machine_restarted && is_segment ? FoundFile::kAfterPowerCut
                                                                     : FoundFile::kUnknown;
    LT_ASSIGN(const HistoryFileEnd end, find_last_image(*env_, dir_, path, found));
    if (end.torn_bytes != 0) {
      LT_TRY(quarantine_tail(*env_, dir_, folder_, *name, end.torn_from,
                             "no complete transactions, left by a crash while they were written"));
      warn(path + ": the last " + std::to_string(end.torn_bytes) +
           " bytes are no complete transaction and were moved to quarantine");
    }
    if (end.prepared && !prepared_) {
      prepared_ = Image{*end.prepared, end.prepared_header};
      segment_ = *name;
    }
    if (!end.last) continue;
    last_ = end.last;
    last_header_ = end.header;
    if (segment_.empty() && is_segment) segment_ = *name;
  }
  // When it was begun is not written anywhere; its last image is not older.
  if (last_) segment_began_ms_ = last_->timestamp_ms;
  if (!prepared_) return {};
  const HistoryImage& next = prepared_->image;
  const bool follows = next.max_txid == pos().txid.next() &&
                       (next.is_snapshot() || next.pre_apply == pos().checksum);
  return follows ? Status() : discard();
}

Result<FileFingerprint> History::newest_file() const {
  LT_ASSIGN(const std::vector<std::string> files, history_files(*env_, dir_, folder_));
  if (files.empty()) return FileFingerprint{};
  return fingerprint_of(*env_, dir_, folder_ + "/" + files.back());
}

// Chooses the segment that an image goes to, and makes a new one where it is time.
Status History::begin_segment_for(Txid first) {
  const std::int64_t now = env_->now_ms();
  if (!segment_.empty()) {
    LT_TRY(open_segment());
    if (writer_->size() < kSegmentSize && now - segment_began_ms_ < kSegmentAgeMs) return {};
    LT_TRY(sync());
    writer_.reset();
    segment_.clear();
  }
  LT_TRY(make_safe_dirs(*env_, dir_, folder_, 0700));
  segment_began_ms_ = now;
  segment_ = segment_name(first);
  LT_TRY(open_segment());
  return env_->sync_dir(dir_, folder_);
}

Status History::close_segment() {
  LT_TRY(discard());
  LT_TRY(end_redo_log());
  writer_.reset();
  segment_.clear();
  return {};
}

void History::remove_if_empty() {
  const auto names = env_->list(dir_, folder_);
  if (!names || !empty() || prepared_) return;
  writer_.reset();
  segment_.clear();
  for (const std::string& name : *names) {
    const auto st = env_->stat(dir_, folder_ + "/" + name);
    if (!st || st->st_size != 0 || !name.ends_with(kSegmentSuffix)) return;
    if (!env_->unlink(dir_, folder_ + "/" + name)) return;
  }
  (void)env_->remove_dir(dir_, folder_);
}

Status History::open_segment() {
  if (writer_ != nullptr) return {};
  LT_ASSIGN(std::unique_ptr<File> file,
            env_->open(dir_, folder_ + "/" + segment_, OpenMode::kCreate, 0600));
  writer_ = std::make_unique<SegmentWriter>(std::move(file));
  return {};
}

// Fills in what follows from the history.
void History::complete(ltx::Header& header, bool whole) const {
  header.variant = ltx::Variant::kV3Block;
  header.max_txid = pos().txid.next();
  header.min_txid = whole ? Txid{1} : header.max_txid;
  header.pre_apply = header.is_snapshot() ? Checksum{} : pos().checksum;
  // A clock that was set back does not put transactions out of order.
  header.timestamp_ms = std::max(env_->now_ms(), last_ ? last_->timestamp_ms : 0);
  header.node_id = node_id_;
}

template <typename Write>
Result<History::Image> History::add_image(const ltx::Header& header, Write write) {
  LT_TRY(discard());
  LT_TRY(begin_segment_for(header.max_txid));
  const std::uint64_t offset = writer_->size();
  const Result<ltx::Trailer> trailer = write(*writer_);
  if (!trailer) {
    // What cannot be cut off now is a torn tail, which is put aside when the history is opened
    // again.
    (void)writer_->cut(offset);
    return trailer.error();
  }
  return Image{HistoryImage{0, header.page_size, offset, writer_->size() - offset, header.min_txid,
                            header.max_txid, header.timestamp_ms, header.commit, header.pre_apply,
                            trailer->post_apply},
               header};
}

Status History::append(ltx::Header header, bool whole, const AddPages& pages,
                       const std::string& why) {
  complete(header, whole);
  // First: whoever dies in between leaves a mark without an image, which is forgotten, never an
  // image that passes for a transaction of SQLite's own.
  if (!why.empty()) LT_TRY(mark(header.max_txid, why));
  LT_ASSIGN(const Image added,
            add_image(header, [&](SegmentWriter& segment) -> Result<ltx::Trailer> {
              LT_ASSIGN(ltx::Encoder encoder, ltx::Encoder::start(segment, header));
              LT_ASSIGN(const Checksum post_apply, pages(encoder));
              return encoder.finish(post_apply);
            }));
  last_ = added.image;
  last_header_ = added.header;
  return {};
}

Status History::prepare(ltx::Header header, bool whole, const AddPages& pages) {
  complete(header, whole);
  LT_ASSIGN(prepared_, add_image(header, [&](SegmentWriter& segment) -> Result<ltx::Trailer> {
              PreparedSink sink(segment);
              LT_ASSIGN(ltx::Encoder encoder, ltx::Encoder::start(sink, header));
              LT_ASSIGN(const Checksum post_apply, pages(encoder));
              LT_ASSIGN(const ltx::Trailer trailer, encoder.finish(post_apply));
              LT_TRY(sink.finish());
              return trailer;
            }));
  return {};
}

Status History::confirm() {
  LT_CHECK(prepared_.has_value());
  LT_TRY(open_segment());
  std::array<std::byte, sizeof(std::uint64_t)> checksum{};
  store_be(checksum.data(), prepared_->image.post_apply.value);
  const std::uint64_t end = prepared_->image.offset + prepared_->image.size;
  LT_TRY(writer_->replace(prepared_flag_offset(end), checksum[0]));
  last_ = prepared_->image;
  last_header_ = prepared_->header;
  prepared_.reset();
  return {};
}

Status History::discard() {
  if (!prepared_) return {};
  LT_TRY(open_segment());
  LT_TRY(writer_->cut(prepared_->image.offset));
  prepared_.reset();
  return {};
}

Status History::flush() {
  return writer_ == nullptr ? Status() : writer_->flush();
}

Status History::sync() {
  if (writer_ == nullptr) return {};
  LT_TRY(writer_->sync());
  if (redo_ && !redo_->empty() && !(redo_->clear() && redo_->sync())) drop_redo_log();
  return {};
}

Result<SegmentWriter::Ahead> History::begin_sync() {
  return writer_ == nullptr ? SegmentWriter::Ahead() : writer_->begin_sync();
}

void History::synced(const SegmentWriter::Ahead& ahead) {
  if (writer_ != nullptr) writer_->synced(ahead);
}

Status History::sync_with(const File& database) {
  if (writer_ == nullptr) return {};
  used_ = true;
  LT_TRY(writer_->flush());
  const Result<bool> logged = log_for_redo(database);
  if (logged && *logged) return {};
  LT_TRY(writer_->sync());
  if (redo_ && !(logged && redo_->clear())) drop_redo_log();
  return {};
}

Result<bool> History::log_for_redo(const File& database) {
  const FilePart* part = writer_->unsafe_part();
  if (part == nullptr) return false;
  if (!redo_) {
    if (++syncs_ != kSyncsWorthALog) return false;
    LT_ASSIGN(redo_, RedoLog::create(*env_, dir_, folder_, database));
  }
  LT_ASSIGN(const bool follows, redo_->is_made_safe_by(database));
  if (!follows) {
    syncs_ = 0;  // another file has its name now: in time with a log of its own
    return Error(Errc::kUnsupported, "the redo log is another file's");
  }
  LT_ASSIGN(const bool added, redo_->add(segment_, *part, writer_->bytes()));
  if (added) writer_->made_safe();
  return added;
}

Status History::rest() {
  if (std::exchange(used_, false)) return {};
  syncs_ = 0;
  return redo_ ? end_redo_log() : Status();
}

Status History::end_redo_log() {
  LT_TRY(sync());
  if (redo_) drop_redo_log();
  return {};
}

// One that stays although it is void does no harm: the next start removes it.
void History::drop_redo_log() {
  redo_.reset();
  (void)env_->unlink(dir_, redo_path(folder_));
}

Status History::forget_marks_beyond_end() {
  const std::string path = folder_ + "/" + std::string(kMarksFile);
  const auto there = env_->stat(dir_, path);
  if (!there && there.error().code == Errc::kNotFound) return {};
  LT_ASSIGN(const std::unique_ptr<File> file, env_->open(dir_, path, OpenMode::kReadWrite));
  const std::uint64_t size = file->size();
  const std::uint64_t passed_over = size - std::min(size, kMostMarksBeyondEnd);
  std::string text(static_cast<std::size_t>(size - passed_over), 0);
  LT_TRY(file->read_exact(std::as_writable_bytes(std::span(text)), passed_over));
  std::size_t end = text.rfind('\n') + 1;  // a part of a line is none
  while (end != 0) {
    const std::size_t begin = end < 2 ? 0 : text.rfind('\n', end - 2) + 1;
    const auto txid = parse_hex16(text.substr(begin, text.find(' ', begin) - begin));
    if (!txid || Txid{*txid} <= pos().txid) break;
    end = begin;
  }
  if (end == text.size() || (end == 0 && passed_over != 0)) return {};
  LT_TRY(file->truncate(passed_over + end));
  return file->sync();
}

Status History::mark(Txid txid, const std::string& why) {
  const std::string line = txid.text() + " " + why + "\n";
  LT_ASSIGN(const std::unique_ptr<File> file,
            env_->open(dir_, folder_ + "/" + std::string(kMarksFile), OpenMode::kCreate, 0600));
  const bool is_first = file->size() == 0;
  // One that failed after its mark is tried again; the mark may not be on the disk then.
  std::string end(line.size(), 0);
  if (file->size() >= line.size()) {
    LT_TRY(file->read_exact(std::as_writable_bytes(std::span(end)), file->size() - line.size()));
  }
  if (end != line) LT_TRY(append_whole(*file, as_bytes(line)));
  LT_TRY(file->sync());
  return is_first || end == line ? env_->sync_dir(dir_, folder_) : Status();
}

}  // namespace litetool
