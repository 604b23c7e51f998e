#include "soak/state.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "formats/base/crc64.h"
#include "soak/place.h"
#include "soak/sql.h"

namespace litetool::soak {
namespace {

constexpr std::size_t kWalHeader = 32;
constexpr std::size_t kFrameHeader = 24;

// In a child of a process with threads: none of the locks that those may hold is ever released
// here, so there is nothing but system calls.
[[noreturn]] void copy_and_exit(const char* path, int to) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) ::_exit(errno == ENOENT ? 0 : 1);
  char part[65536];
  ssize_t n = 0;
  while ((n = ::read(file, part, sizeof(part))) > 0) {
    for (ssize_t done = 0; done < n;) {
      const ssize_t written = ::write(to, part + done, static_cast<std::size_t>(n - done));
      if (written <= 0) ::_exit(1);
      done += written;
    }
  }
  ::_exit(n == 0 ? 0 : 1);
}

// The bytes of a file, none when there is none. Read by a child: closing a database ends all locks
// that a process has on it.
Buffer file_bytes(const std::string& path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    // Nothing but the pipe: should we die, the child has nobody to write to, and ends; with the
    // locks of turns in its hands, too, it would stop everybody else.
    constexpr unsigned kTo = 0;
    if (::dup2(ends[1], kTo) < 0) ::_exit(1);
    (void)::close_range(kTo + 1, ~0u, 0);
    copy_and_exit(path.c_str(), kTo);
  }
  ::close(ends[1]);
  Buffer bytes;
  std::byte part[65536];
  for (ssize_t n = 0; (n = ::read(ends[0], part, sizeof(part))) > 0;) {
    bytes.insert(bytes.end(), part, part + n);
  }
  ::close(ends[0]);
  int status = 1;
  if (child > 0) ::waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error(path + " cannot be read");
  return bytes;
}

std::uint32_t page_size_in(Bytes header) {
  const std::uint32_t size = load_be<std::uint16_t>(header.data() + 16);
  return size == 1 ? 65536 : size;
}

struct Frames {
  std::vector<std::size_t> at;
  std::uint32_t commit = 0;  // pages after the last of them
};

// The frames of the present generation, up to the last commit.
Frames frames_of(const Buffer& wal, std::size_t page_size) {
  Frames frames;
  std::size_t committed = 0;
  const std::size_t step = kFrameHeader + page_size;
  for (std::size_t at = kWalHeader; at + step <= wal.size(); at += step) {
    // SQLite 3.40 leaves frames without salts and checksum after ROLLBACK TO.
    const auto zero = [](std::byte b) { return b == std::byte{0}; };
    const bool unsealed = std::all_of(wal.data() + at + 8, wal.data() + at + 24, zero) &&
                          load_be<std::uint32_t>(wal.data() + at) != 0;
    if (!unsealed && !std::equal(wal.data() + 16, wal.data() + 24, wal.data() + at + 8)) break;
    frames.at.push_back(at);
    const auto commit = load_be<std::uint32_t>(wal.data() + at + 4);
    if (commit == 0) continue;
    frames.commit = commit;
    committed = frames.at.size();
  }
  frames.at.resize(committed);
  return frames;
}

}  // namespace

std::uint64_t State::digest() const {
  const std::uint64_t crc =
      crc64(page_size, as_bytes(std::string_view(reinterpret_cast<const char*>(pages.data()),
                                                 pages.size() * sizeof(pages[0]))));
  return pages.empty() ? 0 : crc;
}

State state_of(Bytes image, std::uint32_t page_size) {
  State state{page_size, {}};
  state.pages.reserve(image.size() / page_size);
  for (; image.size() >= page_size; image = image.subspan(page_size)) {
    state.pages.push_back(crc64(0, image.first(page_size)));
  }
  return state;
}

State read_by_sqlite(sqlite3* connection) {
  // A rollback may leave other bytes in free pages, and no change counter tells of it.
  sqlite3_db_release_memory(connection);
  // Makes SQLite notice a page size that another connection has changed.
  exec(connection, "SELECT count(*) FROM sqlite_schema");
  sqlite3_int64 size = 0;
  unsigned char* image = sqlite3_serialize(connection, "main", &size, 0);
  if (image == nullptr) {
    if (size == 0) return {};
    throw SqlError(sqlite3_extended_errcode(connection), "serialize: out of memory or unreadable");
  }
  const Bytes bytes(reinterpret_cast<const std::byte*>(image), static_cast<std::size_t>(size));
  State state = size < 100 ? State() : state_of(bytes, page_size_in(bytes));
  sqlite3_free(image);
  // It passes zeros for pages that it cannot read, and tells nobody. (The file itself is not opened
  // to see, for closing it would end the locks of this process.)
  const std::string path = sqlite3_db_filename(connection, "main");
  if (!can_be_opened(path.substr(0, path.rfind('/')))) {
    throw SqlError(SQLITE_IOERR, "the directory cannot be opened");
  }
  return state;
}

State read_files(const std::string& path) {
  Buffer file = file_bytes(path);
  const Buffer wal = file_bytes(path + "-wal");
  if (wal.size() > kWalHeader) {
    const std::size_t page_size = load_be<std::uint32_t>(wal.data() + 8);
    const Frames frames = frames_of(wal, page_size);
    for (const std::size_t at : frames.at) {
      const std::size_t to = (load_be<std::uint32_t>(wal.data() + at) - 1) * page_size;
      file.resize(std::max(file.size(), to + page_size));
      std::copy_n(wal.data() + at + kFrameHeader, page_size, file.data() + to);
    }
    if (!frames.at.empty()) file.resize(frames.commit * page_size);
  }
  if (file.size() < 100) return {};
  return state_of(file, page_size_in(file));
}

}  // namespace litetool::soak
