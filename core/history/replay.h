// Putting a database together from a chain of images: the newest version of every page.
#pragma once

#include <functional>
#include <vector>

#include "core/capture/page_checksums.h"
#include "core/history/history_reader.h"

namespace litetool {

// Calls `visit` once for every page 1..commit of the chain's last image (the lock page left out),
// in no particular order; the bytes are valid until it returns. Only pages that are needed are
// decompressed. kBrokenChain when a page is in none of the images, kCorrupt when the pages do not
// add up to the chain's last checksum: then nothing that was visited may be trusted.
using VisitPage = std::function<Status(Pgno, Bytes page, Checksum)>;
Status replay(const HistoryReader& reader, const std::vector<HistoryImage>& chain,
              const VisitPage& visit);

// The page checksums of the database at a transaction.
Result<PageChecksums> checksums_at(const HistoryReader& reader, Txid txid);

}  // namespace litetool
