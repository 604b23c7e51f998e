// A prepared image: the last one of a segment, of a rollback-mode transaction whose pages are in
// the database file, but whose journal has not been finalised yet.
//
// It is a whole image but for one bit: the flag of the trailer's post-apply checksum is not set.
// Every reader refuses such a trailer, so to readers the segment ends before it. Setting the bit, a
// write of one byte that cannot be torn, makes it a transaction; the file checksum already covers
// the bit as set.
#pragma once

#include <optional>

#include "formats/base/byte_source.h"
#include "formats/base/bytes.h"
#include "formats/ltx/segment.h"

namespace litetool {

// The first byte of the post-apply checksum of an image that ends at `end`.
constexpr std::uint64_t prepared_flag_offset(std::uint64_t end) {
  return end - ltx::kTrailerSize;
}
// That byte in a prepared image, made of the one in the finished image, and back.
constexpr std::byte kPreparedFlag{0x80};
constexpr std::byte prepared_byte(std::byte finished) {
  return finished & ~kPreparedFlag;
}
constexpr std::byte finished_byte(std::byte prepared) {
  return prepared | kPreparedFlag;
}

// The prepared image that ends at `end` in a segment, as it will be: its trailer has the checksum
// that the database has after it. Nothing where anything else ends there, or where its bytes do not
// add up. Errors only of the source.
Result<std::optional<ltx::ImageInfo>> find_prepared_image(const ByteSource& segment,
                                                          std::uint64_t end);

// Takes one image from an encoder and passes it on as a prepared one. At no moment have the bytes
// that it passed on been a finished image.
class PreparedSink : public ByteSink {
 public:
  // `to` outlives this.
  explicit PreparedSink(ByteSink& to) : to_(to) {}
  Status write(Bytes b) override;
  // The image is whole: passes on its trailer.
  Status finish();

 private:
  ByteSink& to_;
  Buffer held_;  // what may be the trailer
};

}  // namespace litetool
