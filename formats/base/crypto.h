// Strong digests (BLAKE2b-256). CRC-64 guards against accidents; this tells content apart for
// certain.
#pragma once

#include <array>

#include "formats/base/bytes.h"

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

}  // namespace litetool
