#include "core/source/history_source.h"

#include "core/history/history_reader.h"
#include "core/source/ltx_files.h"

namespace litetool {
namespace {

// The folder that a mount writes, also while it does.
class MountedHistory : public HistorySource {
 public:
  MountedHistory(Env& env, std::string folder, HistoryReader reader)
      : env_(env), folder_(std::move(folder)), reader_(std::move(reader)) {
    for (const HistoryImage& image : reader_.images()) {
      const Moment moment{image.max_txid, image.timestamp_ms};
      if (moments_.empty() || moments_.back().txid != moment.txid) moments_.push_back(moment);
    }
  }

  Result<std::vector<Tag>> tags() const override { return read_tags(env_, kCwd, folder_); }

  std::vector<ImageRef> images() const override {
    std::vector<ImageRef> images;
    images.reserve(reader_.images().size());
    for (const HistoryImage& image : reader_.images()) images.push_back(ref_of(image));
    return images;
  }

  Result<std::vector<ImageRef>> chain_to(Txid txid) const override {
    LT_ASSIGN(const std::vector<HistoryImage> images, reader_.chain_to(txid));
    std::vector<ImageRef> chain;
    chain.reserve(images.size());
    for (const HistoryImage& image : images) chain.push_back(ref_of(image));
    return chain;
  }

 private:
  ImageRef ref_of(const HistoryImage& image) const {
    return image_ref(reader_.files()[image.file], image);
  }

  Env& env_;
  std::string folder_;
  HistoryReader reader_;
};

}  // namespace

ImageRef image_ref(const std::string& path, const HistoryImage& image) {
  ltx::Header header;
  header.variant = ltx::Variant::kV3Block;
  header.page_size = image.page_size;
  header.commit = image.commit;
  header.min_txid = image.min_txid;
  header.max_txid = image.max_txid;
  header.timestamp_ms = image.timestamp_ms;
  header.pre_apply = image.pre_apply;
  return ImageRef{path, image.offset, image.size, header,
                  ltx::Trailer{image.post_apply, Checksum{}}};
}

Result<std::unique_ptr<HistorySource>> open_source(const Job& job, const SourcePlace& place) {
  if (place.kind == SourceKind::kLitestream3) {
    return Error(Errc::kUnsupported, place.name +
                                         " is a replica of Litestream 0.3, which has no "
                                         "transactions: it can only be restored");
  }
  if (place.kind != SourceKind::kLitetool) return open_ltx_files(job, place.folders);
  LT_ASSIGN(HistoryReader reader, HistoryReader::open(job.env, kCwd, place.folders.front()));
  return std::unique_ptr<HistorySource>(
      new MountedHistory(job.env, place.folders.front(), std::move(reader)));
}

Result<Moment> resolve_in(const HistorySource& source, const Point& named, const Now& now) {
  if (source.moments().empty() && source.hole()) return *source.hole();
  Point point = named;
  if (named.kind == Point::Kind::kTag) {
    LT_ASSIGN(const std::vector<Tag> tags, source.tags());
    LT_ASSIGN(point, resolve_tag(named, tags));
  }
  LT_ASSIGN(const Moment moment, resolve_point(point, source.moments(), now));
  const bool asked_for = point.kind == Point::Kind::kTxid || point.back != 0;
  if (source.hole() && !asked_for && moment == source.moments().back()) return *source.hole();
  return moment;
}

}  // namespace litetool
