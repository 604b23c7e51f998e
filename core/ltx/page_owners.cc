#include "core/ltx/page_owners.h"

#include <array>
#include <mutex>

#include "core/inspect/summary.h"
#include "core/ltx/image_scan.h"
#include "core/os/temp_file.h"

namespace litetool {
namespace {

// Puts each page where it stands in the database.
class PagePlacer : public PageConsumer {
 public:
  explicit PagePlacer(File& file) : file_(file) {}
  Status pages(std::span<const ltx::Frame> frames, Bytes pages) override {
    const std::size_t page_size = pages.size() / frames.size();
    const std::lock_guard lock(mutex_);  // the file keeps its size
    for (std::size_t i = 0; i < frames.size(); ++i) {
      LT_TRY(file_.write_at(pages.subspan(i * page_size, page_size),
                            std::uint64_t{frames[i].pgno - 1} * page_size));
    }
    return {};
  }

 private:
  std::mutex mutex_;
  File& file_;
};

}  // namespace

Result<PageMap> owners_in_snapshot(const Job& job, const ByteSource& source, std::uint64_t offset,
                                   ltx::Extent extent, const std::string& temp_dir) {
  LT_ASSIGN(TempFile temp, TempFile::create(job.env, temp_dir));
  PagePlacer placer(temp.file());
  ScanOptions options;
  options.offset = offset;
  options.extent = extent;
  options.consumer = &placer;
  LT_ASSIGN(const ImageReport report, scan_image(job, source, options));
  if (report.header.commit == 0) return PageMap{};
  return owners_in_database(temp.file());
}

Result<PageMap> owners_in_database(const ByteSource& file) {
  std::array<std::byte, kFileHeaderSize> head;
  LT_ASSIGN(const std::size_t n, file.read_at(head, 0));
  LT_ASSIGN(const FileHeader header, decode_file_header(Bytes(head).first(n)));
  Buffer page(header.page_size);
  return map_pages(view_of_file(file, header, page));
}

}  // namespace litetool
