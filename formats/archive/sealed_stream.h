// Sealed archives: the format of age (age-encryption.org/v1), so that the age tool opens what is
// sealed here, and the other way round.
//
// Behind the head (age_header.h): a nonce of 16 bytes, then chunks of 64 KiB, each sealed with
// ChaCha20-Poly1305 under a key made of the file key and that nonce. A chunk's nonce is its number
// (11 bytes, big-endian) and a byte that is 1 in the last one. Only the last chunk may be shorter,
// and it is empty only when all of the archive is. So nothing can be cut off, added, changed or
// moved without notice.
#pragma once

#include <memory>

#include "formats/archive/age_header.h"
#include "formats/archive/pull_stream.h"
#include "formats/base/byte_source.h"

namespace litetool {

inline constexpr std::size_t kSealedChunkSize = std::size_t{64} * 1024;

bool is_sealed(Bytes first);

// Seals what is written to it and passes it on to `below`, which outlives it.
class SealedSink : public ByteSink {
 public:
  // Writes the head.
  static Result<std::unique_ptr<SealedSink>> start(ByteSink& below, const age::Lock& lock,
                                                   unsigned log2_n = age::kScryptCost);
  Status write(Bytes b) override;
  // Once, last: without it the archive cannot be opened.
  Status finish();

 private:
  SealedSink(ByteSink& below, const Key& key) : below_(below), key_(key) {}
  Status seal_chunk(bool last);

  ByteSink& below_;
  const Key key_;
  std::uint64_t chunks_ = 0;
  Buffer pending_;
  Buffer sealed_;
};

// Opens what `below`, which outlives it, yields. read() fails with kCorrupt where a chunk is not
// what was sealed, or the last one is missing.
class UnsealedStream : public PullStream {
 public:
  // Reads the head; errors as of open_header(), kCorrupt where it does not end.
  static Result<std::unique_ptr<UnsealedStream>> start(PullStream& below,
                                                       const age::Unlock& unlock);
  Result<std::size_t> read(MutableBytes out) override;

 private:
  UnsealedStream(PullStream& below, Buffer ahead) : below_(below), ahead_(std::move(ahead)) {}
  Result<std::size_t> pull(MutableBytes out);
  Status open_chunk();

  PullStream& below_;
  Buffer ahead_;  // read behind the head
  Key key_{};
  std::uint64_t chunks_ = 0;
  bool ended_ = false;
  Buffer next_;  // sealed bytes of the chunk that follows
  Buffer text_;  // of the present chunk
  std::size_t at_ = 0;
};

}  // namespace litetool
