// Strong digests (BLAKE2b-256), and what sealed archives are made of. CRC-64 guards against
// accidents; this tells content apart for certain, and keeps it secret. The one includer of
// sodium.h.
#pragma once

#include <array>
#include <string_view>

#include "formats/base/bytes.h"
#include "formats/base/result.h"

namespace litetool {

using Digest = std::array<std::byte, 32>;

// Streaming BLAKE2b with 32 bytes of output and no key.
class Hasher {
 public:
  Hasher();
  void update(Bytes b);
  // Call once, last.
  Digest finish();

 private:
  // Room for libsodium's state, which stays private to crypto.cc.
  alignas(64) std::array<std::byte, 384> state_;
};

Digest blake2b(Bytes b);

// 32 secret or public bytes of X25519, HKDF and ChaCha20-Poly1305.
using Key = std::array<std::byte, 32>;
constexpr std::size_t kAeadTagSize = 16;
using AeadNonce = std::array<std::byte, 12>;

void fill_random(MutableBytes out);
// Overwrites secrets in a way that no compiler takes for needless.
void wipe(MutableBytes secret);

Key hmac_sha256(Bytes key, Bytes message);
// HKDF-SHA-256 (RFC 5869) with 32 bytes of output.
Key hkdf_sha256(Bytes secret, Bytes salt, std::string_view info);
// scrypt (RFC 7914) with r = 8, p = 1, N = 2^log2_n and 32 bytes of output; takes N KiB of memory.
// kFailed when there is not so much.
Result<Key> scrypt(std::string_view passphrase, Bytes salt, unsigned log2_n);

Key x25519_public(const Key& secret);
// kCorrupt when the public key is one of the few that give away the outcome.
Result<Key> x25519(const Key& secret, const Key& public_key);

// ChaCha20-Poly1305 (RFC 8439) without additional data. `out` has room for the tag behind the text.
void aead_seal(const Key& key, const AeadNonce& nonce, Bytes text, MutableBytes out);
// `out` is shorter than `sealed` by the tag. False when the bytes are not what was sealed.
bool aead_open(const Key& key, const AeadNonce& nonce, Bytes sealed, MutableBytes out);

}  // namespace litetool
