#include "formats/ltx/frame.h"

#include <algorithm>
#include <functional>
#include <string>

#include "formats/base/compress.h"

namespace litetool::ltx {
namespace {

// Bytes of a frame that stand before the payload in a written file.
std::size_t written_head_size(Variant v) {
  return v == Variant::kV3Block ? 10 : page_header_size(v);
}

}  // namespace

void FrameBatch::clear() {
  frames_.clear();
  copies_.clear();
  chunks_.clear();
  size_bytes_ = 0;
}

bool FrameBatch::has_room(std::size_t frame_size) const {
  return frames_.empty() || (frames_.size() < kMaxFrames && size_bytes_ + frame_size <= max_bytes_);
}

void FrameBatch::grow(std::size_t more) {
  const std::byte* before = copies_.data();
  const std::byte* behind = before + copies_.size();
  const std::size_t least = copies_.size() + more;
  const std::size_t wanted = std::max(4 * copies_.size(), 2 * more);
  copies_.reserve(least > max_bytes_ ? 2 * least : std::max(least, std::min(max_bytes_, wanted)));
  for (Frame& f : frames_) {
    const bool copied =
        std::less_equal<>()(before, f.head.data()) && std::less<>()(f.head.data(), behind);
    if (!copied) continue;
    const std::size_t at = static_cast<std::size_t>(f.head.data() - before);
    f.payload = Bytes(copies_.data() + at + f.head.size(), f.payload.size());
    f.head = Bytes(copies_.data() + at, f.head.size());
  }
}

void FrameBatch::add(Frame frame, Bytes bytes, std::size_t head_size) {
  LT_CHECK(head_size <= bytes.size());
  if (copies_.capacity() < copies_.size() + bytes.size()) grow(bytes.size());
  const std::byte* at = copies_.data() + copies_.size();
  copies_.insert(copies_.end(), bytes.begin(), bytes.end());
  frame.head = Bytes(at, head_size);
  frame.payload = Bytes(at + head_size, bytes.size() - head_size);
  size_bytes_ += bytes.size();
  frames_.push_back(frame);
}

void FrameBatch::refer(Frame frame, Bytes bytes, std::size_t head_size,
                       const std::shared_ptr<const Buffer>& chunk) {
  LT_CHECK(head_size <= bytes.size());
  if (chunks_.empty() || chunks_.back() != chunk) chunks_.push_back(chunk);
  frame.head = bytes.first(head_size);
  frame.payload = bytes.subspan(head_size);
  size_bytes_ += bytes.size();
  frames_.push_back(frame);
}

Result<std::uint64_t> decode_frame(const Frame& frame, MutableBytes page) {
  Status status;
  switch (frame.kind) {
    case PayloadKind::kRaw:
      if (frame.payload.size() != page.size()) {
        status = Error(Errc::kCorrupt, "page has the wrong size");
      } else {
        std::memcpy(page.data(), frame.payload.data(), page.size());
      }
      break;
    case PayloadKind::kLz4Block:
      status = lz4_decompress_block(frame.payload, page);
      break;
    case PayloadKind::kLz4Frame: {
      const auto consumed = lz4_decompress_frame(frame.payload, page);
      if (!consumed) {
        status = consumed.error();
      } else if (*consumed != frame.payload.size()) {
        status = Error(Errc::kCorrupt, "bytes behind the lz4 frame");
      }
      break;
    }
  }
  if (!status.ok()) {
    Error e = std::move(status).error().with("page " + std::to_string(frame.pgno));
    e.offset = frame.offset;
    return e;
  }
  return crc64(crc64(0, frame.head), page);
}

// Lays frames out in a PreparedFrame's buffer, which only ever grows.
class FrameWriter {
 public:
  FrameWriter(PreparedFrame& out, Variant variant, Pgno pgno, std::size_t payload_bound)
      : out_(out), head_size_(written_head_size(variant)) {
    if (out_.buffer_.size() < head_size_ + payload_bound) {
      out_.buffer_.resize(head_size_ + payload_bound);
    }
    out_.variant_ = variant;
    out_.pgno_ = pgno;
    store_be(out_.buffer_.data(), pgno);
    if (is_v3(variant)) {
      const auto flags = variant == Variant::kV3Block ? kPageFlagSized : std::uint16_t{0};
      store_be(out_.buffer_.data() + 4, flags);
    }
  }
  MutableBytes payload() { return MutableBytes(out_.buffer_).subspan(head_size_); }
  void end_payload(std::size_t size, std::size_t page_size) {
    if (out_.variant_ == Variant::kV3Block) {
      store_be(out_.buffer_.data() + 6, static_cast<std::uint32_t>(size));
    }
    out_.size_ = head_size_ + size;
    out_.page_size_ = static_cast<std::uint32_t>(page_size);
    out_.hashed_size_ = head_size_ + page_size;
  }
  Bytes head() const { return Bytes(out_.buffer_).first(head_size_); }
  void set_crc(std::uint64_t crc) { out_.crc_ = crc; }

 private:
  PreparedFrame& out_;
  std::size_t head_size_;
};

void prepare_frame(Variant variant, Pgno pgno, Bytes page, PreparedFrame& out,
                   int lz4_acceleration) {
  LT_CHECK(is_writable(variant) && page.size() <= kMaxPageSize);
  FrameWriter writer(out, variant, pgno, lz4_block_bound(page.size()) + kLz4FrameOverhead);
  std::size_t size = page.size();
  if (variant == Variant::kV3Block) {
    size = lz4_compress_block(page, writer.payload(), lz4_acceleration);
  } else if (variant == Variant::kV3Frame || variant == Variant::kV2) {
    size = lz4_compress_frame(page, writer.payload());
  } else {
    std::memcpy(writer.payload().data(), page.data(), page.size());
  }
  writer.end_payload(size, page.size());
  writer.set_crc(crc64(crc64(0, writer.head()), page));
}

// crc(A || P) = shift(crc(A)) ^ crc(P), so exchanging A for B is one shift of crc(A) ^ crc(B).
std::uint64_t PageCrc::with_head(const Frame& frame, std::uint64_t logical_crc, Bytes head) const {
  return combine_(crc64(0, frame.head) ^ crc64(0, head), logical_crc);
}

Checksum PageCrc::page_checksum(const Frame& frame, std::uint64_t logical_crc) const {
  if (frame.head.size() == 4) return as_checksum(logical_crc);
  std::byte head[4];
  store_be(head, frame.pgno);
  return as_checksum(with_head(frame, logical_crc, head));
}

bool reframe_v3_block(const Frame& frame, std::uint64_t logical_crc, std::uint32_t page_size,
                      const PageCrc& page_crc, PreparedFrame& out) {
  Bytes block = frame.payload;
  if (frame.kind == PayloadKind::kLz4Frame) block = lz4_frame_single_block(frame.payload);
  if (frame.kind == PayloadKind::kRaw || block.empty()) return false;
  FrameWriter writer(out, Variant::kV3Block, frame.pgno,
                     lz4_block_bound(page_size) + kLz4FrameOverhead);
  if (block.size() > writer.payload().size()) return false;
  std::memcpy(writer.payload().data(), block.data(), block.size());
  writer.end_payload(block.size(), page_size);
  writer.set_crc(frame.kind == PayloadKind::kLz4Block
                     ? logical_crc
                     : page_crc.with_head(frame, logical_crc, writer.head()));
  return true;
}

}  // namespace litetool::ltx
