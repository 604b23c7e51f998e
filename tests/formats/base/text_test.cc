#include "formats/base/text.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <limits>

#include "formats/base/ids.h"

namespace litetool {

TEST_CASE("time: RFC 3339 in UTC") {
  CHECK(rfc3339_ms(1700000000000) == "2023-11-14T22:13:20.000Z");
  CHECK(rfc3339_ms(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(rfc3339_trimmed(1700000000120) == "2023-11-14T22:13:20.12Z");
  CHECK(rfc3339_trimmed(1700000000000) == "2023-11-14T22:13:20Z");
  CHECK(rfc3339_trimmed(0).empty());
  CHECK(rfc3339_ms(std::numeric_limits<std::int64_t>::min()).back() == 'Z');
}

TEST_CASE("numbers: strict") {
  CHECK(*parse_u64("18446744073709551615") == 18446744073709551615u);
  for (const char* bad : {"", "-1", "1 ", " 1", "0x1", "18446744073709551616"})
    CHECK_FALSE(parse_u64(bad));
  CHECK(*parse_hex16("00000000000000ff") == 255);
  for (const char* bad : {"", "ff", "00000000000000fg", "0x000000000000ff"})
    CHECK_FALSE(parse_hex16(bad));
  CHECK(*parse_duration_ms("90s") == 90'000);
  CHECK(*parse_duration_ms("7d") == 604'800'000);
  for (const char* bad : {"", "s", "1", "1w", "-1s", "1.5h"}) CHECK_FALSE(parse_duration_ms(bad));
}

TEST_CASE("text: sizes, groups, distance, hostile names") {
  CHECK(human_size(900) == "900 B");
  CHECK(human_size(1536) == "1.5 KiB");
  CHECK(grouped(0) == "0");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(edit_distance("verfy", "verify") == 1);
  const std::vector<std::string> names = {"mount", "unmount", "--output", "version", "when", "sql"};
  CHECK(nearest_name("umount", names) == "unmount");
  CHECK(nearest_name("moutn", names) == "mount");
  CHECK(nearest_name("--out", names) == "--output");
  CHECK(nearest_name("--output-file", names) == "--output");
  for (const char* far : {"verify", "chek", "-v", "x"}) CHECK(nearest_name(far, names).empty());
  CHECK(printable("a\x1b[31m\xff\xc3\xa9") == "a\\x1b[31m\\xff\xc3\xa9");
}

TEST_CASE("errors: errno becomes the code a script reacts to") {
  CHECK(Error::from_errno(ENOSPC, "write x").code == Errc::kDiskFull);
  CHECK(Error::from_errno(ENOENT, "open x").code == Errc::kNotFound);
  CHECK(Error::from_errno(EIO, "read x").code == Errc::kStorage);
  CHECK(Error::corrupt(7, "header: bad magic").text() == "header: bad magic at offset 7");
}

}  // namespace litetool
