#include "formats/ltx/header.h"

#include "formats/base/text.h"
#include "formats/ltx/v01.h"

namespace litetool::ltx {
namespace {

// Old files count in seconds, but not all of them: what is below this would, as milliseconds, lie
// before March 1973.
constexpr std::int64_t kFirstPlausibleMs = 100'000'000'000;
constexpr std::size_t kReservedOffset = 80;
constexpr std::size_t kDbidHeaderEnd = 52;

// Where the fields that move between layouts stand, for error offsets.
struct FieldOffsets {
  std::uint64_t commit, txids, pre_apply;
};
FieldOffsets field_offsets(Variant v) {
  if (v == Variant::kV01) return {24, 32, 56};
  return has_dbid(v) ? FieldOffsets{12, 20, 44} : FieldOffsets{12, 16, 40};
}

Header decode_dbid_header(Variant variant, Bytes b) {
  ByteReader r(b.first(kDbidHeaderEnd));
  Header h;
  h.variant = variant;
  r.skip(4);
  h.flags = r.be<std::uint32_t>();
  h.page_size = r.be<std::uint32_t>();
  h.commit = r.be<std::uint32_t>();
  h.dbid = r.be<std::uint32_t>();
  h.min_txid.value = r.be<std::uint64_t>();
  h.max_txid.value = r.be<std::uint64_t>();
  h.timestamp_stored = static_cast<std::int64_t>(r.be<std::uint64_t>());
  h.pre_apply.value = r.be<std::uint64_t>();
  return h;
}

Header decode_v1_header(Variant variant, Bytes b) {
  ByteReader r(b.first(kMaxHeaderSize));
  Header h;
  h.variant = variant;
  r.skip(4);
  h.flags = r.be<std::uint32_t>();
  h.page_size = r.be<std::uint32_t>();
  h.commit = r.be<std::uint32_t>();
  h.min_txid.value = r.be<std::uint64_t>();
  h.max_txid.value = r.be<std::uint64_t>();
  h.timestamp_stored = static_cast<std::int64_t>(r.be<std::uint64_t>());
  h.pre_apply.value = r.be<std::uint64_t>();
  h.wal_offset = static_cast<std::int64_t>(r.be<std::uint64_t>());
  h.wal_size = static_cast<std::int64_t>(r.be<std::uint64_t>());
  h.wal_salt1 = r.be<std::uint32_t>();
  h.wal_salt2 = r.be<std::uint32_t>();
  h.node_id = r.be<std::uint64_t>();
  return h;
}

std::int64_t to_ms(Variant variant, std::int64_t stored) {
  const bool maybe_seconds = variant <= Variant::kV1Raw;
  return maybe_seconds && stored > 0 && stored < kFirstPlausibleMs ? stored * 1000 : stored;
}

Status validate_txids_and_checksum(const Header& h) {
  const FieldOffsets at = field_offsets(h.variant);
  if (h.min_txid.value == 0) return Error::corrupt(at.txids, "min TXID is 0");
  if (h.max_txid < h.min_txid) {
    return Error::corrupt(
        at.txids + 8, "max TXID " + h.max_txid.text() + " is below min TXID " + h.min_txid.text());
  }
  if (!h.has_checksums()) {
    if (h.pre_apply.present()) {
      return Error::corrupt(at.pre_apply, "pre-apply checksum in a file without checksums");
    }
    return {};
  }
  if (h.is_snapshot() && h.pre_apply.present()) {
    return Error::corrupt(at.pre_apply, "snapshot with a pre-apply checksum");
  }
  if (!h.is_snapshot() && !h.pre_apply.present()) {
    return Error::corrupt(at.pre_apply, "no pre-apply checksum");
  }
  if (h.pre_apply.present() && !h.pre_apply.well_formed()) {
    return Error::corrupt(at.pre_apply, "malformed pre-apply checksum " + h.pre_apply.text());
  }
  return {};
}

// From 0.3.15 on the size may be 0 although offset and salts are set, so that is accepted
// everywhere.
Status validate_wal_fields(const Header& h) {
  if (h.wal_offset < 0) return Error::corrupt(48, "negative WAL offset");
  if (h.wal_size < 0) return Error::corrupt(56, "negative WAL size");
  if (h.wal_offset == 0 && h.wal_size != 0) return Error::corrupt(56, "WAL size without offset");
  if (h.wal_offset == 0 && (h.wal_salt1 != 0 || h.wal_salt2 != 0)) {
    return Error::corrupt(64, "WAL salt without offset");
  }
  return {};
}

Status check_reserved(Bytes b, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    if (b[i] != std::byte{0}) return Error::corrupt(i, "reserved header bytes are not zero");
  }
  return {};
}

}  // namespace

Result<Header> decode_header(Variant variant, Bytes b) {
  if (b.size() < header_size(variant)) {
    return Error::corrupt(b.size(), "truncated: ends inside the header");
  }
  const auto magic = load_be<std::uint32_t>(b.data());
  if (magic == kMagicEncrypted) {
    return Error(Errc::kUnsupported, "encrypted LTX files (LTX4) are not supported");
  }
  if (magic != kMagic) return Error::corrupt(0, "not an LTX file");
  Header h;
  if (variant == Variant::kV01) {
    LT_ASSIGN(h, decode_v01_header(b));
  } else if (has_dbid(variant)) {
    h = decode_dbid_header(variant, b);
    if (variant == Variant::kV022) LT_TRY(check_reserved(b, kDbidHeaderEnd, kMaxHeaderSize));
  } else {
    h = decode_v1_header(variant, b);
    LT_TRY(check_reserved(b, kReservedOffset, kMaxHeaderSize));
  }
  h.timestamp_ms = to_ms(variant, h.timestamp_stored);
  LT_TRY(validate(h));
  return h;
}

Result<Header> read_header(const ByteSource& source, Variant variant, std::uint64_t offset,
                           HeaderBytes& raw) {
  LT_ASSIGN(const std::size_t got, source.read_at(raw, offset));
  auto header = decode_header(variant, Bytes(raw).first(got));
  if (header) return header;
  Error e = std::move(header).error();
  if (e.offset) *e.offset += offset;
  return e;
}

Result<Header> read_header(const ByteSource& source, Variant variant, std::uint64_t offset) {
  HeaderBytes raw{};
  return read_header(source, variant, offset, raw);
}

HeaderBytes encode_header(const Header& h) {
  LT_CHECK(is_writable(h.variant));
  HeaderBytes b{};
  std::byte* p = b.data();
  store_be(p, kMagic);
  store_be(p + 4, h.flags);
  store_be(p + 8, h.page_size);
  store_be(p + 12, h.commit);
  store_be(p + 16, h.min_txid.value);
  store_be(p + 24, h.max_txid.value);
  store_be(p + 32, static_cast<std::uint64_t>(h.timestamp_ms));
  store_be(p + 40, h.pre_apply.value);
  store_be(p + 48, static_cast<std::uint64_t>(h.wal_offset));
  store_be(p + 56, static_cast<std::uint64_t>(h.wal_size));
  store_be(p + 64, h.wal_salt1);
  store_be(p + 68, h.wal_salt2);
  store_be(p + 72, h.node_id);
  return b;
}

Status validate(const Header& h) {
  const std::uint32_t needed = h.variant == Variant::kV1Lz4 ? kFlagLz4Block : 0;
  if ((h.flags & ~flag_mask(h.variant)) != 0 || (h.flags & needed) != needed) {
    return Error::corrupt(4, format("invalid header flags 0x%08x", h.flags));
  }
  if (!is_page_size(h.page_size)) {
    return Error::corrupt(8, format("invalid page size %u", h.page_size));
  }
  if (h.commit == 0 && !allows_drop(h.variant)) {
    return Error::corrupt(field_offsets(h.variant).commit, "commit is 0");
  }
  if (has_dbid(h.variant) && h.dbid == 0) {
    return Error::corrupt(h.variant == Variant::kV01 ? 28 : 16, "database id is 0");
  }
  LT_TRY(validate_txids_and_checksum(h));
  return has_dbid(h.variant) ? Status() : validate_wal_fields(h);
}

Status validate(const Trailer& t, const Header& h) {
  if (!h.has_checksums()) {
    if (t.post_apply.present()) {
      return Error::corrupt(0, "post-apply checksum in a file without checksums");
    }
  } else if (!t.post_apply.well_formed()) {
    return Error::corrupt(0, t.post_apply.present()
                                 ? "malformed post-apply checksum " + t.post_apply.text()
                                 : std::string("no post-apply checksum"));
  } else if (h.commit == 0 && t.post_apply != kEmptyDatabase) {
    return Error::corrupt(0, "post-apply checksum " + t.post_apply.text() +
                                 " of a dropped database, not " + kEmptyDatabase.text());
  }
  if (!t.file_checksum.well_formed()) {
    return Error::corrupt(8, "malformed file checksum " + t.file_checksum.text());
  }
  return {};
}

std::string file_name(TxidRange range) {
  return range.min.text() + "-" + range.max.text() + ".ltx";
}

Result<TxidRange> parse_file_name(std::string_view name) {
  const Error bad(Errc::kCorrupt, "not an LTX file name: '" + printable(name) + "'");
  if (name.size() != 16 + 1 + 16 + 4 || name[16] != '-' || name.substr(33) != ".ltx") return bad;
  if (name.find_first_of("ABCDEF") != std::string_view::npos) return bad;
  const auto min = parse_hex16(name.substr(0, 16));
  const auto max = parse_hex16(name.substr(17, 16));
  if (!min || !max || *min == 0 || *max < *min) return bad;
  return TxidRange{Txid{*min}, Txid{*max}};
}

}  // namespace litetool::ltx
