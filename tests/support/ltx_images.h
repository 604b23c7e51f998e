// LTX images for tests: made with the encoder, read back into plain maps.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "formats/ltx/decoder.h"
#include "formats/ltx/encoder.h"

namespace litetool::test {

using Pages = std::map<Pgno, Buffer>;

// A page of one byte value, and pseudo-random ones that LZ4 cannot shrink.
Buffer filled_page(std::uint32_t page_size, unsigned value);
Buffer random_page(std::uint32_t page_size, std::uint64_t seed);
// Half text-like, half random: shrinks to about half.
Buffer mixed_page(std::uint32_t page_size, std::uint64_t seed);

// FLAG | XOR of the pages' checksums, the lock page left out.
Checksum database_checksum(const Pages& database);

// Header of a file; min = 1 makes it a snapshot (pre_apply is ignored then).
ltx::Header ltx_header(ltx::Variant variant, std::uint32_t page_size, Pgno commit,
                       std::uint64_t min, std::uint64_t max, Checksum pre_apply = {},
                       std::int64_t timestamp_ms = 0);

// The image, or a failed assertion. A `post_apply` of 0 in a snapshot with checksums is computed.
Buffer make_ltx(const ltx::Header& header, const Pages& pages, Checksum post_apply = {});

// A chain of transactions over one database: each call applies pages, keeps the checksum and
// returns the image. The first transaction is a snapshot and must bring every page.
class LtxChain {
 public:
  explicit LtxChain(std::uint32_t page_size, ltx::Variant variant = ltx::Variant::kV3Block)
      : page_size_(page_size), variant_(variant) {}
  // `commit` 0 means: as before, or up to the highest page given.
  Buffer commit(const Pages& changed, Pgno commit = 0);
  // Pages and a size by chance: the database grows and shrinks. Begins with 30 pages.
  Buffer commit_at_random(std::mt19937& random);
  Buffer drop();
  const Pages& database() const { return database_; }
  Pos pos() const { return pos_; }
  std::int64_t timestamp_ms = 1'700'000'000'000;  // of the next transaction; grows by a second each

 private:
  std::uint32_t page_size_;
  ltx::Variant variant_;
  Pages database_;
  Pos pos_;
};

// Everything in an image.
struct ReadLtx {
  ltx::Header header;
  ltx::Tail tail;
  Pages pages;
};
// Decodes and verifies a whole file.
Result<ReadLtx> read_ltx(Bytes file);

// A file below tests/golden.
Buffer golden_file(const std::string& name);

}  // namespace litetool::test
