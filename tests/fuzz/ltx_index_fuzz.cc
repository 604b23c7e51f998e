// The page index of an image, found from its end, and its varints.
#include "formats/ltx/page_index.h"
#include "tests/fuzz/fuzz.h"

namespace litetool::ltx {
namespace {

void read_varints(Bytes input) {
  while (!input.empty()) {
    std::uint64_t value = 0;
    const std::size_t size = decode_varint(input, value);
    if (size == 0) break;
    require(size <= input.size() && size <= kMaxVarintSize, "a varint ends where the bytes do");
    std::byte again[kMaxVarintSize];
    require(encode_varint(again, value) <= size, "the written form is the shortest");
    input = input.subspan(size);
  }
}

void read(Bytes input) {
  read_varints(input);
  const MemorySource source(input);
  const auto span = find_index(source, 0, input.size());
  if (!span) return;
  require(span->begin <= span->end && span->end <= input.size(), "the index is in the file");
  const auto last_one = last_entry(source, *span);
  const auto entries = load_page_index(source, 0, input.size());
  if (!entries) return;
  require(last_one.ok() && last_one->has_value() == !entries->empty(), "it has a last entry");
  require(entries->empty() || **last_one == entries->back(), "the last entry is the last one read");
  Pgno last = 0;
  for (const IndexEntry& entry : *entries) {
    require(entry.pgno > last, "entries ascend");
    last = entry.pgno;
  }
  for (std::size_t i = 0; i < entries->size() && i < 4; ++i) {
    const auto found = lookup_page(source, 0, input.size(), (*entries)[i].pgno);
    require(found.ok() && found->has_value() && **found == (*entries)[i], "lookup finds the entry");
  }
}

}  // namespace
}  // namespace litetool::ltx

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::ltx::read(litetool::fuzz_bytes(data, size));
  return 0;
}
