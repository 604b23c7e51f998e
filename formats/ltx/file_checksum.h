// The file checksum, put together from parts that may have been computed by different threads.
//
// FLAG | CRC over the logical content: header, then per page its head and the uncompressed page,
// the zero page header that ends the page block, the page index (v2, v3), and the first 8 bytes of
// the trailer. In v0.1 it covers the pages alone (page block checksum); its two other sums are
// checked on reading.
#pragma once

#include <memory>

#include "formats/ltx/frame_reader.h"

namespace litetool::ltx {

// Appends parts of known CRC and length in order.
class FileChecksum {
 public:
  // Starts with the header as it stands in the file.
  FileChecksum(Variant variant, Bytes header_bytes);
  // Bytes that follow.
  void extend(Bytes b) { crc_ = crc64(crc_, b); }
  // `length` bytes that follow and whose CRC from 0 is `crc`. Cheap when few different lengths
  // occur.
  void append(std::uint64_t crc, std::uint64_t length);
  Checksum value() const { return as_checksum(crc_); }

 private:
  struct Slot {
    std::uint64_t length = 0;
    std::uint64_t count = 0;
    std::unique_ptr<Crc64Combiner> combine;
  };
  std::uint64_t crc_;
  std::array<Slot, 2> slots_;  // a v3 file has frames of at most two logical lengths
};

// Checks what the contents of one image prove: file checksum, and for a snapshot with checksums the
// database checksum. Feed it every frame in order with its logical CRC.
class ImageVerifier {
 public:
  ImageVerifier(const Header& header, Bytes header_bytes);
  void add(const Frame& frame, std::uint64_t logical_crc);
  // kCorrupt, with the offset of the stored value in the source, if a checksum does not match.
  Status finish(const Tail& tail);
  // Of all pages seen so far, the lock page left out; meaningful for snapshots with checksums.
  Checksum database_checksum() const { return database_; }

 private:
  std::string explain_mismatch(const Trailer& trailer) const;

  Header header_;
  FileChecksum file_;
  std::unique_ptr<PageCrc> page_crc_;  // snapshots with checksums only
  Checksum database_ = kEmptyDatabase;
};

}  // namespace litetool::ltx
