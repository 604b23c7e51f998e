#include "formats/sqlite/wal.h"

#include <algorithm>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint32_t kWalVersion = 3007000;
constexpr std::size_t kFirstReadSize = std::size_t{1} << 16;  // most walks see a few frames
constexpr std::size_t kReadSize = std::size_t{1} << 20;

}  // namespace

std::uint32_t WalHeader::frames_in(std::uint64_t wal_size_bytes) const {
  if (wal_size_bytes <= kWalHeaderSize) return 0;
  const std::uint64_t frames = (wal_size_bytes - kWalHeaderSize) / frame_size();
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(frames, std::numeric_limits<std::uint32_t>::max()));
}

Result<WalHeader> decode_wal_header(Bytes first) {
  if (first.size() < kWalHeaderSize) return Error::corrupt(first.size(), "WAL header ends early");
  ByteReader r(first);
  const auto magic = r.be<std::uint32_t>();
  if (magic != kWalLittleEndianMagic && magic != kWalBigEndianMagic) {
    return Error::corrupt(0, format("not a WAL: magic is %08x", magic));
  }
  WalHeader h;
  h.big_endian_checksum = magic == kWalBigEndianMagic;
  const auto version = r.be<std::uint32_t>();
  h.page_size = r.be<std::uint32_t>();
  h.checkpoint_seq = r.be<std::uint32_t>();
  h.salts = r.be<std::uint64_t>();
  h.checksum.s1 = r.be<std::uint32_t>();
  h.checksum.s2 = r.be<std::uint32_t>();
  if (wal_checksum({}, first.first(24), h.big_endian_checksum) != h.checksum) {
    return Error::corrupt(24, "WAL header: checksum mismatch");
  }
  if (version != kWalVersion) {
    Error e(Errc::kUnsupported, format("WAL header: version is %u, not %u", version, kWalVersion));
    e.offset = 4;
    return e;
  }
  if (!is_page_size(h.page_size)) {
    return Error::corrupt(8, format("WAL header: page size is %u", h.page_size));
  }
  return h;
}

const char* frame_verdict_text(FrameVerdict verdict) {
  switch (verdict) {
    case FrameVerdict::kOk:
      return "ok";
    case FrameVerdict::kSaltMismatch:
      return "salt mismatch";
    case FrameVerdict::kChecksumMismatch:
      return "checksum mismatch";
    case FrameVerdict::kBadPgno:
      return "page number 0";
    case FrameVerdict::kTorn:
      return "torn";
  }
  return "unknown";
}

WalFrame check_wal_frame(const WalHeader& header, Bytes bytes, WalState& state) {
  WalFrame f;
  f.number = state.frame + 1;
  f.offset = header.frame_offset(f.number);
  if (bytes.size() < header.frame_size()) return f;
  ByteReader r(bytes);
  f.pgno = r.be<std::uint32_t>();
  f.commit = r.be<std::uint32_t>();
  f.salts = r.be<std::uint64_t>();
  f.checksum.s1 = r.be<std::uint32_t>();
  f.checksum.s2 = r.be<std::uint32_t>();
  f.page = r.bytes(header.page_size);
  if (f.salts != state.salts) {
    f.verdict = FrameVerdict::kSaltMismatch;
    return f;
  }
  if (f.pgno == 0) {
    f.verdict = FrameVerdict::kBadPgno;
    return f;
  }
  const bool big_endian = header.big_endian_checksum;
  const WalChecksum head = wal_checksum(state.checksum, bytes.first(8), big_endian);
  if (wal_checksum(head, f.page, big_endian) != f.checksum) {
    f.verdict = FrameVerdict::kChecksumMismatch;
    return f;
  }
  f.verdict = FrameVerdict::kOk;
  state.frame = f.number;
  state.checksum = f.checksum;
  return f;
}

WalScanner::WalScanner(const ByteSource& wal, const WalHeader& header, const WalState& from,
                       std::uint32_t last_frame, Extent extent)
    : wal_(wal),
      header_(header),
      state_(from),
      committed_(from),
      chain_(from),
      last_frame_(std::min(last_frame, std::numeric_limits<std::uint32_t>::max() - 1)),
      extent_(extent) {
  LT_CHECK(is_page_size(header.page_size));
}

Status WalScanner::fill() {
  const std::size_t size = buffer_.empty() ? kFirstReadSize : kReadSize;
  const std::size_t frames = std::max<std::size_t>(size / header_.frame_size(), 1);
  const std::size_t wanted = std::min<std::size_t>(frames, last_frame_ - chain_.frame);
  buffer_.resize(std::max(buffer_.size(), wanted * header_.frame_size()));
  position_ = 0;
  filled_ = 0;
  const std::uint64_t offset = header_.frame_offset(chain_.frame + 1);
  LT_ASSIGN(filled_,
            wal_.read_at(MutableBytes(buffer_).first(wanted * header_.frame_size()), offset));
  return {};
}

Result<std::optional<WalFrame>> WalScanner::next() {
  using Next = std::optional<WalFrame>;
  if (ended_ || chain_.frame >= last_frame_) return Next();
  if (position_ == filled_) LT_TRY(fill());  // reads are whole frames: a rest is the end of the log
  if (position_ == filled_) {
    ended_ = true;
    return Next();
  }
  const WalFrame f =
      check_wal_frame(header_, Bytes(buffer_).subspan(position_, filled_ - position_), chain_);
  if (f.verdict == FrameVerdict::kTorn) {
    ended_ = true;
    return Next(f);
  }
  position_ += header_.frame_size();
  if (!f.ok()) {
    valid_ = false;
    ended_ = extent_ == Extent::kValid;
    chain_.frame = f.number;
    chain_.checksum = f.checksum;
  } else if (valid_) {
    state_ = chain_;
    if (f.commit != 0) committed_ = state_;
  }
  return Next(f);
}

}  // namespace litetool
