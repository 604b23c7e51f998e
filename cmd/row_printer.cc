#include "cmd/row_printer.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kBlockRows = 1000;

bool is_number(const SqlValue& v) {
  return v.type == ValueType::kInteger || v.type == ValueType::kReal;
}

std::string csv_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

// As RFC 4180 has it: nothing for NULL, so an empty text is quoted.
std::string csv_cell(const SqlValue& v) {
  if (v.type == ValueType::kNull) return "";
  if (v.type == ValueType::kBlob) return to_hex(as_bytes(v.bytes));
  if (v.type != ValueType::kText) return v.literal(TextEncoding::kUtf8);
  const std::string text = v.utf8();
  return text.empty() || text.find_first_of(",\"\r\n") != std::string::npos ? csv_quoted(text)
                                                                            : text;
}

std::string csv_line(const std::vector<std::string>& cells) {
  return join(cells, ",") + "\r\n";
}

// An object has each name once: the second "n" becomes "n:2".
std::vector<std::string> unique_names(const std::vector<std::string>& names) {
  std::set<std::string> taken;
  std::vector<std::string> out;
  for (const std::string& name : names) {
    std::string unique = name;
    for (int n = 2; !taken.insert(unique).second; ++n) unique = name + ":" + std::to_string(n);
    out.push_back(unique);
  }
  return out;
}

}  // namespace

Json value_json(const SqlValue& v) {
  switch (v.type) {
    case ValueType::kInteger:
      return v.integer;
    case ValueType::kReal:
      if (std::isinf(v.real)) return v.real < 0 ? "-Infinity" : "Infinity";
      return v.real;
    case ValueType::kText:
      return v.utf8();
    case ValueType::kBlob:
      return Json{{"blob", to_hex(as_bytes(v.bytes))}};
    case ValueType::kNull:
      break;
  }
  return nullptr;
}

std::string value_text(const SqlValue& v) {
  if (v.type == ValueType::kText) return printable(v.utf8());
  if (v.type == ValueType::kBlob) return "x'" + to_hex(as_bytes(v.bytes)) + "'";
  return v.literal(TextEncoding::kUtf8);
}

RowPrinter::RowPrinter(Output& out, RowFormat format, std::vector<std::string> columns)
    : out_(out), format_(format), columns_(std::move(columns)) {
  if (format_ == RowFormat::kJson) columns_ = unique_names(columns_);
  if (format_ != RowFormat::kCsv) return;
  std::vector<std::string> cells;
  for (const std::string& name : columns_) cells.push_back(csv_cell(SqlValue::of_text(name)));
  out_.text(csv_line(cells));
}

void RowPrinter::row(const std::vector<SqlValue>& values) {
  if (format_ == RowFormat::kTable) {
    block_.push_back(values);
    if (block_.size() == kBlockRows) print_block();
    return;
  }
  if (format_ == RowFormat::kJson) {
    Json object = Json::object();
    for (std::size_t i = 0; i < values.size(); ++i) object[columns_[i]] = value_json(values[i]);
    out_.json_line(object);
    return;
  }
  std::vector<std::string> cells;
  for (const SqlValue& v : values) cells.push_back(csv_cell(v));
  out_.text(csv_line(cells));
}

void RowPrinter::end() {
  if (format_ == RowFormat::kTable && (!block_.empty() || !printed_)) print_block();
}

void RowPrinter::print_block() {
  std::vector<Table::Column> columns;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool numbers = !block_.empty() && std::ranges::all_of(block_, [i](const auto& row) {
      return is_number(row[i]) || row[i].type == ValueType::kNull;
    });
    columns.push_back(
        {printable(columns_[i]), numbers ? Table::Align::kRight : Table::Align::kLeft});
  }
  Table table(std::move(columns));
  for (const auto& row : block_) {
    std::vector<std::string> cells;
    for (const SqlValue& v : row) cells.push_back(value_text(v));
    table.row(std::move(cells));
  }
  out_.text(table.text());
  block_.clear();
  printed_ = true;
}

}  // namespace litetool
