// The database header.
#include "formats/sqlite/file_header.h"

#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

void read(Bytes input) {
  const auto header = decode_file_header(input);
  if (!header) {
    require(header.error().offset.value_or(0) <= kFileHeaderSize, "offset is in the header");
    return;
  }
  require(is_database(input), "a decoded header has the magic");
  require(is_page_size(header->page_size), "page size is legal");
  require(header->usable_size() >= 480, "480 bytes of a page are usable");
  const std::uint64_t file_size = input.size() * std::uint64_t{header->page_size};
  require(database_pages(*header, file_size) == header->size_pages || !header->size_is_valid(),
          "a valid size is taken");
  sqlite_version_text(header->sqlite_version);
  header->auto_vacuum();
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
