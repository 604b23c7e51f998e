#include "core/ltx/database_image.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/os/range_lock.h"
#include "formats/sqlite/wal.h"

namespace litetool {
namespace {

// Lock bytes of the -shm file.
constexpr std::uint64_t kFirstReadLock = 123;
constexpr LockRange kClientLock{128, 1};  // held shared by every connected client

// Frames of one log that are laid over the file: 8 bytes of memory each.
constexpr std::size_t kMaxOverlay = std::size_t{4} << 20;

constexpr LockRange read_lock(std::size_t mark) {
  return {kFirstReadLock + mark, 1};
}

Result<std::unique_ptr<File>> open_if_there(Env& env, const std::string& path) {
  auto file = env.open(kCwd, path, OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return std::unique_ptr<File>();
  return file;
}

Result<WalIndexLook> look(const File& shm) {
  std::array<std::byte, kWalIndexHeaderSize> head{};
  LT_ASSIGN(const std::size_t n, shm.read_at(head, 0));
  return decode_wal_index(Bytes(head).first(n));
}

bool same_state(const WalIndexHeader& a, const WalIndexHeader& b) {
  return a.change_counter == b.change_counter && a.salts == b.salts && a.mx_frame == b.mx_frame &&
         a.size_pages == b.size_pages && a.frame_checksum == b.frame_checksum;
}

// The largest read mark that does not pass the state; holding it keeps checkpoints at or below it.
// Of an empty log mark 0, the only one in use when the index was just built: it keeps checkpoints
// from writing the file, which is all there is to read.
std::optional<std::size_t> usable_mark(const WalIndexHeader& h) {
  if (h.mx_frame == 0) return 0;
  std::optional<std::size_t> best;
  for (std::size_t i = 1; i < h.read_marks.size(); ++i) {
    if (h.read_marks[i] > h.mx_frame) continue;
    if (!best || h.read_marks[i] > h.read_marks[*best]) best = i;
  }
  return best;
}

}  // namespace

DatabaseImage::DatabaseImage(const Job& job, std::string path, std::unique_ptr<File> file)
    : job_(job), path_(std::move(path)), file_(std::move(file)), lock_(*file_, path_) {}

Result<std::unique_ptr<DatabaseImage>> DatabaseImage::open(const Job& job, const std::string& path,
                                                           std::int64_t timeout_ms) {
  LT_ASSIGN(auto file, job.env.open(kCwd, path, OpenMode::kRead));
  file->advise_sequential();
  std::unique_ptr<DatabaseImage> image(new DatabaseImage(job, path, std::move(file)));
  LT_TRY(image->start(timeout_ms));
  return image;
}

Status DatabaseImage::start(std::int64_t timeout_ms) {
  LT_TRY(lock_.shared(job_, timeout_ms));
  LT_TRY(refuse_hot_journal(job_.env, path_, lock_));
  LT_TRY(read_header());
  if (page_size_ == 0) return {};
  LT_ASSIGN(wal_, open_if_there(job_.env, path_ + "-wal"));
  // A log that is there is used, whatever the header says: SQLite does the same.
  if (!header_.wal() && (wal_ == nullptr || wal_->size() == 0)) return {};
  LT_ASSIGN(const bool found, retry_for(job_, timeout_ms, [&] { return find_wal_state(); }));
  if (found) return {};
  return Error(Errc::kTimeout, path_ +
                                   "-shm: no settled state of the log was seen in time (its "
                                   "header keeps changing; try again)");
}

// An empty file is a database without pages: page_size_ stays 0.
Status DatabaseImage::read_header() {
  LT_ASSIGN(const auto st, file_->stat());
  const auto size = static_cast<std::uint64_t>(st.st_size);
  if (size == 0) return {};
  std::array<std::byte, kFileHeaderSize> head{};
  const Status read = file_->read_exact(head, 0);
  if (!read) return Error(read.error()).with(path_);
  const auto header = decode_file_header(head);
  if (!header) return Error(header.error()).with(path_);
  header_ = *header;
  page_size_ = header_.page_size;
  page_count_ = database_pages(header_, size);
  return {};
}

// Finds a state and holds it; false when it moved meanwhile.
Result<bool> DatabaseImage::find_wal_state() {
  overlay_.clear();
  wal_frames_ = 0;
  LT_ASSIGN(shm_, open_if_there(job_.env, path_ + "-shm"));
  LT_ASSIGN(wal_, open_if_there(job_.env, path_ + "-wal"));
  if (shm_ == nullptr) {
    without_shm_ = true;
    LT_TRY(read_header());
    LT_TRY(overlay_wal(std::numeric_limits<std::uint32_t>::max(), nullptr));
    return confirm();
  }
  without_shm_ = false;
  LT_ASSIGN(const bool live, locked_by_other(*shm_, kClientLock, LockKind::kExclusive));
  return live ? hold_live_mark(*shm_) : hold_stale_mark(*shm_);
}

Result<bool> DatabaseImage::hold_live_mark(const File& shm) {
  LT_ASSIGN(const WalIndexLook before, look(shm));
  if (before.verdict == WalIndexVerdict::kUnsupported) {
    return Error(Errc::kUnsupported, path_ + "-shm: wal-index of an unknown version");
  }
  if (before.verdict != WalIndexVerdict::kOk) return false;
  const auto mark = usable_mark(before.header);
  if (!mark) return false;
  LT_ASSIGN(const bool locked, try_lock(shm, read_lock(*mark), LockKind::kShared));
  if (!locked) return false;
  LT_ASSIGN(const WalIndexLook after, look(shm));
  if (after.verdict != WalIndexVerdict::kOk || !same_state(before.header, after.header) ||
      before.header.read_marks[*mark] != after.header.read_marks[*mark]) {
    LT_TRY(unlock(shm, read_lock(*mark)));
    return false;
  }
  const WalIndexHeader& index = after.header;
  if (index.mx_frame == 0) {
    LT_TRY(read_header());  // what it says may be newer than what start() saw
    return true;
  }
  LT_TRY(overlay_wal(index.mx_frame, &index));
  page_count_ = index.size_pages;
  return true;
}

// Nobody is connected, -shm is a leftover. Its first read mark is held all the same: who connects
// now finds it taken, and can neither checkpoint nor start the log over.
Result<bool> DatabaseImage::hold_stale_mark(const File& shm) {
  LT_ASSIGN(const bool locked, try_lock(shm, read_lock(1), LockKind::kShared));
  if (!locked) return false;
  LT_ASSIGN(const bool live, locked_by_other(shm, kClientLock, LockKind::kExclusive));
  if (live) {
    LT_TRY(unlock(shm, read_lock(1)));
    return false;
  }
  LT_TRY(read_header());
  LT_TRY(overlay_wal(std::numeric_limits<std::uint32_t>::max(), nullptr));
  return true;
}

// Collects the committed frames up to `last_frame`; with `index` they must end in its state.
Status DatabaseImage::overlay_wal(std::uint32_t last_frame, const WalIndexHeader* index) {
  std::array<std::byte, kWalHeaderSize> head{};
  std::size_t n = 0;
  if (wal_ != nullptr) {
    LT_ASSIGN(n, wal_->read_at(head, 0));
  }
  const auto header = decode_wal_header(Bytes(head).first(n));
  if (!header) {
    // SQLite takes a log without a valid header for an empty one.
    if (index == nullptr && header.error().code != Errc::kUnsupported) return {};
    return Error(header.error()).with(path_ + "-wal");
  }
  if (header->page_size != page_size_) {
    return Error::corrupt(8, path_ + "-wal: page size " + std::to_string(header->page_size) +
                                 ", but the database has " + std::to_string(page_size_));
  }
  WalScanner scanner(*wal_, *header, wal_start(*header), last_frame);
  std::size_t compacted = 0;
  while (true) {
    LT_ASSIGN(const auto frame, scanner.next());
    if (!frame || !frame->ok()) break;
    overlay_.push_back(std::uint64_t{frame->pgno} << 32 | frame->number);
    if (frame->commit != 0) {
      page_count_ = frame->commit;
      wal_frames_ = frame->number;
      if (overlay_.size() > 2 * compacted + 65536) {
        keep_newest_frames();
        compacted = overlay_.size();
      }
    }
    if (overlay_.size() > kMaxOverlay) {
      return Error(Errc::kUnsupported, path_ +
                                           "-wal holds too many pages to read around it (run "
                                           "'PRAGMA wal_checkpoint' first)");
    }
    LT_TRY(job_.check());
  }
  if (index != nullptr && !(scanner.committed() == index->state())) {
    return Error::corrupt(header->frame_offset(wal_frames_ + 1),
                          path_ + "-wal ends before the frame that its index names as the last");
  }
  std::erase_if(overlay_, [&](std::uint64_t e) { return (e & 0xffffffff) > wal_frames_; });
  keep_newest_frames();
  return {};
}

void DatabaseImage::keep_newest_frames() {
  std::ranges::sort(overlay_);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < overlay_.size(); ++i) {
    const bool last_of_page =
        i + 1 == overlay_.size() || overlay_[i] >> 32 != overlay_[i + 1] >> 32;
    if (last_of_page) overlay_[kept++] = overlay_[i];
  }
  overlay_.resize(kept);
}

Status DatabaseImage::read_pages(Pgno first, MutableBytes out) const {
  const std::uint64_t offset = std::uint64_t{first - 1} * page_size_;
  LT_ASSIGN(const std::size_t n, file_->read_at(out, offset));
  if (n < out.size()) {
    // Pages that only the log gave room to, and that no frame was written for, read as zeros.
    if (wal_frames_ == 0) {
      return Error::corrupt(offset + n, path_ + " ends before page " + std::to_string(page_count_) +
                                            ", its last one by its header");
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(n), out.end(), std::byte{0});
  }
  const std::uint64_t end = first + out.size() / page_size_;
  auto it = std::ranges::lower_bound(overlay_, std::uint64_t{first} << 32);
  for (; it != overlay_.end() && *it >> 32 < end; ++it) {
    const auto pgno = static_cast<Pgno>(*it >> 32);
    const std::uint64_t frame = *it & 0xffffffff;
    const std::uint64_t at =
        kWalHeaderSize + (frame - 1) * (kWalFrameHeaderSize + page_size_) + kWalFrameHeaderSize;
    LT_TRY(wal_->read_exact(out.subspan(std::size_t{pgno - first} * page_size_, page_size_), at));
  }
  return {};
}

Result<bool> DatabaseImage::confirm() const {
  if (!without_shm_) return true;
  // Whoever had the log open since must have made a -shm, and SHARED keeps it from being removed.
  const auto there = job_.env.stat(kCwd, path_ + "-shm");
  if (there) return false;
  if (there.error().code == Errc::kNotFound) return true;
  return there.error();
}

}  // namespace litetool
