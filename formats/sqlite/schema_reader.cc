#include "formats/sqlite/schema_reader.h"

#include <limits>

#include "formats/base/text.h"
#include "formats/sqlite/btree_cursor.h"
#include "formats/sqlite/record.h"

namespace litetool {
namespace {

constexpr std::size_t kColumns = 5;

Result<SchemaRow> decode_row(const BtreeEntry& entry, TextEncoding encoding) {
  const std::string where = format("sqlite_schema row %lld", static_cast<long long>(entry.rowid));
  Result<std::vector<Value>> values = decode_record(entry.payload);
  if (!values) return Error(Errc::kCorrupt, where + ": " + values.error().message);
  if (values->size() < kColumns) {
    return Error(Errc::kCorrupt, where + format(": %zu columns", values->size()));
  }
  const auto text = [&](std::size_t column) {
    const Value& v = (*values)[column];
    return v.type == ValueType::kText ? text_utf8(v.bytes, encoding) : std::string();
  };
  const Value& root = (*values)[3];
  const bool root_fits =
      root.type == ValueType::kNull || (root.type == ValueType::kInteger && root.integer >= 0 &&
                                        root.integer <= std::numeric_limits<Pgno>::max());
  if (!root_fits) return Error(Errc::kCorrupt, where + ": impossible root page");
  return SchemaRow{text(0), text(1), text(2), static_cast<Pgno>(root.integer), text(4)};
}

}  // namespace

Result<std::vector<SchemaRow>> read_schema(const DatabaseView& view) {
  std::vector<SchemaRow> rows;
  BtreeCursor cursor(view, 1);
  while (true) {
    LT_ASSIGN(const std::optional<BtreeEntry> entry, cursor.next());
    if (!entry) return rows;
    LT_ASSIGN(SchemaRow row, decode_row(*entry, view.header.text_encoding));
    rows.push_back(std::move(row));
  }
}

}  // namespace litetool
