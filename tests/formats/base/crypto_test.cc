#include "formats/base/crypto.h"

#include <catch2/catch.hpp>

namespace litetool {

TEST_CASE("blake2b: published digests of 32 bytes") {
  CHECK(to_hex(blake2b({})) == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  CHECK(to_hex(blake2b(as_bytes("abc"))) ==
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST_CASE("blake2b: pieces give the digest of the whole") {
  const Buffer data(1000, std::byte{0x5a});
  Hasher hasher;
  hasher.update(Bytes(data).first(1));
  hasher.update({});
  hasher.update(Bytes(data).subspan(1, 500));
  hasher.update(Bytes(data).subspan(501));
  CHECK(hasher.finish() == blake2b(data));
  CHECK(blake2b(data) != blake2b(Bytes(data).first(999)));
}

}  // namespace litetool
