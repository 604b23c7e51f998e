#include "core/restore/fork.h"

#include <algorithm>

#include "core/restore/page_file.h"

namespace litetool {
namespace {

class ForkedFile {
 public:
  ForkedFile(File& file, std::uint32_t page_size, Fork& fork)
      : file_(file), pages_(file, page_size), page_size_(page_size), fork_(fork) {}

  Status start(Env& env, const std::string& live, std::uint64_t size_bytes) {
    const auto from = env.open(kCwd, live, OpenMode::kRead);
    if (from) {
      LT_ASSIGN(fork_.shares_blocks, file_.clone_from(**from));
    }
    return file_.truncate(size_bytes);
  }

  // A run of neighbouring pages.
  Status take(Pgno first, Bytes pages) {
    if (!fork_.shares_blocks) return write(first, pages);
    there_.resize(pages.size());
    LT_TRY(file_.read_exact(there_, offset_of(first)));
    const std::size_t count = pages.size() / page_size_;
    for (std::size_t i = 0; i < count; ++i) {
      if (is_there(pages, i)) continue;
      const std::size_t begin = i;
      while (i < count && !is_there(pages, i)) ++i;
      LT_TRY(write(first + static_cast<Pgno>(begin),
                   pages.subspan(begin * page_size_, (i - begin) * page_size_)));
    }
    return {};
  }

 private:
  std::uint64_t offset_of(Pgno pgno) const { return (std::uint64_t{pgno} - 1) * page_size_; }

  bool is_there(Bytes pages, std::size_t i) const {
    return std::ranges::equal(pages.subspan(i * page_size_, page_size_),
                              Bytes(there_).subspan(i * page_size_, page_size_));
  }

  Status write(Pgno first, Bytes pages) {
    fork_.written += static_cast<Pgno>(pages.size() / page_size_);
    return pages_.write(first, pages);
  }

  File& file_;
  PageFile pages_;
  const std::uint32_t page_size_;
  Fork& fork_;
  Buffer there_;
};

}  // namespace

Result<Fork> fork_database(const Job& job, const RestorePlan& plan, const std::string& live,
                           const std::string& output, RestoreCheck check) {
  if (job.env.stat(kCwd, output)) {
    return Error(Errc::kExists, output + " exists already, and a fork replaces nothing");
  }
  Fork fork;
  const auto fill = [&](File& file) -> Status {
    ForkedFile forked(file, plan.page_size(), fork);
    LT_TRY(forked.start(job.env, live, plan.size_bytes()));
    LT_ASSIGN(const NewestPages read,
              read_newest_pages(job, *plan.chain, [&](Pgno first, Bytes pages) {
                return forked.take(first, pages);
              }));
    fork.checksum = read.checksum;
    // Nobody uses the lock page, so no history has it; here it is as in a restored database.
    const Pgno lock = plan.chain->last().header.lock_pgno();
    if (!fork.shares_blocks || lock > plan.commit()) return {};
    return forked.take(lock, Buffer(plan.page_size()));
  };
  LT_TRY(write_restored(job.env, output, {check, false}, fill));
  return fork;
}

}  // namespace litetool
