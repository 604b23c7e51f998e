#include "formats/archive/age_keys.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace litetool::age {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumLength = 6;
constexpr std::string_view kRecipientPrefix = "age";
constexpr std::string_view kIdentityPrefix = "age-secret-key-";

// BCH code over groups of five bits.
std::uint32_t polymod(const std::vector<std::uint8_t>& values) {
  constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                       0x3d4233dd, 0x2a1462b3};
  std::uint32_t c = 1;
  for (const std::uint8_t v : values) {
    const std::uint32_t top = c >> 25;
    c = (c & 0x1ffffff) << 5 ^ v;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1) != 0) c ^= kGenerator[i];
    }
  }
  return c;
}

// The prefix as the checksum sees it.
std::vector<std::uint8_t> expanded(std::string_view prefix) {
  std::vector<std::uint8_t> out;
  for (const char c : prefix) out.push_back(static_cast<std::uint8_t>(c) >> 5);
  out.push_back(0);
  for (const char c : prefix) out.push_back(static_cast<std::uint8_t>(c) & 31);
  return out;
}

std::vector<std::uint8_t> groups_of(Bytes bytes) {
  std::vector<std::uint8_t> out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::byte b : bytes) {
    held = (held << 8 | std::to_integer<std::uint32_t>(b)) & 0xfff;
    bits += 8;
    while (bits >= 5) out.push_back(static_cast<std::uint8_t>(held >> (bits -= 5) & 31));
  }
  if (bits > 0) out.push_back(static_cast<std::uint8_t>(held << (5 - bits) & 31));
  return out;
}

// Nothing when bits are left over that are not 0, or a whole group of them.
std::optional<Buffer> bytes_of(const std::vector<std::uint8_t>& groups) {
  Buffer out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::uint8_t group : groups) {
    held = (held << 5 | group) & 0xfff;
    bits += 5;
    if (bits >= 8) out.push_back(static_cast<std::byte>(held >> (bits -= 8) & 255));
  }
  if (bits >= 5 || (held & ((1U << bits) - 1)) != 0) return std::nullopt;
  return out;
}

std::string encode(std::string_view prefix, const Key& key) {
  std::vector<std::uint8_t> groups = groups_of(key);
  std::vector<std::uint8_t> summed = expanded(prefix);
  summed.insert(summed.end(), groups.begin(), groups.end());
  summed.insert(summed.end(), kChecksumLength, 0);
  const std::uint32_t sum = polymod(summed) ^ 1;
  for (unsigned i = 0; i < kChecksumLength; ++i) {
    groups.push_back(static_cast<std::uint8_t>(sum >> (5 * (5 - i)) & 31));
  }
  std::string out = std::string(prefix) + "1";
  for (const std::uint8_t group : groups) out += kAlphabet[group];
  return out;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// All in one case, or nothing.
std::optional<std::string> in_lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  const bool has_upper = out != text;
  const bool has_lower = std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  if (has_upper && has_lower) return std::nullopt;
  return out;
}

std::optional<Key> decode(std::string_view prefix, std::string_view text) {
  const auto plain = in_lower_case(text);
  if (!plain || !plain->starts_with(std::string(prefix) + "1")) return std::nullopt;
  std::vector<std::uint8_t> groups;
  for (const char c : plain->substr(prefix.size() + 1)) {
    const std::size_t at = kAlphabet.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    groups.push_back(static_cast<std::uint8_t>(at));
  }
  std::vector<std::uint8_t> summed = expanded(prefix);
  summed.insert(summed.end(), groups.begin(), groups.end());
  if (groups.size() < kChecksumLength || polymod(summed) != 1) return std::nullopt;
  groups.resize(groups.size() - kChecksumLength);
  const auto bytes = bytes_of(groups);
  Key key;
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::ranges::copy(*bytes, key.begin());
  return key;
}

}  // namespace

std::string Recipient::text() const {
  return encode(kRecipientPrefix, key);
}

Identity Identity::generate() {
  Identity identity;
  fill_random(identity.key);
  return identity;
}

std::string Identity::text() const {
  std::string out = encode(kIdentityPrefix, key);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

Result<Recipient> parse_recipient(std::string_view text) {
  const auto key = decode(kRecipientPrefix, text);
  if (!key) {
    return Error(Errc::kKey,
                 "not a recipient: one starts with age1 and comes from 'litetool "
                 "keygen' (a letter may be missing or mistyped)");
  }
  return Recipient{*key};
}

Result<Identity> parse_identity(std::string_view text) {
  const auto key = decode(kIdentityPrefix, text);
  if (!key) {
    return Error(Errc::kKey,
                 "not an identity: one starts with AGE-SECRET-KEY-1 and comes from "
                 "'litetool keygen' (a letter may be missing or mistyped)");
  }
  return Identity{*key};
}

}  // namespace litetool::age
