#include "formats/base/compress.h"

#include <lz4.h>
#include <lz4frame.h>
#include <xxhash.h>

#include <string>

namespace litetool {
namespace {

constexpr std::uint32_t kFrameMagic = 0x184d2204;  // little-endian on disk: 04 22 4d 18
constexpr std::uint8_t kFlagVersion = 0x40;
constexpr std::uint8_t kFlagBlockChecksum = 0x10;
constexpr std::uint8_t kFlagContentSize = 0x08;
constexpr std::uint8_t kFlagContentChecksum = 0x04;
constexpr std::uint8_t kFlagDictionaryId = 0x01;
constexpr std::uint32_t kStoredBlock = 0x80000000;
constexpr std::size_t kPlainHead = 7;
constexpr std::byte kPlainHeader[kPlainHead] = {std::byte{0x04}, std::byte{0x22}, std::byte{0x4d},
                                                std::byte{0x18}, std::byte{0x64}, std::byte{0x40},
                                                std::byte{0xa7}};

const char* chars(const std::byte* p) {
  return reinterpret_cast<const char*>(p);
}
char* chars(std::byte* p) {
  return reinterpret_cast<char*>(p);
}

Error corrupt(std::string message) {
  return {Errc::kCorrupt, std::move(message)};
}

bool has_plain_header(Bytes b) {
  return b.size() >= kPlainHead && std::memcmp(b.data(), kPlainHeader, kPlainHead) == 0;
}

// The frame written here: one block and a content checksum. Sets `handled` when it was that.
Result<std::size_t> decompress_plain_frame(Bytes b, MutableBytes out, bool& handled) {
  handled = false;
  if (b.size() < kLz4FrameOverhead || !has_plain_header(b)) return std::size_t{0};
  const std::uint32_t word = load_le<std::uint32_t>(b.data() + kPlainHead);
  const std::size_t size = word & ~kStoredBlock;
  if (size == 0 || size > b.size() - kLz4FrameOverhead) return std::size_t{0};
  const std::byte* foot = b.data() + kPlainHead + 4 + size;
  if (load_le<std::uint32_t>(foot) != 0) return std::size_t{0};
  handled = true;
  const Bytes block = b.subspan(kPlainHead + 4, size);
  if ((word & kStoredBlock) == 0) {
    LT_TRY(lz4_decompress_block(block, out));
  } else if (size != out.size()) {
    return corrupt("lz4 frame holds " + std::to_string(size) + " bytes, not " +
                   std::to_string(out.size()));
  } else {
    std::memcpy(out.data(), block.data(), size);
  }
  if (XXH32(out.data(), out.size(), 0) != load_le<std::uint32_t>(foot + 4)) {
    return corrupt("lz4 content checksum mismatch");
  }
  return size + kLz4FrameOverhead;
}

}  // namespace

std::size_t lz4_compress_block(Bytes in, MutableBytes out, int acceleration) {
  LT_CHECK(in.size() <= kLz4FrameBlockMax && out.size() >= lz4_block_bound(in.size()));
  const int n = LZ4_compress_fast(chars(in.data()), chars(out.data()), static_cast<int>(in.size()),
                                  static_cast<int>(lz4_block_bound(in.size())), acceleration);
  LT_CHECK(n > 0);
  return static_cast<std::size_t>(n);
}

Status lz4_decompress_block(Bytes block, MutableBytes out) {
  if (block.size() > LZ4_MAX_INPUT_SIZE || out.size() > LZ4_MAX_INPUT_SIZE) {
    return corrupt("lz4 block is too large");
  }
  const int n = LZ4_decompress_safe(chars(block.data()), chars(out.data()),
                                    static_cast<int>(block.size()), static_cast<int>(out.size()));
  if (n < 0) return corrupt("lz4 block does not decompress");
  if (static_cast<std::size_t>(n) != out.size()) {
    return corrupt("lz4 block holds " + std::to_string(n) + " bytes, not " +
                   std::to_string(out.size()));
  }
  return {};
}

std::size_t lz4_compress_frame(Bytes in, MutableBytes out) {
  LT_CHECK(!in.empty() && out.size() >= lz4_block_bound(in.size()) + kLz4FrameOverhead);
  std::memcpy(out.data(), kPlainHeader, kPlainHead);
  std::byte* data = out.data() + kPlainHead + 4;
  std::size_t size = lz4_compress_block(in, out.subspan(kPlainHead + 4));
  std::uint32_t word = static_cast<std::uint32_t>(size);
  if (size >= in.size()) {  // does not pay: store it
    size = in.size();
    std::memcpy(data, in.data(), size);
    word = static_cast<std::uint32_t>(size) | kStoredBlock;
  }
  store_le(out.data() + kPlainHead, word);
  store_le(data + size, std::uint32_t{0});
  store_le(data + size + 4, static_cast<std::uint32_t>(XXH32(in.data(), in.size(), 0)));
  return size + kLz4FrameOverhead;
}

Result<std::size_t> lz4_decompress_frame(Bytes bytes, MutableBytes out) {
  bool handled = false;
  auto plain = decompress_plain_frame(bytes, out, handled);
  if (handled || !plain) return plain;
  Lz4FrameDecoder decoder;
  std::size_t consumed = 0;
  std::size_t produced = 0;
  for (;;) {
    LT_ASSIGN(const auto step, decoder.decode(bytes.subspan(consumed), out.subspan(produced)));
    consumed += step.consumed;
    produced += step.produced;
    if (step.done) break;
    if (step.consumed == 0 && step.produced == 0) {
      return corrupt(consumed == bytes.size() ? "lz4 frame ends early"
                                              : "lz4 frame holds too many bytes");
    }
  }
  if (produced != out.size()) {
    return corrupt("lz4 frame holds " + std::to_string(produced) + " bytes, not " +
                   std::to_string(out.size()));
  }
  return consumed;
}

Result<Lz4FrameExtent> lz4_frame_extent(Bytes bytes) {
  if (bytes.size() < kPlainHead) return Lz4FrameExtent{false, kPlainHead};
  if (load_le<std::uint32_t>(bytes.data()) != kFrameMagic) return corrupt("no lz4 frame here");
  const auto flags = std::to_integer<std::uint8_t>(bytes[4]);
  if ((flags & 0xc0) != kFlagVersion) return corrupt("lz4 frame of an unknown version");
  std::size_t at = kPlainHead;
  if ((flags & kFlagContentSize) != 0) at += 8;
  if ((flags & kFlagDictionaryId) != 0) at += 4;
  const std::size_t block_foot = (flags & kFlagBlockChecksum) != 0 ? 4 : 0;
  for (;;) {
    if (bytes.size() < at + 4) return Lz4FrameExtent{false, at + 4};
    const std::uint32_t word = load_le<std::uint32_t>(bytes.data() + at);
    at += 4;
    if (word == 0) break;
    at += (word & ~kStoredBlock) + block_foot;
  }
  if ((flags & kFlagContentChecksum) != 0) at += 4;
  return Lz4FrameExtent{bytes.size() >= at, at};
}

Bytes lz4_frame_single_block(Bytes frame) {
  if (frame.size() < kLz4FrameOverhead || !has_plain_header(frame)) return {};
  const std::uint32_t word = load_le<std::uint32_t>(frame.data() + kPlainHead);
  if (word == 0 || (word & kStoredBlock) != 0 || word != frame.size() - kLz4FrameOverhead)
    return {};
  return frame.subspan(kPlainHead + 4, word);
}

struct Lz4FrameEncoder::Context {
  LZ4F_cctx* lz4 = nullptr;
  Context() {
    if (LZ4F_isError(LZ4F_createCompressionContext(&lz4, LZ4F_VERSION)) != 0) lz4 = nullptr;
  }
  ~Context() { LZ4F_freeCompressionContext(lz4); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  static LZ4F_preferences_t preferences() {
    LZ4F_preferences_t p{};
    p.frameInfo.blockSizeID = LZ4F_max64KB;
    p.frameInfo.blockMode = LZ4F_blockIndependent;
    p.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    return p;
  }
  // Runs one LZ4F call that writes at most `bound` bytes, at the end of `out`.
  template <typename Call>
  static Status append(Buffer& out, std::size_t bound, Call call) {
    const std::size_t before = out.size();
    out.resize(before + bound);
    const std::size_t n = call(out.data() + before);
    out.resize(before + (LZ4F_isError(n) != 0 ? 0 : n));
    if (LZ4F_isError(n) != 0) {
      return Error(Errc::kFailed, std::string("lz4: ") + LZ4F_getErrorName(n));
    }
    return {};
  }
};

Lz4FrameEncoder::Lz4FrameEncoder() : context_(std::make_unique<Context>()) {}
Lz4FrameEncoder::~Lz4FrameEncoder() = default;
Lz4FrameEncoder::Lz4FrameEncoder(Lz4FrameEncoder&&) noexcept = default;
Lz4FrameEncoder& Lz4FrameEncoder::operator=(Lz4FrameEncoder&&) noexcept = default;

Status Lz4FrameEncoder::begin(Buffer& out) {
  if (context_->lz4 == nullptr) return Error(Errc::kFailed, "lz4: out of memory");
  const auto preferences = Context::preferences();
  return Context::append(out, LZ4F_HEADER_SIZE_MAX, [&](std::byte* p) {
    return LZ4F_compressBegin(context_->lz4, p, LZ4F_HEADER_SIZE_MAX, &preferences);
  });
}

Status Lz4FrameEncoder::update(Bytes in, Buffer& out) {
  const auto preferences = Context::preferences();
  const std::size_t bound = LZ4F_compressBound(in.size(), &preferences);
  return Context::append(out, bound, [&](std::byte* p) {
    return LZ4F_compressUpdate(context_->lz4, p, bound, in.data(), in.size(), nullptr);
  });
}

Status Lz4FrameEncoder::end(Buffer& out) {
  const auto preferences = Context::preferences();
  const std::size_t bound = LZ4F_compressBound(0, &preferences);
  return Context::append(
      out, bound, [&](std::byte* p) { return LZ4F_compressEnd(context_->lz4, p, bound, nullptr); });
}

struct Lz4FrameDecoder::Context {
  LZ4F_dctx* lz4 = nullptr;
  Context() {
    if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)) != 0) lz4 = nullptr;
  }
  ~Context() { LZ4F_freeDecompressionContext(lz4); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

Lz4FrameDecoder::Lz4FrameDecoder() : context_(std::make_unique<Context>()) {}
Lz4FrameDecoder::~Lz4FrameDecoder() = default;
Lz4FrameDecoder::Lz4FrameDecoder(Lz4FrameDecoder&&) noexcept = default;
Lz4FrameDecoder& Lz4FrameDecoder::operator=(Lz4FrameDecoder&&) noexcept = default;

Result<Lz4FrameDecoder::Progress> Lz4FrameDecoder::decode(Bytes in, MutableBytes out) {
  if (context_->lz4 == nullptr) return Error(Errc::kFailed, "lz4: out of memory");
  std::size_t consumed = in.size();
  std::size_t produced = out.size();
  const std::size_t hint =
      LZ4F_decompress(context_->lz4, out.data(), &produced, in.data(), &consumed, nullptr);
  if (LZ4F_isError(hint) != 0) {
    return corrupt(std::string("lz4 frame does not decompress: ") + LZ4F_getErrorName(hint));
  }
  return Progress{consumed, produced, hint == 0};
}

}  // namespace litetool
