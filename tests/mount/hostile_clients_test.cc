// Clients that have the right to write do whatever they like with four files of each of two
// databases: write anything, cut, rename one over another, link and remove them, and use them as
// databases in between. Beside them one client works as it should.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>

#include "mount/mounted.h"
#include "mount/truth.h"
#include "support/sqlite_session.h"

namespace litetool::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTime = std::chrono::seconds(4);
constexpr int kClients = 3;
constexpr rlim_t kLargestFile = 32 << 20;

class HostileClient {
 public:
  HostileClient(const Mounted& mount, unsigned seed) : mount_(mount), random_(seed) {}

  void work_until(Clock::time_point end) {
    while (Clock::now() < end) step();
  }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  std::string any_file() {
    static constexpr std::array<const char*, 4> kSuffixes = {"", "-wal", "-shm", "-journal"};
    return mount_.file((below(2) == 0 ? "a.db" : "b.db") + std::string(kSuffixes[below(4)]));
  }

  void step() {
    switch (below(10)) {
      case 0:
        return write(any_file(), anything());
      case 1:
        return write(any_file(), journal_of_millions());
      case 2:
        (void)::truncate(any_file().c_str(), below(2) == 0 ? 0 : below(1 << 20));
        return;
      case 3:
        (void)::unlink(any_file().c_str());
        return;
      case 4:
        (void)::rename(any_file().c_str(), any_file().c_str());
        return;
      case 5:
        (void)::link(any_file().c_str(), any_file().c_str());
        return;
      case 6:
        (void)::rename(mount_.file("a.db").c_str(), mount_.file("b.db").c_str());
        return;
      case 7:
        return write(any_file(), first_page());
      default:
        return use_as_database();
    }
  }

  void write(const std::string& path, const std::string& bytes) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return;
    (void)!::pwrite(fd, bytes.data(), bytes.size(), below(2) == 0 ? 0 : below(1 << 16));
    if (below(2) == 0) (void)::fsync(fd);
    ::close(fd);
  }

  std::string anything() {
    std::string bytes(below(10000), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  static std::string journal_of_millions() {
    std::string header(512, '\0');
    header.replace(0, 8, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7");
    header.replace(16, 4, "\xff\xff\xff\xf0");  // pages before the transaction
    header[22] = 2;                             // sectors of 512 bytes
    header[26] = 16;                            // pages of 4096 bytes
    return header;
  }

  std::string first_page() {
    std::string page(4096, '\0');
    page.replace(0, 15, "SQLite format 3");
    page[16] = static_cast<char>(below(2) == 0 ? 16 : 2);  // pages of 4096 or 512 bytes
    page[18] = page[19] = static_cast<char>(below(2) + 1);
    page.replace(21, 3, "\x40\x20\x20");
    page[27] = page[95] = 1;
    page[31] = static_cast<char>(below(20));  // pages
    return page;
  }

  // Whatever comes of it.
  void use_as_database() {
    static constexpr std::array<const char*, 6> kStatements = {
        "CREATE TABLE IF NOT EXISTS t(x)", "INSERT INTO t VALUES(randomblob(3000))",
        "PRAGMA journal_mode=WAL",         "PRAGMA journal_mode=DELETE",
        "PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM"};
    sqlite3* database = nullptr;
    const std::string path = mount_.file(below(2) == 0 ? "a.db" : "b.db");
    if (sqlite3_open(path.c_str(), &database) == SQLITE_OK) {
      sqlite3_busy_timeout(database, 100);
      for (unsigned n = below(4) + 1; n > 0; --n) {
        (void)sqlite3_exec(database, kStatements[below(6)], nullptr, nullptr, nullptr);
      }
    }
    sqlite3_close(database);
  }

  const Mounted& mount_;
  std::mt19937 random_;
};

// One that a file cut beneath its mapping has killed is followed by another.
pid_t start_clients(const Mounted& mount, unsigned seed, Clock::time_point end) {
  const pid_t guard = ::fork();
  if (guard != 0) return guard;
  const rlimit largest = {kLargestFile, kLargestFile};
  (void)::setrlimit(RLIMIT_FSIZE, &largest);
  std::signal(SIGXFSZ, SIG_IGN);
  for (; Clock::now() < end; ++seed) {
    const pid_t client = ::fork();
    if (client == 0) {
      std::signal(SIGBUS, SIG_DFL);
      std::signal(SIGSEGV, SIG_DFL);
      HostileClient(mount, seed).work_until(end);
      ::_exit(0);
    }
    (void)::waitpid(client, nullptr, 0);
  }
  ::_exit(0);
}

TEST_CASE("hostile clients: no history is damaged, and the others go on") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  Mounted mount(temp.path(), tier);
  const unsigned seed = std::random_device()() % 1'000'000 * 1000;
  INFO("seed " << seed);
  const auto end = Clock::now() + kTime;
  std::vector<pid_t> clients;
  for (unsigned i = 0; i < kClients; ++i) {
    clients.push_back(start_clients(mount, seed + i * 100'000, end));
  }
  int commits = 0;
  {
    SqliteSession good(mount.file("good.db"));
    good.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(n)");
    for (; Clock::now() < end; ++commits) good.exec("INSERT INTO t VALUES(1)");
  }
  for (const pid_t client : clients) CHECK(::waitpid(client, nullptr, 0) == client);
  CHECK(commits > 100);
  CHECK(mount.unmount() == 0);
  const std::string verify =
      std::string(LITETOOL_BINARY) + " ltx verify " + temp.file(".litetool") + " 2>&1";
  CHECK(std::system(verify.c_str()) == 0);
  CHECK(ends_at_file(temp.path(), "good.db", temp.file("good.db")));
}

}  // namespace
}  // namespace litetool::test
