// Files that exist only in the mount: for programs that know LiteFS, and for litetool's own
// commands.
//
// X-pos tells whoever may read database X where it stands: "<TXID>/<checksum>\n", 16 hex digits
// each. In the root there are besides:
//
// - .lag: how far this node is behind, in milliseconds; "+000000000\n" on the only node.
// - .litetool-status: what the mount says about itself, in JSON, with the databases that the reader
//   may read. Its size is told as 0.
// - .litetool-requests: how many requests of each kind the kernel has sent.
//
// They are in no listing; a real file of the same name wins. Each read at the start of a file sees
// what was committed before it. Thread-safe.
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#endif
#include <fuse_lowlevel.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/capture/witness.h"

namespace litetool {

class VirtualFiles {
 public:
  VirtualFiles(Witness& witness, int root) : witness_(witness), root_(root) {}

  using Shown = std::function<bool(const std::string& database)>;
  // The text of .litetool-status, about the databases that are to be shown; without it there is no
  // such file. Set before serving.
  std::function<std::string(const Shown&)> status;

  // Node ids of virtual files have this bit; ids of real ones never do.
  static bool is_virtual(std::uint64_t id) { return (id & kBit) != 0; }
  // Whether a name could be one: what is not there now may be there later.
  static bool may_be(const std::string& name);
  // The virtual file at a path below the mount, counted as a lookup; nothing when there is none.
  std::optional<std::uint64_t> look_up(const std::string& path);
  void forget(std::uint64_t id, std::uint64_t lookups);
  // Whether the path names one that exists now.
  bool exists(const std::string& path);

  // Attributes of it now; nothing when it has gone.
  std::optional<struct stat> attributes(std::uint64_t id);

  // Handlers for such nodes.
  void open(fuse_req_t request, std::uint64_t id, fuse_file_info& info);
  void read(fuse_req_t request, std::uint64_t id, std::size_t size, off_t offset,
            fuse_file_info& info);
  static void release(const fuse_file_info& info);

 private:
  static constexpr std::uint64_t kBit = std::uint64_t{1} << 62;

  struct Entry {
    std::string path;
    std::uint64_t lookups = 0;
  };
  // Whether the client of a request may read the database itself.
  bool may_read(fuse_req_t request, const std::string& database) const;
  std::optional<std::string> content(const std::string& path, const Shown& shown);
  std::string path_of(std::uint64_t id);

  Witness& witness_;
  int root_;
  std::mutex mutex_;
  std::uint64_t next_ = 1;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::unordered_map<std::string, std::uint64_t> by_path_;
};

}  // namespace litetool
