#include "formats/base/crypto.h"

#include <sodium.h>

#include "formats/base/result.h"

namespace litetool {
namespace {

crypto_generichash_state* sodium(std::array<std::byte, 384>& state) {
  static_assert(sizeof(crypto_generichash_state) <= sizeof state);
  static_assert(alignof(crypto_generichash_state) <= 64);
  return reinterpret_cast<crypto_generichash_state*>(state.data());
}

}  // namespace

Hasher::Hasher() {
  static const bool ready = sodium_init() >= 0;  // picks the implementation for this CPU
  LT_CHECK(ready);
  crypto_generichash_init(sodium(state_), nullptr, 0, sizeof(Digest));
}

void Hasher::update(Bytes b) {
  crypto_generichash_update(sodium(state_), reinterpret_cast<const unsigned char*>(b.data()),
                            b.size());
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

}  // namespace litetool
