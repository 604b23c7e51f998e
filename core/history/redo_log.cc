#include "core/history/redo_log.h"

#include "core/history/layout.h"
#include "core/os/random.h"

namespace litetool {
namespace {

constexpr std::uint64_t kLogSize = std::uint64_t{256} << 10;
// A larger one is not worth writing twice.
constexpr std::uint64_t kLargestRecord = std::uint64_t{64} << 10;

// With its bytes on the disk: what is written over them later changes nothing but them.
Status write_zeros(Env& env, int dir, const std::string& folder) {
  LT_ASSIGN(const std::unique_ptr<File> file,
            env.open(dir, redo_path(folder), OpenMode::kCreateNew, 0600));
  LT_TRY(file->append({Buffer(kLogSize)}));
  LT_TRY(file->sync());
  return env.sync_dir(dir, folder);
}

}  // namespace

RedoLog::RedoLog(std::unique_ptr<File> file, std::string boot_id, const struct stat& database)
    : file_(std::move(file)), device_(database.st_dev), inode_(database.st_ino) {
  next_.generation = random_id();
  next_.boot_id = std::move(boot_id);
}

Result<RedoLog> RedoLog::create(Env& env, int dir, const std::string& folder,
                                const File& database) {
  LT_ASSIGN(std::string boot_id, env.boot_id());
  LT_ASSIGN(const struct stat synced, database.stat());
  LT_ASSIGN(const struct stat here, env.stat(dir, folder));
  if (here.st_dev != synced.st_dev) {
    return Error(Errc::kUnsupported, folder + " is not on the device of the database");
  }
  auto file = [&]() -> Result<std::unique_ptr<File>> {
    LT_TRY(write_zeros(env, dir, folder));
    return env.open_direct(dir, redo_path(folder), database);
  }();
  if (!file) {
    (void)env.unlink(dir, redo_path(folder));
    return file.error();
  }
  return RedoLog(*std::move(file), std::move(boot_id), synced);
}

Result<bool> RedoLog::is_made_safe_by(const File& database) const {
  LT_ASSIGN(const struct stat st, database.stat());
  return st.st_dev == device_ && st.st_ino == inode_;
}

Result<bool> RedoLog::add(const std::string& name, const FilePart& part,
                          const ByteSource& segment) {
  const std::uint64_t size = redo_record_size(part);
  const std::uint64_t blocks = (size + kDirectBlock - 1) / kDirectBlock;
  if (size > kLargestRecord || end_ + blocks * kDirectBlock > kLogSize) return false;
  next_.segment = name;
  next_.part = part;
  blocks_.resize(blocks);
  const MutableBytes all(blocks_.data()->bytes, blocks * kDirectBlock);
  LT_TRY(write_redo_record(next_, segment, all.first(size)));
  LT_TRY(write_blocks());
  end_ += all.size();
  ++next_.number;
  return true;
}

Status RedoLog::write_blocks() {
  return file_->write_at(Bytes(blocks_.data()->bytes, blocks_.size() * kDirectBlock), end_);
}

Status RedoLog::clear() {
  if (empty()) return {};
  end_ = 0;
  next_.number = 0;
  next_.generation = random_id();
  blocks_.assign(1, Block{});
  return write_blocks();
}

std::string redo_path(const std::string& folder) {
  return folder + "/" + std::string(kRedoFile);
}

}  // namespace litetool
