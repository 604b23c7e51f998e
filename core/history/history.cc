#include "core/history/history.h"

#include <algorithm>

#include "core/history/history_reader.h"
#include "core/history/layout.h"

namespace litetool {

Result<History> History::open(Env& env, int dir, std::string folder, std::uint64_t node_id,
                              const std::function<void(const std::string&)>& warn) {
  History history(env, dir, std::move(folder), node_id);
  LT_TRY(history.find_end(warn));
  return history;
}

Status History::find_end(const std::function<void(const std::string&)>& warn) {
  LT_ASSIGN(const std::vector<std::string> files, history_files(*env_, dir_, folder_));
  // From the newest file back: a segment whose first image was torn leaves nothing behind.
  for (auto name = files.rbegin(); name != files.rend() && !last_; ++name) {
    LT_ASSIGN(const HistoryFileEnd end, find_last_image(*env_, dir_, folder_ + "/" + *name));
    if (end.torn_bytes != 0) {
      LT_TRY(quarantine_tail(*env_, dir_, folder_, *name, end.complete_bytes));
      warn(folder_ + "/" + *name + ": the last " + std::to_string(end.torn_bytes) +
           " bytes are no complete transaction and were moved to quarantine");
    }
    if (!end.last) continue;
    last_ = end.last;
    last_header_ = end.header;
    if (name->ends_with(kSegmentSuffix)) segment_ = *name;
  }
  return {};
}

Status History::open_segment(Txid first) {
  if (writer_ != nullptr && writer_->size() < kSegmentSize) return {};
  if (writer_ != nullptr) {
    LT_TRY(writer_->sync());
    writer_.reset();
    segment_.clear();
  }
  const bool fresh = segment_.empty();
  if (fresh) {
    LT_TRY(env_->make_dirs(dir_, folder_, 0700));
    segment_ = segment_name(first);
  }
  LT_ASSIGN(std::unique_ptr<File> file,
            env_->open(dir_, folder_ + "/" + segment_, OpenMode::kCreate, 0600));
  if (fresh) LT_TRY(env_->sync_dir(dir_, folder_));
  writer_ = std::make_unique<SegmentWriter>(std::move(file));
  return {};
}

Status History::append(ltx::Header header, bool whole, const AddPages& pages) {
  const Pos before = pos();
  header.variant = ltx::Variant::kV3Block;
  header.max_txid = before.txid.next();
  header.min_txid = whole ? Txid{1} : header.max_txid;
  header.pre_apply = header.is_snapshot() ? Checksum{} : before.checksum;
  header.timestamp_ms = env_->now_ms();
  header.node_id = node_id_;
  LT_TRY(open_segment(header.max_txid));
  const std::uint64_t offset = writer_->size();
  const auto write = [&]() -> Result<ltx::Trailer> {
    LT_ASSIGN(ltx::Encoder encoder, ltx::Encoder::start(*writer_, header));
    LT_ASSIGN(const Checksum post_apply, pages(encoder));
    return encoder.finish(post_apply);
  };
  const Result<ltx::Trailer> trailer = write();
  if (!trailer) {
    // What cannot be cut off now is a torn tail, which is put aside when the history is opened
    // again.
    (void)writer_->cut(offset);
    return trailer.error();
  }
  last_ = HistoryImage{0,
                       header.page_size,
                       offset,
                       writer_->size() - offset,
                       header.min_txid,
                       header.max_txid,
                       header.timestamp_ms,
                       header.commit,
                       header.pre_apply,
                       trailer->post_apply};
  last_header_ = header;
  return {};
}

Status History::flush() {
  return writer_ == nullptr ? Status() : writer_->flush();
}

Status History::sync() {
  return writer_ == nullptr ? Status() : writer_->sync();
}

Status History::mark(Txid txid, const std::string& why) {
  const std::string line = txid.text() + " " + why + "\n";
  LT_ASSIGN(const std::unique_ptr<File> file,
            env_->open(dir_, folder_ + "/" + std::string(kMarksFile), OpenMode::kCreate, 0600));
  LT_TRY(file->append({as_bytes(line)}));
  return file->sync();
}

}  // namespace litetool
