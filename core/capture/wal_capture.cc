#include "core/capture/wal_capture.h"

#include <algorithm>
#include <array>

#include "core/capture/page_checksums.h"

namespace litetool {
namespace {

constexpr std::size_t kReadSize = std::size_t{1} << 20;
// Of what was read, a database among a thousand keeps no more than a short transaction needs.
constexpr std::size_t kKeptSize = 16 << 10;
constexpr std::uint32_t kNoFrame = 0;  // a page of the transaction that has no frame

}  // namespace

void WalCapture::moved_to(std::string database_path) {
  path_ = std::move(database_path);
  forget_wal();
  forget_shm();
}

// Nothing where there is none.
Result<std::size_t> WalCapture::read_index(MutableBytes into) {
  Result<std::size_t> n = std::size_t{0};
  if (read_shared_) {
    n = read_shared_(path_ + "-shm", into, 0);
  } else if (shm_ != nullptr) {
    n = shm_->read_at(into, 0);
  } else {
    auto shm = env_->open(dir_, path_ + "-shm", OpenMode::kRead);
    if (shm) {
      shm_ = *std::move(shm);
      n = shm_->read_at(into, 0);
    } else {
      n = shm.error();
    }
  }
  if (!n && n.error().code == Errc::kNotFound) return std::size_t{0};
  return n;
}

// Whether anything but old frames stands behind the last captured one: cheaper than asking for the
// index where that is a request to the kernel.
Result<bool> WalCapture::log_has_grown() {
  LT_ASSIGN(const bool there, open_wal());
  if (!there) return false;
  std::array<std::byte, kWalHeaderSize> first{};
  LT_ASSIGN(const std::size_t n, wal_->read_at(first, 0));
  const Result<WalHeader> now = decode_wal_header(Bytes(first).first(n));
  if (!now) return false;
  if (!header_ || now->salts != state_.salts) return true;
  std::array<std::byte, kWalFrameHeaderSize> frame{};
  LT_ASSIGN(const std::size_t m, wal_->read_at(frame, now->frame_offset(state_.frame + 1)));
  const auto salts = load_be<WalSalts>(frame.data() + 8);
  const bool unsealed = salts == 0 && load_be<Pgno>(frame.data()) != 0;
  return m == frame.size() && (salts == state_.salts || unsealed);
}

Result<std::optional<WalCapture::Published>> WalCapture::look_at_index(bool shared_index) {
  if (!shared_index) return std::optional<Published>(Published{UINT32_MAX, std::nullopt});
  constexpr int kLooks = 20;
  for (int look = 0; look < kLooks; ++look) {
    std::array<std::byte, kWalIndexHeaderSize> first{};
    LT_ASSIGN(const std::size_t n, read_index(first));
    const WalIndexLook found = decode_wal_index(Bytes(first).first(n));
    if (found.verdict == WalIndexVerdict::kTorn) continue;  // a writer is publishing
    if (found.verdict != WalIndexVerdict::kOk) break;
    return std::optional<Published>(Published{found.header.mx_frame, found.header});
  }
  return std::optional<Published>();
}

Result<bool> WalCapture::open_wal() {
  if (wal_ != nullptr) return true;
  auto wal = env_->open(dir_, path_ + "-wal", OpenMode::kRead);
  if (!wal && wal.error().code == Errc::kNotFound) return false;
  LT_ASSIGN(wal_, std::move(wal));
  return true;
}

// False where the log has no valid header: SQLite takes it as empty.
Result<bool> WalCapture::load_header() {
  std::array<std::byte, kWalHeaderSize> first{};
  LT_ASSIGN(const std::size_t n, wal_->read_at(first, 0));
  const Result<WalHeader> header = decode_wal_header(Bytes(first).first(n));
  if (!header) return false;
  header_ = *header;
  return true;
}

// Whether the last captured frame still stands in the log.
Result<bool> WalCapture::still_in_place() const {
  if (state_.frame == 0) return true;
  std::array<std::byte, 8> raw{};
  LT_ASSIGN(const std::size_t n, wal_->read_at(raw, header_->frame_offset(state_.frame) + 16));
  return n == raw.size() && load_be<std::uint32_t>(raw.data()) == state_.checksum.s1 &&
         load_be<std::uint32_t>(raw.data() + 4) == state_.checksum.s2;
}

std::uint32_t WalCapture::backlog(bool shared_index) {
  if (shared_index && read_shared_) {
    const auto grown = log_has_grown();
    if (grown && !*grown) return 0;
  }
  const auto published = look_at_index(shared_index);
  if (!published || !*published || !(*published)->index) return shared_index ? 0 : UINT32_MAX;
  const WalIndexHeader& index = *(*published)->index;
  if (index.salts != state_.salts) return index.mx_frame;
  return index.mx_frame - std::min(index.mx_frame, state_.frame);
}

// Makes header_ and state_ those of the generation that is in the log now. `ready` stays false when
// there is nothing to read in it.
Result<WalCapture::Outcome> WalCapture::follow_generation(const Published& published, bool& ready) {
  const bool same = header_ && published.index && published.index->salts == state_.salts;
  if (!same) {
    LT_ASSIGN(const bool valid, load_header());
    if (!valid) return Outcome::kDone;
    // Between the restart of the log and its new header the index is ahead; the next look will do.
    if (published.index && published.index->salts != header_->salts) return Outcome::kDone;
  }
  if (header_->salts != state_.salts) {
    const bool legal = state_ == closed_at_;
    state_ = wal_start(*header_);
    closed_at_ = state_;
    if (!legal) return Outcome::kGap;
  } else if (!published.index) {
    LT_ASSIGN(const bool in_place, still_in_place());
    if (!in_place) return Outcome::kGap;
  } else if (published.frame < state_.frame) {
    return Outcome::kGap;
  }
  ready = true;
  return Outcome::kDone;
}

Result<WalCapture::Outcome> WalCapture::capture(bool shared_index, Pgno old_commit,
                                                const Emit& emit) {
  complete_ = true;
  if (shared_index && read_shared_) {
    LT_ASSIGN(const bool grown, log_has_grown());
    if (!grown) return Outcome::kDone;
  }
  LT_ASSIGN(const std::optional<Published> published, look_at_index(shared_index));
  complete_ = published.has_value();  // else nobody can say what was committed
  if (!published) return Outcome::kDone;
  if (published->index) {
    const WalIndexHeader& index = *published->index;
    n_backfill_ = index.n_backfill;
    if (index.mx_frame == 0) {
      // Begun anew and empty: whether all of the log before was captured has been said when it
      // ended.
      complete_ = state_ == closed_at_;
      return Outcome::kDone;
    }
    if (index.mx_frame == state_.frame && index.salts == state_.salts) return Outcome::kDone;
  }
  LT_ASSIGN(const bool there, open_wal());
  if (!there) return Outcome::kDone;
  bool ready = false;
  LT_ASSIGN(const Outcome outcome, follow_generation(*published, ready));
  complete_ = ready || !published->index;
  if (!ready) return outcome;
  return catch_up(*published, old_commit, emit);
}

Result<WalCapture::Outcome> WalCapture::capture_until(std::uint32_t last, Pgno old_commit,
                                                      const Emit& emit) {
  LT_ASSIGN(const bool there, open_wal());
  if (!there) return Outcome::kDone;
  const Published published{last, std::nullopt};
  bool ready = false;
  LT_ASSIGN(const Outcome outcome, follow_generation(published, ready));
  if (!ready) return outcome;
  return read_frames(published, old_commit, emit);
}

Result<std::optional<WalState>> WalCapture::published(bool shared_index) {
  LT_ASSIGN(const std::optional<Published> now, look_at_index(shared_index));
  if (!now || !now->index) return std::optional<WalState>();
  return std::optional<WalState>(now->index->state());
}

// Whether a frame belongs to the log; `walk` moves behind it then.
Result<bool> WalCapture::accept(const WalFrame& frame, const Published& published, WalState& walk) {
  if (frame.ok()) return true;
  // SQLite 3.40 publishes such frames after it rolled a savepoint back.
  const bool unsealed = frame.verdict == FrameVerdict::kChecksumMismatch ||
                        (frame.pgno != 0 && frame.salts == 0 && frame.checksum == WalChecksum{});
  // Without an index nobody can say whether it was committed: whoever closes the log has to
  // compare.
  if (unsealed && !published.index) complete_ = false;
  if (!unsealed || !published.index) return false;
  LT_ASSIGN(const std::optional<Published> now, look_at_index(true));
  if (!now || !now->index || now->index->salts != walk.salts) return false;
  walk = {walk.salts, frame.number, frame.checksum};
  return true;
}

Result<WalCapture::Outcome> WalCapture::catch_up(const Published& published, Pgno old_commit,
                                                 const Emit& emit) {
  frames_at_work_ = published.frame - state_.frame;
  const Result<Outcome> outcome = read_frames(published, old_commit, emit);
  frames_at_work_ = 0;
  if (buffer_.size() > kKeptSize) buffer_ = Buffer();
  return outcome;
}

Result<WalCapture::Outcome> WalCapture::read_frames(const Published& published, Pgno old_commit,
                                                    const Emit& emit) {
  const std::uint32_t last = published.frame;
  const std::size_t frame_size = header_->frame_size();
  const std::size_t per_read = std::max<std::size_t>(kReadSize / frame_size, 1);
  WalState walk = state_;
  std::vector<Place> places;
  while (walk.frame < last) {
    const std::size_t wanted = std::min<std::size_t>(per_read, last - walk.frame);
    if (buffer_.size() < wanted * frame_size) buffer_.resize(wanted * frame_size);
    first_buffered_ = walk.frame + 1;
    LT_ASSIGN(buffered_, wal_->read_at(MutableBytes(buffer_).first(wanted * frame_size),
                                       header_->frame_offset(first_buffered_)));
    if (buffered_ < frame_size) break;
    for (std::size_t at = 0; at + frame_size <= buffered_; at += frame_size) {
      const Bytes rest = Bytes(buffer_).subspan(at, buffered_ - at);
      const WalFrame frame = check_wal_frame(*header_, rest, walk);
      LT_ASSIGN(const bool accepted, accept(frame, published, walk));
      if (!accepted) {  // not committed yet, or restarted: look again
        complete_ = complete_ && !published.index;
        return Outcome::kDone;
      }
      places.push_back({frame.pgno, frame.number});
      if (frame.commit == 0) continue;
      LT_TRY(check_size(frame.commit, most_pages_));
      LT_TRY(emit_transaction(places, frame, old_commit, emit));
      old_commit = frame.commit;
      state_ = walk;
      places.clear();
    }
  }
  if (published.index) complete_ = state_.frame == last;
  return Outcome::kDone;
}

// Leaves the newest frame of each page, in page order, without pages past the end and the lock
// page.
void WalCapture::keep_newest(std::vector<Place>& places, Pgno commit) const {
  std::ranges::sort(places, [](const Place& a, const Place& b) {
    return a.pgno != b.pgno ? a.pgno < b.pgno : a.frame > b.frame;
  });
  const auto repeated = std::ranges::unique(places, {}, &Place::pgno);
  places.erase(repeated.begin(), repeated.end());
  const Pgno lock = lock_page(header_->page_size);
  std::erase_if(places, [&](const Place& p) { return p.pgno > commit || p.pgno == lock; });
}

// A page allocated and freed within the growth of one commit has no frame. `places` is in page
// order.
Status WalCapture::add_unlogged(std::vector<Place>& places, Pgno old_commit,
                                const WalFrame& commit_frame) const {
  const Pgno commit = commit_frame.commit;
  if (commit <= old_commit) return {};
  const auto grown = std::ranges::lower_bound(places, old_commit + 1, {}, &Place::pgno);
  const Pgno lock = lock_page(header_->page_size);
  const std::ptrdiff_t never_logged = old_commit < lock && lock <= commit ? 1 : 0;
  if (places.end() - grown == commit - old_commit - never_logged) return {};
  const auto file = env_->stat(dir_, path_);
  const std::uint64_t in_file =
      file ? static_cast<std::uint64_t>(file->st_size) / header_->page_size : 0;
  LT_TRY(check_absent(commit, in_file + commit_frame.number));
  std::vector<Place> all(places.begin(), grown);
  all.reserve(all.size() + (commit - old_commit));
  auto next = grown;
  for (Pgno pgno = old_commit + 1; pgno <= commit; ++pgno) {
    if (pgno == lock) continue;
    const bool has_frame = next != places.end() && next->pgno == pgno;
    all.push_back(has_frame ? *next++ : Place{pgno, kNoFrame});
  }
  places = std::move(all);
  return {};
}

// What SQLite reads for a page without a frame in this transaction is an older frame, if there is
// one that is not in the database file yet.
Status WalCapture::find_older_frames(std::vector<Place>& places, std::uint32_t first) const {
  if (std::ranges::none_of(places, [](const Place& p) { return p.frame == kNoFrame; })) return {};
  for (std::uint32_t frame = n_backfill_ + 1; frame < first; ++frame) {
    std::array<std::byte, 4> raw{};
    LT_TRY(wal_->read_exact(raw, header_->frame_offset(frame)));
    const auto place =
        std::ranges::lower_bound(places, load_be<std::uint32_t>(raw.data()), {}, &Place::pgno);
    const bool is_wanted = place != places.end() && place->frame < first;
    if (is_wanted && place->pgno == load_be<std::uint32_t>(raw.data())) place->frame = frame;
  }
  return {};
}

Status WalCapture::emit_transaction(std::vector<Place>& places, const WalFrame& commit_frame,
                                    Pgno old_commit, const Emit& emit) {
  const std::uint32_t first = places.front().frame;
  keep_newest(places, commit_frame.commit);
  LT_TRY(add_unlogged(places, old_commit, commit_frame));
  LT_TRY(find_older_frames(places, first));
  std::unique_ptr<File> file;  // opened when it is needed
  Transaction transaction;
  transaction.page_size = header_->page_size;
  transaction.commit = commit_frame.commit;
  std::vector<Pgno> pages(places.size());
  std::ranges::transform(places, pages.begin(), &Place::pgno);
  transaction.pages = std::move(pages);
  transaction.wal = wal_range(*header_, first, commit_frame.number);
  transaction.read = [&](std::size_t index, Pgno, MutableBytes scratch) -> Result<Bytes> {
    if (places[index].frame != kNoFrame) return page_of(places[index], scratch);
    return unlogged_page(places[index].pgno, file, scratch);
  };
  return emit(transaction);
}

Result<Bytes> WalCapture::page_of(Place place, MutableBytes scratch) const {
  if (place.frame >= first_buffered_) {
    const std::size_t at = (place.frame - first_buffered_) * header_->frame_size();
    return Bytes(buffer_).subspan(at + kWalFrameHeaderSize, header_->page_size);
  }
  LT_TRY(wal_->read_exact(scratch, header_->frame_offset(place.frame) + kWalFrameHeaderSize));
  return Bytes(scratch);
}

// A page that the log does not have: as the database file has it, else zeros.
Result<Bytes> WalCapture::unlogged_page(Pgno pgno, std::unique_ptr<File>& file,
                                        MutableBytes scratch) const {
  if (file == nullptr) {
    LT_ASSIGN(file, env_->open(dir_, path_, OpenMode::kRead));
  }
  const std::uint64_t offset = (std::uint64_t{pgno} - 1) * header_->page_size;
  LT_ASSIGN(const std::size_t n, file->read_at(scratch, offset));
  std::ranges::fill(scratch.subspan(n), std::byte{0});
  return Bytes(scratch);
}

}  // namespace litetool
