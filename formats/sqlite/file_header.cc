#include "formats/sqlite/file_header.h"

#include <algorithm>
#include <limits>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::string_view kFileMagic("SQLite format 3\0", kFileMagicSize);
constexpr std::uint32_t kMinUsableSize = 480;

Status check_layout(Bytes b, const FileHeader& h) {
  if (!is_page_size(h.page_size)) {
    return Error::corrupt(16, format("database header: page size is %u", h.page_size));
  }
  for (const std::size_t at : {std::size_t{18}, std::size_t{19}}) {
    const auto version = std::to_integer<unsigned>(b[at]);
    if (version == 0) return Error::corrupt(at, "database header: file format version is 0");
    if (version > 2) {
      Error e(Errc::kUnsupported, format("database header: file format version %u is newer than 2 "
                                         "(a later SQLite may read it)",
                                         version));
      e.offset = at;
      return e;
    }
  }
  if (h.usable_size() < kMinUsableSize) {
    return Error::corrupt(20, format("database header: %u reserved bytes leave under %u of a page",
                                     h.reserved_bytes, kMinUsableSize));
  }
  if (b[21] != std::byte{64} || b[22] != std::byte{32} || b[23] != std::byte{32}) {
    return Error::corrupt(21, "database header: payload fractions are not 64, 32, 32");
  }
  return {};
}

}  // namespace

AutoVacuum FileHeader::auto_vacuum() const {
  if (largest_root == 0) return AutoVacuum::kNone;
  return incremental_vacuum == 0 ? AutoVacuum::kFull : AutoVacuum::kIncremental;
}

bool is_database(Bytes first) {
  return first.size() >= kFileMagicSize &&
         std::ranges::equal(first.first(kFileMagicSize), as_bytes(kFileMagic));
}

Result<FileHeader> decode_file_header(Bytes first) {
  if (first.size() < kFileHeaderSize) {
    return Error::corrupt(first.size(), "database header ends early");
  }
  if (!is_database(first)) return Error::corrupt(0, "not a SQLite database: wrong magic");
  FileHeader h;
  ByteReader r(first);
  r.skip(kFileMagicSize);
  const std::uint32_t raw_page_size = r.be<std::uint16_t>();
  h.page_size = raw_page_size == 1 ? kMaxPageSize : raw_page_size;
  h.write_version = r.be<std::uint8_t>();
  h.read_version = r.be<std::uint8_t>();
  h.reserved_bytes = r.be<std::uint8_t>();
  r.skip(3);
  LT_TRY(check_layout(first, h));
  h.change_counter = r.be<std::uint32_t>();
  h.size_pages = r.be<std::uint32_t>();
  h.freelist_trunk = r.be<std::uint32_t>();
  h.freelist_count = r.be<std::uint32_t>();
  h.schema_cookie = r.be<std::uint32_t>();
  h.schema_format = r.be<std::uint32_t>();
  h.default_cache_size = r.be<std::uint32_t>();
  h.largest_root = r.be<std::uint32_t>();
  const std::uint32_t encoding = r.be<std::uint32_t>() & 3;  // SQLite looks at no other bit
  h.text_encoding = encoding == 0 ? TextEncoding::kUtf8 : static_cast<TextEncoding>(encoding);
  h.user_version = r.be<std::uint32_t>();
  h.incremental_vacuum = r.be<std::uint32_t>();
  h.application_id = r.be<std::uint32_t>();
  r.skip(20);
  h.version_valid_for = r.be<std::uint32_t>();
  h.sqlite_version = r.be<std::uint32_t>();
  return h;
}

std::uint32_t file_pages(std::uint32_t page_size, std::uint64_t file_size_bytes) {
  const std::uint64_t pages = file_size_bytes / page_size + (file_size_bytes % page_size != 0);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(pages, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t database_pages(const FileHeader& header, std::uint64_t file_size_bytes) {
  return header.size_is_valid() ? header.size_pages : file_pages(header.page_size, file_size_bytes);
}

bool has_wal_reset_bug(std::uint32_t sqlite_version) {
  constexpr std::uint32_t kFirst = 3'007'000;
  constexpr std::uint32_t kFixed = 3'051'003;
  constexpr std::uint32_t kBackports[] = {3'044'006, 3'050'007};
  if (sqlite_version < kFirst || sqlite_version >= kFixed) return false;
  return std::ranges::none_of(kBackports, [=](std::uint32_t backport) {
    return sqlite_version >= backport && sqlite_version / 1000 == backport / 1000;
  });
}

std::string sqlite_version_text(std::uint32_t version) {
  return format("%u.%u.%u", version / 1000000, version / 1000 % 1000, version % 1000);
}

}  // namespace litetool
