// Calls about the bytes of files: writing, holes, mappings, locks, files without a name.
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "mount/posix_calls.h"

namespace litetool::test {
namespace {

int make(const char* name, const std::string& bytes) {
  const int file = ::open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (::write(file, bytes.data(), bytes.size()) < 0) return -1;
  (void)::lseek(file, 0, SEEK_SET);
  return file;
}

void reading_and_writing(Calls& c) {
  const int file = make("f", "hello world");
  char text[32] = {};
  c.note("read", ::read(file, text, 5));
  c.note("at end", ::pread(file, text, 5, 11));
  c.note("beyond", ::pread(file, text, 5, 1000));
  c.note("negative", ::pread(file, text, 5, -1));
  c.note("write at", ::pwrite(file, "W", 1, 6));
  c.note("seek", ::lseek(file, 3, SEEK_CUR));
  c.note("seek end", ::lseek(file, -2, SEEK_END));
  c.note("seek before start", ::lseek(file, -200, SEEK_END));
  iovec pieces[2] = {{text, 2}, {text + 4, 2}};
  c.note("readv", ::preadv(file, pieces, 2, 0));
  c.note("writev", ::pwritev(file, pieces, 2, 20));
  c.note("write nothing", ::write(file, "", 0));
  c.note("truncate", ::ftruncate(file, 15));
  c.note("extend", ::ftruncate(file, 40));
  c.note("negative size", ::ftruncate(file, -1));
  c.note("fsync", ::fsync(file));
  c.note("fdatasync", ::fdatasync(file));
  c.content("f");
  const int reader = ::open("f", O_RDONLY | O_CLOEXEC);
  c.note("write to reader", ::write(reader, "x", 1));
  c.note("truncate reader", ::ftruncate(reader, 1));
  const int writer = ::open("f", O_WRONLY | O_CLOEXEC);
  c.note("read from writer", ::read(writer, text, 1));
  c.note("truncate by name", ::truncate("f", 5));
  c.stat(writer);
  const int directory = ::open(".", O_RDONLY | O_CLOEXEC);
  c.note("read a directory", ::read(directory, text, 1));
  c.note("fsync directory", ::fsync(directory));
  c.note("truncate a directory", ::truncate(".", 0));
  c.note("through a closed one", ::close(writer));
  c.note("write", ::write(writer, "x", 1));
}

void appending(Calls& c) {
  const int one = make("f", "first ");
  const int two = ::open("f", O_WRONLY | O_APPEND | O_CLOEXEC);
  const int three = ::open("f", O_WRONLY | O_APPEND | O_CLOEXEC);
  c.note("append", ::write(two, "second ", 7));
  c.note("append", ::write(three, "third ", 6));
  c.note("write", ::write(one, "FIRST", 5));
  c.note("pwrite appends", ::pwrite(two, "fourth", 6, 0));
  c.note("position", ::lseek(two, 0, SEEK_CUR));
  c.content("f");
  c.note("shorten", ::truncate("f", 2));
  c.note("append", ::write(three, "!", 1));
  c.content("f");
}

void holes(Calls& c) {
  const int file = make("f", "");
  constexpr off_t kMega = 1 << 20;
  c.note("far write", ::pwrite(file, "x", 1, 4 * kMega));
  c.stat(file);
  c.note("hole", ::lseek(file, 0, SEEK_HOLE));
  c.note("data", ::lseek(file, 0, SEEK_DATA));
  c.note("data beyond end", ::lseek(file, 5 * kMega, SEEK_DATA));
  c.note("hole in data", ::lseek(file, 4 * kMega, SEEK_HOLE));
  c.note("allocate", ::fallocate(file, 0, 0, 65536));
  c.note("allocate beyond", ::fallocate(file, 0, 5 * kMega, 4096));
  c.stat(file);
  c.note("keep size", ::fallocate(file, FALLOC_FL_KEEP_SIZE, 8 * kMega, 4096));
  c.stat(file);
  c.note("negative", ::fallocate(file, 0, -1, 4096));
  c.note("nothing", ::fallocate(file, 0, 0, 0));
  c.note("fill", ::pwrite(file, std::string(65536, 'y').data(), 65536, 0));
  c.note("punch", ::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
  c.note("punch with size", ::fallocate(file, FALLOC_FL_PUNCH_HOLE, 4096, 8192));
  char byte = 'z';
  c.note("in the hole", ::pread(file, &byte, 1, 5000));
  c.line(std::to_string(byte));
  c.note("hole", ::lseek(file, 0, SEEK_HOLE));
  c.note("data", ::lseek(file, 5000, SEEK_DATA));
  c.note("zero", ::fallocate(file, FALLOC_FL_ZERO_RANGE, 20000, 100));
  c.note("posix", ::posix_fallocate(file, 0, 100));
  c.note("reader", ::fallocate(::open("f", O_RDONLY | O_CLOEXEC), 0, 0, 10));
}

void mappings(Calls& c) {
  const int file = make("f", std::string(10000, 'a'));
  const auto map = [&](int flags, int descriptor, int protection) {
    void* start = ::mmap(nullptr, 10000, protection, flags, descriptor, 0);
    return start == MAP_FAILED ? nullptr : static_cast<char*>(start);
  };
  char* shared = map(MAP_SHARED, file, PROT_READ | PROT_WRITE);
  char* other = map(MAP_SHARED, file, PROT_READ);
  char* copied = map(MAP_PRIVATE, file, PROT_READ | PROT_WRITE);
  c.line(shared != nullptr && other != nullptr && copied != nullptr ? "mapped" : "not mapped");
  if (shared == nullptr || other == nullptr || copied == nullptr) return;
  shared[0] = 'S';
  copied[5000] = 'P';
  char byte = 0;
  c.note("pread", ::pread(file, &byte, 1, 0));
  c.line(std::string(1, byte) + other[0] + copied[0]);
  c.note("pread", ::pread(file, &byte, 1, 5000));
  c.line(std::string(1, byte) + other[5000] + copied[5000]);
  c.note("pwrite", ::pwrite(file, "W", 1, 9000));
  c.line(std::string(1, shared[9000]) + other[9000]);
  c.note("msync", ::msync(shared, 10000, MS_SYNC));
  c.note("unlink", ::unlink("f"));
  shared[1] = 'T';
  c.line(std::string(1, other[1]));
  const int child = ::fork();
  if (child == 0) {
    shared[2] = 'C';
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  c.line(std::string(1, shared[2]));
  const int reader = make("g", "x");
  ::close(reader);
  const int read_only = ::open("g", O_RDONLY | O_CLOEXEC);
  c.line(map(MAP_SHARED, read_only, PROT_READ | PROT_WRITE) == nullptr ? ::strerrorname_np(errno)
                                                                       : "mapped");
  c.note("unmap", ::munmap(shared, 10000));
  c.note("read after", ::pread(file, &byte, 1, 2));
  c.line(std::string(1, byte));
}

void unlinked_but_open(Calls& c) {
  const int file = make("f", "content");
  c.note("unlink", ::unlink("f"));
  c.stat("f");
  c.stat(file);
  c.note("write", ::pwrite(file, "more", 4, 7));
  char text[16] = {};
  c.note("read", ::pread(file, text, sizeof text, 0));
  c.line(text);
  const int again = make("f", "another");
  c.content("f");
  c.note("old one", ::pread(file, text, 7, 0));
  c.line(text);
  c.note("fchmod", ::fchmod(file, 0600));
  c.note("ftruncate", ::ftruncate(file, 3));
  c.stat(file);
  c.note("rename over open", ::rename("f", "g"));
  const int third = make("f", "third");
  c.note("replace open one", ::rename("f", "g"));
  c.stat(again);
  c.stat(third);
  c.content("g");
  c.note("close", ::close(file) + ::close(again) + ::close(third));
}

void nameless(Calls& c) {
  const int file = c.fd("tmpfile", ::open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0640));
  c.note("write", ::write(file, "nameless", 8));
  c.stat(file);
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  c.note("link", ::linkat(AT_FDCWD, path.c_str(), AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  c.stat("named");
  c.content("named");
  ::close(file);
  c.content("named");
  const int fixed = c.fd("exclusive", ::open(".", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0640));
  const std::string other = "/proc/self/fd/" + std::to_string(fixed);
  c.note("link", ::linkat(AT_FDCWD, other.c_str(), AT_FDCWD, "no", AT_SYMLINK_FOLLOW));
  c.fd("read only", ::open(".", O_TMPFILE | O_RDONLY | O_CLOEXEC, 0640));
  c.fd("missing", ::open("none", O_TMPFILE | O_RDWR | O_CLOEXEC, 0640));
  c.list(".");
}

void direct(Calls& c) {
  const int file = make("f", std::string(8192, 'd'));
  ::close(file);
  const int direct_file = c.fd("open", ::open("f", O_RDWR | O_DIRECT | O_CLOEXEC));
  void* block = nullptr;
  if (::posix_memalign(&block, 4096, 4096) != 0) return;
  std::memset(block, 'x', 4096);
  c.note("read", ::pread(direct_file, block, 4096, 4096));
  c.line(std::string(static_cast<char*>(block), 3));
  std::memset(block, 'x', 4096);
  c.note("write", ::pwrite(direct_file, block, 4096, 0));
  c.content("f");
  std::free(block);
}

// What another process is told about a lock.
std::string lock_seen(const char* name, int command, short type) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const int child = ::fork();
  if (child == 0) {
    const int file = ::open(name, O_RDWR | O_CLOEXEC);
    struct flock lock {};
    lock.l_type = type;
    lock.l_len = 10;
    const bool got =
        command == 0 ? ::flock(file, LOCK_EX | LOCK_NB) == 0 : ::fcntl(file, command, &lock) == 0;
    const char answer = got ? 'y' : 'n';
    ::_exit(::write(ends[1], &answer, 1) == 1 ? 0 : 1);
  }
  ::close(ends[1]);
  char answer = '?';
  (void)!::read(ends[0], &answer, 1);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return std::string(1, answer);
}

void locks(Calls& c) {
  const int file = make("f", "lock me");
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_len = 5;
  c.note("posix", ::fcntl(file, F_SETLK, &lock));
  c.line(lock_seen("f", F_SETLK, F_RDLCK) + lock_seen("f", F_OFD_SETLK, F_WRLCK) +
         lock_seen("f", 0, 0));
  lock.l_start = 2;
  lock.l_len = 1;
  lock.l_type = F_UNLCK;
  c.note("split", ::fcntl(file, F_SETLK, &lock));
  lock.l_start = 0;
  lock.l_len = 0;
  lock.l_type = F_UNLCK;
  c.note("unlock", ::fcntl(file, F_SETLK, &lock));
  c.line(lock_seen("f", F_SETLK, F_WRLCK));
  lock.l_type = F_RDLCK;
  lock.l_len = 10;
  c.note("shared", ::fcntl(file, F_SETLK, &lock));
  c.line(lock_seen("f", F_SETLK, F_RDLCK) + lock_seen("f", F_SETLK, F_WRLCK));
  const int other = ::open("f", O_RDWR | O_CLOEXEC);
  ::close(other);
  c.line("after a close of the file: " + lock_seen("f", F_SETLK, F_WRLCK));
  lock.l_type = F_WRLCK;
  lock.l_pid = 0;
  c.note("ofd", ::fcntl(file, F_OFD_SETLK, &lock));
  const int second = ::open("f", O_RDWR | O_CLOEXEC);
  c.note("ofd conflict", ::fcntl(second, F_OFD_SETLK, &lock));
  ::close(second);
  c.line(lock_seen("f", F_SETLK, F_RDLCK));
  c.note("flock", ::flock(file, LOCK_EX));
  c.line(lock_seen("f", 0, 0));
  c.note("flock unlock", ::flock(file, LOCK_UN));
  c.line(lock_seen("f", 0, 0));
  const int reader = ::open("f", O_RDONLY | O_CLOEXEC);
  c.note("write lock of a reader", ::fcntl(reader, F_SETLK, &lock));
  ::close(file);
  c.line("after close: " + lock_seen("f", F_SETLK, F_WRLCK));
}

void copying(Calls& c) {
  const int from = make("from", std::string(50'000, 'c'));
  const int to = make("to", "");
  c.note("copy", ::copy_file_range(from, nullptr, to, nullptr, 50'000, 0));
  c.stat(to);
  off_t start = 10;
  c.note("inside", ::copy_file_range(from, &start, to, nullptr, 100, 0));
  c.note("flags", ::copy_file_range(from, nullptr, to, nullptr, 100, 1));
  const int reader = ::open("to", O_RDONLY | O_CLOEXEC);
  c.note("to a reader", ::copy_file_range(from, nullptr, reader, nullptr, 100, 0));
  c.content("to");
}

void watching(Calls& c) {
  (void)::mkdir("d", 0755);
  const int queue = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  c.fd("watch",
       ::inotify_add_watch(
           queue, "d", IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVE | IN_CLOSE_WRITE | IN_ATTRIB));
  ::close(make("d/f", "x"));
  (void)::chmod("d/f", 0600);
  (void)::truncate("d/f", 0);
  (void)::rename("d/f", "d/g");
  (void)::unlink("d/g");
  alignas(inotify_event) char events[4096];
  const ssize_t n = ::read(queue, events, sizeof events);
  for (ssize_t at = 0; at < n;) {
    const auto* event = reinterpret_cast<const inotify_event*>(events + at);
    c.line(std::to_string(event->mask) + " " + (event->len > 0 ? event->name : ""));
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
}

void privileges_of_written_files(Calls& c) {
  (void)::close(make("f", "program"));
  c.note("chmod", ::chmod("f", 06777));
  const int file = ::open("f", O_WRONLY | O_CLOEXEC);
  c.note("write", ::write(file, "x", 1));
  c.stat("f");
  c.note("chmod", ::chmod("f", 06777));
  c.note("truncate", ::truncate("f", 1));
  c.stat("f");
  c.note("chmod", ::chmod("f", 0444));
  c.note("write to one opened before", ::write(file, "y", 1));
  c.fd("open for writing", ::open("f", O_WRONLY | O_CLOEXEC));
}

void many_open_files(Calls& c) {
  std::string text;
  int opened = 0;
  for (int i = 0; i < 3000; ++i) {
    const int file = make(("f" + std::to_string(i)).c_str(), "x");
    if (file >= 0) ++opened;
    if (i % 100 != 0) ::close(file);
  }
  c.line(std::to_string(opened));
  c.list(".");
}

}  // namespace

const std::vector<Scenario>& file_scenarios() {
  static const std::vector<Scenario> all = {
      {"reading and writing", reading_and_writing},
      {"appending", appending},
      {"holes", holes},
      {"mappings", mappings},
      {"unlinked but open", unlinked_but_open},
      {"files without a name", nameless},
      {"direct I/O", direct},
      {"locks", locks},
      {"copying in the kernel", copying},
      {"watching", watching},
      {"privileges of written files", privileges_of_written_files},
      {"many files", many_open_files},
  };
  return all;
}

}  // namespace litetool::test
