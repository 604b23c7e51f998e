// Sealed and compressed archives: what the age tool made, round trips, and every kind of damage.
#include "formats/archive/sealed_stream.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "formats/archive/zstd_stream.h"
#include "tests/support/database_pages.h"
#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

constexpr const char* kIdentity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
constexpr const char* kRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
// "SQLite remembers\n", sealed by age 1.2.0: for the recipient, and with "correct horse".
constexpr const char* kForRecipient =
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e20583235353139205752756348424b44637972373759"
    "4c3334526e4c7a717154464e325868577950455a364f4c5a425964566b0a70585241376345335a504d62734f704b"
    "5945706562586342413875616a524435523349476b754d623974770a2d2d2d207a62636d7041782f446d64424641"
    "5a444b41396a3379553579502f5235657579706f6f746a7758665279770a766aba5c8d69abd84420d7ebee633058"
    "a3a883aea5ef3fd810e82119805230808f12844d8291551d027a74e83535199d3b";
constexpr const char* kWithPassphrase =
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e2073637279707420623972794851734552306d53756e"
    "66755766313141512031380a677145724a4a416c4839575957514f73326d4278455450666f336841786d79524851"
    "7353333348574579410a2d2d2d2068676e52597a697147334264565049783155305873326a567064557934593052"
    "485070776f336e3331414d0a5fb67f80744a7ce7ab8bc9d1f2a08218cc3ec3371291bc4dd7fd46649062e5fc2adc"
    "1f4295dc1f8bf6894628d730283625";

Buffer from_hex(std::string_view hex) {
  Buffer out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

// Yields a few bytes at a time, as a pipe may.
class Trickle : public PullStream {
 public:
  explicit Trickle(Bytes b, std::size_t step = 1000) : bytes_(b), step_(step) {}
  Result<std::size_t> read(MutableBytes out) override {
    std::size_t done = 0;
    while (done < out.size() && at_ < bytes_.size()) {
      const std::size_t n = std::min({step_, out.size() - done, bytes_.size() - at_});
      std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), n,
                  out.begin() + static_cast<std::ptrdiff_t>(done));
      at_ += n;
      done += n;
    }
    return done;
  }

 private:
  Bytes bytes_;
  std::size_t step_;
  std::size_t at_ = 0;
};

Result<Buffer> all_of(PullStream& stream) {
  Buffer out;
  Buffer piece(3000);
  while (true) {
    LT_ASSIGN(const std::size_t n, stream.read(piece));
    if (n == 0) return out;
    out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(n));
  }
}

Result<Buffer> unseal(Bytes sealed, const age::Unlock& unlock) {
  Trickle below(sealed);
  LT_ASSIGN(const auto stream, UnsealedStream::start(below, unlock));
  return all_of(*stream);
}

age::Unlock identity_unlock() {
  return {{*age::parse_identity(kIdentity)}, ""};
}
age::Lock recipient_lock() {
  return {{*age::parse_recipient(kRecipient)}, ""};
}

Buffer seal(Bytes text, const age::Lock& lock) {
  MemorySink sink;
  const auto sealed = SealedSink::start(sink, lock, 4);
  REQUIRE(sealed);
  for (std::size_t at = 0; at < text.size(); at += 10'000) {
    REQUIRE((*sealed)->write(text.subspan(at, std::min<std::size_t>(10'000, text.size() - at))));
  }
  REQUIRE((*sealed)->finish());
  return sink.buffer;
}

bool equal(const Result<Buffer>& result, const Buffer& text) {
  return result && *result == text;
}

Errc failure(const Result<Buffer>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("age keys: the forms of the age tool, in either case, and every typing error") {
  const auto identity = age::parse_identity(kIdentity);
  REQUIRE(identity);
  CHECK(std::ranges::all_of(identity->key, [](std::byte b) { return b == std::byte{0x42}; }));
  CHECK(identity->text() == kIdentity);
  CHECK(identity->recipient().text() == kRecipient);
  const auto recipient = age::parse_recipient(kRecipient);
  REQUIRE(recipient);
  CHECK(recipient->text() == kRecipient);
  CHECK(age::parse_recipient("AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ"));
  CHECK_FALSE(age::parse_recipient(kIdentity));
  CHECK_FALSE(age::parse_identity(kRecipient));
  CHECK_FALSE(age::parse_recipient(""));
  const std::string text = kRecipient;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'q', 'p', 'x', 'l', '1', 'b', 'Q', '\0'}) {
      std::string wrong = text;
      wrong[i] = c;
      if (wrong != text) CHECK_FALSE(age::parse_recipient(wrong));
    }
    CHECK_FALSE(age::parse_recipient(text.substr(0, i)));
  }
  CHECK(age::Identity::generate().text() != age::Identity::generate().text());
}

TEST_CASE("sealed: what the age tool sealed is opened") {
  const auto text = unseal(from_hex(kForRecipient), identity_unlock());
  REQUIRE(text);
  CHECK(std::ranges::equal(*text, as_bytes("SQLite remembers\n")));
  const auto secret = unseal(from_hex(kWithPassphrase), {{}, "correct horse"});
  REQUIRE(secret);
  CHECK(std::ranges::equal(*secret, as_bytes("SQLite remembers\n")));
  CHECK(failure(unseal(from_hex(kWithPassphrase), {{}, "wrong horse"})) == Errc::kKey);
  CHECK(failure(unseal(from_hex(kWithPassphrase), identity_unlock())) == Errc::kKey);
  CHECK(failure(unseal(from_hex(kForRecipient), {{age::Identity::generate()}, ""})) == Errc::kKey);
  CHECK(failure(unseal(from_hex(kForRecipient), {{}, "correct horse"})) == Errc::kKey);
}

TEST_CASE("sealed: every size comes back, for each of several recipients and by passphrase") {
  const age::Identity other = age::Identity::generate();
  age::Lock lock = recipient_lock();
  lock.recipients.push_back(other.recipient());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kSealedChunkSize - 1,
                                 kSealedChunkSize, kSealedChunkSize + 1, 3 * kSealedChunkSize}) {
    const Buffer text = test::random_page(static_cast<std::uint32_t>(size), 5);
    const Buffer sealed = seal(text, lock);
    CHECK(is_sealed(sealed));
    CHECK(equal(unseal(sealed, identity_unlock()), text));
    CHECK(equal(unseal(sealed, {{other}, ""}), text));
    CHECK(equal(unseal(seal(text, {{}, "a b"}), {{}, "a b"}), text));
  }
}

TEST_CASE("sealed: nothing can be cut off, changed, added or moved") {
  const Buffer text = test::random_page(2 * kSealedChunkSize + 100, 9);
  const Buffer sealed = seal(text, recipient_lock());
  const age::Unlock unlock = identity_unlock();
  const std::size_t head = *age::header_size(sealed);
  for (std::size_t at = 0; at < sealed.size(); at += at < head + 40 ? 1 : 997) {
    Buffer cut(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(at));
    CHECK_FALSE(unseal(cut, unlock));
    Buffer flipped = sealed;
    flipped[at] ^= std::byte{1};
    CHECK_FALSE(unseal(flipped, unlock));
  }
  const std::size_t chunk = kSealedChunkSize + kAeadTagSize;
  Buffer cut(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(head + 16 + chunk));
  CHECK(failure(unseal(cut, unlock)) == Errc::kCorrupt);
  Buffer more = sealed;
  more.push_back(std::byte{0});
  CHECK(failure(unseal(more, unlock)) == Errc::kCorrupt);
  Buffer swapped = sealed;
  const auto first = swapped.begin() + static_cast<std::ptrdiff_t>(head + 16);
  std::swap_ranges(first, first + static_cast<std::ptrdiff_t>(chunk),
                   first + static_cast<std::ptrdiff_t>(chunk));
  CHECK(failure(unseal(swapped, unlock)) == Errc::kCorrupt);
}

TEST_CASE("sealed: a passphrase that would take all memory is refused") {
  std::string head(age::kMagic);
  head += "-> scrypt b9ryHQsER0mSunfuWf11AQ 40\ngqErJJAlH9WYWQOs2mBxETPfo3hAxmyRHQsS33HWEyA\n";
  head += "--- hgnRYziqG3BdVPIx1U0Xs2jVpdUy4Y0RHPpwo3n31AM\n";
  const auto opened = age::open_header(head, {{}, "x"});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::kUnsupported);
}

TEST_CASE("sealed: a passphrase stands alone, so that it is paid for once") {
  const std::string stanza =
      "-> scrypt b9ryHQsER0mSunfuWf11AQ 1\ngqErJJAlH9WYWQOs2mBxETPfo3hAxmyRHQsS33HWEyA\n";
  const auto opened_with = [&](const std::string& stanzas) {
    const std::string head =
        std::string(age::kMagic) + stanzas + "--- hgnRYziqG3BdVPIx1U0Xs2jVpdUy4Y0RHPpwo3n31AM\n";
    return age::open_header(head, {{}, "x"}).error().code;
  };
  CHECK(opened_with(stanza) == Errc::kKey);
  CHECK(opened_with(stanza + stanza) == Errc::kCorrupt);
}

TEST_CASE("zstd: every size comes back, alone and sealed; damage and cuts are seen") {
  for (const std::uint32_t size : {0u, 1u, 4096u, 700'000u}) {
    const Buffer text = test::mixed_page(size, 3);
    for (const unsigned threads : {1u, 2u}) {
      MemorySink sink;
      ZstdSink zstd(sink, threads);
      REQUIRE(zstd.write(text));
      REQUIRE(zstd.finish());
      CHECK(is_zstd(sink.buffer));
      Trickle below(sink.buffer);
      UnzstdStream stream(below);
      CHECK(equal(all_of(stream), text));
      for (std::size_t at = 0; at < sink.buffer.size(); at += 1 + sink.buffer.size() / 50) {
        Trickle cut(Bytes(sink.buffer).first(at));
        UnzstdStream short_stream(cut);
        CHECK_FALSE(all_of(short_stream));
      }
    }
  }
  MemorySink sink;
  const auto sealed = SealedSink::start(sink, recipient_lock());
  REQUIRE(sealed);
  ZstdSink zstd(**sealed, 1);
  const Buffer text = test::mixed_page(300'000, 4);
  REQUIRE(zstd.write(text));
  REQUIRE(zstd.finish());
  REQUIRE((*sealed)->finish());
  Trickle below(sink.buffer);
  const auto opened = UnsealedStream::start(below, identity_unlock());
  REQUIRE(opened);
  UnzstdStream stream(**opened);
  CHECK(equal(all_of(stream), text));
}

}  // namespace litetool
