// The pages of a database at the end of a chain of LTX images: of every page the newest version.
//
// Images are read from the newest to the oldest and no further than there are pages to be found.
// Each page is decompressed once, by several threads. Memory: a few batches of 1 MiB for each
// thread, and a bit for each page.
#pragma once

#include <functional>

#include "core/os/job.h"
#include "core/source/image_chain.h"

namespace litetool {

// Takes a run of neighbouring pages, the first one's number given; called on the caller's thread,
// the bytes are valid until it returns.
using TakePages = std::function<Status(Pgno first, Bytes pages)>;

struct NewestPages {
  Checksum checksum;         // of the database
  std::uint64_t images = 0;  // that were read
};

// Calls `take` for every page 1..commit of the chain's last image, the lock page left out, each
// once, in no particular order. Nothing that was taken may be trusted before this succeeds.
//
// kBrokenChain when a page is in no image. kCorrupt when the pages do not add up to the checksum
// that the last image promises; where it promises none, every image is read to its end and its own
// file checksum compared. Progress counts the bytes of the pages taken.
Result<NewestPages> read_newest_pages(const Job& job, const ImageChain& chain,
                                      const TakePages& take);

}  // namespace litetool
