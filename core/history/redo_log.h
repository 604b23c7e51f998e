// The redo log of a history: what was appended to its open segment lately, once more, in a file
// that takes no flush of its own.
//
// In rollback mode a client syncs its database, and before that is answered the image of what it is
// about to commit must be on the disk. A sync of the segment, which has grown, is a commit of the
// file system's own log and a flush of the device; the client's sync flushes again. So the bytes go
// past the page cache into this file, which keeps its size and place: they are in the device when
// the write returns, and the flush of the client's sync, which follows at once, makes them safe
// (see Env::open_direct). Should it fail, the client hears that its own pages are not safe either.
//
// Purely physical: a record (redo_record.h) says which bytes of the segment are new since the last
// one, or since the segment itself was last synced. With all of them applied, the segment is what
// it was at the last record, since nothing before what they cover was unsafe. A sync of the segment
// makes the log void; so does its next filling, which has another generation. One that is still
// there although it is void does no harm: the segment then has all that it has.
//
// After a restart of the machine redo() (redo.h) brings the segment to the last record, before
// anybody else looks at it, where that has more than the segment has. In the same run of the
// machine the page cache has all of the segment: then that is synced, and the log goes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/history/redo_record.h"
#include "core/os/env.h"

namespace litetool {

class RedoLog {
 public:
  // Makes the log of the history in `folder`, empty. `database` is the file whose sync will follow
  // each record. kUnsupported where that would not make them safe; nothing is left behind then, nor
  // after an error.
  static Result<RedoLog> create(Env& env, int dir, const std::string& folder, const File& database);

  // Whether a sync of this file makes a record safe.
  Result<bool> is_made_safe_by(const File& database) const;
  // Adds a record: `part` of the file `name`, whose bytes are those of `segment`. False, and
  // nothing done, where it has no room.
  Result<bool> add(const std::string& name, const FilePart& part, const ByteSource& segment);
  // The segment was synced: the log begins anew. On the disk after the next sync of any file.
  Status clear();
  bool empty() const { return next_.number == 0; }
  // Makes clear() safe where nothing follows.
  Status sync() { return file_->sync(); }

 private:
  struct alignas(kDirectBlock) Block {
    std::byte bytes[kDirectBlock];
  };

  RedoLog(std::unique_ptr<File> file, std::string boot_id, const struct stat& database);
  Status write_blocks();

  std::unique_ptr<File> file_;
  dev_t device_;
  ino_t inode_;
  RedoRecord next_;
  std::uint64_t end_ = 0;
  std::vector<Block> blocks_;
};

// The path of the log of the history in `folder`.
std::string redo_path(const std::string& folder);

}  // namespace litetool
