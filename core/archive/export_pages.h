// A state of a database, written from its first page to its last into a stream.
#pragma once

#include "core/os/job.h"
#include "core/past/page_source.h"
#include "formats/base/byte_source.h"
#include "formats/ltx/header.h"

namespace litetool {

// As a SQLite database file. Returns the database checksum: nothing that was written may be trusted
// before it was compared with the one that the source promises. Progress counts bytes.
Result<Checksum> export_database(const Job& job, PageSource& pages, ByteSink& sink);

// As a snapshot LTX file up to transaction `txid`. Progress counts bytes of pages.
Result<Checksum> export_snapshot(const Job& job, PageSource& pages, Txid txid,
                                 std::int64_t timestamp_ms, ByteSink& sink);

}  // namespace litetool
