// The two ways in which files are served, and what each of them lets us see.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <future>
#include <thread>

#include "core/capture/witness.h"
#include "fuse/session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

// A mount served by threads of this process, so that a test can look into it.
class ServedHere {
 public:
  ServedHere(const std::string& directory, Tier tier) : directory_(directory) {
    UniqueFd root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(root.valid());
    root_ = root.get();
    witness_.emplace(
        CaptureContext{posix_env(), root_, HistoryRoot{root_}, 1, [](const std::string&) {}});
    fs_.emplace(std::move(root), *witness_, peek_);
    options_.mount_point = directory;
    options_.tier = tier;
    options_.on_ready = [this](bool passthrough) { ready_.set_value(passthrough); };
    options_.warn = [](const std::string&) {};
    thread_ = std::thread([this] { (void)serve(*fs_, options_); });
    passthrough_ = ready_.get_future().get();
  }
  ~ServedHere() {
    (void)::umount2(directory_.c_str(), MNT_DETACH);
    thread_.join();
  }

  bool passthrough() const { return passthrough_; }
  CachePeek& peek() { return peek_; }
  int root() const { return root_; }

 private:
  std::string directory_;
  int root_ = -1;
  CachePeek peek_;
  std::optional<Witness> witness_;
  std::optional<FileSystem> fs_;
  SessionOptions options_;
  std::promise<bool> ready_;
  std::thread thread_;
  bool passthrough_ = false;
};

TEST_CASE("what a client stores in a mapped file is seen at once, in both tiers") {
  const Tier tier = GENERATE(Tier::kAuto, Tier::kCached);
  const TempDir temp;
  ServedHere served(temp.path(), tier);
  CHECK((tier == Tier::kAuto || !served.passthrough()));
  constexpr std::size_t kSize = 32768;
  const UniqueFd file(::open(temp.file("x.db-shm").c_str(), O_RDWR | O_CREAT, 0644));
  REQUIRE(::ftruncate(file.get(), kSize) == 0);
  void* map = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  REQUIRE(map != MAP_FAILED);
  char* text = static_cast<char*>(map);
  for (int i = 0; i < 100; ++i) {
    std::memset(text, 'a' + i % 26, 200);
    char seen[136] = {};
    const auto n =
        served.peek().read(served.root(), "x.db-shm", std::as_writable_bytes(std::span(seen)), 4);
    REQUIRE(n.ok());
    REQUIRE(*n == sizeof seen);
    REQUIRE(std::memcmp(seen, text + 4, sizeof seen) == 0);
  }
  // At the end of the file there is less, and pages that nobody touched are read from it.
  char seen[200] = {};
  const auto n = served.peek().read(served.root(), "x.db-shm",
                                    std::as_writable_bytes(std::span(seen)), kSize - 100);
  REQUIRE(n.ok());
  CHECK(*n == 100);
  ::munmap(map, kSize);
}

}  // namespace
}  // namespace litetool::test
