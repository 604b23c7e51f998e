// What becomes of set-user-id, set-group-id and the capabilities of a file that is written to, cut
// off or given away, whichever way that goes: through the page cache, past it, by passthrough.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "mount/posix_calls.h"

namespace litetool::test {
namespace {

constexpr gid_t kGroup = 1001;
constexpr std::size_t kBlock = 4096;
constexpr mode_t kModes[] = {04777, 02777, 06777, 02767, 06767, 04666};

// Effective: CAP_NET_RAW (version 2 of the kernel's vfs_cap_data).
constexpr unsigned char kCapability[20] = {1, 0, 0, 2, 0, 0x20};

// The same bytes once more, so that a database stays one.
long rewrite(int file, int flags) {
  void* block = nullptr;
  if (::posix_memalign(&block, kBlock, kBlock) != 0) return -1;
  const int reader = ::open(("/proc/self/fd/" + std::to_string(file)).c_str(), O_RDONLY | flags);
  long n = ::pread(reader, block, kBlock, 0);
  if (n > 0) n = ::pwrite(file, block, static_cast<std::size_t>(n), 0);
  ::close(reader);
  std::free(block);
  return n;
}

struct Way {
  const char* name;
  int flags;
  long (*change)(int file);
};

const Way kWays[] = {
    {"write", O_RDWR, [](int file) { return rewrite(file, 0); }},
    {"direct write", O_RDWR | O_DIRECT, [](int file) { return rewrite(file, O_DIRECT); }},
    {"truncate", O_RDWR, [](int file) -> long { return ::ftruncate(file, 2 * kBlock); }},
    {"same size", O_RDWR, [](int file) -> long { return ::ftruncate(file, kBlock); }},
    {"fallocate", O_RDWR, [](int file) -> long { return ::fallocate(file, 0, 0, kBlock); }},
    {"copy", O_RDWR,
     [](int file) -> long {
       const int from = ::open("source", O_RDONLY | O_CLOEXEC);
       return ::copy_file_range(from, nullptr, file, nullptr, 100, 0);
     }},
    {"sendfile", O_RDWR,
     [](int file) -> long {
       const int from = ::open("source", O_RDONLY | O_CLOEXEC);
       return ::sendfile(file, from, nullptr, 100);
     }},
    {"map", O_RDWR,
     [](int file) -> long {
       void* map = ::mmap(nullptr, kBlock, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
       if (map == MAP_FAILED) return -1;
       static_cast<volatile char*>(map)[0] = static_cast<volatile char*>(map)[0];
       return ::msync(map, kBlock, MS_SYNC);
     }},
    {"nothing", O_RDWR, [](int) -> long { return 0; }},
    {"cut off at open", O_RDWR | O_TRUNC, [](int) -> long { return 0; }},
    // Not by one who has it open to write, and could take the bits away in that manner.
    {"chown to nobody", O_RDONLY,
     [](int file) -> long { return ::fchown(file, uid_t(-1), gid_t(-1)); }},
    {"chown to own group", O_RDWR,
     [](int file) -> long { return ::fchown(file, uid_t(-1), ::getgid()); }},
    {"chown to other group", O_RDWR,
     [](int file) -> long { return ::fchown(file, uid_t(-1), kGroup); }},
};

void put(const std::string& name, uid_t owner, gid_t group, mode_t mode) {
  const int file = ::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  (void)!::write(file, std::string(kBlock, 'p').data(), kBlock);
  (void)!::fchown(file, owner, group);
  (void)::fchmod(file, mode);
  ::close(file);
}

// In WAL mode: opened through a mount, a file that the kernel writes without us where it can.
void put_database(const std::string& name, uid_t owner, gid_t group, mode_t mode) {
  sqlite3* db = nullptr;
  (void)sqlite3_open(name.c_str(), &db);
  (void)sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(x)", nullptr, nullptr, nullptr);
  (void)sqlite3_close(db);
  (void)!::chown(name.c_str(), owner, group);
  (void)::chmod(name.c_str(), mode);
}

constexpr uid_t kCaller = 1002;

void put_files() {
  put("source", 0, 0, 0644);
  for (std::size_t way = 0; way < std::size(kWays); ++way) {
    for (const mode_t mode : kModes) {
      const std::string end = std::to_string(way) + "-" + std::to_string(mode);
      put("own" + end, kCaller, kCaller, 0600);
      put("own-foreign" + end, kCaller, 4321, 0600);
      put("roots" + end, 0, kGroup, mode);
    }
  }
}

// What the kernel believes and what is on the disk must not differ: the first look is the one that
// decides, so no other comes before it.
void change(Calls& c, const Way& way, const std::string& name, mode_t set_after_open) {
  const int file = c.fd(name, ::open(name.c_str(), way.flags | O_CLOEXEC));
  if (set_after_open != 0) c.note("chmod", ::fchmod(file, set_after_open));
  c.note(way.name, way.change(file));
  c.stat(file);
  ::close(file);
}

void set_id_bits(Calls& c) {
  for (std::size_t way = 0; way < std::size(kWays); ++way) {
    for (const mode_t mode : kModes) {
      const std::string end = std::to_string(way) + "-" + std::to_string(mode);
      change(c, kWays[way], "own" + end, mode);
      change(c, kWays[way], "own-foreign" + end, mode);
      change(c, kWays[way], "roots" + end, 0);
    }
  }
}

void put_databases() {
  put("source", 0, 0, 0644);
  for (const char* way : {"write", "same size", "fallocate", "nothing"}) {
    put_database(std::string("own ") + way, kCaller, kGroup, 0600);
    put_database(std::string("roots ") + way, 0, kGroup, 06777);
  }
}

void set_id_bits_of_databases(Calls& c) {
  for (const Way& way : kWays) {
    const std::string own = std::string("own ") + way.name;
    if (::access(own.c_str(), F_OK) != 0) continue;
    change(c, way, own, 06777);
    change(c, way, std::string("roots ") + way.name, 0);
  }
}

void put_capabilities() {
  put("source", 0, 0, 0644);
  put_database("database", 0, kGroup, 0666);
  (void)::setxattr("database", "security.capability", kCapability, sizeof kCapability, 0);
  for (const Way& way : kWays) {
    put(way.name, 0, kGroup, 0777);
    (void)::setxattr(way.name, "security.capability", kCapability, sizeof kCapability, 0);
  }
}

void capabilities(Calls& c) {
  const auto look = [&](const std::string& name) {
    char value[64];
    c.note("capability of " + name,
           ::getxattr(name.c_str(), "security.capability", value, sizeof value));
  };
  for (const Way& way : kWays) {
    look(way.name);
    change(c, way, way.name, 0);
    // Written back through the server, a mapping takes them away that leaves them beneath.
    if (way.name != std::string("map")) look(way.name);
  }
  change(c, kWays[0], "database", 0);
  look("database");
  put("mine", ::getuid(), ::getgid(), 0777);
  c.note("give", ::setxattr("mine", "security.capability", kCapability, sizeof kCapability, 0));
  c.note("take", ::removexattr("nothing", "security.capability"));
}

// user::rwx, group::r-x, mask::rwx, other::r-x
constexpr unsigned char kAcl[] = {2,   0,   0,   0,   1,   0,   7,   0,   255, 255, 255, 255,
                                  4,   0,   5,   0,   255, 255, 255, 255, 16,  0,   7,   0,
                                  255, 255, 255, 255, 32,  0,   5,   0,   255, 255, 255, 255};

void put_foreign() {
  put("foreign", kCaller, 4321, 02775);
  put("grouped", kCaller, kGroup, 02775);
}

void lists_of_setgid_files(Calls& c) {
  for (const char* name : {"foreign", "grouped"}) {
    c.note("acl", ::setxattr(name, "system.posix_acl_access", kAcl, sizeof kAcl, 0));
    c.stat(name);
    c.note("chmod", ::chmod(name, 02775));
    c.stat(name);
  }
}

// Copies of a program that prints its effective user, which everybody may write to.
void put_programs() {
  for (const char* way : {"direct write", "write", "fallocate", "nothing"}) {
    const std::string command = std::string("cp /usr/bin/id '") + way + "'";
    (void)!std::system(command.c_str());
    (void)!::chown(way, 0, kGroup);
    (void)::chmod(way, 06777);
  }
}

std::string first_line_of(const std::string& command) {
  FILE* output = ::popen(command.c_str(), "r");
  std::array<char, 100> line{};
  if (output == nullptr || std::fgets(line.data(), line.size(), output) == nullptr) line[0] = 0;
  if (output != nullptr) ::pclose(output);
  return line.data();
}

void programs(Calls& c) {
  for (const Way& way : kWays) {
    if (::access(way.name, F_OK) != 0) continue;
    const std::string run = std::string("'./") + way.name + "' -";
    c.line(std::string(way.name) + " before: " + first_line_of(run + "u") +
           first_line_of(run + "g"));
    const int file = c.fd("open", ::open(way.name, way.flags | O_CLOEXEC));
    c.note(way.name, way.change(file));
    ::close(file);
    // Nobody has looked at its attributes in between.
    c.line("after: " + first_line_of(run + "u") + first_line_of(run + "g"));
    c.stat(way.name);
  }
}

}  // namespace

const std::vector<Scenario>& privilege_scenarios() {
  static const std::vector<Scenario> all = {
      {"set-id bits", set_id_bits, put_files},
      {"set-id bits of databases", set_id_bits_of_databases, put_databases},
      {"capabilities of files", capabilities, put_capabilities},
      {"access control lists of setgid files", lists_of_setgid_files, put_foreign},
      {"programs that run as their owner", programs, put_programs},
  };
  return all;
}

}  // namespace litetool::test
