// One LTX image told piece by piece, for people who look at damage.
//
// Goes on wherever it can: a page that does not decompress is told with its error and the next one
// follows; where the frames cannot be followed any further, the page index leads to those behind;
// index and trailer are told from the end of the file. Nothing told is proven unless no damage is.
#pragma once

#include <cstdint>
#include <optional>

#include "core/os/job.h"
#include "formats/ltx/detect.h"
#include "formats/ltx/frame.h"
#include "formats/ltx/header.h"
#include "formats/ltx/page_index.h"

namespace litetool {

struct DumpedFrame {
  std::uint64_t number = 0;  // from 0
  std::uint64_t offset = 0;  // in the source
  ltx::Frame frame;
  Bytes page;  // empty when it cannot be decoded
};

// Called in the order of the file.
class DumpSink {
 public:
  virtual ~DumpSink() = default;
  virtual void header(const ltx::Header& header, std::uint64_t offset) = 0;
  // Instead of header(): the first bytes of what cannot be read.
  virtual void raw_header(Bytes head, std::uint64_t offset) = 0;
  virtual void frame(const DumpedFrame& frame) = 0;
  virtual void index_entry(const ltx::IndexEntry& entry) = 0;
  // Of v0.1: the fields of its header that stand elsewhere in later versions.
  virtual void trailer(const ltx::Trailer& trailer) = 0;
  // What is wrong, where it was met. Offsets are those of the source.
  virtual void damage(const Error& error) = 0;
};

// The image at `offset`, up to the end of the source for a whole file. Fails only when interrupted.
Status dump_image(const Job& job, const ByteSource& source, std::uint64_t offset,
                  ltx::Extent extent, DumpSink& sink);

}  // namespace litetool
