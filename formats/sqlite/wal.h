// A SQLite write-ahead log: header, frames, and walking them. All integers big-endian.
//
// Header:
//   off size name             meaning
//     0    4 magic            0x377f0682: checksums over little-endian words, ...83: big-endian
//     4    4 version          3007000
//     8    4 page_size        bytes
//    12    4 checkpoint_seq   +1 for each restart of the log
//    16    8 salts            two u32; the first +1 and the second random at each restart
//    24    8 checksum         of bytes 0-23; where the chain of the frames starts
//
// Frame i, counted from 1, at 32 + (i - 1) * (24 + page_size):
//     0    4 pgno
//     4    4 commit           database size in pages when this frame ends a transaction, else 0
//     8    8 salts            those of the header
//    16    8 checksum         chain continued over bytes 0-7 and the page
//    24    - page
//
// Valid: the header when magic, version, page size and checksum are right; a frame when its pgno is
// not 0, its salts are the header's and its checksum continues the chain. What follows the first
// frame that is not valid is left over from an older generation of the log, or was never finished.
// A transaction is in the log when its last frame, the one with commit != 0, is valid. Frames
// behind the last commit may still be rewritten in place: keep no state about them, read them
// again.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "formats/base/byte_source.h"
#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/sqlite/wal_checksum.h"

namespace litetool {

constexpr std::size_t kWalHeaderSize = 32;
constexpr std::size_t kWalFrameHeaderSize = 24;
constexpr std::uint32_t kWalLittleEndianMagic = 0x377f0682;
constexpr std::uint32_t kWalBigEndianMagic = 0x377f0683;

// Both salts as they stand in the file: the generation of a log. The first is the upper half.
using WalSalts = std::uint64_t;

struct WalHeader {
  bool big_endian_checksum = false;
  std::uint32_t page_size = 0;  // bytes
  std::uint32_t checkpoint_seq = 0;
  WalSalts salts = 0;
  WalChecksum checksum;

  std::size_t frame_size() const { return kWalFrameHeaderSize + page_size; }
  // Where frame `number` (from 1) begins.
  std::uint64_t frame_offset(std::uint32_t number) const {
    return kWalHeaderSize + (std::uint64_t{number} - 1) * frame_size();
  }
  // Whole frames in a log of that many bytes.
  std::uint32_t frames_in(std::uint64_t wal_size_bytes) const;
};

// Decodes the first 32 bytes; more may be given. kCorrupt with the offset of what is wrong, and
// kUnsupported for another version. SQLite takes a log whose header is corrupt as empty.
Result<WalHeader> decode_wal_header(Bytes first);

// Where a walk stands: everything up to and including frame `frame` was valid. Save it to go on
// later.
struct WalState {
  WalSalts salts = 0;
  std::uint32_t frame = 0;  // 0 = before the first
  WalChecksum checksum;     // the chain after it
  bool operator==(const WalState&) const = default;
};
constexpr WalState wal_start(const WalHeader& header) {
  return {header.salts, 0, header.checksum};
}

enum class FrameVerdict : std::uint8_t {
  kOk,
  kSaltMismatch,      // of another generation
  kChecksumMismatch,  // does not continue the chain
  kBadPgno,           // page number 0
  kTorn,              // the log ends inside the frame
};
const char* frame_verdict_text(FrameVerdict verdict);

struct WalFrame {
  std::uint32_t number = 0;  // from 1
  std::uint64_t offset = 0;  // of the frame's header in the log
  Pgno pgno = 0;             // this and what follows is 0 or empty where the frame is torn
  std::uint32_t commit = 0;  // database size in pages, 0 = not the end of a transaction
  WalSalts salts = 0;
  WalChecksum checksum;
  FrameVerdict verdict = FrameVerdict::kTorn;
  Bytes page;

  bool ok() const { return verdict == FrameVerdict::kOk; }
  std::uint64_t page_offset() const { return offset + kWalFrameHeaderSize; }
};

// Checks one frame against the chain and moves `state` on when it is valid. `bytes` begins at the
// frame that follows state.frame and may hold more; the page of the result points into it.
WalFrame check_wal_frame(const WalHeader& header, Bytes bytes, WalState& state);

// Walks the frames of a log in order, with reads of up to 1 MiB into one buffer. Frames that
// are written while it walks are seen: nothing depends on the size that the source had at first.
class WalScanner {
 public:
  enum class Extent : std::uint8_t {
    kValid,      // up to the first frame that is not valid, that one included as the last
    kWholeFile,  // goes on behind it; the chain then continues from each frame's own checksum
  };

  // `wal` outlives the scanner. `from` is wal_start(header), or where an earlier walk of this
  // generation stood; a state of another generation makes the first frame a salt mismatch. No frame
  // with a number above `last_frame` is read.
  WalScanner(const ByteSource& wal, const WalHeader& header, const WalState& from,
             std::uint32_t last_frame = std::numeric_limits<std::uint32_t>::max(),
             Extent extent = Extent::kValid);

  // The next frame, or nothing at the end. Its page is valid until the next call. The source's
  // errors come through; a frame that is not valid is a value, not an error.
  Result<std::optional<WalFrame>> next();

  // After the last valid frame.
  const WalState& state() const { return state_; }
  // After the last valid frame that ended a transaction: what may be saved.
  const WalState& committed() const { return committed_; }

 private:
  Status fill();

  const ByteSource& wal_;
  WalHeader header_;
  WalState state_;
  WalState committed_;
  WalState
      chain_;  // what the next frame is checked against; differs from state_ behind the valid part
  std::uint32_t last_frame_;
  Extent extent_;
  bool valid_ = true;  // no frame so far was not valid
  bool ended_ = false;
  Buffer buffer_;
  std::size_t filled_ = 0;    // bytes of buffer_ in use
  std::size_t position_ = 0;  // of the next frame in buffer_
};

}  // namespace litetool
