// Which variant an LTX file is: by its structure, and where that leaves more than one, by its
// checksum.
#pragma once

#include "formats/base/byte_source.h"
#include "formats/ltx/header.h"

namespace litetool::ltx {

// What the bytes from an offset on are: one file up to the end of the source, or an image that
// something else may follow.
enum class Extent : std::uint8_t { kWholeFile, kImage };

// kUnsupported for encrypted files (LTX4); kCorrupt for what is no LTX file, with what was tried. A
// truncated or damaged file of a variant that can be told is detected: reading it says what is
// wrong.
Result<Variant> detect_variant(const ByteSource& source, std::uint64_t offset = 0,
                               Extent extent = Extent::kWholeFile);

// True for bytes that begin like an LTX file (of 4 bytes or more), encrypted ones included.
bool looks_like_ltx(Bytes head);

}  // namespace litetool::ltx
