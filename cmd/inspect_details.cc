#include "cmd/inspect_details.h"

#include "formats/base/text.h"
#include "formats/sqlite/page_map.h"

namespace litetool {
namespace {

constexpr std::uint32_t kCheckEvery = 4096;  // lines between looks at the stop flag

std::string hex_of(WalChecksum c) {
  return format("%08x%08x", c.s1, c.s2);
}

// A frame can continue the chain of one that is not valid itself: SQLite never reads it.
std::string verdict_of(const WalFrame& frame, const WalSummary& wal) {
  if (frame.ok() && frame.number > wal.valid_frames) return "behind the end";
  if (frame.ok() && frame.number > wal.committed.frame) return "ok, not committed";
  return frame_verdict_text(frame.verdict);
}

void print_page(Pgno pgno, const PageMap& map, std::uint64_t offset, Output& out) {
  const SchemaRow* owner = map.owner(pgno);
  const char* kind = page_kind_text(map.kinds[pgno]);
  if (out.json_mode()) {
    out.json_line(Json{{"type", "page"},
                       {"pgno", pgno},
                       {"offset", offset},
                       {"kind", kind},
                       {"owner_type", owner ? Json(printable(owner->type)) : Json(nullptr)},
                       {"owner", owner ? Json(printable(owner->name)) : Json(nullptr)}});
    return;
  }
  const std::string name = owner ? printable(owner->type + " " + owner->name) : "-";
  out.line(format("%10u  %14llu  %-14s  ", pgno, static_cast<unsigned long long>(offset), kind) +
           name);
}

Status print_problems(const PageMap& map, Output& out) {
  if (map.problems.empty()) return {};
  for (const PageProblem& p : map.problems) {
    if (out.json_mode()) {
      out.json_line(Json{{"type", "problem"},
                         {"pgno", p.pgno},
                         {"offset", p.offset},
                         {"message", printable(p.message)}});
    } else {
      out.line("problem: " + printable(p.message) + " at offset " + std::to_string(p.offset));
    }
  }
  const PageProblem& first = map.problems.front();
  return Error::corrupt(first.offset, format("%llu problems, the first: ",
                                             static_cast<unsigned long long>(map.problem_count)) +
                                          printable(first.message));
}

}  // namespace

Status print_frames(const ByteSource& file, const WalSummary& wal, Context& context) {
  Output& out = context.out;
  if (!out.json_mode()) {
    out.line(
        "\n     frame          offset        page      commit             salts"
        "          checksum  verdict");
  }
  WalScanner scanner(file, wal.header, wal_start(wal.header),
                     std::numeric_limits<std::uint32_t>::max(), WalScanner::Extent::kWholeFile);
  while (true) {
    LT_ASSIGN(const std::optional<WalFrame> f, scanner.next());
    if (!f) return {};
    if (f->number % kCheckEvery == 0) LT_TRY(context.job(1).check());
    const std::string verdict = verdict_of(*f, wal);
    if (out.json_mode()) {
      out.json_line(Json{{"type", "frame"},
                         {"number", f->number},
                         {"offset", f->offset},
                         {"pgno", f->pgno},
                         {"commit", f->commit},
                         {"salts", hex16(f->salts)},
                         {"checksum", hex_of(f->checksum)},
                         {"verdict", verdict}});
    } else {
      out.line(format("%10u  %14llu  %10u  %10u  ", f->number,
                      static_cast<unsigned long long>(f->offset), f->pgno, f->commit) +
               hex16(f->salts) + "  " + hex_of(f->checksum) + "  " + verdict);
    }
  }
}

Status print_records(const ByteSource& file, std::uint32_t page_size, Context& context) {
  Output& out = context.out;
  Result<JournalReader> reader = JournalReader::open(file, page_size);
  if (!reader && reader.error().code == Errc::kNotFound) return {};
  if (!reader) return std::move(reader).error();
  if (!out.json_mode()) {
    out.line("\n   segment      record          offset        page  checksum  verdict");
  }
  while (true) {
    LT_ASSIGN(const std::optional<JournalRecord> r, reader->next());
    if (!r) return {};
    if (r->number % kCheckEvery == 0) LT_TRY(context.job(1).check());
    const char* verdict = journal_record_verdict_text(r->verdict);
    if (out.json_mode()) {
      out.json_line(Json{{"type", "record"},
                         {"segment", r->segment + 1},
                         {"number", r->number},
                         {"offset", r->offset},
                         {"pgno", r->pgno},
                         {"checksum", format("%08x", r->checksum)},
                         {"verdict", verdict}});
    } else {
      out.line(format("%10u  %10u  %14llu  %10u  %08x  %s", r->segment + 1, r->number,
                      static_cast<unsigned long long>(r->offset), r->pgno, r->checksum, verdict));
    }
  }
}

Status print_pages(const ByteSource& file, const FileHeader& header, Context& context) {
  Buffer page;
  const DatabaseView view = view_of_file(file, header, page);
  LT_ASSIGN(const PageMap map, map_pages(view));
  if (!context.out.json_mode()) {
    context.out.line("\n      page          offset  kind            owner");
  }
  for (std::uint64_t pgno = 1; pgno <= view.size_pages; ++pgno) {
    if (pgno % kCheckEvery == 0) LT_TRY(context.job(1).check());
    print_page(static_cast<Pgno>(pgno), map, view.offset_of(static_cast<Pgno>(pgno)), context.out);
  }
  return print_problems(map, context.out);
}

}  // namespace litetool
