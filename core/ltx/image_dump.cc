#include "core/ltx/image_dump.h"

#include <array>
#include <utility>

#include "formats/ltx/file_checksum.h"

namespace litetool {
namespace {

using ltx::IndexEntry;

// Larger than any frame: a page that LZ4 could not shrink, and what stands around it.
constexpr std::uint64_t kMaxFrameBytes = 2 * std::uint64_t{kMaxPageSize};

class ImageDump {
 public:
  ImageDump(const Job& job, const ByteSource& source, std::uint64_t offset, ltx::Extent extent,
            DumpSink& sink)
      : job_(job), source_(source), start_(offset), extent_(extent), sink_(sink) {}

  Status run() {
    auto variant = ltx::detect_variant(source_, start_, extent_);
    if (!variant) return give_up(variant.error());
    auto reader = ltx::FrameReader::open(source_, *variant, start_);
    if (!reader) return give_up(reader.error());
    header_ = reader->header();
    page_.resize(header_.page_size);
    sink_.header(header_, start_);
    ltx::ImageVerifier verifier(header_, reader->header_bytes());
    LT_ASSIGN(const bool followed, dump_frames(*reader, verifier));
    if (!followed) return dump_from_end();
    const auto tail = reader->finish();
    if (!tail) {
      sink_.damage(tail.error());
      return dump_from_end();
    }
    dump_index(tail->end);
    sink_.trailer(tail->trailer);
    if (const auto proven = verifier.finish(*tail); !proven && pages_decoded_) {
      sink_.damage(proven.error());
    }
    if (extent_ == ltx::Extent::kWholeFile && tail->end < source_.size()) {
      sink_.damage(Error::corrupt(tail->end, std::to_string(source_.size() - tail->end) +
                                                 " bytes follow the end of the file"));
    }
    return {};
  }

 private:
  // Nothing can be made of the header.
  Status give_up(const Error& error) {
    std::array<std::byte, ltx::kMaxHeaderSize> head;
    const auto n = source_.read_at(head, start_);
    if (n) sink_.raw_header(Bytes(head).first(*n), start_);
    sink_.damage(error);
    return {};
  }

  // False when the frames could not be followed to their end.
  Result<bool> dump_frames(ltx::FrameReader& reader, ltx::ImageVerifier& verifier) {
    ltx::FrameBatch batch;
    while (true) {
      LT_TRY(job_.check());
      const auto more = reader.read_batch(batch);
      if (!more) {
        sink_.damage(more.error());
        return false;
      }
      if (!*more) return true;
      for (const ltx::Frame& frame : batch.frames()) {
        const auto crc = dump_frame(frame);
        if (crc) verifier.add(frame, *crc);
      }
    }
  }

  // The frame's CRC, nothing if it cannot be decoded.
  std::optional<std::uint64_t> dump_frame(const ltx::Frame& frame) {
    last_pgno_ = frame.pgno;
    auto crc = ltx::decode_frame(frame, page_);
    sink_.frame({number_++, start_ + frame.offset, frame, crc ? Bytes(page_) : Bytes()});
    if (crc) return *crc;
    pages_decoded_ = false;
    Error e = std::move(crc).error();
    if (e.offset) *e.offset += start_;
    sink_.damage(e);
    return {};
  }

  void dump_index(std::uint64_t end) {
    if (!ltx::has_page_index(header_.variant)) return;
    const auto span = ltx::find_index(source_, start_, end);
    if (!span) return sink_.damage(span.error());
    ltx::IndexReader entries(source_, span->begin, span->end);
    for (IndexEntry entry;;) {
      const auto more = entries.next(entry);
      if (!more) return sink_.damage(more.error());
      if (!*more) return;
      sink_.index_entry(entry);
    }
  }

  // What the end of a damaged file still tells: the frames behind the damage, index, trailer.
  Status dump_from_end() {
    if (extent_ != ltx::Extent::kWholeFile || header_.variant == ltx::Variant::kV01) return {};
    std::array<std::byte, ltx::kTrailerSize> raw;
    const std::uint64_t end = source_.size();
    if (end < start_ + ltx::header_size(header_.variant) + raw.size()) return {};
    if (ltx::has_page_index(header_.variant)) {
      LT_TRY(dump_frames_by_index(end));
      dump_index(end);
    }
    if (!source_.read_exact(raw, end - raw.size())) return {};
    const ltx::Trailer trailer{Checksum{load_be<std::uint64_t>(raw.data())},
                               Checksum{load_be<std::uint64_t>(raw.data() + 8)}};
    // The last bytes of a file that was cut are no trailer.
    if (ltx::validate(trailer, header_)) sink_.trailer(trailer);
    return {};
  }

  Status dump_frames_by_index(std::uint64_t end) {
    const auto span = ltx::find_index(source_, start_, end);
    if (!span) return {};  // dump_index() says why
    ltx::IndexReader entries(source_, span->begin, span->end);
    for (IndexEntry entry;;) {
      LT_TRY(job_.check());
      const auto more = entries.next(entry);
      if (!more || !*more) return {};
      if (entry.pgno > last_pgno_) dump_indexed_frame(entry, span->begin);
    }
  }

  void dump_indexed_frame(const IndexEntry& entry, std::uint64_t limit) {
    const std::size_t page_header = ltx::page_header_size(header_.variant);
    const std::uint64_t room = limit - start_;
    if (entry.size < page_header + 4 || entry.size > kMaxFrameBytes || entry.offset > room ||
        entry.size > room - entry.offset) {
      return sink_.damage(Error::corrupt(start_, "the page index leads out of the pages"));
    }
    Buffer bytes(entry.size);
    if (!source_.read_exact(bytes, start_ + entry.offset)) return;
    ltx::Frame frame;
    frame.pgno = load_be<std::uint32_t>(bytes.data());
    frame.offset = entry.offset;
    frame.kind = ltx::PayloadKind::kLz4Frame;
    std::size_t head = page_header;
    if (ltx::is_v3(header_.variant) &&
        load_be<std::uint16_t>(bytes.data() + 4) == ltx::kPageFlagSized) {
      frame.kind = ltx::PayloadKind::kLz4Block;
      head += 4;
    }
    frame.head = Bytes(bytes).first(head);
    frame.payload = Bytes(bytes).subspan(head);
    if (frame.pgno != entry.pgno) {
      return sink_.damage(
          Error::corrupt(start_ + entry.offset, "page " + std::to_string(frame.pgno) +
                                                    " stands where the index says page " +
                                                    std::to_string(entry.pgno)));
    }
    (void)dump_frame(frame);
  }

  const Job& job_;
  const ByteSource& source_;
  const std::uint64_t start_;
  const ltx::Extent extent_;
  DumpSink& sink_;
  ltx::Header header_;
  Buffer page_;
  std::uint64_t number_ = 0;
  Pgno last_pgno_ = 0;
  bool pages_decoded_ = true;
};

}  // namespace

Status dump_image(const Job& job, const ByteSource& source, std::uint64_t offset,
                  ltx::Extent extent, DumpSink& sink) {
  return ImageDump(job, source, offset, extent, sink).run();
}

}  // namespace litetool
