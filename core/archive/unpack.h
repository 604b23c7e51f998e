// From a file that somebody hands over to what is in it: unsealed, decompressed, recognised.
#pragma once

#include <string>

#include "core/os/env.h"
#include "core/os/job.h"
#include "formats/archive/sealed_stream.h"

namespace litetool {

// Reads a file from start to end.
class FileStream : public PullStream {
 public:
  explicit FileStream(const File& file) : file_(file) {}
  Result<std::size_t> read(MutableBytes out) override;

 private:
  const File& file_;
  std::uint64_t at_ = 0;
};

enum class ContentKind : std::uint8_t { kDatabase, kLtx, kSql, kUnknown };

struct Unpacked {
  bool sealed = false;
  bool compressed = false;
  ContentKind content = ContentKind::kUnknown;
  std::uint64_t size_bytes = 0;  // of the content
};

// Writes the content of `in` to `out`, an empty file: what is sealed is opened with `unlock`, what
// is compressed with zstd is decompressed. Progress counts bytes written. Nothing in `out` may be
// used unless this succeeds. Errors as of UnsealedStream and UnzstdStream.
Result<Unpacked> unpack(const Job& job, PullStream& in, const age::Unlock& unlock, File& out);

}  // namespace litetool
