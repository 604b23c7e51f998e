#include "cmd/inspect_report.h"

#include <algorithm>

#include "formats/base/text.h"
#include "formats/ltx/variant.h"

namespace litetool {
namespace {

const char* text_of(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kUtf8:
      return "UTF-8";
    case TextEncoding::kUtf16le:
      return "UTF-16le";
    case TextEncoding::kUtf16be:
      return "UTF-16be";
  }
  return "unknown";
}

const char* text_of(AutoVacuum mode) {
  switch (mode) {
    case AutoVacuum::kNone:
      return "none";
    case AutoVacuum::kFull:
      return "full";
    case AutoVacuum::kIncremental:
      return "incremental";
  }
  return "unknown";
}

std::string hex_of(WalChecksum c) {
  return format("%08x%08x", c.s1, c.s2);
}

Json checksum_json(Checksum c) {
  return c.present() ? Json(c.text()) : Json(nullptr);
}

std::string scalar_text(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return printable(value.get<std::string>());
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const Json& v : value) parts.push_back(scalar_text(v));
    return join(parts, " ");
  }
  return value.dump();
}

void append_text(std::string& out, const Json& report, const std::string& indent) {
  std::size_t width = 0;
  for (const auto& [name, value] : report.items()) width = std::max(width, name.size());
  for (const auto& [name, value] : report.items()) {
    if (value.is_null()) continue;
    std::string label = name;
    std::ranges::replace(label, '_', ' ');
    if (value.is_object()) {
      out += indent + label + "\n";
      append_text(out, value, indent + "  ");
    } else {
      const std::string padding(width - name.size() + 2, ' ');
      out += indent + label + padding + scalar_text(value) + "\n";
    }
  }
}

}  // namespace

Json damage_json(const std::optional<Error>& damage) {
  if (!damage) return nullptr;
  return Json{{"message", damage->message},
              {"offset", damage->offset ? Json(*damage->offset) : Json(nullptr)}};
}

Json report_of(const DatabaseSummary& s) {
  const FileHeader& h = s.header;
  return Json{{"page_size", h.page_size},
              {"size_pages", h.size_is_valid() ? h.size_pages : s.file_pages},
              {"file_pages", s.file_pages},
              {"journal_mode", h.wal() ? "wal" : "rollback"},
              {"change_counter", h.change_counter},
              {"freelist_count", h.freelist_count},
              {"freelist_trunk", h.freelist_trunk},
              {"schema_cookie", h.schema_cookie},
              {"schema_format", h.schema_format},
              {"auto_vacuum", text_of(h.auto_vacuum())},
              {"text_encoding", text_of(h.text_encoding)},
              {"user_version", static_cast<std::int32_t>(h.user_version)},
              {"application_id", static_cast<std::int32_t>(h.application_id)},
              {"reserved_bytes", h.reserved_bytes},
              {"default_cache_size", static_cast<std::int32_t>(h.default_cache_size)},
              {"sqlite_version", sqlite_version_text(h.sqlite_version)},
              {"damage", damage_json(s.damage)}};
}

Json report_of(const WalSummary& s) {
  return Json{{"page_size", s.header.page_size},
              {"checksum_byte_order", s.header.big_endian_checksum ? "big" : "little"},
              {"checkpoint_seq", s.header.checkpoint_seq},
              {"salts", hex16(s.header.salts)},
              {"frames", s.frames},
              {"valid_frames", s.valid_frames},
              {"committed_frames", s.committed.frame},
              {"committed_checksum",
               s.transactions != 0 ? Json(hex_of(s.committed.checksum)) : Json(nullptr)},
              {"transactions", s.transactions},
              {"size_pages", s.transactions != 0 ? Json(s.size_pages) : Json(nullptr)},
              {"ends_with", s.end ? Json(frame_verdict_text(*s.end)) : Json(nullptr)},
              {"damage", damage_json(s.damage)}};
}

Json report_of(const WalIndexSummary& s) {
  Json report{{"state", wal_index_verdict_text(s.look.verdict)}};
  const WalIndexHeader& h = s.look.header;
  const bool known = s.look.verdict == WalIndexVerdict::kOk;
  const auto field = [&](const char* name, const Json& value) {
    report[name] = known ? value : Json(nullptr);
  };
  Json marks = Json::array();
  for (const std::uint32_t mark : h.read_marks) {
    marks.push_back(mark == kReadMarkUnused ? Json(nullptr) : Json(mark));
  }
  field("page_size", h.page_size);
  field("checksum_byte_order", h.big_endian_checksum ? "big" : "little");
  field("change_counter", h.change_counter);
  field("salts", hex16(h.salts));
  field("mx_frame", h.mx_frame);
  field("frame_checksum", hex_of(h.frame_checksum));
  field("size_pages", h.size_pages);
  field("n_backfill", h.n_backfill);
  field("n_backfill_attempted", h.n_backfill_attempted);
  field("read_marks", marks);
  report["damage"] = damage_json(s.damage);
  return report;
}

Json report_of(const JournalSummary& s) {
  Json report{{"state", journal_state_text(s.state)}};
  const auto field = [&](const char* name, std::uint32_t JournalHeader::*member) {
    report[name] = s.header ? Json((*s.header).*member) : Json(nullptr);
  };
  field("page_size", &JournalHeader::page_size);
  field("sector_size", &JournalHeader::sector_size);
  field("initial_pages", &JournalHeader::initial_pages);
  report["nonce"] = s.header ? Json(format("%08x", s.header->nonce)) : Json(nullptr);
  report["segments"] = s.segments;
  report["records"] = s.records;
  report["super_journal"] = s.super_journal ? Json(printable(*s.super_journal)) : Json(nullptr);
  report["damage"] = damage_json(s.damage);
  return report;
}

Json report_of(const ltx::Header& h, const ltx::Tail& tail) {
  const bool has_time = h.timestamp_ms != 0;
  return Json{{"variant", std::string(ltx::variant_name(h.variant))},
              {"snapshot", h.is_snapshot()},
              {"page_size", h.page_size},
              {"commit", h.commit},
              {"min_txid", h.min_txid.text()},
              {"max_txid", h.max_txid.text()},
              {"timestamp", has_time ? Json(rfc3339_ms(h.timestamp_ms)) : Json(nullptr)},
              {"pages", tail.page_count},
              {"pre_apply", checksum_json(h.pre_apply)},
              {"post_apply", checksum_json(tail.trailer.post_apply)},
              {"file_checksum", checksum_json(tail.trailer.file_checksum)},
              {"wal_offset", h.wal_offset},
              {"wal_size", h.wal_size},
              {"wal_salts", hex16(std::uint64_t{h.wal_salt1} << 32 | h.wal_salt2)},
              {"node_id", hex16(h.node_id)}};
}

Json report_of(const LtxSummary& s, bool segment) {
  Json report;
  if (segment) {
    report["images"] = s.images.size();
    report["first"] = nullptr;
    report["last"] = nullptr;
    if (!s.images.empty()) {
      report["first"] = report_of(s.images.front().header, s.images.front().tail);
      report["last"] = report_of(s.images.back().header, s.images.back().tail);
    }
  } else if (!s.images.empty()) {
    report = report_of(s.images.front().header, s.images.front().tail);
  }
  report["damage"] = damage_json(s.damage);
  return report;
}

std::string report_text(const Json& report) {
  std::string out;
  append_text(out, report, "");
  return out;
}

}  // namespace litetool
