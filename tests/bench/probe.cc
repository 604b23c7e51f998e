// What scripts/bench measures with, beside the commands themselves.
//
//   bench_probe run REPORT COMMAND...   writes "SECONDS CPU_S MAXRSS_KIB STATUS" to REPORT
//   bench_probe memcpy BYTES            copies that much memory once: a limit no command can pass
//   bench_probe read FILE THREADS       reads a file into a buffer and throws it away
//
// A process of its own because the peak memory that wait4() reports for a child includes what its
// parent had when it started it: a small parent measures small children.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

int fail(const char* what) {
  std::perror(what);
  return 1;
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

int run(const char* report, char** command) {
  pid_t child = 0;
  const auto start = std::chrono::steady_clock::now();
  const int error = posix_spawnp(&child, command[0], nullptr, nullptr, command, environ);
  if (error != 0) {
    std::fprintf(stderr, "bench_probe: %s: %s\n", command[0], std::strerror(error));
    return 127;
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) return fail("wait4");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::FILE* out = std::fopen(report, "w");
  if (out == nullptr) return fail(report);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  const double cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  std::fprintf(out, "%.6f %.6f %ld %d\n", took.count(), cpu, usage.ru_maxrss, code);
  return std::fclose(out) == 0 ? 0 : fail(report);
}

int copy_memory(std::size_t size_bytes) {
  std::vector<char> from(size_bytes, 'a');
  std::vector<char> to(size_bytes, 'b');
  const auto start = std::chrono::steady_clock::now();
  std::memcpy(to.data(), from.data(), size_bytes);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.6f\n", took.count());
  return to[size_bytes / 2] == 'a' ? 0 : 1;
}

// One thread's share: every block whose number is `first` modulo `step`.
void read_blocks(int fd, off_t size, unsigned first, unsigned step, bool* ok) {
  constexpr std::size_t kBlockBytes = 256 * 1024;
  std::vector<char> block(kBlockBytes);
  for (off_t at = first * static_cast<off_t>(kBlockBytes); at < size;
       at += step * static_cast<off_t>(kBlockBytes)) {
    if (pread(fd, block.data(), block.size(), at) <= 0) *ok = false;
  }
}

int read_file(const char* path, unsigned threads) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat st {};
  if (fd < 0 || fstat(fd, &st) != 0) return fail(path);
  bool ok = true;
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < threads; ++i) {
      workers.emplace_back(read_blocks, fd, st.st_size, i, threads, &ok);
    }
  }
  close(fd);
  return ok ? 0 : fail(path);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "run" && argc > 3) return run(argv[2], argv + 3);
  if (what == "memcpy" && argc == 3) return copy_memory(std::strtoull(argv[2], nullptr, 10));
  if (what == "read" && argc == 4) {
    return read_file(argv[2], static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10)));
  }
  std::fputs("usage: bench_probe run REPORT COMMAND... | memcpy BYTES | read FILE THREADS\n",
             stderr);
  return 2;
}
