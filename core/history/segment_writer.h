// Appends to the open segment of a history. Bytes are gathered and go to the file in one write; an
// image that fails half way is taken back.
#pragma once

#include <memory>
#include <string>

#include "core/os/env.h"
#include "formats/base/byte_source.h"

namespace litetool {

class SegmentWriter : public ByteSink {
 public:
  // Appends to `file` behind its present end.
  explicit SegmentWriter(std::unique_ptr<File> file);

  // The size that the segment has or will have after flush().
  std::uint64_t size() const { return file_->size() + buffer_.size(); }

  Status write(Bytes b) override;
  // Everything so far is in the file, in one write where it fits the buffer.
  Status flush();
  // Everything so far is on the disk.
  Status sync();
  // Takes back what was written behind `size`.
  Status cut(std::uint64_t size);
  // Replaces one byte of what was written; in the file after flush().
  Status replace(std::uint64_t offset, std::byte value);

 private:
  std::unique_ptr<File> file_;
  Buffer buffer_;
  bool unsynced_ = false;
  std::uint64_t started_;  // bytes before this are on their way to the disk
};

}  // namespace litetool
