#include "formats/ltx/detect.h"

#include <vector>

#include "formats/base/compress.h"
#include "formats/base/text.h"
#include "formats/ltx/decoder.h"
#include "formats/ltx/v01.h"

namespace litetool::ltx {
namespace {

constexpr std::size_t kProbeSize =
    132;                             // an empty v3 page block with its index and trailer, and more
constexpr std::size_t kBlock = 100;  // where the page block of a 100-byte header starts
constexpr std::uint32_t kLz4Magic = 0x04224d18;
constexpr int kRawProbes = 4;

struct Probe {
  const ByteSource& source;
  std::uint64_t offset;
  Extent extent;
  Bytes head;
  std::uint64_t size;  // from the offset to the end of the source

  template <typename T>
  bool holds(std::size_t at, T value) const {
    return at + sizeof(T) <= head.size() && load_be<T>(head.data() + at) == value;
  }
};

// Frames of pgno and page follow each other as they must, as far as a few looks tell.
bool raw_structure_fits(const Probe& p, const Header& h) {
  const std::uint64_t frame = 4 + std::uint64_t{h.page_size};
  const std::uint64_t fixed = header_size(h.variant) + 4 + kTrailerSize;
  if (p.extent == Extent::kWholeFile && (p.size < fixed || (p.size - fixed) % frame != 0)) {
    return false;
  }
  std::uint64_t at = header_size(h.variant);
  Pgno last = 0;
  for (int i = 0; i < kRawProbes; ++i, at += frame) {
    std::byte raw[4];
    const auto got = p.source.read_at(raw, p.offset + at);
    if (!got || *got != sizeof raw) return false;
    const auto pgno = load_be<std::uint32_t>(raw);
    if (pgno == 0) return p.extent != Extent::kWholeFile || at + 4 + kTrailerSize == p.size;
    if (pgno <= last || pgno > h.commit) return false;
    last = pgno;
  }
  return true;
}

// The 100-byte header is plausible: by the first byte behind it, which page blocks can follow?
std::vector<Variant> candidates_by_page_block(const Probe& p, const Header& h) {
  if (p.holds<std::uint32_t>(kBlock, 0)) {  // no pages: index (v2, v3) or trailer follows
    if (p.holds<std::uint8_t>(104, 0) && p.holds<std::uint64_t>(105, 1)) return {Variant::kV2};
    if (p.holds<std::uint16_t>(104, 0) && p.holds<std::uint8_t>(106, 0) &&
        p.holds<std::uint64_t>(107, 1)) {
      return {Variant::kV3Block};
    }
    return {Variant::kV1Raw};
  }
  std::vector<Variant> found;
  if (p.holds(104, kLz4Magic)) found.push_back(Variant::kV2);
  if (p.holds<std::uint16_t>(104, 0) && p.holds(106, kLz4Magic)) found.push_back(Variant::kV3Frame);
  if (p.holds(104, kPageFlagSized) && p.head.size() >= 110) {
    const auto size = load_be<std::uint32_t>(p.head.data() + 106);
    if (size != 0 && size <= lz4_block_bound(h.page_size)) found.push_back(Variant::kV3Block);
  }
  if (found.empty() || raw_structure_fits(p, h)) found.push_back(Variant::kV1Raw);
  return found;
}

// Frame-form and block-form pages may be mixed: a file is called after its first page, so both are
// one hypothesis and never compete. Among the rest only contents decide.
Result<Variant> decide_by_contents(const Probe& p, const std::vector<Variant>& candidates) {
  for (const Variant v : candidates) {
    auto decoder = Decoder::open_as(p.source, v, p.offset, p.extent);
    if (decoder && decoder->finish()) return v;
  }
  return candidates.front();
}

Error unknown_variant(const Probe& p, const std::string& tried) {
  if (p.head.size() < header_size(Variant::kV01)) {
    return Error::corrupt(p.offset + p.head.size(), "truncated: ends inside the header");
  }
  return Error::corrupt(p.offset, "unknown LTX variant, tried " + tried);
}

}  // namespace

Result<Variant> detect_variant(const ByteSource& source, std::uint64_t offset, Extent extent) {
  std::array<std::byte, kProbeSize> raw;
  LT_ASSIGN(const std::size_t got, source.read_at(raw, offset));
  const Bytes head = Bytes(raw).first(got);
  if (!looks_like_ltx(head)) return Error::corrupt(offset, "not an LTX file");
  const std::uint64_t size = source.size() > offset ? source.size() - offset : 0;
  const Probe p{source, offset, extent, head, size};
  if (p.holds(0, kMagicEncrypted)) {
    return Error(Errc::kUnsupported, "encrypted LTX files (LTX4) are not supported");
  }
  if (is_v01_header(head)) return Variant::kV01;
  if (head.size() >= 8 && (load_be<std::uint32_t>(head.data() + 4) & kFlagLz4Block) != 0) {
    return Variant::kV1Lz4;
  }
  const auto modern = decode_header(Variant::kV1Raw, head);
  if (modern) {
    const auto candidates = candidates_by_page_block(p, *modern);
    if (candidates.size() == 1) return candidates.front();
    return decide_by_contents(p, candidates);
  }
  std::string tried = "v1 to v3 (" + modern.error().text() + ")";
  for (const Variant v : {Variant::kV022, Variant::kV020}) {
    const auto old = decode_header(v, head);
    if (old && raw_structure_fits(p, *old)) return v;
    tried += ", " + std::string(variant_name(v)) + " (" +
             (old ? "size does not fit" : old.error().text()) + ")";
  }
  return unknown_variant(p, tried + ", v0.1 (header checksum)");
}

bool looks_like_ltx(Bytes head) {
  if (head.size() < 4) return false;
  const auto magic = load_be<std::uint32_t>(head.data());
  return magic == kMagic || magic == kMagicEncrypted;
}

}  // namespace litetool::ltx
