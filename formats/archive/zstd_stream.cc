#include "formats/archive/zstd_stream.h"

#include <zstd.h>

#include <array>
#include <string>

namespace litetool {
namespace {

constexpr int kLevel = 3;
constexpr int kMaxWindowLog = 27;

Error of_library(Errc code, std::size_t rc) {
  return {code, std::string("zstd: ") + ZSTD_getErrorName(rc)};
}

}  // namespace

bool is_zstd(Bytes first) {
  return first.size() >= 4 && load_le<std::uint32_t>(first.data()) == ZSTD_MAGICNUMBER;
}

struct ZstdSink::Context {
  ZSTD_CCtx* c = ZSTD_createCCtx();
  ~Context() { ZSTD_freeCCtx(c); }
};

ZstdSink::ZstdSink(ByteSink& below, unsigned threads)
    : below_(below), context_(std::make_unique<Context>()), out_(ZSTD_CStreamOutSize()) {
  LT_CHECK(context_->c != nullptr);
  ZSTD_CCtx_setParameter(context_->c, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_->c, ZSTD_c_checksumFlag, 1);
  // Fails, without harm, in a library that was built without threads.
  if (threads > 1) {
    ZSTD_CCtx_setParameter(context_->c, ZSTD_c_nbWorkers, static_cast<int>(threads));
  }
}

ZstdSink::~ZstdSink() = default;

Status ZstdSink::write(Bytes b) {
  return run(b, false);
}

Status ZstdSink::finish() {
  return run({}, true);
}

Status ZstdSink::run(Bytes b, bool last) {
  ZSTD_inBuffer in{b.data(), b.size(), 0};
  while (true) {
    ZSTD_outBuffer out{out_.data(), out_.size(), 0};
    const std::size_t left =
        ZSTD_compressStream2(context_->c, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left) != 0) return of_library(Errc::kFailed, left);
    if (out.pos > 0) LT_TRY(below_.write(Bytes(out_).first(out.pos)));
    if (last ? left == 0 : in.pos == in.size) return {};
  }
}

struct UnzstdStream::Context {
  ZSTD_DCtx* c = ZSTD_createDCtx();
  Buffer in = Buffer(ZSTD_DStreamInSize());
  std::size_t begin = 0;
  std::size_t end = 0;
  bool inside = true;  // a frame has begun and not ended; at first one must come
  ~Context() { ZSTD_freeDCtx(c); }
};

UnzstdStream::UnzstdStream(PullStream& below)
    : below_(below), context_(std::make_unique<Context>()) {
  LT_CHECK(context_->c != nullptr);
  ZSTD_DCtx_setParameter(context_->c, ZSTD_d_windowLogMax, kMaxWindowLog);
}

UnzstdStream::~UnzstdStream() = default;

Result<std::size_t> UnzstdStream::read(MutableBytes to) {
  Context& z = *context_;
  ZSTD_outBuffer out{to.data(), to.size(), 0};
  while (out.pos < out.size) {
    if (z.begin == z.end) {
      LT_ASSIGN(z.end, below_.read(z.in));
      z.begin = 0;
      if (z.end == 0 && !z.inside) break;
    }
    const bool at_end = z.end == 0;
    ZSTD_inBuffer in{z.in.data(), z.end, z.begin};
    const std::size_t before = out.pos;
    const std::size_t rc = ZSTD_decompressStream(z.c, &out, &in);
    if (ZSTD_isError(rc) != 0) return of_library(Errc::kCorrupt, rc);
    z.begin = in.pos;
    z.inside = rc != 0;
    // What the library still held has been taken, and no more comes.
    if (at_end && z.inside && out.pos == before) {
      return Error(Errc::kCorrupt, "zstd: the compressed data is cut off");
    }
  }
  return out.pos;
}

}  // namespace litetool
