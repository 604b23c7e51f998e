// One page as it stands in an LTX file: page header, payload, and the logical CRC they yield.
//
//   variant         page header               payload
//   v0.1            none                      page, raw
//   v0.2.*, v1-*    u32 pgno                  page, raw (v1-lz4: as decompressed)
//   v2              u32 pgno                  one LZ4 frame
//   v3, flags 0     u32 pgno, u16 0           one LZ4 frame
//   v3, flags 1     u32 pgno, u16 1, u32 n    LZ4 block of n bytes
//
// The file checksum covers the page header (with the u32 size) and the uncompressed page, so each
// frame has a logical CRC of its own that starts from 0; FileChecksum combines them in order.
// decode_frame() and prepare_frame() are pure: frames of one file may be decoded and prepared by
// any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "formats/base/bytes.h"
#include "formats/base/crc64.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/ltx/variant.h"

namespace litetool::ltx {

enum class PayloadKind : std::uint8_t { kRaw, kLz4Block, kLz4Frame };

constexpr std::size_t kMaxFrameHead = 10;

// A frame as found. The views are into the FrameBatch it came with.
struct Frame {
  Pgno pgno = 0;
  PayloadKind kind = PayloadKind::kRaw;
  // From the start of the image, as in the page index. v0.1: of the page. v1-lz4: where the frame
  // would stand if the page block were not compressed.
  std::uint64_t offset = 0;
  Bytes head;     // the bytes hashed before the page: 0, 4, 6 or 10
  Bytes payload;  // what follows them
  std::uint64_t size() const { return head.size() + payload.size(); }
};

// Frames of one file in order, with their bytes. Reused from call to call without allocating; may
// be moved (also to another thread), not copied.
class FrameBatch {
 public:
  static constexpr std::size_t kMaxFrames = 256;
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

  // has_room() ends at `max_bytes` of frames.
  explicit FrameBatch(std::size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}
  FrameBatch(FrameBatch&&) = default;
  FrameBatch& operator=(FrameBatch&&) = default;
  FrameBatch(const FrameBatch&) = delete;
  FrameBatch& operator=(const FrameBatch&) = delete;

  const std::vector<Frame>& frames() const { return frames_; }
  std::size_t size() const { return frames_.size(); }
  bool empty() const { return frames_.empty(); }

  void clear();
  // True while one more frame of `frame_size` bytes fits; an empty batch takes any legal frame.
  bool has_room(std::size_t frame_size) const;
  // Copies the frame's bytes; `frame.head` and `.payload` are set by this from `bytes`. Whether
  // there is room is the caller's rule: more than max_bytes is stored all the same.
  void add(Frame frame, Bytes bytes, std::size_t head_size);
  // The same without a copy: `bytes` lie in `chunk`, which the batch holds until it is cleared.
  void refer(Frame frame, Bytes bytes, std::size_t head_size,
             const std::shared_ptr<const Buffer>& chunk);
  std::size_t max_bytes() const { return max_bytes_; }

 private:
  void grow(std::size_t more);  // and moves the views of copies along

  std::size_t max_bytes_;
  std::vector<Frame> frames_;
  std::size_t size_bytes_ = 0;  // of all frames
  Buffer copies_;
  std::vector<std::shared_ptr<const Buffer>> chunks_;
};

// Decompresses into exactly one page and returns the logical CRC (head and page, from 0). kCorrupt
// with the frame's offset if it does not yield exactly one page.
Result<std::uint64_t> decode_frame(const Frame& frame, MutableBytes page);

// A frame ready to be written. Reuse the object: its buffer is kept.
class PreparedFrame {
 public:
  Pgno pgno() const { return pgno_; }
  // As in the file; for v1-lz4 what goes into the LZ4 frame.
  Bytes bytes() const { return Bytes(buffer_).first(size_); }
  std::uint64_t crc() const { return crc_; }
  std::uint64_t hashed_size() const { return hashed_size_; }
  Variant variant() const { return variant_; }
  std::uint32_t page_size() const { return page_size_; }

 private:
  friend class FrameWriter;
  Pgno pgno_ = 0;
  Variant variant_ = Variant::kV3Block;
  std::uint32_t page_size_ = 0;
  std::size_t size_ = 0;
  std::uint64_t crc_ = 0;
  std::uint64_t hashed_size_ = 0;
  Buffer buffer_;
};

// Encodes `page` (of a legal page size) as a frame of a writable variant. `lz4_acceleration` is for
// LZ4 blocks (see lz4_compress_block).
void prepare_frame(Variant variant, Pgno pgno, Bytes page, PreparedFrame& out,
                   int lz4_acceleration = 1);

// What follows from a frame's logical CRC without touching the page again (CRC is affine).
class PageCrc {
 public:
  explicit PageCrc(std::uint32_t page_size) : combine_(page_size) {}
  // FLAG | CRC(pgno || page) of a decoded frame.
  Checksum page_checksum(const Frame& frame, std::uint64_t logical_crc) const;
  // The logical CRC of the same page below another head.
  std::uint64_t with_head(const Frame& frame, std::uint64_t logical_crc, Bytes head) const;

 private:
  Crc64Combiner combine_;
};

// Makes a v3-block frame of a decoded one without compressing again: a v3-block frame is copied
// byte for byte, the block of an LZ4 frame with a single compressed block is lifted out. False, and
// nothing done, where that is impossible: prepare_frame() the page instead.
bool reframe_v3_block(const Frame& frame, std::uint64_t logical_crc, std::uint32_t page_size,
                      const PageCrc& page_crc, PreparedFrame& out);

}  // namespace litetool::ltx
