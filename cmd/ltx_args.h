// Arguments and reports that the ltx commands share.
#pragma once

#include <cstdint>
#include <string>

#include "cmd/args.h"
#include "cmd/json.h"
#include "formats/ltx/header.h"

namespace litetool {

// "--to VARIANT", one of those that can be written.
void add_variant_flag(ArgSpec& spec, const std::string& help);
// The value of --to; v3-block when it is absent.
Result<ltx::Variant> variant_arg(const Args& args);

// "--timeout TIME": how long to wait for others to leave a database; 5s when absent.
void add_timeout_flag(ArgSpec& spec);
Result<std::int64_t> timeout_arg(const Args& args);

// A TXID as typed: 16 hex digits, 0x and hex digits, or decimal; at least 1.
Result<Txid> parse_txid(const std::string& s);
// Milliseconds since the epoch as typed: decimal, or RFC 3339 in UTC ("2026-11-20T10:30:00.000Z").
Result<std::int64_t> parse_timestamp(const std::string& s);

// What a header and a trailer say, for JSON.
Json image_json(const ltx::Header& h, const ltx::Trailer& t);
// "0000000000000001-000000000000000a, 2 pages, v3-block"
std::string image_text(const ltx::Header& h);

}  // namespace litetool
