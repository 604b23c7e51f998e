#include "core/ltx/open_image.h"

#include <utility>

namespace litetool {

OpenImage::OpenImage(const ImageRef& ref, std::shared_ptr<const File> file, ltx::FrameReader reader)
    : ref_(ref),
      file_(std::move(file)),
      reader_(std::move(reader)),
      verifier_(reader_.header(), reader_.header_bytes()) {}

Result<std::unique_ptr<OpenImage>> OpenImage::open(Env& env, const ImageRef& ref) {
  LT_ASSIGN(std::shared_ptr<const File> file, env.open(kCwd, ref.path, OpenMode::kRead));
  file->advise_sequential();
  return open_in(std::move(file), ref);
}

Result<std::unique_ptr<OpenImage>> OpenImage::open_after(const OpenImage* before, Env& env,
                                                         const ImageRef& ref) {
  const bool same_file = before != nullptr && before->ref_.path == ref.path;
  return same_file ? open_in(before->file_, ref) : open(env, ref);
}

Result<std::unique_ptr<OpenImage>> OpenImage::open_in(std::shared_ptr<const File> file,
                                                      const ImageRef& ref) {
  auto reader = ltx::FrameReader::open(*file, ref.header.variant, ref.offset);
  if (!reader) return std::move(reader).error().with(ref.path);
  return std::unique_ptr<OpenImage>(new OpenImage(ref, std::move(file), *std::move(reader)));
}

Result<bool> OpenImage::read_batch(ltx::FrameBatch& batch) {
  auto more = reader_.read_batch(batch);
  if (!more) return std::move(more).error().with(ref_.path);
  if (*more) return true;
  auto tail = reader_.finish();
  if (!tail) return std::move(tail).error().with(ref_.path);
  tail_ = *tail;
  if (tail_.end != ref_.offset + ref_.size) {
    return Error::corrupt(tail_.end, "bytes behind the trailer").with(ref_.path);
  }
  return false;
}

Status OpenImage::verify() {
  auto ok = verifier_.finish(tail_);
  if (!ok) return std::move(ok).error().with(ref_.path);
  return {};
}

Error OpenImage::locate_frame(Error e) const {
  if (e.offset) *e.offset += ref_.offset;
  return std::move(e).with(ref_.path);
}

}  // namespace litetool
