#include "core/history/redo_record.h"

#include <algorithm>

#include "formats/base/crc64.h"

namespace litetool {
namespace {

constexpr std::uint64_t kMagic = 0x6c69'7472'6564'6f31;  // "litredo1"
constexpr std::size_t kChecksumAt = 8;
constexpr std::size_t kChecked = 16;  // the checksum is of what is from here on
constexpr std::size_t kBootIdSize = 64;
constexpr std::size_t kNameSize = 32;
constexpr std::size_t kHeaderSize = 152;
constexpr std::size_t kReplacedSize = 9;

void put_text(ByteWriter& fields, std::string_view text, std::size_t size) {
  LT_CHECK(text.size() <= size);
  fields.bytes(as_bytes(text));
  fields.zeros(size - text.size());
}

std::string text_of(Bytes field) {
  const std::string text(reinterpret_cast<const char*>(field.data()), field.size());
  return text.substr(0, text.find('\0'));
}

}  // namespace

std::uint64_t redo_record_size(const FilePart& part) {
  return kHeaderSize + part.replaced.size() * kReplacedSize + (part.size - part.from);
}

Status write_redo_record(const RedoRecord& record, const ByteSource& segment, MutableBytes out) {
  const FilePart& part = record.part;
  LT_CHECK(out.size() == redo_record_size(part));
  Buffer head;
  head.reserve(out.size() - (part.size - part.from));
  ByteWriter fields(head);
  fields.be(kMagic);
  fields.be(std::uint64_t{0});
  fields.be(static_cast<std::uint32_t>(out.size()));
  fields.be(static_cast<std::uint32_t>(part.replaced.size()));
  fields.be(record.generation);
  fields.be(record.number);
  fields.be(part.from);
  fields.be(part.size);
  put_text(fields, record.boot_id, kBootIdSize);
  put_text(fields, record.segment, kNameSize);
  for (const ReplacedByte& replaced : part.replaced) {
    fields.be(replaced.offset);
    fields.be(static_cast<std::uint8_t>(replaced.value));
  }
  std::ranges::copy(head, out.begin());
  LT_TRY(segment.read_exact(out.subspan(head.size()), part.from));
  store_be(out.data() + kChecksumAt, crc64(0, out.subspan(kChecked)));
  return {};
}

std::optional<FoundRedoRecord> read_redo_record(Bytes bytes) {
  ByteReader reader(bytes);
  const auto magic = reader.be<std::uint64_t>();
  const auto checksum = reader.be<std::uint64_t>();
  const auto length = reader.be<std::uint32_t>();
  const auto count = reader.be<std::uint32_t>();
  if (magic != kMagic || length < kHeaderSize || length > bytes.size()) return std::nullopt;
  if (crc64(0, bytes.first(length).subspan(kChecked)) != checksum) return std::nullopt;
  FoundRedoRecord found;
  found.size = length;
  RedoRecord& record = found.record;
  record.generation = reader.be<std::uint64_t>();
  record.number = reader.be<std::uint64_t>();
  record.part.from = reader.be<std::uint64_t>();
  record.part.size = reader.be<std::uint64_t>();
  record.boot_id = text_of(reader.bytes(kBootIdSize));
  record.segment = text_of(reader.bytes(kNameSize));
  if (count > (length - kHeaderSize) / kReplacedSize) return std::nullopt;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto offset = reader.be<std::uint64_t>();
    record.part.replaced.push_back({offset, std::byte{reader.be<std::uint8_t>()}});
  }
  const FilePart& part = record.part;
  found.appended = bytes.subspan(reader.position(), length - reader.position());
  const bool adds_up = part.from <= part.size && part.size - part.from == found.appended.size() &&
                       std::ranges::all_of(part.replaced, [&](const ReplacedByte& replaced) {
                         return replaced.offset < part.from;
                       });
  return adds_up ? std::optional(std::move(found)) : std::nullopt;
}

}  // namespace litetool
