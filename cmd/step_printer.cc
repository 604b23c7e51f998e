#include "cmd/step_printer.h"

#include <strings.h>

#include <algorithm>
#include <limits>

#include "cmd/point_args.h"
#include "core/history/marks.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kReach = 10'000;  // images that are looked at for the tables
constexpr const char* kLine = "%-16s  %-29s  %7s  %10s  %10s  %s";

std::string names_of(const StepReport& report) {
  std::vector<std::string> names;
  if (report.tables) {
    for (const auto& [name, pages] : *report.tables) names.push_back(printable(name));
  }
  return join(names, ", ");
}

}  // namespace

Result<Marks> marks_of(Context& context, const SourcePlace& place) {
  if (place.kind != SourceKind::kLitetool) return Marks();
  return read_marks(context.env, kCwd, place.folders.front());
}

std::string notes_text(const Step& step, const Marks& marks) {
  const ltx::Header& h = step.image.header;
  std::string notes;
  if (h.commit == 0) notes += " [removed]";
  if (h.is_snapshot()) notes += " [snapshot]";
  if (!h.is_snapshot() && h.min_txid != h.max_txid) {
    notes += " [" + grouped(h.max_txid.value - h.min_txid.value + 1) + " transactions from " +
             h.min_txid.text() + " on]";
  }
  const auto mark = marks.find(h.max_txid);
  if (mark != marks.end()) notes += " [inferred: " + printable(mark->second) + "]";
  return notes.empty() ? notes : notes.substr(1);
}

// SQLite's names of tables are the same in capitals.
bool has_table(const TouchedTables& tables, const std::string& name) {
  return std::ranges::any_of(tables, [&](const auto& touched) {
    return ::strcasecmp(touched.first.c_str(), name.c_str()) == 0;
  });
}

Result<std::optional<StepReport>> report_on(StepReader& reader, const Step& step, bool all,
                                            const std::string& table) {
  StepReport report{step, 0, std::nullopt, std::nullopt};
  const bool needed = all || !table.empty();
  auto tables = reader.tables(needed ? std::numeric_limits<std::size_t>::max() : kReach);
  if (tables) {
    report.tables = *std::move(tables);
  } else if (needed || tables.error().code == Errc::kInterrupted) {
    return std::move(tables).error().with(step.txid().text());
  } else if (tables.error().code != Errc::kTimeout) {
    report.why_no_tables = tables.error();
  }
  if (!table.empty() && !has_table(*report.tables, table)) return std::optional<StepReport>();
  LT_ASSIGN(report.pages, reader.count_pages());
  return std::optional(std::move(report));
}

Json step_json(const StepReport& report, const Marks& marks) {
  const ltx::Header& h = report.step.image.header;
  const auto mark = marks.find(h.max_txid);
  Json tables;
  if (report.tables) {
    tables = Json::array();
    for (const auto& [name, pages] : *report.tables) {
      tables.push_back(Json{{"name", name}, {"pages", pages}});
    }
  }
  return Json{{"txid", h.max_txid.text()},
              {"min_txid", h.min_txid.text()},
              {"time", time_json(report.step.time_ms)},
              {"snapshot", h.is_snapshot()},
              {"pages", report.pages},
              {"bytes", report.step.image.size},
              {"page_size", h.page_size},
              {"commit", h.commit},
              {"size_bytes", std::uint64_t{h.page_size} * h.commit},
              {"why", mark == marks.end() ? Json() : Json(mark->second)},
              {"tables", tables}};
}

Status StepPrinter::read_marks_of(const SourcePlace& place) {
  LT_ASSIGN(marks_, marks_of(context_, place));
  return {};
}

void StepPrinter::print(const StepReport& report) {
  if (report.why_no_tables && !failed_) {
    failed_ = report.why_no_tables;
    context_.out.warn("the tables of " + report.step.txid().text() +
                      " cannot be found: " + failed_->text());
  }
  if (context_.out.json_mode()) {
    context_.out.json_line(step_json(report, marks_));
    return;
  }
  print_line(report);
  left_out_ = left_out_ || (!report.tables && !report.why_no_tables);
  if (!stat_ || !report.tables) return;
  for (const auto& [name, pages] : *report.tables) {
    context_.out.line("    " + printable(name) + ": " + grouped(pages) +
                      (pages == 1 ? " page" : " pages"));
  }
}

void StepPrinter::print_line(const StepReport& report) {
  if (!has_title_) {
    context_.out.line(format(kLine, "TXID", "TIME", "PAGES", "BYTES", "SIZE AFTER", "TABLES"));
    has_title_ = true;
  }
  const ltx::Header& h = report.step.image.header;
  std::string what = names_of(report);
  const std::string notes = notes_text(report.step, marks_);
  if (!what.empty() && !notes.empty()) what += " ";
  what += notes;
  std::string line =
      format(kLine, h.max_txid.text().c_str(), local_time_text(report.step.time_ms).c_str(),
             grouped(report.pages).c_str(), grouped(report.step.image.size).c_str(),
             human_size(std::uint64_t{h.page_size} * h.commit).c_str(), what.c_str());
  line.erase(line.find_last_not_of(' ') + 1);
  context_.out.line(line);
}

void StepPrinter::gap(const Step& older, const Step& newer) {
  const Txid first{older.txid().value + 1};
  const ltx::Header& h = newer.image.header;
  const Txid next = h.is_snapshot() ? h.max_txid : h.min_txid;
  if (next <= first) return;
  context_.out.note("transactions " + first.text() + " to " + Txid{next.value - 1}.text() +
                    " are not in the history");
}

void StepPrinter::end() {
  if (!left_out_) return;
  context_.out.note("the tables were left out where more than " + grouped(kReach) +
                    " images would have to be read (use --stat to have them)");
}

}  // namespace litetool
