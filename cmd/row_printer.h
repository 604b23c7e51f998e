// Rows of SQL for people and programs: aligned text, CSV, or a JSON object a line.
#pragma once

#include <string>
#include <vector>

#include "cmd/output.h"
#include "core/rows/sql_value.h"

namespace litetool {

// Integers and reals as numbers, text as a string, NULL as null, a blob as {"blob": "00ff"}, an
// infinite real as "Infinity" or "-Infinity".
Json value_json(const SqlValue& value);
// 1, 2.5, text as it is, NULL, x'00ff'; control characters replaced.
std::string value_text(const SqlValue& value);

enum class RowFormat : std::uint8_t { kTable, kCsv, kJson };

// One result: columns, rows, end.
class RowPrinter {
 public:
  RowPrinter(Output& out, RowFormat format, std::vector<std::string> columns);
  void row(const std::vector<SqlValue>& values);
  // What is still held back. A table is printed in blocks of 1000 rows, each with its titles.
  void end();

 private:
  void print_block();

  Output& out_;
  const RowFormat format_;
  std::vector<std::string> columns_;
  std::vector<std::vector<SqlValue>> block_;
  bool printed_ = false;
};

}  // namespace litetool
