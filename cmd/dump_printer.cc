#include "cmd/dump_printer.h"

#include "cmd/command.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

const char* payload_text(ltx::PayloadKind kind) {
  switch (kind) {
    case ltx::PayloadKind::kRaw:
      return "raw";
    case ltx::PayloadKind::kLz4Block:
      return "lz4 block";
    case ltx::PayloadKind::kLz4Frame:
      return "lz4 frame";
  }
  return "";
}

std::string decimal(std::int64_t n) {
  return std::to_string(n);
}

class TextPrinter : public DumpPrinter {
 public:
  using DumpPrinter::DumpPrinter;

  void header(const ltx::Header& h, std::uint64_t offset) override {
    note_header(h, {});
    std::string t = "# HEADER\n";
    const auto field = [&t](const char* label, const std::string& value) {
      t += label + value + "\n";
    };
    field("Version:   ", std::to_string(ltx::library_version(h.variant)));
    field("Flags:     ", format("0x%08x", h.flags));
    field("Page size: ", std::to_string(h.page_size));
    field("Commit:    ", std::to_string(h.commit));
    field("Min TXID:  ", h.min_txid.text() + " (" + std::to_string(h.min_txid.value) + ")");
    field("Max TXID:  ", h.max_txid.text() + " (" + std::to_string(h.max_txid.value) + ")");
    field("Timestamp: ",
          rfc3339_trimmed(h.timestamp_ms) + " (" + decimal(h.timestamp_stored) + ")");
    field("Pre-apply: ", h.pre_apply.text());
    field("WAL offset: ", decimal(h.wal_offset));
    field("WAL size:   ", decimal(h.wal_size));
    field("WAL salt:   ", format("%08x %08x", h.wal_salt1, h.wal_salt2));
    field("Variant:    ", std::string(ltx::variant_name(h.variant)));
    field("Node ID:    ", hex16(h.node_id));
    field("Offset:     ", std::to_string(offset));
    if (ltx::has_dbid(h.variant)) field("DBID:       ", std::to_string(h.dbid));
    if (h.v01) {
      field("Events:     ", std::to_string(h.v01->event_count) + " (" +
                                std::to_string(h.v01->event_bytes) + " bytes)");
      field("Header block checksum: ", h.v01->header_block_checksum.text());
      field("Page block checksum:   ", h.v01->page_block_checksum.text());
    }
    out_.text(t + "\n# PAGE DATA\n");
  }

  void raw_header(Bytes head, std::uint64_t offset) override {
    out_.text("# HEADER\n" + hexdump(head, offset));
  }

  void frame(const DumpedFrame& f) override {
    const Pgno pgno = f.frame.pgno;
    if (pgno == 1) note_header({}, f.page);
    if (!wanted(pgno)) return;
    std::string t = "Frame #" + std::to_string(f.number) + ": pgno=" + std::to_string(pgno) + "\n";
    const std::string owner = owner_of(pgno);
    t +=
        "  " + std::string(f.page.empty() ? "not readable" : page_kind_text(kind_of(pgno, f.page)));
    if (!owner.empty()) t += " of " + printable(owner);
    t += ", " + std::string(payload_text(f.frame.kind)) + ", " + std::to_string(f.frame.size()) +
         " bytes";
    if (variant_ != ltx::Variant::kV1Lz4) t += " at " + std::to_string(f.offset);
    t += "\n";
    if (view_.hex) t += hexdump(f.page) + "\n";
    out_.text(t);
  }

  void index_entry(const ltx::IndexEntry& e) override {
    if (!index_begun_) out_.text("\n# PAGE INDEX\n");
    index_begun_ = true;
    if (!wanted(e.pgno)) return;
    out_.line("pgno=" + std::to_string(e.pgno) + " offset=" + std::to_string(e.offset) +
              " size=" + std::to_string(e.size));
  }

  void trailer(const ltx::Trailer& t) override {
    out_.text("\n# TRAILER\nPost-apply:    " + t.post_apply.text() +
              "\nFile Checksum: " + t.file_checksum.text() + "\n");
    index_begun_ = false;
  }

  void damage(const Error& e) override {
    note_damage(e);
    out_.line(out_.paint(Colour::kRed, "! " + printable(e.text())));
  }

 private:
  bool index_begun_ = false;
};

class JsonPrinter : public DumpPrinter {
 public:
  using DumpPrinter::DumpPrinter;

  void header(const ltx::Header& h, std::uint64_t offset) override {
    note_header(h, {});
    Json j{{"type", "header"},
           {"offset", offset},
           {"variant", ltx::variant_name(h.variant)},
           {"version", ltx::library_version(h.variant)},
           {"flags", h.flags},
           {"page_size", h.page_size},
           {"commit", h.commit},
           {"min_txid", h.min_txid.text()},
           {"max_txid", h.max_txid.text()},
           {"timestamp", h.timestamp_ms == 0 ? Json() : Json(rfc3339_ms(h.timestamp_ms))},
           {"timestamp_stored", h.timestamp_stored},
           {"pre_apply", h.pre_apply.text()},
           {"wal_offset", h.wal_offset},
           {"wal_size", h.wal_size},
           {"wal_salts", hex16(std::uint64_t{h.wal_salt1} << 32 | h.wal_salt2)},
           {"node_id", hex16(h.node_id)},
           {"dbid", ltx::has_dbid(h.variant) ? Json(h.dbid) : Json()},
           {"events", h.v01 ? Json(h.v01->event_count) : Json()}};
    out_.json_line(j);
  }

  void raw_header(Bytes head, std::uint64_t offset) override {
    out_.json_line(Json{{"type", "raw_header"}, {"offset", offset}, {"bytes", to_hex(head)}});
  }

  void frame(const DumpedFrame& f) override {
    const Pgno pgno = f.frame.pgno;
    if (pgno == 1) note_header({}, f.page);
    if (!wanted(pgno)) return;
    const std::string owner = owner_of(pgno);
    Json j{{"type", "frame"},
           {"number", f.number},
           {"pgno", pgno},
           {"offset", variant_ == ltx::Variant::kV1Lz4 ? Json() : Json(f.offset)},
           {"size_bytes", f.frame.size()},
           {"payload", payload_text(f.frame.kind)},
           {"readable", !f.page.empty()},
           {"kind", f.page.empty() ? Json() : Json(page_kind_text(kind_of(pgno, f.page)))},
           {"owner", owner.empty() ? Json() : Json(owner)},
           {"bytes", view_.hex ? Json(to_hex(f.page)) : Json()}};
    out_.json_line(j);
  }

  void index_entry(const ltx::IndexEntry& e) override {
    if (!wanted(e.pgno)) return;
    out_.json_line(
        Json{{"type", "index"}, {"pgno", e.pgno}, {"offset", e.offset}, {"size_bytes", e.size}});
  }

  void trailer(const ltx::Trailer& t) override {
    out_.json_line(Json{{"type", "trailer"},
                        {"post_apply", t.post_apply.text()},
                        {"file_checksum", t.file_checksum.text()}});
  }

  void damage(const Error& e) override {
    note_damage(e);
    out_.json_line(Json{{"type", "problem"},
                        {"offset", e.offset ? Json(*e.offset) : Json()},
                        {"code", name_of(e.code)},
                        {"message", e.message}});
  }
};

}  // namespace

PageKind DumpPrinter::kind_of(Pgno pgno, Bytes page) const {
  if (view_.owners != nullptr && pgno < view_.owners->kinds.size() &&
      view_.owners->kinds[pgno] != PageKind::kUnknown) {
    return view_.owners->kinds[pgno];
  }
  return guess_page_kind(page, pgno, database_, commit_);
}

std::string DumpPrinter::owner_of(Pgno pgno) const {
  if (view_.owners == nullptr || pgno >= view_.owners->kinds.size()) return "";
  const SchemaRow* row = view_.owners->owner(pgno);
  return row == nullptr ? "" : row->name;
}

void DumpPrinter::note_header(const ltx::Header& header, Bytes first_page) {
  if (first_page.empty()) {
    if (header.page_size == 0) return;  // page 1 could not be read
    database_ = FileHeader{};
    database_.page_size = header.page_size;
    commit_ = header.commit;
    variant_ = header.variant;
    return;
  }
  const auto database = decode_file_header(first_page);
  if (database && database->page_size == first_page.size()) database_ = *database;
}

void DumpPrinter::note_damage(const Error& error) {
  if (!first_damage_) first_damage_ = error;
}

std::unique_ptr<DumpPrinter> make_dump_printer(Output& out, const DumpView& view) {
  if (out.json_mode()) return std::make_unique<JsonPrinter>(out, view);
  return std::make_unique<TextPrinter>(out, view);
}

}  // namespace litetool
