// LTX images of every variant: detection, the structural reader with each variant forced, and the
// verifying decoder. What verifies must survive being written again in every variant.
#include "formats/ltx/decoder.h"
#include "formats/ltx/encoder.h"
#include "tests/fuzz/fuzz.h"

namespace litetool::ltx {
namespace {

struct Image {
  Header header;
  Trailer trailer;
  std::vector<Pgno> pgnos;
  std::vector<Buffer> pages;
};

// The whole image, if it is a good one.
std::optional<Image> read_verified(const ByteSource& source) {
  auto decoder = Decoder::open(source);
  if (!decoder) return std::nullopt;
  Image image{decoder->header(), {}, {}, {}};
  Buffer page(image.header.page_size);
  while (true) {
    const auto pgno = decoder->next(page);
    if (!pgno) return std::nullopt;
    if (*pgno == 0) break;
    image.pgnos.push_back(*pgno);
    image.pages.push_back(page);
  }
  const auto tail = decoder->finish();
  if (!tail) return std::nullopt;
  image.trailer = tail->trailer;
  return image;
}

// Writes the image as `variant`; what the encoder takes must read back the same.
void check_round_trip(const Image& image, Variant variant) {
  Header header = image.header;
  header.variant = variant;
  header.flags &= kFlagNoChecksum;
  header.v01.reset();
  header.dbid = 0;
  MemorySink sink;
  auto encoder = Encoder::start(sink, header);
  if (!encoder) return;
  for (std::size_t i = 0; i < image.pages.size(); ++i) {
    if (!encoder->add_page(image.pgnos[i], image.pages[i])) return;
  }
  Checksum post = image.header.v01 ? image.header.v01->post_apply : image.trailer.post_apply;
  if (!header.has_checksums()) post = {};
  if (!encoder->finish(post)) return;
  const MemorySource source(sink.buffer);
  const auto again = read_verified(source);
  require(again.has_value(), "what was written verifies");
  // Without pages nothing tells the two kinds of v3 apart.
  require(image.pages.empty() || again->header.variant == variant,
          "what was written is detected as what it is");
  require(again->pgnos == image.pgnos && again->pages == image.pages, "pages survive");
}

constexpr std::size_t kMaxKeptPages = 64;

// Reads structure and pages as one variant, with no checksum in the way of the damage; an image
// whose structure is sound is written again, without checksums.
void read_structure(const ByteSource& source, Variant variant) {
  auto reader = FrameReader::open(source, variant);
  if (!reader) {
    require(reader.error().offset.value_or(0) <= source.size(), "offset is in the file");
    return;
  }
  require(is_page_size(reader->header().page_size), "page size is legal");
  Image image{reader->header(), {}, {}, {}};
  Buffer page(image.header.page_size);
  FrameBatch batch;
  Pgno last = 0;
  bool sound = true;
  while (true) {
    const auto more = reader->read_batch(batch);
    if (!more || !*more) break;
    require(batch.size() <= FrameBatch::kMaxFrames, "a batch is bounded");
    for (const Frame& frame : batch.frames()) {
      require(frame.pgno > last, "pages ascend");
      last = frame.pgno;
      sound = decode_frame(frame, page).ok() && sound && image.pages.size() < kMaxKeptPages;
      if (!sound) continue;
      image.pgnos.push_back(frame.pgno);
      image.pages.push_back(page);
    }
  }
  const auto tail = reader->finish();
  if (!tail) return;
  require(tail->end <= source.size(), "the image ends in the file");
  if (!sound) return;
  image.header.flags |= kFlagNoChecksum;
  image.header.pre_apply = {};
  for (const Variant v : kWritableVariants) check_round_trip(image, v);
}

void read(Bytes input) {
  const MemorySource source(input);
  looks_like_ltx(input);
  for (const Variant variant : kAllVariants) read_structure(source, variant);
  const auto variant = detect_variant(source);
  const auto verified = verify_image(source);
  const auto image = read_verified(source);
  require(verified.ok() == image.has_value(), "both ways of verifying agree");
  if (!image) return;
  require(variant.ok(), "what verifies is detected");
  for (const Variant v : kWritableVariants) check_round_trip(*image, v);
}

}  // namespace
}  // namespace litetool::ltx

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::ltx::read(litetool::fuzz_bytes(data, size));
  return 0;
}
