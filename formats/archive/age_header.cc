#include "formats/archive/age_header.h"

#include <algorithm>

#include "formats/base/text.h"

namespace litetool::age {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kLineLength = 64;
constexpr std::string_view kStanzaMark = "-> ";
constexpr std::string_view kMacMark = "---";
constexpr std::string_view kX25519Info = "age-encryption.org/v1/X25519";
constexpr std::string_view kScryptLabel = "age-encryption.org/v1/scrypt";
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kWrappedSize = sizeof(FileKey) + kAeadTagSize;
// Every wrapping key is used once.
constexpr AeadNonce kZeroNonce{};

std::string base64(Bytes bytes) {
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::byte b : bytes) {
    held = (held << 8 | std::to_integer<std::uint32_t>(b)) & 0xffff;
    bits += 8;
    while (bits >= 6) out += kBase64[held >> (bits -= 6) & 63];
  }
  if (bits > 0) out += kBase64[held << (6 - bits) & 63];
  return out;
}

// Nothing for what base64() does not write.
std::optional<Buffer> from_base64(std::string_view text) {
  Buffer out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t at = kBase64.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    held = (held << 6 | static_cast<std::uint32_t>(at)) & 0xffff;
    bits += 6;
    if (bits >= 8) out.push_back(static_cast<std::byte>(held >> (bits -= 8) & 255));
  }
  if (bits >= 6 || (held & ((1U << bits) - 1)) != 0) return std::nullopt;
  return out;
}

Buffer wrap(const Key& key, const FileKey& file_key) {
  Buffer out(kWrappedSize);
  aead_seal(key, kZeroNonce, file_key, out);
  return out;
}

std::optional<FileKey> unwrap(const Key& key, Bytes wrapped) {
  FileKey file_key;
  if (wrapped.size() != kWrappedSize) return std::nullopt;
  if (!aead_open(key, kZeroNonce, wrapped, file_key)) return std::nullopt;
  return file_key;
}

Result<Key> wrapping_key(const Key& secret, const Key& share, const Recipient& recipient,
                         const Key& other) {
  LT_ASSIGN(Key shared, x25519(secret, other));
  Buffer salt(share.begin(), share.end());
  salt.insert(salt.end(), recipient.key.begin(), recipient.key.end());
  const Key key = hkdf_sha256(shared, salt, kX25519Info);
  wipe(shared);
  return key;
}

Result<Key> passphrase_key(const std::string& passphrase, Bytes salt, unsigned log2_n) {
  const Bytes label = as_bytes(kScryptLabel);
  Buffer whole(label.begin(), label.end());
  whole.insert(whole.end(), salt.begin(), salt.end());
  return scrypt(passphrase, whole, log2_n);
}

// A wrapped key fits one line.
std::string stanza(const std::string& arguments, Bytes body) {
  return std::string(kStanzaMark) + arguments + "\n" + base64(body) + "\n";
}

Result<std::string> recipient_stanza(const FileKey& file_key, const Recipient& recipient) {
  Identity once = Identity::generate();
  const Key share = once.recipient().key;
  LT_ASSIGN(const Key key, wrapping_key(once.key, share, recipient, recipient.key));
  wipe(once.key);
  return stanza("X25519 " + base64(share), wrap(key, file_key));
}

Result<std::string> passphrase_stanza(const FileKey& file_key, const std::string& passphrase,
                                      unsigned log2_n) {
  std::array<std::byte, kSaltSize> salt;
  fill_random(salt);
  LT_ASSIGN(const Key key, passphrase_key(passphrase, salt, log2_n));
  return stanza("scrypt " + base64(salt) + " " + std::to_string(log2_n), wrap(key, file_key));
}

Key mac_of(const FileKey& file_key, std::string_view covered) {
  return hmac_sha256(hkdf_sha256(file_key, {}, "header"), as_bytes(covered));
}

Error no_head(std::string why) {
  return {Errc::kCorrupt, "the head of the sealed archive is damaged: " + std::move(why)};
}

struct Stanza {
  std::vector<std::string> arguments;  // the first one is the kind
  Buffer body;
};

struct Parsed {
  std::vector<Stanza> stanzas;
  std::string_view covered;  // by the MAC
  Buffer mac;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Parsed> run() {
    if (!text_.starts_with(kMagic)) return no_head("it does not say what it is");
    at_ = kMagic.size();
    Parsed parsed;
    while (rest().starts_with(kStanzaMark)) {
      LT_ASSIGN(Stanza stanza, read_stanza());
      parsed.stanzas.push_back(std::move(stanza));
    }
    if (!rest().starts_with(std::string(kMacMark) + " ")) return no_head("no checksum line");
    parsed.covered = text_.substr(0, at_ + kMacMark.size());
    const auto mac = from_base64(line().substr(kMacMark.size() + 1));
    if (!mac) return no_head("the checksum line is no base64");
    parsed.mac = *mac;
    return parsed;
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }

  // Up to the next newline, which is passed over.
  std::string_view line() {
    const std::string_view out = rest().substr(0, rest().find('\n'));
    at_ = std::min(text_.size(), at_ + out.size() + 1);
    return out;
  }

  Result<Stanza> read_stanza() {
    Stanza stanza;
    std::string_view words = line().substr(kStanzaMark.size());
    while (!words.empty()) {
      const std::string_view word = words.substr(0, words.find(' '));
      stanza.arguments.emplace_back(word);
      words.remove_prefix(std::min(words.size(), word.size() + 1));
    }
    if (stanza.arguments.empty()) return no_head("a stanza without a kind");
    while (true) {
      const std::string_view text = line();
      const auto bytes = from_base64(text);
      if (!bytes || text.size() > kLineLength) return no_head("a key is no base64");
      stanza.body.insert(stanza.body.end(), bytes->begin(), bytes->end());
      if (text.size() < kLineLength) return stanza;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<FileKey> open_for(const Identity& identity, const Stanza& stanza) {
  if (stanza.arguments.size() != 2) return std::nullopt;
  const auto share = from_base64(stanza.arguments[1]);
  Key other;
  if (!share || share->size() != other.size()) return std::nullopt;
  std::ranges::copy(*share, other.begin());
  const auto key = wrapping_key(identity.key, other, identity.recipient(), other);
  return key ? unwrap(*key, stanza.body) : std::nullopt;
}

Result<std::optional<FileKey>> open_with(const std::string& passphrase, const Stanza& stanza) {
  const auto salt = stanza.arguments.size() == 3 ? from_base64(stanza.arguments[1]) : std::nullopt;
  const auto cost =
      stanza.arguments.size() == 3 ? parse_u64(stanza.arguments[2]) : Result<std::uint64_t>(0);
  if (!salt || salt->size() != kSaltSize || !cost || *cost == 0) {
    return no_head("a passphrase stanza that makes no sense");
  }
  if (*cost > kMaxScryptCost) {
    return Error(Errc::kUnsupported,
                 "the passphrase of the sealed archive costs more than is "
                 "reasonable (2^" +
                     std::to_string(*cost) + " KiB)");
  }
  LT_ASSIGN(const Key key, passphrase_key(passphrase, *salt, static_cast<unsigned>(*cost)));
  return unwrap(key, stanza.body);
}

Result<FileKey> find_key(const Parsed& head, const Unlock& unlock) {
  bool wants_passphrase = false;
  for (const Stanza& stanza : head.stanzas) {
    if (stanza.arguments[0] == "scrypt") {
      // Of many, each would cost as much as one may.
      if (head.stanzas.size() != 1) {
        return Error(Errc::kCorrupt, "a passphrase and other keys open the same sealed archive");
      }
      wants_passphrase = true;
      if (unlock.passphrase.empty()) continue;
      LT_ASSIGN(const auto key, open_with(unlock.passphrase, stanza));
      if (key) return *key;
    } else if (stanza.arguments[0] == "X25519") {
      for (const Identity& identity : unlock.identities) {
        if (const auto key = open_for(identity, stanza)) return *key;
      }
    }
  }
  if (wants_passphrase) {
    return Error(Errc::kKey, unlock.passphrase.empty() ? "sealed with a passphrase"
                                                       : "sealed with another passphrase");
  }
  return Error(Errc::kKey, unlock.identities.empty() ? "sealed for an identity"
                                                     : "sealed for others: no identity opens it");
}

}  // namespace

Result<std::string> make_header(const FileKey& file_key, const Lock& lock, unsigned log2_n) {
  std::string header(kMagic);
  for (const Recipient& recipient : lock.recipients) {
    LT_ASSIGN(const std::string stanza, recipient_stanza(file_key, recipient));
    header += stanza;
  }
  if (lock.recipients.empty()) {
    LT_CHECK(!lock.passphrase.empty());
    LT_ASSIGN(const std::string stanza, passphrase_stanza(file_key, lock.passphrase, log2_n));
    header += stanza;
  }
  header += kMacMark;
  return header + " " + base64(mac_of(file_key, header)) + "\n";
}

std::optional<std::size_t> header_size(Bytes bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t mac = text.find("\n--- ");
  const std::size_t end = mac == text.npos ? mac : text.find('\n', mac + 1);
  if (end == text.npos) return std::nullopt;
  return end + 1;
}

Result<FileKey> open_header(std::string_view header, const Unlock& unlock) {
  LT_ASSIGN(const Parsed head, Parser(header).run());
  LT_ASSIGN(const FileKey file_key, find_key(head, unlock));
  const Key mac = mac_of(file_key, head.covered);
  if (!std::ranges::equal(mac, head.mac)) return no_head("it was changed");
  return file_key;
}

}  // namespace litetool::age
