#include "core/history/history_image.h"

namespace litetool {

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

}  // namespace litetool
