// The wal-index: its head, with the checksum repaired, and its hash tables.
#include "formats/sqlite/wal_index.h"

#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

// Both copies equal and summed up, as long as there is room for them.
Buffer with_good_head(Bytes input) {
  Buffer shm(input.begin(), input.end());
  if (shm.size() < kWalIndexHeaderSize) return shm;
  const WalChecksum sum =
      wal_checksum({}, Bytes(shm).first(40), std::endian::native == std::endian::big);
  std::memcpy(shm.data() + 40, &sum.s1, sizeof sum.s1);
  std::memcpy(shm.data() + 44, &sum.s2, sizeof sum.s2);
  std::memcpy(shm.data() + 48, shm.data(), 48);
  return shm;
}

void read(Bytes input) {
  decode_wal_index(input);
  const Buffer shm = with_good_head(input);
  const WalIndexLook look = decode_wal_index(shm);
  if (look.verdict != WalIndexVerdict::kOk) return;
  require(is_page_size(look.header.page_size) || look.header.mx_frame == 0,
          "an index of frames has a page size");
  const auto pages = wal_index_pages(shm, look.header.mx_frame);
  if (pages) {
    require(pages->size() == look.header.mx_frame, "one page a frame");
  } else {
    require(pages.error().offset.value_or(0) <= shm.size(), "offset is in the file");
  }
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
