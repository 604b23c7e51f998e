#include "fuse/ring/entry.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "formats/base/bytes.h"

namespace litetool::ring {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kPayloadAt = kPage;  // the Header and the start of a message fit before it
constexpr std::size_t kMemory = kPayloadAt + kMaxPayload;
constexpr std::size_t kInHeaderSize = 40;
constexpr std::size_t kOutHeaderSize = 16;
static_assert(sizeof(Header) + kInHeaderSize + Header::kPartSize <= kPayloadAt);

Header& header_of(std::byte* memory) {
  return *reinterpret_cast<Header*>(memory);
}

}  // namespace

Entry::~Entry() {
  if (memory_ != nullptr) ::munmap(memory_, kMemory);
}

Status Entry::reserve(unsigned processor) {
  void* memory = ::mmap(nullptr, kMemory, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return Error::from_errno(errno, "reserve memory for requests");
  memory_ = static_cast<std::byte*>(memory);
  queue_ = static_cast<std::uint16_t>(processor);
  parts_[0] = {memory_, sizeof(Header)};
  parts_[1] = {memory_ + kPayloadAt, kMaxPayload};
  return {};
}

void Entry::prepare_register(Submission& submission, int device) {
  prepare(submission, device, kRegister);
  submission.sqe().addr = reinterpret_cast<std::uint64_t>(parts_);
  submission.sqe().len = 2;
}

void Entry::prepare_commit(Submission& submission, int device) {
  prepare(submission, device, kCommitAndFetch);
}

void Entry::prepare(Submission& submission, int device, Command command) {
  ::io_uring_prep_rw(IORING_OP_URING_CMD, &submission.sqe(), device, nullptr, 0, 0);
  submission.sqe().cmd_op = command;
  CommandData data{};
  data.commit_id = header_of(memory_).commit_id;
  data.queue = queue_;
  std::memcpy(submission.bytes + kCommandDataAt, &data, sizeof data);
  ::io_uring_sqe_set_data(&submission.sqe(), this);
}

// The payload stays where it is; what comes before it in a message is put in front of it. The
// message's length tells how much of `op_in` belongs to it.
fuse_buf Entry::request() {
  const Header& header = header_of(memory_);
  const auto length = load<std::uint32_t>(header.in_out);
  unique_ = load<std::uint64_t>(header.in_out + 8);
  replied_ = false;
  std::byte* const payload = memory_ + kPayloadAt;
  const std::size_t op_size = length - kInHeaderSize - header.payload_size;
  std::byte* const message = payload - op_size - kInHeaderSize;
  std::memcpy(message, header.in_out, kInHeaderSize);
  std::memcpy(message + kInHeaderSize, header.op_in, op_size);
  fuse_buf buffer{};
  buffer.mem = message;
  buffer.size = length;
  return buffer;
}

std::uint32_t Entry::opcode() const {
  return load<std::uint32_t>(header_of(memory_).in_out + 4);
}

bool Entry::take_reply(const iovec* pieces, int count) {
  const char* out = static_cast<const char*>(pieces[0].iov_base);
  if (replied_ || load<std::uint64_t>(out + 8) != unique_) return false;
  Header& header = header_of(memory_);
  std::memcpy(header.in_out, out, kOutHeaderSize);
  std::byte* const payload = memory_ + kPayloadAt;
  std::size_t size = 0;
  for (int i = 1; i < count; ++i) {
    std::memmove(payload + size, pieces[i].iov_base, pieces[i].iov_len);
    size += pieces[i].iov_len;
  }
  header.payload_size = static_cast<std::uint32_t>(size);
  replied_ = true;
  return true;
}

void Entry::finish() {
  if (replied_) return;
  const struct {
    std::uint32_t length = kOutHeaderSize;
    std::int32_t error = 0;
    std::uint64_t unique;
  } out{.unique = unique_};
  const iovec piece{const_cast<void*>(static_cast<const void*>(&out)), sizeof out};
  (void)take_reply(&piece, 1);
}

}  // namespace litetool::ring
