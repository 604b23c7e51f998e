#include "formats/base/compress.h"

#include <lz4frame.h>

#include <catch2/catch.hpp>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

std::vector<Buffer> samples() {
  std::vector<Buffer> out;
  for (const std::uint32_t size : {512u, 4096u, 65536u}) {
    out.push_back(test::filled_page(size, 0));
    out.push_back(test::mixed_page(size, size));
    out.push_back(test::random_page(size, size));
  }
  out.push_back(Buffer(1, std::byte{7}));
  return out;
}

Buffer foreign_frame(const Buffer& in, LZ4F_frameInfo_t info) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo = info;
  Buffer out(LZ4F_compressFrameBound(in.size(), &preferences));
  const std::size_t n =
      LZ4F_compressFrame(out.data(), out.size(), in.data(), in.size(), &preferences);
  REQUIRE(LZ4F_isError(n) == 0);
  out.resize(n);
  return out;
}

}  // namespace

TEST_CASE("lz4 block: round trip, and only exactly the right size") {
  for (const Buffer& in : samples()) {
    Buffer block(lz4_block_bound(in.size()));
    block.resize(lz4_compress_block(in, block));
    Buffer out(in.size());
    REQUIRE(lz4_decompress_block(block, out));
    REQUIRE(out == in);
    Buffer larger(in.size() + 1);
    CHECK_FALSE(lz4_decompress_block(block, larger));
    Buffer smaller(in.size() - 1);
    CHECK_FALSE(lz4_decompress_block(block, smaller));
    CHECK_FALSE(lz4_decompress_block(Bytes(block).first(block.size() - 1), out));
  }
}

TEST_CASE("lz4 frame: round trip, stops at its end, extent without decompressing") {
  for (const Buffer& in : samples()) {
    Buffer frame(lz4_block_bound(in.size()) + kLz4FrameOverhead);
    frame.resize(lz4_compress_frame(in, frame));
    CHECK(to_hex(Bytes(frame).first(7)) == "04224d186440a7");
    CHECK(frame.size() <= lz4_frame_bound(in.size()));
    const std::size_t size = frame.size();
    for (std::size_t n = 0; n < size; n += n < 64 ? 1 : 97) {
      const auto extent = lz4_frame_extent(Bytes(frame).first(n));
      REQUIRE(extent);
      REQUIRE_FALSE(extent->complete);
      REQUIRE(extent->size > n);
      REQUIRE(extent->size <= size);
      Buffer out(in.size());
      REQUIRE_FALSE(lz4_decompress_frame(Bytes(frame).first(n), out));
    }
    frame.insert(frame.end(), 5, std::byte{0xcc});
    Buffer out(in.size());
    const auto consumed = lz4_decompress_frame(frame, out);
    REQUIRE(consumed);
    CHECK(*consumed == size);
    CHECK(out == in);
    const auto extent = lz4_frame_extent(frame);
    REQUIRE(extent);
    CHECK(extent->complete);
    CHECK(extent->size == size);
  }
}

TEST_CASE("lz4 frame: the published bytes of an empty page block") {
  Buffer frame(64);
  frame.resize(lz4_compress_frame(Buffer(4), frame));
  CHECK(to_hex(frame) == "04224d186440a704000080000000000000000069d9d608");
}

TEST_CASE("lz4 frame: any legal frame of another writer is read") {
  for (const Buffer& in : samples()) {
    std::vector<LZ4F_frameInfo_t> kinds(5);
    kinds[1].contentChecksumFlag = LZ4F_contentChecksumEnabled;
    kinds[2].blockChecksumFlag = LZ4F_blockChecksumEnabled;
    kinds[3].contentSize = in.size();
    kinds[4].blockSizeID = LZ4F_max1MB;
    kinds[4].dictID = 7;
    for (const LZ4F_frameInfo_t& info : kinds) {
      const Buffer frame = foreign_frame(in, info);
      Buffer out(in.size());
      const auto consumed = lz4_decompress_frame(frame, out);
      if (!consumed) FAIL(consumed.error().text());
      CHECK(*consumed == frame.size());
      CHECK(out == in);
      const auto extent = lz4_frame_extent(frame);
      REQUIRE(extent);
      CHECK(extent->complete);
      CHECK(extent->size == frame.size());
      Buffer smaller(in.size() - 1);
      CHECK_FALSE(lz4_decompress_frame(frame, smaller));
      Buffer larger(in.size() + 1);
      CHECK_FALSE(lz4_decompress_frame(frame, larger));
    }
  }
}

TEST_CASE("lz4 stream: pieces of any size come out whole") {
  Buffer content;
  for (std::uint64_t i = 0; i < 80; ++i) {
    const Buffer page = test::mixed_page(4096, i);
    content.insert(content.end(), page.begin(), page.end());
  }
  for (const std::size_t piece : {1000u, 4100u, 200000u}) {
    Buffer stream;
    Lz4FrameEncoder encoder;
    REQUIRE(encoder.begin(stream));
    for (std::size_t at = 0; at < content.size(); at += piece) {
      const std::size_t n = std::min(piece, content.size() - at);
      REQUIRE(encoder.update(Bytes(content).subspan(at, n), stream));
    }
    REQUIRE(encoder.end(stream));
    CHECK(to_hex(Bytes(stream).first(7)) == "04224d186440a7");
    const std::size_t end = stream.size();
    stream.insert(stream.end(), 16, std::byte{0xdd});
    Lz4FrameDecoder decoder;
    Buffer got;
    Buffer out(piece);
    std::size_t at = 0;
    for (bool done = false; !done;) {
      const Bytes in = Bytes(stream).subspan(at, std::min<std::size_t>(777, stream.size() - at));
      const auto step = decoder.decode(in, out);
      REQUIRE(step);
      got.insert(got.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(step->produced));
      at += step->consumed;
      done = step->done;
    }
    CHECK(at == end);
    CHECK(got == content);
  }
}

}  // namespace litetool
