#include "formats/base/crypto.h"

#include <sodium.h>

#include <string>

namespace litetool {
namespace {

crypto_generichash_state* sodium(std::array<std::byte, 384>& state) {
  static_assert(sizeof(crypto_generichash_state) <= sizeof state);
  static_assert(alignof(crypto_generichash_state) <= 64);
  return reinterpret_cast<crypto_generichash_state*>(state.data());
}

// Picks the implementations for this CPU; before everything else.
void start_sodium() {
  static const bool ready = sodium_init() >= 0;
  LT_CHECK(ready);
}

unsigned char* raw(std::byte* p) {
  return reinterpret_cast<unsigned char*>(p);
}
const unsigned char* raw(const std::byte* p) {
  return reinterpret_cast<const unsigned char*>(p);
}
// The library wants an address also where there are no bytes.
const unsigned char* raw(Bytes b) {
  static constexpr std::byte kNothing{};
  return raw(b.empty() ? &kNothing : b.data());
}
unsigned char* raw(MutableBytes b) {
  static std::byte nothing{};
  return raw(b.empty() ? &nothing : b.data());
}

}  // namespace

Hasher::Hasher() {
  start_sodium();
  crypto_generichash_init(sodium(state_), nullptr, 0, sizeof(Digest));
}

void Hasher::update(Bytes b) {
  crypto_generichash_update(sodium(state_), raw(b), b.size());
}

Digest Hasher::finish() {
  Digest out;
  crypto_generichash_final(sodium(state_), reinterpret_cast<unsigned char*>(out.data()),
                           out.size());
  return out;
}

Digest blake2b(Bytes b) {
  Hasher h;
  h.update(b);
  return h.finish();
}

void fill_random(MutableBytes out) {
  start_sodium();
  randombytes_buf(out.data(), out.size());
}

void wipe(MutableBytes secret) {
  sodium_memzero(secret.data(), secret.size());
}

Key hmac_sha256(Bytes key, Bytes message) {
  start_sodium();
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, raw(Bytes(key)), key.size());
  crypto_auth_hmacsha256_update(&state, raw(message), message.size());
  Key out;
  crypto_auth_hmacsha256_final(&state, raw(MutableBytes(out)));
  return out;
}

Key hkdf_sha256(Bytes secret, Bytes salt, std::string_view info) {
  Key extracted = hmac_sha256(salt, secret);
  const std::string message = std::string(info) + '\x01';
  const Key out = hmac_sha256(extracted, as_bytes(message));
  wipe(extracted);
  return out;
}

Result<Key> scrypt(std::string_view passphrase, Bytes salt, unsigned log2_n) {
  start_sodium();
  Key out;
  const auto* const text = reinterpret_cast<const std::uint8_t*>(passphrase.data());
  if (crypto_pwhash_scryptsalsa208sha256_ll(text, passphrase.size(), raw(salt), salt.size(),
                                            std::uint64_t{1} << log2_n, 8, 1,
                                            raw(MutableBytes(out)), out.size()) != 0) {
    return Error(Errc::kFailed, "not enough memory to make a key of the passphrase");
  }
  return out;
}

Key x25519_public(const Key& secret) {
  start_sodium();
  Key out;
  crypto_scalarmult_base(raw(MutableBytes(out)), raw(Bytes(secret)));
  return out;
}

Result<Key> x25519(const Key& secret, const Key& public_key) {
  start_sodium();
  Key out;
  if (crypto_scalarmult(raw(MutableBytes(out)), raw(Bytes(secret)), raw(public_key.data())) != 0) {
    return Error(Errc::kCorrupt, "a public key that protects nothing");
  }
  return out;
}

void aead_seal(const Key& key, const AeadNonce& nonce, Bytes text, MutableBytes out) {
  start_sodium();
  LT_CHECK(out.size() == text.size() + kAeadTagSize);
  crypto_aead_chacha20poly1305_ietf_encrypt(raw(MutableBytes(out)), nullptr, raw(text), text.size(),
                                            nullptr, 0, nullptr, raw(Bytes(nonce)),
                                            raw(Bytes(key)));
}

bool aead_open(const Key& key, const AeadNonce& nonce, Bytes sealed, MutableBytes out) {
  start_sodium();
  LT_CHECK(sealed.size() == out.size() + kAeadTagSize);
  return crypto_aead_chacha20poly1305_ietf_decrypt(raw(MutableBytes(out)), nullptr, nullptr,
                                                   raw(sealed), sealed.size(), nullptr, 0,
                                                   raw(Bytes(nonce)), raw(Bytes(key))) == 0;
}

}  // namespace litetool
