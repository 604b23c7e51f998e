// Points in time, as people write them.
//
//   latest                 the end of the history
//   0000000000000029       a TXID: 16 hex digits, as printed
//   0x29                   a TXID in hex
//   41                     a TXID in decimal
#pragma once

#include <string_view>

#include "core/history/history_reader.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

struct Point {
  enum class Kind : std::uint8_t { kLatest, kTxid };
  Kind kind = Kind::kLatest;
  Txid txid;  // kTxid
};

// kUsage with the grammar when it is none of them.
Result<Point> parse_point(std::string_view text);

// The image that ends at the point; kNotFound when the history has none, with what it has.
Result<HistoryImage> resolve(const Point& point, const HistoryReader& history);

}  // namespace litetool
