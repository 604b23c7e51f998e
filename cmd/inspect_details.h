// What `litetool inspect` prints one line each for: frames, records, pages. They stream: a log of
// any size is printed with bounded memory.
#pragma once

#include "cmd/command.h"
#include "core/inspect/summary.h"

namespace litetool {

Status print_frames(const ByteSource& file, const WalSummary& wal, Context& context);
Status print_records(const ByteSource& file, std::uint32_t page_size, Context& context);
// Each page's kind and owner, then what is wrong; the first problem is the error.
Status print_pages(const ByteSource& file, const FileHeader& header, Context& context);

}  // namespace litetool
