#include "core/ltx/image_ref.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/os/paths.h"
#include "formats/base/text.h"
#include "formats/ltx/detect.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

bool is_segment_name(std::string_view path) {
  return path.ends_with(".ltxs");
}

Result<ltx::Trailer> read_trailer(const File& file, const ltx::Header& h) {
  if (h.v01) return ltx::Trailer{h.v01->post_apply, h.v01->header_checksum};
  std::array<std::byte, ltx::kTrailerSize> raw{};
  const std::uint64_t least = ltx::header_size(h.variant) + raw.size();
  if (file.size() < least) return Error::corrupt(file.size(), "file ends early");
  LT_TRY(file.read_exact(raw, file.size() - raw.size()));
  return ltx::Trailer{Checksum{load_be<std::uint64_t>(raw.data())},
                      Checksum{load_be<std::uint64_t>(raw.data() + 8)}};
}

Result<ImageRef> read_file(const File& file, const std::string& path) {
  LT_ASSIGN(const ltx::Variant variant, ltx::detect_variant(file));
  LT_ASSIGN(ltx::Header header, ltx::read_header(file, variant, 0));
  LT_ASSIGN(const ltx::Trailer trailer, read_trailer(file, header));
  return ImageRef{path, 0, file.size(), std::move(header), trailer};
}

Status read_segment(const Job& job, const File& file, const std::string& path,
                    std::vector<ImageRef>& out) {
  ltx::SegmentReader reader(file);
  while (true) {
    LT_TRY(job.check());
    LT_ASSIGN(auto image, reader.next());
    if (!image) return {};
    out.push_back({path, image->offset, image->size, std::move(image->header), image->trailer});
  }
}

}  // namespace

std::string ImageRef::name() const {
  return is_segment_name(path)
             ? path + format(" at offset %llu", static_cast<unsigned long long>(offset))
             : path;
}

Result<std::vector<ImageRef>> list_images(const Job& job, const std::string& path) {
  LT_ASSIGN(const auto file, job.env.open(kCwd, path, OpenMode::kRead));
  std::vector<ImageRef> images;
  if (is_segment_name(path)) {
    Status status = read_segment(job, *file, path, images);
    if (!status) return std::move(status).error().with(path);
    return images;
  }
  auto image = read_file(*file, path);
  if (!image) return std::move(image).error().with(path);
  images.push_back(*std::move(image));
  return images;
}

bool is_gone(const LtxFile& file, const Error& error) {
  return !file.named && error.code == Errc::kNotFound;
}

Result<std::vector<ImageRef>> find_images(const Job& job, const std::vector<std::string>& paths) {
  const FileSet set = collect_files(job.env, paths);
  if (!set.unread.empty()) return set.unread.front().error;
  std::vector<ImageRef> images;
  for (const LtxFile& file : set.files) {
    LT_TRY(job.check());
    auto found = list_images(job, file.path);
    if (!found && is_gone(file, found.error())) continue;
    if (!found) return std::move(found).error();
    std::ranges::move(*found, std::back_inserter(images));
  }
  if (images.empty()) return Error(Errc::kNotFound, "no LTX files in " + join(paths, ", "));
  return images;
}

Status refuse_as_output(Env& env, const std::vector<ImageRef>& images, const std::string& output) {
  const bool is_input = std::ranges::any_of(
      images, [&](const ImageRef& image) { return is_same_file(env, image.path, output); });
  if (!is_input) return {};
  return Error(Errc::kUsage, output + " is one of the files to read, and would be lost");
}

void sort_images(std::vector<ImageRef>& images) {
  const auto is_before = [](const ImageRef& a, const ImageRef& b) {
    const auto key = [](const ImageRef& r) {
      return std::pair(r.header.min_txid.value, ~r.header.max_txid.value);
    };
    return key(a) < key(b);
  };
  // Sorting takes half of the memory again, and most lists are in order.
  if (!std::ranges::is_sorted(images, is_before)) std::ranges::stable_sort(images, is_before);
}

std::uint64_t total_size(const std::vector<ImageRef>& images) {
  std::uint64_t sum = 0;
  for (const ImageRef& r : images) sum += r.size;
  return sum;
}

}  // namespace litetool
