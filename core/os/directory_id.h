// Which directory it is, however it is called today.
#pragma once

#include <cstdint>
#include <string>

namespace litetool {

struct DirectoryId {
  std::string path;          // absolute, without links
  std::uint64_t inode = 0;   // with `born_ns`: survives a rename and a restart of the machine
  std::int64_t born_ns = 0;  // when it was made, since 1970; 0 where the file system keeps no time

  // One directory, wherever it is now; false where nothing proves it.
  bool is_same_inode(const DirectoryId& other) const {
    return born_ns != 0 && inode == other.inode && born_ns == other.born_ns;
  }
};

// Of an open directory that is found at `path`.
DirectoryId directory_id(int directory, const std::string& path);

}  // namespace litetool
