// What clients have stored in a file that they map, as the kernel's page cache has it.
//
// In the cached tier the stores to a mapped -shm stay in the page cache until the kernel writes
// them back; the file beneath is older. The kernel hands such pages out on request
// (FUSE_NOTIFY_RETRIEVE). Thread-safe; made before the session, because capture starts first.
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#endif
#include <fuse_lowlevel.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "formats/base/bytes.h"
#include "formats/base/result.h"

namespace litetool {

class InodeTable;

class CachePeek {
 public:
  // From attach() to detach() the kernel is asked; before and after it no file is mapped through
  // us, and the file beneath is all there is. detach() ends the waits for answers; when it has
  // returned the session may go.
  void attach(fuse_session* session, const InodeTable& inodes);
  void detach();

  // Reads a file by its path below `dir` as clients see it; fewer bytes at its end. A page that the
  // kernel does not have is read from the file. kTimeout when the kernel does not answer.
  Result<std::size_t> read(int dir, const std::string& path, MutableBytes into,
                           std::uint64_t offset);

  // From the handler of the kernel's answer.
  void answered(std::uint64_t question, Bytes bytes);

 private:
  struct Answer {
    bool arrived = false;
    Buffer bytes;
  };
  Result<Buffer> ask(std::uint64_t node_id, std::size_t size, std::uint64_t offset);

  std::mutex mutex_;
  std::condition_variable arrived_;
  fuse_session* session_ = nullptr;
  const InodeTable* inodes_ = nullptr;
  int asking_ = 0;  // those that use the session right now
  std::uint64_t next_question_ = 1;
  std::unordered_map<std::uint64_t, Answer> questions_;  // asked and not yet taken
};

}  // namespace litetool
