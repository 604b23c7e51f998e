#include "fuse/cache_peek.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "core/os/beneath.h"
#include "core/os/polite_mutex.h"
#include "fuse/inode_table.h"

namespace litetool {
namespace {

// The answer is a request like any other, and waits for a free server thread.
constexpr auto kPatience = std::chrono::seconds(2);

bool in_page_cache(const NodePtr& node) {
  // Without the node's lock: who opens it holds that, and waits for the database that we look at.
  return node != nullptr && node->mode == IoMode::kCached;
}

}  // namespace

void CachePeek::attach(fuse_session* session, const InodeTable& inodes) {
  const std::lock_guard lock(mutex_);
  session_ = session;
  inodes_ = &inodes;
}

void CachePeek::detach() {
  std::unique_lock lock(mutex_);
  session_ = nullptr;
  inodes_ = nullptr;
  arrived_.notify_all();
  arrived_.wait(lock, [this] { return asking_ == 0; });
}

Result<std::size_t> CachePeek::read(int dir, const std::string& path, MutableBytes into,
                                    std::uint64_t offset) {
  const UniqueFd file = open_beneath(dir, path, O_RDONLY | O_NONBLOCK);
  struct stat st {};
  if (!file.valid() || ::fstat(file.get(), &st) != 0) {
    return Error::from_errno(errno, "open " + path);
  }
  NodePtr node;
  {
    const std::lock_guard lock(mutex_);
    if (inodes_ != nullptr) node = inodes_->find_file(st.st_dev, st.st_ino);
  }
  std::size_t done = 0;
  if (in_page_cache(node)) {
    LT_ASSIGN(const Buffer cached, ask(node->id, into.size(), offset));
    done = std::min(cached.size(), into.size());
    std::copy_n(cached.begin(), done, into.begin());
  }
  if (done == into.size()) return done;
  const MutableBytes rest = into.subspan(done);
  const ssize_t n =
      ::pread(file.get(), rest.data(), rest.size(), static_cast<off_t>(offset + done));
  if (n < 0) return Error::from_errno(errno, "read " + path);
  return done + static_cast<std::size_t>(n);
}

Result<Buffer> CachePeek::ask(std::uint64_t node_id, std::size_t size, std::uint64_t offset) {
  std::unique_lock lock(mutex_);
  if (session_ == nullptr) return Buffer();
  const std::uint64_t question = next_question_++;
  questions_.emplace(question, Answer());
  fuse_session* session = session_;
  ++asking_;
  lock.unlock();
  const int err = ::fuse_lowlevel_notify_retrieve(
      session, node_id, size, static_cast<off_t>(offset), reinterpret_cast<void*>(question));
  lock.lock();
  if (--asking_ == 0) arrived_.notify_all();
  lock.unlock();
  // Somebody else has to read the answer.
  if (WaitListener* listener = WaitListener::current()) listener->about_to_wait();
  lock.lock();
  const bool in_time = err != 0 || arrived_.wait_for(lock, kPatience, [&] {
    return questions_.at(question).arrived || session_ == nullptr;
  });
  const auto answer = questions_.extract(question);
  // ENOENT: the kernel has forgotten the inode, so nobody maps it.
  if (err == -ENOENT || session_ == nullptr) return Buffer();
  if (err != 0) return Error::from_errno(-err, "ask the kernel for cached pages");
  if (!in_time) return Error(Errc::kTimeout, "the kernel does not hand out cached pages");
  return std::move(answer.mapped().bytes);
}

void CachePeek::answered(std::uint64_t question, Bytes bytes) {
  const std::lock_guard lock(mutex_);
  const auto it = questions_.find(question);
  if (it == questions_.end()) return;  // nobody waits any more
  it->second.bytes.assign(bytes.begin(), bytes.end());
  it->second.arrived = true;
  arrived_.notify_all();
}

}  // namespace litetool
