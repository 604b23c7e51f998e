#include "core/past/past_database.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/ltx/indexed_frame.h"
#include "core/ltx/open_image.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{8} << 20;
constexpr std::size_t kMaxOpenFiles = 100;

}  // namespace

PastDatabase::PastDatabase(const Job& job, std::vector<ImageRef> chain, std::string temp_dir)
    : job_(job),
      chain_(std::move(chain)),
      temp_dir_(std::move(temp_dir)),
      places_(chain_.back().header.commit),
      next_(chain_.size()),
      limit_(chain_.back().header.commit),
      cache_(std::max<std::size_t>(1, kCacheBytes / chain_.back().header.page_size)),
      zero_(chain_.back().header.page_size) {
  std::unordered_map<std::string, std::size_t> ids;
  for (const ImageRef& image : chain_) {
    file_ids_.push_back(ids.emplace(image.path, ids.size()).first->second);
  }
  files_.resize(ids.size());
}

Result<Bytes> PastDatabase::page(Pgno pgno) {
  if (pgno < 1 || pgno > page_count()) {
    return Error(Errc::kCorrupt,
                 format("page %u is outside of the database of %u pages", pgno, page_count()));
  }
  if (pgno == last().lock_pgno()) return Bytes(zero_);
  if (const Buffer* cached = cache_.find(pgno)) return Bytes(*cached);
  LT_TRY(find(pgno));
  Buffer& room = cache_.add(pgno);
  auto status = read_page(pgno, room);
  if (!status) {
    cache_.drop_newest();
    return std::move(status).error();
  }
  return Bytes(room);
}

Result<std::vector<Pgno>> PastDatabase::pages_since(std::size_t first) {
  while (next_ > first) LT_TRY(open_next());
  std::vector<Pgno> pages;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].image > first) pages.push_back(static_cast<Pgno>(i + 1));
  }
  return pages;
}

Status PastDatabase::find(Pgno pgno) {
  while (places_[pgno - 1].image == 0) {
    if (next_ == 0) {
      return Error(Errc::kBrokenChain, format("page %u of transaction %s is in no file", pgno,
                                              last().max_txid.text().c_str()));
    }
    LT_TRY(job_.check());
    LT_TRY(open_next());
  }
  return {};
}

// Looks at the next older image.
Status PastDatabase::open_next() {
  const ImageRef& image = chain_[--next_];
  limit_ = std::min(limit_, image.header.commit);
  auto status = ltx::has_page_index(image.header.variant) ? read_index(image) : unpack(image);
  if (!status) return std::move(status).error().with(image.path);
  return {};
}

Status PastDatabase::read_index(const ImageRef& image) {
  LT_ASSIGN(const File* const file, file_of(next_));
  const std::uint64_t end = image.offset + image.size;
  LT_ASSIGN(const ltx::IndexSpan span, ltx::find_index(*file, image.offset, end));
  ltx::IndexReader reader(*file, span.begin, span.end);
  Pgno before = 0;
  for (;;) {
    const std::uint64_t at = reader.position();
    LT_ASSIGN(const auto entry, reader.next());
    if (!entry) return {};
    if (entry->pgno <= before) {
      return Error::corrupt(at, format("page index is not ascending at page %u", entry->pgno));
    }
    before = entry->pgno;
    if (entry->offset >= image.size || entry->size == 0 ||
        entry->size > image.size - entry->offset) {
      return Error::corrupt(at, format("page %u: outside of the image", entry->pgno));
    }
    found(entry->pgno, entry->offset, entry->size);
  }
}

// Every page of the image that is wanted goes to the temporary file.
Status PastDatabase::unpack(const ImageRef& image) {
  if (!unpacked_) {
    LT_ASSIGN(TempFile temp, TempFile::create(job_.env, temp_dir_));
    unpacked_.emplace(std::move(temp));
  }
  LT_ASSIGN(const auto open, OpenImage::open(job_.env, image));
  ltx::FrameBatch batch;
  Buffer page(page_size());
  for (;;) {
    LT_TRY(job_.check());
    LT_ASSIGN(const bool more, open->read_batch(batch));
    if (!more) return open->verify();
    for (const ltx::Frame& frame : batch.frames()) {
      LT_ASSIGN(const std::uint64_t crc, ltx::decode_frame(frame, page));
      open->add(frame, crc);
      if (frame.pgno > limit_ || places_[frame.pgno - 1].image != 0) continue;
      LT_TRY(unpacked_->file().write_at(page, unpacked_size_));
      found(frame.pgno, unpacked_size_, 0);
      unpacked_size_ += page.size();
    }
  }
}

// A page beyond the limit was cut off by a later transaction: it is not what the page has now.
void PastDatabase::found(Pgno pgno, std::uint64_t offset, std::uint64_t size) {
  if (pgno > limit_ || places_[pgno - 1].image != 0) return;
  // No frame is that large; the one who reads it says so.
  const auto size32 = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, UINT32_MAX));
  places_[pgno - 1] = {static_cast<std::uint32_t>(next_ + 1), size32, offset};
}

Status PastDatabase::read_page(Pgno pgno, Buffer& out) {
  const Place& place = places_[pgno - 1];
  out.resize(page_size());
  if (place.size == 0) return unpacked_->file().read_exact(out, place.offset);
  auto status = read_frame(pgno, place, out);
  if (!status) return std::move(status).error().with(chain_[place.image - 1].path);
  return {};
}

Status PastDatabase::read_frame(Pgno pgno, const Place& place, Buffer& out) {
  const ImageRef& image = chain_[place.image - 1];
  LT_ASSIGN(const File* const file, file_of(place.image - 1));
  LT_ASSIGN(const ltx::Frame frame,
            read_indexed_frame(*file, image, {pgno, place.offset, place.size}, raw_));
  auto crc = ltx::decode_frame(frame, out);
  if (crc) return {};
  Error e = std::move(crc).error();
  if (e.offset) *e.offset += image.offset;
  return e;
}

// The file of an image, opened again where too many others were used since.
Result<const File*> PastDatabase::file_of(std::size_t image) {
  OpenFile& wanted = files_[file_ids_[image]];
  wanted.used = ++uses_;
  if (wanted.file != nullptr) return wanted.file.get();
  if (open_count_ == kMaxOpenFiles) {
    OpenFile* oldest = nullptr;
    for (OpenFile& f : files_) {
      if (f.file != nullptr && (oldest == nullptr || f.used < oldest->used)) oldest = &f;
    }
    oldest->file.reset();
    --open_count_;
  }
  LT_ASSIGN(wanted.file, job_.env.open(kCwd, chain_[image].path, OpenMode::kRead));
  ++open_count_;
  return wanted.file.get();
}

}  // namespace litetool
