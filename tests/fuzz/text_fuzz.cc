// Names and numbers as text: file names, TXIDs, durations, variants, and what is printed of bytes.
#include "formats/base/text.h"

#include "formats/base/ids.h"
#include "formats/ltx/header.h"
#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

void read(Bytes input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto range = ltx::parse_file_name(text);
  require(!range || ltx::file_name(*range) == text, "a file name is printed as it was read");
  const auto id = parse_hex16(text);
  require(!id || text.size() == 16, "an id has 16 digits");
  const auto number = parse_u64(text);
  require(!number || text.find_first_not_of("0123456789") == text.npos, "a number has only digits");
  const auto duration = parse_duration_ms(text);
  require(!duration || *duration >= 0, "a duration is not negative");
  const auto variant = ltx::parse_variant(text);
  require(!variant || ltx::variant_name(*variant) == text, "a variant has one name");
  const std::string shown = printable(text);
  for (const char c : shown) {
    require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f,
            "no control characters are printed");
  }
  require(printable(shown) == shown, "printable text is left alone");
  if (input.size() <= 4096) hexdump(input);
  if (input.size() >= 8)
    rfc3339_ms(static_cast<std::int64_t>(load_le<std::uint64_t>(input.data())));
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
