// Archives and keys: any bytes are opened, refused or cut short, and what is opened ends.
#include <algorithm>

#include "formats/archive/sealed_stream.h"
#include "formats/archive/zstd_stream.h"
#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

// What the corpus is sealed for.
constexpr const char* kIdentity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
// More is not looked at: a few bytes of zstd may stand for very many.
constexpr std::size_t kMostRead = std::size_t{4} << 20;

class InputStream : public PullStream {
 public:
  explicit InputStream(Bytes input) : input_(input) {}
  Result<std::size_t> read(MutableBytes out) override {
    const std::size_t n = std::min(out.size(), input_.size());
    std::copy_n(input_.begin(), n, out.begin());
    input_ = input_.subspan(n);
    return n;
  }

 private:
  Bytes input_;
};

void drain(PullStream& stream) {
  Buffer piece(10'000);
  for (std::size_t total = 0; total < kMostRead;) {
    const auto n = stream.read(piece);
    if (!n) {
      require(!n.error().message.empty(), "an error says what it is");
      return;
    }
    require(*n <= piece.size(), "no more than was asked for");
    if (*n == 0) return;
    total += *n;
  }
}

void read(Bytes input) {
  static const age::Unlock unlock{{*age::parse_identity(kIdentity)}, ""};
  InputStream sealed(input);
  if (const auto stream = UnsealedStream::start(sealed, unlock)) {
    UnzstdStream inner(**stream);
    drain(inner);
  }
  InputStream compressed(input);
  UnzstdStream unzstd(compressed);
  drain(unzstd);
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto recipient = age::parse_recipient(text);
  require(!recipient || age::parse_recipient(recipient->text()), "a recipient is read as printed");
  const auto identity = age::parse_identity(text);
  require(!identity || age::parse_identity(identity->text()), "an identity is read as printed");
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
