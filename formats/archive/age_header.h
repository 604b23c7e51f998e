// The head of a sealed archive in the format of age (age-encryption.org/v1): who can open it.
//
//   age-encryption.org/v1                        and a newline after every line
//   -> X25519 <ephemeral public key>             for each recipient: the file key, wrapped with a
//   key <wrapped file key>                           made of a Diffie-Hellman secret
//   -> scrypt <salt> <log2 N>                    or, alone: wrapped with a key made of a passphrase
//   <wrapped file key>
//   --- <HMAC-SHA-256 of all before, up to ---, with a key made of the file key>
//
// Binary values are base64 without padding, at most 64 letters a line; a body ends with a line that
// is shorter than 64. Stanzas of other kinds are passed over.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "formats/archive/age_keys.h"

namespace litetool::age {

inline constexpr std::string_view kMagic = "age-encryption.org/v1\n";
// More than this is no head that anybody has written; bytes.
inline constexpr std::size_t kMaxHeaderSize = std::size_t{64} * 1024;

using FileKey = std::array<std::byte, 16>;

// Who may open: recipients, or a passphrase.
struct Lock {
  std::vector<Recipient> recipients;
  std::string passphrase;  // counts when there is no recipient; not empty then
};
// What to open with: all identities are tried, or the passphrase, as the archive wants it.
struct Unlock {
  std::vector<Identity> identities;
  std::string passphrase;
};

// `log2_n`: cost of a passphrase; 2^18 takes 256 MiB and about a second.
inline constexpr unsigned kScryptCost = 18;
inline constexpr unsigned kMaxScryptCost = 22;
Result<std::string> make_header(const FileKey& file_key, const Lock& lock,
                                unsigned log2_n = kScryptCost);

// Bytes of the head at the front of `bytes`; nothing when its end is not among them.
std::optional<std::size_t> header_size(Bytes bytes);
// The file key. kKey when nothing of `unlock` opens it (with what it wants), kCorrupt when it is no
// head or was changed, kUnsupported for a cost beyond kMaxScryptCost.
Result<FileKey> open_header(std::string_view header, const Unlock& unlock);

}  // namespace litetool::age
