#include "core/history/history_reader.h"

#include <algorithm>

#include "core/history/chain_back.h"
#include "core/history/file_images.h"
#include "core/history/layout.h"
#include "core/history/prepared_image.h"
#include "formats/ltx/decoder.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

Result<std::vector<HistoryImage>> images_of(Env& env, int dir, const std::string& path) {
  LT_ASSIGN(FileImages file, FileImages::open(env, dir, path));
  std::vector<HistoryImage> images;
  for (;;) {
    LT_ASSIGN(const auto image, file.next());
    if (!image) break;
    images.push_back(*image);
  }
  std::ranges::reverse(images);
  return images;
}

// A power cut may leave a part of the next image behind it. Where it ends shows in that its trailer
// is what is wrong with it.
Result<std::optional<ltx::ImageInfo>> prepared_image_behind(const ByteSource& segment,
                                                            const ltx::SegmentEnd& good) {
  if (!good.damage || !good.damage->offset) return std::optional<ltx::ImageInfo>();
  LT_ASSIGN(auto prepared, find_prepared_image(segment, *good.damage->offset + ltx::kTrailerSize));
  if (prepared && prepared->offset != good.end) prepared.reset();
  return prepared;
}

}  // namespace

Result<std::vector<std::string>> history_files(Env& env, int dir, const std::string& folder) {
  auto names = env.list(dir, folder);
  if (!names) {
    if (names.error().code == Errc::kNotFound) return std::vector<std::string>();
    return names.error();
  }
  std::erase_if(*names, [](const std::string& name) { return last_txid_of_name(name).value == 0; });
  std::ranges::stable_sort(*names, {},
                           [](const std::string& name) { return last_txid_of_name(name); });
  return *std::move(names);
}

Result<HistoryFileEnd> find_last_image(Env& env, int dir, const std::string& path,
                                       FoundFile found) {
  LT_ASSIGN(const std::unique_ptr<File> file, env.open(dir, path, OpenMode::kRead));
  std::optional<ltx::ImageInfo> last;
  HistoryFileEnd end;
  LT_ASSIGN(auto prepared, find_prepared_image(*file, file->size()));
  std::uint64_t complete = prepared ? prepared->offset : file->size();
  if (auto image = ltx::image_before(*file, complete);
      image && found != FoundFile::kAfterPowerCut &&
      (found == FoundFile::kAsLeft ||
       ltx::verify_image(*file, image->offset, ltx::Extent::kImage))) {
    last = *std::move(image);
  } else if (complete != 0) {
    LT_ASSIGN(ltx::SegmentEnd good, ltx::find_segment_end(*file));
    last = std::move(good.last);
    complete = good.end;
    LT_ASSIGN(prepared, prepared_image_behind(*file, good));
  }
  if (prepared) {
    end.prepared = history_image(*prepared);
    end.prepared_header = prepared->header;
  }
  end.torn_from = prepared ? prepared->end() : complete;
  end.torn_bytes = file->size() - end.torn_from;
  if (last) {
    end.last = history_image(*last);
    end.header = last->header;
  }
  return end;
}

Result<std::vector<HistoryImage>> read_history_file(Env& env, int dir, const std::string& folder,
                                                    const std::string& name) {
  const std::string path = folder + "/" + name;
  auto images = images_of(env, dir, path);
  if (!images) return std::move(images).error().with(path);
  return images;
}

Result<HistoryReader> HistoryReader::open(Env& env, int dir, const std::string& folder,
                                          Txid newest) {
  LT_TRY(env.stat(dir, folder));
  HistoryReader reader(env, dir);
  LT_ASSIGN(const std::vector<std::string> names, history_files(env, dir, folder));
  for (const std::string& name : names) {
    if (first_txid_of_name(name) > newest) continue;
    LT_ASSIGN(std::vector<HistoryImage> images, read_history_file(env, dir, folder, name));
    for (HistoryImage& image : images)
      image.file = static_cast<std::uint32_t>(reader.files_.size());
    reader.images_.insert(reader.images_.end(), images.begin(), images.end());
    reader.files_.push_back(folder + "/" + name);
    reader.open_.push_back(nullptr);
  }
  std::ranges::stable_sort(reader.images_, [](const HistoryImage& a, const HistoryImage& b) {
    return a.max_txid != b.max_txid ? a.max_txid < b.max_txid : a.min_txid < b.min_txid;
  });
  return reader;
}

Result<std::vector<HistoryImage>> HistoryReader::chain_to(Txid txid) const {
  std::vector<HistoryImage> chain;
  ChainBack back(txid);
  for (auto image = images_.rbegin(); image != images_.rend() && !back.is_behind(*image); ++image) {
    if (!back.takes(*image)) continue;
    chain.push_back(*image);
    if (!back.is_complete()) continue;
    std::ranges::reverse(chain);
    return chain;
  }
  return back.gap();
}

Result<const File*> HistoryReader::file_of(const HistoryImage& image) const {
  std::unique_ptr<File>& file = open_[image.file];
  if (file == nullptr) {
    LT_ASSIGN(file, env_->open(dir_, files_[image.file], OpenMode::kRead));
  }
  return file.get();
}

}  // namespace litetool
