#include "core/ltx/apply.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/ltx/apply_scan.h"
#include "core/ltx/compact.h"
#include "core/ltx/database_lock.h"
#include "core/ltx/leftover_files.h"
#include "core/ltx/rollback_journal.h"
#include "core/os/atomic_file.h"
#include "formats/base/text.h"
#include "formats/ltx/page_order.h"
#include "formats/sqlite/file_header.h"
#include "formats/sqlite/wal.h"

namespace litetool {
namespace {

constexpr std::size_t kMaxWrite = std::size_t{1} << 20;

// Writes the changed pages, neighbours together.
Status write_pages(File& file, const PageChanges& c, std::uint32_t page_size) {
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= c.pgnos.size(); ++i) {
    const bool goes_on = i < c.pgnos.size() && c.pgnos[i] == c.pgnos[i - 1] + 1 &&
                         (i - begin) * page_size < kMaxWrite;
    if (goes_on) continue;
    LT_TRY(file.write_at(Bytes(c.pages).subspan(begin * page_size, (i - begin) * page_size),
                         std::uint64_t{c.pgnos[begin] - 1} * page_size));
    begin = i;
  }
  return {};
}

// kFailed when the log beside the database holds committed frames: they would be laid over whatever
// is written to the file.
Status refuse_wal_frames(Env& env, const std::string& database) {
  const std::string path = database + "-wal";
  const auto wal = env.open(kCwd, path, OpenMode::kRead);
  if (!wal) {
    if (wal.error().code == Errc::kNotFound) return {};
    return wal.error();
  }
  std::array<std::byte, kWalHeaderSize> head{};
  LT_ASSIGN(const std::size_t n, (*wal)->read_at(head, 0));
  const auto header = decode_wal_header(Bytes(head).first(n));
  if (!header) return {};  // SQLite takes it for an empty log
  WalScanner scanner(**wal, *header, wal_start(*header));
  while (true) {
    LT_ASSIGN(const auto frame, scanner.next());
    if (!frame || !frame->ok()) return {};
    if (frame->commit != 0) break;
  }
  return Error(Errc::kFailed, path +
                                  " holds transactions that are not in the database file (run "
                                  "'sqlite3 " +
                                  database + " \"PRAGMA wal_checkpoint(TRUNCATE)\"' first)");
}

class Applying {
 public:
  Applying(const Job& job, std::vector<ImageRef> chain, std::string path,
           const ApplyOptions& options)
      : job_(job),
        chain_(std::move(chain)),
        path_(std::move(path)),
        options_(options),
        page_size_(chain_.front().header.page_size) {}

  Result<ApplyReport> run() {
    const ltx::Header& first = chain_.front().header;
    const auto there = job_.env.stat(kCwd, path_);
    if (!there && there.error().code != Errc::kNotFound) return there.error();
    if (!there && !first.is_snapshot()) {
      return Error(Errc::kNotFound, path_ + " does not exist, and " + chain_.front().name() +
                                        " is not a snapshot (the first file must be one with "
                                        "transaction 1, or the database must be there)");
    }
    if (there && first.is_snapshot() && !options_.replace) {
      return Error(Errc::kExists, path_ + " exists, and " + chain_.front().name() +
                                      " is a snapshot (use --force to replace the database)");
    }
    report_.images = chain_.size();
    report_.page_size = page_size_;
    report_.txid = chain_.back().header.max_txid;
    report_.pages_after = chain_.back().header.commit;
    LT_TRY(first.is_snapshot() ? write_new(there.ok()) : change_in_place());
    return report_;
  }

 private:
  // A snapshot and what follows it: into a file aside, which then takes the name.
  Status write_new(bool exists) {
    std::unique_ptr<File> old;
    std::optional<DatabaseLock> lock;
    if (exists) {
      const OpenMode mode = options_.dry_run ? OpenMode::kRead : OpenMode::kReadWrite;
      LT_ASSIGN(old, job_.env.open(kCwd, path_, mode));
      lock.emplace(*old, path_);
      LT_TRY(take_lock(*lock));
    } else {
      LT_TRY(refuse_leftover_files(job_.env, path_));
    }
    LT_TRY(check_claims(0));
    report_.created = true;
    std::optional<AtomicFile> file;
    if (!options_.dry_run) {
      LT_ASSIGN(auto created, AtomicFile::create(job_.env, path_, options_.replace));
      file.emplace(std::move(created));
    }
    ChainCheck check(chain_, 0);
    ScanTarget target;
    target.keep_pages = file.has_value();
    const auto take = [&](PageChanges& c) -> Status {
      report_.pages_written += c.pgnos.size();
      return file ? write_pages(file->file(), c, page_size_) : Status();
    };
    LT_TRY(scan_changes(job_, check, target, take));
    LT_TRY(check.verify(path_));
    report_.before = kEmptyDatabase;
    report_.after = check.end_checksum();
    if (!file) return {};
    LT_TRY(file->file().truncate(std::uint64_t{report_.pages_after} * page_size_));
    return file->commit();
  }

  // Pages that are neither in the database nor can be in the files: nobody looks for each of them.
  Status check_claims(Pgno pages_there) const {
    const std::uint64_t most = pages_there + ltx::largest_commit(total_size(chain_), page_size_);
    for (const ImageRef& image : chain_) {
      if (image.header.commit <= most) continue;
      return Error(Errc::kCorrupt,
                   image.name() + " claims a database of " + grouped(image.header.commit) +
                       " pages, of which it and the files can have " + grouped(most) + " at most");
    }
    return {};
  }

  Status take_lock(DatabaseLock& lock) {
    LT_TRY(options_.dry_run ? lock.shared(job_, options_.timeout_ms)
                            : lock.exclusive(job_, options_.timeout_ms));
    LT_TRY(refuse_hot_journal(job_.env, path_, lock));
    return refuse_wal_frames(job_.env, path_);
  }

  Status change_in_place() {
    if (!chain_.front().header.has_checksums() && !options_.trust_base) {
      return Error(Errc::kUsage,
                   chain_.front().name() + " has no database checksums, so nothing proves that " +
                       path_ + " is the database it belongs to (use --trust-base if you know)");
    }
    const OpenMode mode = options_.dry_run ? OpenMode::kRead : OpenMode::kReadWrite;
    LT_ASSIGN(auto file, job_.env.open(kCwd, path_, mode));
    file->advise_sequential();
    DatabaseLock lock(*file, path_);
    LT_TRY(take_lock(lock));
    LT_TRY(read_size(*file));
    LT_TRY(check_claims(target_.file_pages));
    std::optional<RollbackJournal> journal;
    if (!options_.dry_run) {
      LT_ASSIGN(auto created,
                RollbackJournal::create(job_.env, kCwd, path_, page_size_, target_.file_pages));
      target_.nonce = created.nonce();
      journal.emplace(std::move(created));
    }
    LT_TRY(find_changes(*file, journal));
    if (!journal || (changed_.empty() && report_.pages_after == target_.file_pages)) return {};
    Status armed = journal->arm();
    if (!armed) {
      (void)journal->remove();  // if it stays, it rolls back to what is there
      return armed;
    }
    Status written = write_changes(*file);
    if (written) return journal->remove();
    Status undone = journal->roll_back(*file);
    if (undone) return written;
    return std::move(written).error().with(
        "the database could not be rolled back (" + undone.error().text() +
        "; open it with sqlite3, which plays its journal back) after");
  }

  // How many pages the database has, by its header if it has one, and how many its file.
  Status read_size(const File& file) {
    LT_ASSIGN(const auto st, file.stat());
    const auto size = static_cast<std::uint64_t>(st.st_size);
    std::array<std::byte, kFileHeaderSize> head{};
    LT_ASSIGN(const std::size_t n, file.read_at(head, 0));
    const auto header = decode_file_header(Bytes(head).first(n));
    if (header && header->page_size != page_size_) {
      return Error(Errc::kBrokenChain,
                   format("%s has pages of %u bytes, %s of %u: another history", path_.c_str(),
                          header->page_size, chain_.front().name().c_str(), page_size_));
    }
    if (size % page_size_ != 0) {
      return Error::corrupt(size - size % page_size_, path_ + " ends in a partial page");
    }
    target_.file_pages = file_pages(page_size_, size);
    report_.pages_before = header ? database_pages(*header, size) : target_.file_pages;
    if (report_.pages_before > target_.file_pages) {
      return Error::corrupt(size, format("%s ends before page %u, its last one by its header",
                                         path_.c_str(), report_.pages_before));
    }
    return {};
  }

  Status find_changes(const File& file, std::optional<RollbackJournal>& journal) {
    ChainCheck check(chain_, report_.pages_before);
    target_.database = &file;
    target_.keep_records = journal.has_value();
    const auto take = [&](PageChanges& c) -> Status {
      if (!c.pgnos.empty() && c.pgnos.back() >= changed_.size()) {
        changed_.resize(std::max<std::size_t>(c.pgnos.back() + 1, report_.pages_after + 1));
      }
      for (const Pgno pgno : c.pgnos) changed_[pgno] = true;
      report_.pages_written += c.pgnos.size();
      sum_ = checksum_xor(sum_, c.sum);
      return journal ? journal->write(c.records) : Status();
    };
    LT_TRY(scan_changes(job_, check, target_, take));
    LT_TRY(check.verify(path_));
    report_.before = check.base_checksum();
    report_.after = check.end_checksum();
    return {};
  }

  Status write_changes(File& file) {
    Checksum sum = kEmptyDatabase;
    LT_TRY(read_changes(job_, chain_, changed_, [&](PageChanges& c) {
      sum = checksum_xor(sum, c.sum);
      return write_pages(file, c, page_size_);
    }));
    if (sum != sum_) {
      return Error(Errc::kStorage,
                   "a file changed while it was being applied; nothing was changed");
    }
    LT_TRY(file.truncate(std::uint64_t{report_.pages_after} * page_size_));
    return file.sync();
  }

  const Job& job_;
  const std::vector<ImageRef> chain_;
  const std::string path_;
  const ApplyOptions& options_;
  const std::uint32_t page_size_;
  ScanTarget target_;
  std::vector<bool> changed_;      // by page number
  Checksum sum_ = kEmptyDatabase;  // of the new versions of those
  ApplyReport report_;
};

}  // namespace

Result<std::vector<ImageRef>> choose_chain(const std::vector<ImageRef>& images) {
  std::vector<ImageRef> chain;
  std::size_t next = 0;
  while (true) {
    const std::uint64_t reached = chain.empty() ? 0 : chain.back().header.max_txid.value;
    const ImageRef* best = nullptr;
    for (; next < images.size(); ++next) {
      const ltx::Header& h = images[next].header;
      const bool follows = chain.empty() ? h.min_txid == images.front().header.min_txid
                                         : h.min_txid.value - 1 <= reached;
      if (!follows) break;
      if (h.max_txid.value <= reached) continue;
      if (best == nullptr || h.max_txid > best->header.max_txid) best = &images[next];
    }
    if (best == nullptr) {
      if (next == images.size()) return chain;
      return Error(Errc::kBrokenChain, "transactions are missing between " + chain.back().name() +
                                           " (ends at " + chain.back().header.max_txid.text() +
                                           ") and " + images[next].name() + " (starts at " +
                                           images[next].header.min_txid.text() + ")");
    }
    chain.push_back(*best);
  }
}

Result<ApplyReport> apply_images(const Job& job, std::vector<ImageRef> images,
                                 const std::string& database, const ApplyOptions& options) {
  sort_images(images);
  LT_ASSIGN(auto chain, choose_chain(images));
  const std::uint64_t passed_over = images.size() - chain.size();
  const std::uint64_t applied = chain.size();
  ltx::MergeRules rules;
  rules.allow_overlaps = true;
  LT_TRY(plan_images(chain, rules));
  ImageMerge merge(job, rules, database);
  for (ImageRef& image : chain) LT_TRY(merge.add(std::move(image)));
  LT_ASSIGN(std::vector<ImageRef> few, merge.reduce());
  LT_ASSIGN(auto report, Applying(job, std::move(few), database, options).run());
  report.images = applied;
  report.images_passed_over = passed_over;
  return report;
}

}  // namespace litetool
