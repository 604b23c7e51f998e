// How an export leaves: compressed if wanted, then sealed if wanted.
#pragma once

#include <memory>
#include <optional>

#include "formats/archive/sealed_stream.h"
#include "formats/archive/zstd_stream.h"

namespace litetool {

struct Packing {
  bool zstd = false;
  std::optional<age::Lock> lock;  // sealed when there is one
  unsigned threads = 1;           // that may compress
};

class PackedSink : public ByteSink {
 public:
  // `below` outlives it. Writes the head of a sealed archive.
  static Result<std::unique_ptr<PackedSink>> start(ByteSink& below, const Packing& packing);
  Status write(Bytes b) override { return top_->write(b); }
  // Once, last: without it the archive cannot be read.
  Status finish();

 private:
  explicit PackedSink(ByteSink& below) : top_(&below) {}

  std::unique_ptr<SealedSink> seal_;
  std::unique_ptr<ZstdSink> zstd_;
  ByteSink* top_;  // what plain bytes are given to
};

}  // namespace litetool
