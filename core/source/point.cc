#include "core/source/point.h"

#include <algorithm>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kHexDigits = 16;

Error bad_point(std::string_view text) {
  return Error(Errc::kUsage, "'" + printable(text) +
                                 "' is no point in time: use 'latest' or a transaction id (16 hex "
                                 "digits, 0x29 or decimal)");
}

Result<std::uint64_t> parse_txid(std::string_view text) {
  if (text.size() == kHexDigits) return parse_hex16(text);
  if (!text.starts_with("0x") && !text.starts_with("0X")) return parse_u64(text);
  const std::string_view digits = text.substr(2);
  if (digits.empty() || digits.size() > kHexDigits) return bad_point(text);
  return parse_hex16(std::string(kHexDigits - digits.size(), '0') + std::string(digits));
}

}  // namespace

Result<Point> parse_point(std::string_view text) {
  if (text == "latest") return Point{};
  const Result<std::uint64_t> txid = parse_txid(text);
  if (!txid || *txid == 0) return bad_point(text);
  return Point{Point::Kind::kTxid, Txid{*txid}};
}

Result<HistoryImage> resolve(const Point& point, const HistoryReader& history) {
  const std::vector<HistoryImage>& images = history.images();
  if (images.empty()) return Error(Errc::kNotFound, "the history has no transactions");
  if (point.kind == Point::Kind::kLatest) return images.back();
  const auto image = std::ranges::lower_bound(images, point.txid, {}, &HistoryImage::max_txid);
  if (image != images.end() && image->max_txid == point.txid) return *image;
  return Error(Errc::kNotFound,
               "transaction " + point.txid.text() + " is not in the history, which goes from " +
                   images.front().max_txid.text() + " to " + images.back().max_txid.text());
}

}  // namespace litetool
