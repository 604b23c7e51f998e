#include "formats/ltx/file_checksum.h"

#include <catch2/catch.hpp>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::Variant;

// What a verifier says of an image with one page that claims `post_apply`; its file checksum is
// right.
Status verify_one_page(const ltx::Header& header, Checksum post_apply) {
  const auto head = ltx::encode_header(header);
  ltx::PreparedFrame prepared;
  prepare_frame(header.variant, 1, test::filled_page(header.page_size, 5), prepared);
  ltx::Frame frame;
  frame.pgno = 1;
  frame.kind = ltx::PayloadKind::kLz4Block;
  frame.head = prepared.bytes().first(10);
  frame.payload = prepared.bytes().subspan(10);
  ltx::Tail tail;
  tail.trailer.post_apply = post_apply;
  tail.end = 1000;
  tail.crc = 0x1234;
  tail.hashed_size = 100;
  ltx::FileChecksum checksum(header.variant, head);
  checksum.append(prepared.crc(), prepared.hashed_size());
  checksum.append(tail.crc, tail.hashed_size);
  tail.trailer.file_checksum = checksum.value();
  ltx::ImageVerifier verifier(header, head);
  verifier.add(frame, prepared.crc());
  return verifier.finish(tail);
}

}  // namespace

TEST_CASE("file checksum: parts of any lengths equal the whole") {
  const auto head = ltx::encode_header(test::ltx_header(Variant::kV3Block, 512, 9, 1, 1));
  ltx::FileChecksum parts(Variant::kV3Block, head);
  Buffer whole(head.begin(), head.end());
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::size_t size = i % 7 == 0 ? 5 + i : i % 3 == 0 ? 518 : 522;
    Buffer part = test::random_page(1024, i);
    part.resize(size);
    whole.insert(whole.end(), part.begin(), part.end());
    if (i % 11 == 0) {
      parts.extend(part);
    } else {
      parts.append(crc64(0, part), size);
    }
    REQUIRE(parts.value() == as_checksum(crc64(0, whole)));
  }
}

TEST_CASE("image verifier: a database checksum that counts the lock page in is recognised") {
  const auto large = test::ltx_header(Variant::kV3Block, 65536, lock_page(65536) + 1, 1, 1);
  const Checksum right = page_checksum(1, test::filled_page(65536, 5));
  CHECK(verify_one_page(large, right));
  const Checksum old = checksum_xor(right, page_checksum(lock_page(65536), Buffer(65536)));
  const Status told = verify_one_page(large, old);
  REQUIRE_FALSE(told);
  CHECK(told.error().offset == 984);
  CHECK(told.error().message.find("lock page") != std::string::npos);
  const Status wrong = verify_one_page(large, Checksum{Checksum::kFlag | 5});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("lock page") == std::string::npos);
}

}  // namespace litetool
