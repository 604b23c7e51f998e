#include "formats/archive/sealed_stream.h"

#include <algorithm>
#include <array>
#include <utility>

namespace litetool {
namespace {

constexpr std::size_t kNonceSize = 16;
constexpr std::size_t kSealedSize = kSealedChunkSize + kAeadTagSize;

AeadNonce chunk_nonce(std::uint64_t number, bool last) {
  AeadNonce nonce{};
  store_be(nonce.data() + 3, number);
  nonce.back() = std::byte{last};
  return nonce;
}

Error damaged(std::uint64_t chunk, const char* what) {
  return {Errc::kCorrupt, "the sealed archive is damaged: chunk " + std::to_string(chunk) + what};
}

}  // namespace

bool is_sealed(Bytes first) {
  const Bytes magic = as_bytes(age::kMagic);
  return first.size() >= magic.size() && std::ranges::equal(first.first(magic.size()), magic);
}

Result<std::unique_ptr<SealedSink>> SealedSink::start(ByteSink& below, const age::Lock& lock,
                                                      unsigned log2_n) {
  age::FileKey file_key;
  fill_random(file_key);
  LT_ASSIGN(const std::string head, age::make_header(file_key, lock, log2_n));
  std::array<std::byte, kNonceSize> nonce;
  fill_random(nonce);
  LT_TRY(below.write(as_bytes(head)));
  LT_TRY(below.write(nonce));
  const Key key = hkdf_sha256(file_key, nonce, "payload");
  wipe(file_key);
  return std::unique_ptr<SealedSink>(new SealedSink(below, key));
}

Status SealedSink::write(Bytes b) {
  while (!b.empty()) {
    // A full chunk waits until it is known whether it is the last one.
    if (pending_.size() == kSealedChunkSize) LT_TRY(seal_chunk(false));
    const std::size_t n = std::min(b.size(), kSealedChunkSize - pending_.size());
    pending_.insert(pending_.end(), b.begin(), b.begin() + static_cast<std::ptrdiff_t>(n));
    b = b.subspan(n);
  }
  return {};
}

Status SealedSink::finish() {
  return seal_chunk(true);
}

Status SealedSink::seal_chunk(bool last) {
  sealed_.resize(pending_.size() + kAeadTagSize);
  aead_seal(key_, chunk_nonce(chunks_++, last), pending_, sealed_);
  pending_.clear();
  return below_.write(sealed_);
}

Result<std::unique_ptr<UnsealedStream>> UnsealedStream::start(PullStream& below,
                                                              const age::Unlock& unlock) {
  Buffer head;
  std::optional<std::size_t> size;
  while (!size) {
    constexpr std::size_t kStep = 4096;
    const std::size_t before = head.size();
    head.resize(before + kStep);
    LT_ASSIGN(const std::size_t n, below.read(MutableBytes(head).subspan(before)));
    head.resize(before + n);
    size = age::header_size(head);
    if (!size && (n == 0 || head.size() >= age::kMaxHeaderSize)) {
      return Error(Errc::kCorrupt, "the head of the sealed archive is damaged: it does not end");
    }
  }
  const std::string text(reinterpret_cast<const char*>(head.data()), *size);
  LT_ASSIGN(age::FileKey file_key, age::open_header(text, unlock));
  head.erase(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(*size));
  std::unique_ptr<UnsealedStream> stream(new UnsealedStream(below, std::move(head)));
  std::array<std::byte, kNonceSize> nonce;
  LT_ASSIGN(const std::size_t n, stream->pull(nonce));
  if (n != nonce.size()) return damaged(0, " is missing");
  stream->key_ = hkdf_sha256(file_key, nonce, "payload");
  wipe(file_key);
  stream->next_.resize(kSealedSize);
  LT_ASSIGN(const std::size_t first, stream->pull(stream->next_));
  stream->next_.resize(first);
  return stream;
}

Result<std::size_t> UnsealedStream::read(MutableBytes out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (at_ == text_.size()) {
      if (ended_) break;
      LT_TRY(open_chunk());
      continue;
    }
    const std::size_t n = std::min(out.size() - done, text_.size() - at_);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), n,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    at_ += n;
    done += n;
  }
  return done;
}

// The sealed bytes: what was read with the head first.
Result<std::size_t> UnsealedStream::pull(MutableBytes out) {
  const std::size_t n = std::min(out.size(), ahead_.size());
  std::copy_n(ahead_.begin(), n, out.begin());
  ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(n));
  if (n == out.size()) return n;
  LT_ASSIGN(const std::size_t more, below_.read(out.subspan(n)));
  return n + more;
}

// One chunk is read ahead: the last one is the one behind which nothing comes.
Status UnsealedStream::open_chunk() {
  const Buffer sealed = std::exchange(next_, Buffer(kSealedSize));
  if (sealed.size() < kAeadTagSize) return damaged(chunks_, " is cut off");
  std::size_t ahead = 0;
  if (sealed.size() == kSealedSize) {
    LT_ASSIGN(ahead, pull(next_));
  }
  next_.resize(ahead);
  ended_ = ahead == 0;
  text_.resize(sealed.size() - kAeadTagSize);
  at_ = 0;
  if (!aead_open(key_, chunk_nonce(chunks_, ended_), sealed, text_)) {
    text_.clear();
    return damaged(chunks_, ended_ ? " is not what was sealed, or the end is missing"
                                   : " is not what was sealed");
  }
  if (text_.empty() && chunks_ > 0) return damaged(chunks_, " is empty");
  ++chunks_;
  return {};
}

}  // namespace litetool
