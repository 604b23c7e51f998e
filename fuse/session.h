// A mount from start to end: mounts over a directory, serves requests until somebody unmounts it or
// a signal asks to, and leaves nothing mounted behind.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "formats/base/result.h"
#include "fuse/file_system.h"

namespace litetool {

// How files are served: see IoMode. kAuto takes passthrough where the kernel allows it.
enum class Tier : std::uint8_t { kAuto, kPassthrough, kCached };

// How requests come: see RingSet. kAuto takes rings beside passthrough, where the kernel allows
// them.
enum class Transport : std::uint8_t { kAuto, kRings, kDevice };

struct SessionOptions {
  std::string mount_point;                 // absolute
  Tier tier = Tier::kAuto;                 // kPassthrough: refuse to serve where it is impossible
  Transport transport = Transport::kAuto;  // kRings: likewise
  bool allow_other = false;                // let other users in; as root they always are
  std::function<void(bool passthrough)> on_ready;  // called once, when requests are served
  std::function<void(const std::string&)> warn;
  // Asked about each stop signal (see block_stop_signals) before it unmounts; false when it has
  // been dealt with and the mount goes on. `from_terminal`: the whole foreground group has got it.
  std::function<bool(int signal, bool from_terminal)> stops = {};
};

// Serves `fs` until it is unmounted, or unmounts it on a stop signal. These signals are
// blocked in the calling thread (and in the threads it starts) from here on. False when files were
// still open then: they keep the dead mount, out of sight, until they are closed. kUnsupported when
// the wanted tier or transport is impossible here.
Result<bool> serve(FileSystem& fs, const SessionOptions& options);

// Blocks the signals that serve() waits for, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2;
// call it before starting any thread.
void block_stop_signals();

}  // namespace litetool
