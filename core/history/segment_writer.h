// Appends to the open segment of a history. Bytes are gathered and go to the file in one write; an
// image that fails half way is taken back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/history/redo_record.h"
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
  // A sync while others go on writing: flushes, and says which file is to be synced, if any;
  // whoever has synced it tells by synced().
  struct Ahead {
    std::shared_ptr<File> file;  // null: everything is on the disk
    std::uint64_t changes = 0;
  };
  Result<Ahead> begin_sync();
  void synced(const Ahead& ahead);
  // What is not safe yet of all that is in the file, after flush(); nothing where nobody knows,
  // because it was never synced through this object.
  const FilePart* unsafe_part() const { return unsafe_ ? &*unsafe_ : nullptr; }
  // That was made safe otherwise.
  void made_safe();
  const ByteSource& bytes() const { return *file_; }
  // Takes back what was written behind `size`.
  Status cut(std::uint64_t size);
  // Replaces one byte of what was written; in the file after flush().
  Status replace(std::uint64_t offset, std::byte value);

 private:
  Status write_out();
  void changed();

  std::shared_ptr<File> file_;
  Buffer buffer_;
  std::uint64_t changes_ = 0;  // of the file
  bool unsynced_ = true;       // somebody may have left it so
  std::optional<FilePart> unsafe_;
  std::uint64_t started_;  // bytes before this are on their way to the disk
};

}  // namespace litetool
