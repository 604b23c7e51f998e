#include "formats/ltx/encoder.h"

#include "formats/base/compress.h"
#include "formats/base/text.h"

namespace litetool::ltx {
namespace {

constexpr std::size_t kFlushSize = std::size_t{1} << 20;

}  // namespace

Encoder::Encoder(ByteSink& sink, const Header& header)
    : sink_(&sink),
      header_(header),
      file_(header.variant, encode_header(header)),
      order_(header, false),
      index_(header_size(header.variant)) {}

Result<Encoder> Encoder::start(ByteSink& sink, Header header) {
  if (!is_writable(header.variant)) {
    return Error(Errc::kUnsupported,
                 "LTX " + std::string(variant_name(header.variant)) + " is only read, not written");
  }
  header.flags &= ~kFlagLz4Block;
  if (header.variant == Variant::kV1Lz4) header.flags |= kFlagLz4Block;
  LT_TRY(validate(header));
  Encoder e(sink, header);
  LT_TRY(e.put(encode_header(header)));
  if (header.variant == Variant::kV1Lz4) {
    e.lz4_ = std::make_unique<Lz4FrameEncoder>();
    LT_TRY(e.lz4_->begin(e.out_));
  }
  return e;
}

Status Encoder::add_page(Pgno pgno, Bytes page) {
  if (page.size() != header_.page_size) {
    return Error(Errc::kFailed,
                 format("page has %zu bytes, page size is %u", page.size(), header_.page_size));
  }
  prepare_frame(header_.variant, pgno, page, scratch_);
  return add_prepared(scratch_);
}

Status Encoder::add_prepared(const PreparedFrame& frame) {
  if (finished_) return Error(Errc::kFailed, "page added to a finished LTX file");
  if (frame.variant() != header_.variant) {
    return Error(Errc::kFailed, "frame was prepared for another LTX variant");
  }
  if (frame.page_size() != header_.page_size) {
    return Error(Errc::kFailed, format("page has %u bytes, page size is %u", frame.page_size(),
                                       header_.page_size));
  }
  LT_TRY(order_.add(frame.pgno()));
  file_.append(frame.crc(), frame.hashed_size());
  if (has_page_index(header_.variant)) LT_TRY(index_.add(frame.pgno(), frame.bytes().size()));
  ++page_count_;
  if (!lz4_) return put(frame.bytes());
  LT_TRY(lz4_->update(frame.bytes(), out_));
  return out_.size() >= kFlushSize ? flush() : Status();
}

Status Encoder::end_pages() {
  constexpr std::byte kZeros[6] = {};
  const Bytes terminator = Bytes(kZeros).first(page_header_size(header_.variant));
  file_.extend(terminator);
  if (!lz4_) return put(terminator);
  LT_TRY(lz4_->update(terminator, out_));
  return lz4_->end(out_);
}

Result<Trailer> Encoder::finish(Checksum post_apply) {
  if (finished_) return Error(Errc::kFailed, "LTX file finished twice");
  LT_TRY(order_.finish());
  // The file checksum is not known yet; any well-formed one does for checking the rest.
  Trailer trailer{post_apply, Checksum{Checksum::kFlag}};
  LT_TRY(validate(trailer, header_));
  finished_ = true;
  LT_TRY(end_pages());
  if (has_page_index(header_.variant)) {
    class Tee : public ByteSink {
     public:
      explicit Tee(Encoder& e) : e_(e) {}
      Status write(Bytes b) override {
        e_.file_.extend(b);
        return e_.put(b);
      }

     private:
      Encoder& e_;
    } tee(*this);
    LT_TRY(index_.write(tee));
  }
  std::byte raw[kTrailerSize];
  store_be(raw, post_apply.value);
  file_.extend(Bytes(raw).first(8));
  trailer.file_checksum = file_.value();
  store_be(raw + 8, trailer.file_checksum.value);
  LT_TRY(put(raw));
  LT_TRY(flush());
  return trailer;
}

Status Encoder::put(Bytes b) {
  out_.insert(out_.end(), b.begin(), b.end());
  return out_.size() >= kFlushSize ? flush() : Status();
}

Status Encoder::flush() {
  if (out_.empty()) return {};
  flushed_ += out_.size();
  const Status written = sink_->write(out_);
  out_.clear();
  return written;
}

}  // namespace litetool::ltx
