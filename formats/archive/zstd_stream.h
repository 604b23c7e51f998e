// Zstandard (RFC 8878) as a stream, one frame with a content checksum.
#pragma once

#include <memory>

#include "formats/archive/pull_stream.h"
#include "formats/base/byte_source.h"

namespace litetool {

bool is_zstd(Bytes first);

// Compresses what is written to it and passes it on to `below`, which outlives it.
class ZstdSink : public ByteSink {
 public:
  // `threads` above 1 compress beside the writer.
  ZstdSink(ByteSink& below, unsigned threads);
  ~ZstdSink() override;
  Status write(Bytes b) override;
  // Once, last.
  Status finish();

 private:
  struct Context;
  Status run(Bytes b, bool last);

  ByteSink& below_;
  std::unique_ptr<Context> context_;
  Buffer out_;
};

// Decompresses what `below`, which outlives it, yields: one frame or several. kCorrupt for what is
// none, for a wrong checksum and where it is cut off. Takes windows up to 128 MiB.
class UnzstdStream : public PullStream {
 public:
  explicit UnzstdStream(PullStream& below);
  ~UnzstdStream() override;
  Result<std::size_t> read(MutableBytes out) override;

 private:
  struct Context;

  PullStream& below_;
  std::unique_ptr<Context> context_;
};

}  // namespace litetool
