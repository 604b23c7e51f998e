// How many requests of each kind the kernel has sent: what a round trip costs is known, how many
// there are is what we can change. Counted for the life of the process, by all threads.
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#endif
#include <fuse_lowlevel.h>

#include <string>

namespace litetool {

// Puts a counter in front of every handler that is set.
void count_requests(fuse_lowlevel_ops& operations);

// One line for each kind that was seen, in the order of their names: "GETATTR 12\n".
std::string request_counts_text();

}  // namespace litetool
