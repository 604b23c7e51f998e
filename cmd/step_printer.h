// Steps of a history as a log shows them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cmd/command.h"
#include "core/rows/step_diff.h"

namespace litetool {

struct StepReport {
  Step step;
  std::uint64_t pages = 0;  // in its image
  // Nothing where it would take long to find them, or where they cannot be found.
  std::optional<TouchedTables> tables;
  std::optional<Error> why_no_tables;
};

// Of the step that the reader returned last. Nothing when it did not touch `table`, if one is
// given. `all`: also where it takes long to find the tables, and they must be found.
Result<std::optional<StepReport>> report_on(StepReader& reader, const Step& step, bool all,
                                            const std::string& table);

// Why a transaction had to be inferred; the transactions of a step and why, for JSON.
using Marks = std::map<Txid, std::string>;
// None for a history that is not litetool's own.
Result<Marks> marks_of(Context& context, const SourcePlace& place);
// What is special about a step, in brackets; empty when nothing is.
std::string notes_text(const Step& step, const Marks& marks);
Json step_json(const StepReport& report, const Marks& marks);

class StepPrinter {
 public:
  // `stat`: the pages of each table on lines of their own.
  StepPrinter(Context& context, bool stat) : context_(context), stat_(stat) {}

  Status read_marks_of(const SourcePlace& place);
  void print(const StepReport& report);
  // Tells what is missing between two steps, if anything is.
  void gap(const Step& older, const Step& newer);
  // Tells what was left out.
  void end();

 private:
  void print_line(const StepReport& report);

  Context& context_;
  const bool stat_;
  bool has_title_ = false;
  bool left_out_ = false;
  std::optional<Error> failed_;  // to find tables, the first time
  Marks marks_;
};

}  // namespace litetool
