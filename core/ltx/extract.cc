#include "core/ltx/extract.h"

#include <algorithm>
#include <utility>

#include "core/ltx/frame_pass.h"
#include "core/ltx/indexed_frame.h"
#include "core/os/atomic_file.h"
#include "formats/base/text.h"
#include "formats/ltx/page_index.h"

namespace litetool {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

Error not_there(const ImageRef& image, Pgno pgno) {
  const bool lock = pgno == image.header.lock_pgno();
  return Error(Errc::kNotFound, image.name() + format(" does not hold page %u", pgno) +
                                    (lock ? " (the lock page, which no LTX file holds)" : ""));
}

Result<Buffer> by_index(const File& file, const ImageRef& image, Pgno pgno) {
  LT_ASSIGN(const auto entry,
            ltx::lookup_page(file, image.offset, image.offset + image.size, pgno));
  if (!entry) return not_there(image, pgno);
  Buffer raw;
  LT_ASSIGN(const ltx::Frame frame, read_indexed_frame(file, image, *entry, raw));
  Buffer page(image.header.page_size);
  auto crc = ltx::decode_frame(frame, page);
  if (!crc) {
    Error e = std::move(crc).error();
    if (e.offset) *e.offset += image.offset;
    return e;
  }
  return page;
}

Result<Buffer> by_walk(const Job& job, const File& file, const ImageRef& image, Pgno pgno) {
  LT_ASSIGN(auto reader, ltx::FrameReader::open(file, image.header.variant, image.offset));
  ltx::FrameBatch batch;
  while (true) {
    LT_TRY(job.check());
    LT_ASSIGN(const bool more, reader.read_batch(batch));
    if (!more) return not_there(image, pgno);
    for (const ltx::Frame& frame : batch.frames()) {
      if (frame.pgno < pgno) continue;
      if (frame.pgno > pgno) return not_there(image, pgno);
      Buffer page(image.header.page_size);
      LT_TRY(ltx::decode_frame(frame, page));
      return page;
    }
  }
}

Status copy_image(const Job& job, const ImageRef& image, AtomicFile& out) {
  LT_ASSIGN(const auto file, job.env.open(kCwd, image.path, OpenMode::kRead));
  Buffer chunk(std::min<std::uint64_t>(kCopyBytes, image.size));
  for (std::uint64_t done = 0; done < image.size; done += chunk.size()) {
    LT_TRY(job.check());
    chunk.resize(std::min<std::uint64_t>(kCopyBytes, image.size - done));
    LT_TRY(file->read_exact(chunk, image.offset + done));
    LT_TRY(out.write(chunk));
  }
  return {};
}

}  // namespace

Result<Buffer> extract_page(const Job& job, const ImageRef& image, Pgno pgno) {
  LT_ASSIGN(const auto file, job.env.open(kCwd, image.path, OpenMode::kRead));
  auto page = ltx::has_page_index(image.header.variant) ? by_index(*file, image, pgno)
                                                        : by_walk(job, *file, image, pgno);
  if (!page && page.error().code != Errc::kNotFound) {
    return std::move(page).error().with(image.path);
  }
  return page;
}

Status verify_image_contents(const Job& job, const ImageRef& image) {
  return pass_frames(job, image, {}, [](FramePassItem&) { return Status(); });
}

Result<std::vector<SplitImage>> split_images(const Job& job, const std::vector<ImageRef>& images,
                                             const std::string& directory, bool replace) {
  LT_TRY(job.env.make_dirs(kCwd, directory));
  std::vector<SplitImage> out;
  for (const ImageRef& image : images) {
    const std::string name = ltx::file_name({image.header.min_txid, image.header.max_txid});
    const std::string path = directory + (directory.ends_with('/') ? "" : "/") + name;
    LT_ASSIGN(auto file, AtomicFile::create(job.env, path, replace));
    LT_TRY(verify_image_contents(job, image));
    LT_TRY(copy_image(job, image, file));
    LT_TRY(file.commit());
    out.push_back({path, image});
  }
  return out;
}

}  // namespace litetool
