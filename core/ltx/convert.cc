#include "core/ltx/convert.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/ltx/compact.h"
#include "core/ltx/database_image.h"
#include "core/ltx/frame_pass.h"
#include "core/ltx/page_checksum_table.h"
#include "core/os/atomic_file.h"
#include "formats/base/text.h"
#include "formats/ltx/encoder.h"

namespace litetool {
namespace {

constexpr std::size_t kReadBytes = std::size_t{512} << 10;

// The database checksum as images pass by.
class RunningState {
 public:
  RunningState(Env& env, const std::string& path) : table_(env, path) {}

  Checksum checksum() const { return as_checksum(sum_); }

  // Before the frames of an image.
  void begin(const ltx::Header& h) {
    if (!h.is_snapshot()) return;
    table_.clear();
    sum_ = 0;
    commit_ = 0;
  }
  Status set(Pgno pgno, Checksum checksum) {
    LT_ASSIGN(const Checksum old, table_.get(pgno));
    sum_ ^= old.value ^ checksum.value;
    return table_.set(pgno, checksum);
  }
  // After them: drops what was cut off, and finds what the growth left out.
  Status end(const ImageRef& image) {
    const Pgno commit = image.header.commit;
    for (Pgno pgno = commit; pgno < commit_; ++pgno) LT_TRY(set(pgno + 1, Checksum{}));
    for (Pgno pgno = commit_; pgno < commit; ++pgno) {
      if (pgno + 1 == image.header.lock_pgno()) continue;
      LT_ASSIGN(const Checksum there, table_.get(pgno + 1));
      if (!there.present()) {
        return Error(Errc::kBrokenChain, image.name() + format(": page %u is missing: the database "
                                                               "grew over it, the file has it not",
                                                               pgno + 1));
      }
    }
    commit_ = commit;
    return {};
  }
  void set_commit(Pgno commit) { commit_ = commit; }

 private:
  PageChecksumTable table_;
  std::uint64_t sum_ = 0;
  Pgno commit_ = 0;
};

class Conversion {
 public:
  Conversion(const Job& job, const ConvertTarget& target, const ConvertOptions& options)
      : job_(job), target_(target), options_(options), state_(job.env, target_path("checksums")) {}

  Status prepare(const std::vector<ImageRef>& images) {
    if (target_.is_directory) LT_TRY(job_.env.make_dirs(kCwd, target_.path));
    if (options_.checksums != ChecksumChange::kAdd) return {};
    const bool has_base = !options_.base.empty();
    if (!has_base && !images.front().header.is_snapshot()) {
      return Error(Errc::kUsage, "checksums can be added to " + images.front().name() +
                                     " only if the state before it is known (name the files from a "
                                     "snapshot on, or give it with --base)");
    }
    if (!has_base) return check_chain(images);
    LT_ASSIGN(const bool database, is_database_file(options_.base));
    if (database) {
      LT_TRY(check_chain(images));
      return load_database();
    }
    return load_images(images);
  }

  Result<ConvertedImage> convert(const ImageRef& image) {
    ltx::Header h = output_header(image.header);
    if (adding()) {
      state_.begin(image.header);
      if (!h.is_snapshot()) h.pre_apply = state_.checksum();
      if (image.header.has_checksums() && h.pre_apply != image.header.pre_apply) {
        return disagrees(image, "before", h.pre_apply, image.header.pre_apply);
      }
    }
    const std::string path = target_.is_directory ? target_path(file_name(image)) : target_.path;
    LT_ASSIGN(auto file, AtomicFile::create(job_.env, path, options_.replace));
    LT_ASSIGN(auto encoder, ltx::Encoder::start(file, h));
    const auto take = [&](FramePassItem& item) -> Status {
      for (std::size_t i = 0; i < item.pages.size(); ++i) {
        if (adding()) LT_TRY(state_.set(item.pages[i].pgno, item.pages[i].checksum));
        LT_TRY(encoder.add_prepared(item.prepared[i]));
      }
      return {};
    };
    LT_TRY(pass_frames(job_, image, h.variant, take));
    LT_ASSIGN(const Checksum post_apply, post_apply_of(image));
    LT_ASSIGN(const ltx::Trailer trailer, encoder.finish(post_apply));
    LT_TRY(file.commit());
    return ConvertedImage{image.name(), path, encoder.header(), trailer, encoder.bytes_written()};
  }

 private:
  bool adding() const { return options_.checksums == ChecksumChange::kAdd; }

  static std::string file_name(const ImageRef& image) {
    return ltx::file_name({image.header.min_txid, image.header.max_txid});
  }
  std::string target_path(const std::string& name) const {
    return target_.path + (target_.path.ends_with('/') || !target_.is_directory ? "" : "/") +
           (target_.is_directory ? name : "");
  }

  ltx::Header output_header(const ltx::Header& in) const {
    ltx::Header h = in;
    h.variant = options_.variant;
    h.v01.reset();
    h.dbid = 0;
    h.flags &= ltx::kFlagNoChecksum;
    if (options_.checksums == ChecksumChange::kStrip) {
      h.flags |= ltx::kFlagNoChecksum;
      h.pre_apply = Checksum{};
    } else if (adding()) {
      h.flags = 0;
    }
    return h;
  }

  Result<Checksum> post_apply_of(const ImageRef& image) {
    if (options_.checksums == ChecksumChange::kStrip) return Checksum{};
    if (!adding()) return image.trailer.post_apply;
    LT_TRY(state_.end(image));
    const Checksum post = state_.checksum();
    if (image.header.has_checksums() && post != image.trailer.post_apply) {
      return disagrees(image, "after", post, image.trailer.post_apply);
    }
    return post;
  }

  static Error disagrees(const ImageRef& image, const char* when, Checksum computed,
                         Checksum stored) {
    return Error(Errc::kBrokenChain, image.name() + ": the database has the checksum " +
                                         computed.text() + " " + when + " it, the file says " +
                                         stored.text());
  }

  static Status check_chain(const std::vector<ImageRef>& images) {
    ltx::MergeRules rules;
    rules.drop_checksums = true;  // some may have them already
    LT_TRY(plan_images(images, rules));
    return {};
  }

  Result<bool> is_database_file(const std::string& path) const {
    LT_ASSIGN(const auto st, job_.env.stat(kCwd, path));
    if (!S_ISREG(st.st_mode)) return false;
    LT_ASSIGN(const auto file, job_.env.open(kCwd, path, OpenMode::kRead));
    std::array<std::byte, kFileMagicSize> head{};
    LT_ASSIGN(const std::size_t n, file->read_at(head, 0));
    return is_database(Bytes(head).first(n));
  }

  Status load_database() {
    LT_ASSIGN(const auto image, DatabaseImage::open(job_, options_.base, options_.timeout_ms));
    const std::uint32_t page_size = image->page_size();
    const Pgno count = image->page_count();
    Buffer chunk;
    for (Pgno done = 0; done < count;) {
      LT_TRY(job_.check());
      const Pgno n = std::min<Pgno>(count - done, static_cast<Pgno>(kReadBytes / page_size));
      chunk.resize(std::size_t{n} * page_size);
      LT_TRY(image->read_pages(done + 1, chunk));
      for (Pgno i = 0; i < n; ++i) {
        const Pgno pgno = done + i + 1;
        if (pgno == lock_page(page_size)) continue;
        const Bytes page = Bytes(chunk).subspan(std::size_t{i} * page_size, page_size);
        LT_TRY(state_.set(pgno, page_checksum(pgno, page)));
      }
      done += n;
    }
    LT_ASSIGN(const bool one_state, image->confirm());
    if (!one_state) {
      return Error(Errc::kTimeout, options_.base + " changed while it was read; try again");
    }
    state_.set_commit(count);
    return {};
  }

  Status load_images(const std::vector<ImageRef>& images) {
    LT_ASSIGN(auto base, find_images(job_, {options_.base}));
    sort_images(base);
    std::erase_if(base, [&](const ImageRef& r) {
      return r.header.min_txid >= images.front().header.min_txid;
    });
    if (base.empty() || !base.front().header.is_snapshot()) {
      return Error(Errc::kUsage, options_.base +
                                     " holds no chain that starts with a snapshot and "
                                     "leads to " +
                                     images.front().name());
    }
    std::vector<ImageRef> whole = base;
    whole.insert(whole.end(), images.begin(), images.end());
    LT_TRY(check_chain(whole));
    const auto take = [&](FramePassItem& item) -> Status {
      for (const auto& page : item.pages) LT_TRY(state_.set(page.pgno, page.checksum));
      return {};
    };
    for (const ImageRef& image : base) {
      state_.begin(image.header);
      LT_TRY(pass_frames(job_, image, {}, take));
      LT_TRY(state_.end(image));
    }
    return {};
  }

  const Job& job_;
  const ConvertTarget& target_;
  const ConvertOptions& options_;
  RunningState state_;
};

}  // namespace

Result<std::vector<ConvertedImage>> convert_images(const Job& job, std::vector<ImageRef> images,
                                                   const ConvertTarget& target,
                                                   const ConvertOptions& options) {
  sort_images(images);
  if (!target.is_directory && images.size() > 1) {
    return Error(Errc::kUsage, target.path + " is one file, and there are " +
                                   std::to_string(images.size()) +
                                   " images to write (name a directory, with a / at its end)");
  }
  Conversion conversion(job, target, options);
  LT_TRY(conversion.prepare(images));
  std::vector<ConvertedImage> converted;
  for (const ImageRef& image : images) {
    LT_ASSIGN(auto one, conversion.convert(image));
    converted.push_back(std::move(one));
  }
  return converted;
}

}  // namespace litetool
