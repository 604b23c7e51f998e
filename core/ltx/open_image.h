// One LTX image of a file that is being read: structure, then contents, then the verdict.
//
// The reading is split so that frames can be decoded by other threads in between: read_batch() on
// one thread, decode_frame() on any, add() in order on one, and verify() at the end.
#pragma once

#include <memory>
#include <string>

#include "core/ltx/image_ref.h"
#include "formats/ltx/file_checksum.h"
#include "formats/ltx/frame_reader.h"

namespace litetool {

class OpenImage {
 public:
  static Result<std::unique_ptr<OpenImage>> open(Env& env, const ImageRef& ref);
  // The same, through the file of an image that was opened before, where it is the same one; null
  // for none.
  static Result<std::unique_ptr<OpenImage>> open_after(const OpenImage* before, Env& env,
                                                       const ImageRef& ref);

  const ImageRef& ref() const { return ref_; }
  const ltx::Header& header() const { return reader_.header(); }

  // The next frames; false once there are none left, and index and trailer were read.
  Result<bool> read_batch(ltx::FrameBatch& batch);
  // Every frame in order, with its logical CRC.
  void add(const ltx::Frame& frame, std::uint64_t crc) { verifier_.add(frame, crc); }
  // After the last add(): file checksum, and for a snapshot with checksums the database checksum.
  Status verify();
  // Behind the last frame.
  const ltx::Tail& tail() const { return tail_; }

  // An error of a frame of this image, with its file's name and the offset in the file.
  Error locate_frame(Error e) const;

 private:
  static Result<std::unique_ptr<OpenImage>> open_in(std::shared_ptr<const File> file,
                                                    const ImageRef& ref);
  OpenImage(const ImageRef& ref, std::shared_ptr<const File> file, ltx::FrameReader reader);

  const ImageRef ref_;
  std::shared_ptr<const File> file_;
  ltx::FrameReader reader_;
  ltx::ImageVerifier verifier_;
  ltx::Tail tail_;
};

}  // namespace litetool
