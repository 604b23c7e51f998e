#include "core/past/image_pages.h"

#include <algorithm>
#include <utility>

#include "core/ltx/indexed_frame.h"
#include "core/ltx/open_image.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kMaxOpenFiles = 100;
constexpr std::size_t kBatch = 1024;  // pages

}  // namespace

Status ImagePages::list(const ImageRef& image, const Wants& wants, const Found& found) {
  auto status = ltx::has_page_index(image.header.variant) ? list_index(image, found)
                                                          : unpack(image, wants, found);
  if (!status) return std::move(status).error().with(image.path);
  return {};
}

Status ImagePages::list_index(const ImageRef& image, const Found& found) {
  LT_ASSIGN(const OpenFile* const open, file_of(image));
  const std::uint64_t end = image.offset + image.size;
  LT_ASSIGN(const ltx::IndexSpan span, ltx::find_index(*open->backward, image.offset, end));
  ltx::IndexReader reader(*open->backward, span.begin, span.end);
  Pgno before = 0;
  batch_.clear();
  for (ltx::IndexEntry entry;;) {
    const std::uint64_t at = reader.position();
    LT_ASSIGN(const bool more, reader.next(entry));
    if (!more) break;
    if (entry.pgno <= before) {
      return Error::corrupt(at, format("page index is not ascending at page %u", entry.pgno));
    }
    before = entry.pgno;
    if (entry.offset >= image.size || entry.size == 0 || entry.size > image.size - entry.offset) {
      return Error::corrupt(at, format("page %u: outside of the image", entry.pgno));
    }
    // No frame is that large; the one who reads it says so.
    const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(entry.size, UINT32_MAX));
    batch_.push_back({entry.pgno, {entry.offset, size}});
    if (batch_.size() < kBatch) continue;
    found(batch_);
    batch_.clear();
  }
  found(batch_);
  return {};
}

Status ImagePages::unpack(const ImageRef& image, const Wants& wants, const Found& found) {
  if (!unpacked_) {
    LT_ASSIGN(TempFile temp, TempFile::create(job_.env, temp_dir_));
    unpacked_.emplace(std::move(temp));
  }
  LT_ASSIGN(const auto open, OpenImage::open(job_.env, image));
  ltx::FrameBatch batch;
  Buffer page(image.header.page_size);
  for (;;) {
    LT_TRY(job_.check());
    LT_ASSIGN(const bool more, open->read_batch(batch));
    if (!more) return open->verify();
    for (const ltx::Frame& frame : batch.frames()) {
      LT_ASSIGN(const std::uint64_t crc, ltx::decode_frame(frame, page));
      open->add(frame, crc);
      if (!wants(frame.pgno)) continue;
      LT_TRY(unpacked_->file().write_at(page, unpacked_size_));
      const PlacedPage unpacked{frame.pgno, {unpacked_size_, 0}};
      found({&unpacked, 1});
      unpacked_size_ += page.size();
    }
  }
}

Status ImagePages::read(const ImageRef& image, Pgno pgno, const PagePlace& place, Buffer& out) {
  out.resize(image.header.page_size);
  if (place.size == 0) return unpacked_->file().read_exact(out, place.offset);
  auto status = read_frame(image, pgno, place, out);
  if (!status) return std::move(status).error().with(image.path);
  return {};
}

Status ImagePages::read_frame(const ImageRef& image, Pgno pgno, const PagePlace& place,
                              Buffer& out) {
  LT_ASSIGN(const OpenFile* const open, file_of(image));
  LT_ASSIGN(const ltx::Frame frame,
            read_indexed_frame(*open->file, image, {pgno, place.offset, place.size}, raw_));
  auto crc = ltx::decode_frame(frame, out);
  if (crc) return {};
  Error e = std::move(crc).error();
  if (e.offset) *e.offset += image.offset;
  return e;
}

// The file of an image, opened again where too many others were used since.
Result<const ImagePages::OpenFile*> ImagePages::file_of(const ImageRef& image) {
  auto known = files_.find(image.path);
  if (known == files_.end()) {
    if (files_.size() == kMaxOpenFiles) {
      files_.erase(std::ranges::min_element(files_, {},
                                            [](const auto& named) { return named.second.used; }));
    }
    LT_ASSIGN(auto file, job_.env.open(kCwd, image.path, OpenMode::kRead));
    auto backward = std::make_unique<const BackwardSource>(*file);
    known = files_.emplace(image.path, OpenFile{std::move(file), std::move(backward), 0}).first;
  }
  known->second.used = ++uses_;
  return &known->second;
}

}  // namespace litetool
