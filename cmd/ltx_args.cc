#include "cmd/ltx_args.h"

#include <ctime>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kDefaultTimeoutMs = 5000;

std::vector<std::string> writable_names() {
  std::vector<std::string> names;
  for (const ltx::Variant v : ltx::kWritableVariants) names.emplace_back(ltx::variant_name(v));
  return names;
}

Error no_timestamp(const std::string& s) {
  return Error(Errc::kUsage, "'" + printable(s) +
                                 "' is no time (give 2026-11-20T10:30:00Z, or milliseconds since "
                                 "1970)");
}

// The digits of a fraction as milliseconds; more than three are cut.
std::int64_t fraction_ms(const std::string& digits) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return ms;
}

}  // namespace

void add_variant_flag(ArgSpec& spec, const std::string& help) {
  spec.choice("--to", 0, "VARIANT", help, writable_names());
}

Result<ltx::Variant> variant_arg(const Args& args) {
  return ltx::parse_variant(args.get("--to", "v3-block"));
}

void add_timeout_flag(ArgSpec& spec) {
  spec.value("--timeout", 0, "TIME", "how long to wait for other programs, like 30s (default: 5s)");
}

Result<std::int64_t> timeout_arg(const Args& args) {
  if (!args.has("--timeout")) return kDefaultTimeoutMs;
  auto ms = parse_duration_ms(args.get("--timeout"));
  if (!ms) return std::move(ms).error().with("--timeout");
  return ms;
}

Result<Txid> parse_txid(const std::string& s) {
  Result<std::uint64_t> value = Error(Errc::kUsage, "");
  if (s.size() == 16) {
    value = parse_hex16(s);
  } else if (s.starts_with("0x") && s.size() > 2 && s.size() <= 18) {
    value = parse_hex16(std::string(18 - s.size(), '0') + s.substr(2));
  } else {
    value = parse_u64(s);
  }
  if (!value || *value == 0) {
    return Error(Errc::kUsage, "'" + printable(s) +
                                   "' is no transaction (give 41, 0x29 or 16 hex digits; 1 is the "
                                   "first)");
  }
  return Txid{*value};
}

Result<std::int64_t> parse_timestamp(const std::string& s) {
  if (const auto ms = parse_u64(s)) {
    if (*ms > static_cast<std::uint64_t>(INT64_MAX)) return no_timestamp(s);
    return static_cast<std::int64_t>(*ms);
  }
  std::tm tm{};
  const char* rest = ::strptime(s.c_str(), "%Y-%m-%dT%H:%M:%S", &tm);
  if (rest == nullptr) return no_timestamp(s);
  std::string tail = rest;
  std::int64_t ms = 0;
  if (tail.starts_with('.')) {
    const std::size_t end = tail.find_first_not_of("0123456789", 1);
    ms = fraction_ms(tail.substr(1, end == std::string::npos ? end : end - 1));
    tail = end == std::string::npos ? "" : tail.substr(end);
  }
  if (tail != "Z") return no_timestamp(s);
  return std::int64_t{::timegm(&tm)} * 1000 + ms;
}

Json image_json(const ltx::Header& h, const ltx::Trailer& t) {
  const auto optional = [](Checksum c) { return c.present() ? Json(c.text()) : Json(); };
  return Json{{"variant", ltx::variant_name(h.variant)},
              {"page_size", h.page_size},
              {"commit", h.commit},
              {"min_txid", h.min_txid.text()},
              {"max_txid", h.max_txid.text()},
              {"timestamp", h.timestamp_ms == 0 ? Json() : Json(rfc3339_ms(h.timestamp_ms))},
              {"pre_apply", optional(h.pre_apply)},
              {"post_apply", optional(t.post_apply)},
              {"file_checksum", t.file_checksum.text()},
              {"node_id", hex16(h.node_id)}};
}

std::string image_text(const ltx::Header& h) {
  return h.min_txid.text() + "-" + h.max_txid.text() + ", " + grouped(h.commit) +
         (h.commit == 1 ? " page, " : " pages, ") + std::string(ltx::variant_name(h.variant));
}

}  // namespace litetool
