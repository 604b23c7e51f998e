// What a client may do with files and directories of others: by mode, group, access control list,
// sticky bit, through links and through descriptors that it was given.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdio>

#include "mount/posix_calls.h"

namespace litetool::test {
namespace {

constexpr gid_t kGroup = 1001;
constexpr int kWays[] = {O_RDONLY, O_WRONLY, O_RDWR};

std::string octal(unsigned mode) {
  char text[16];
  (void)std::snprintf(text, sizeof text, "%05o", mode);
  return text;
}

// A file of root and the group.
void put(const std::string& name, mode_t mode, gid_t group = kGroup) {
  const int file = ::open(name.c_str(), O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
  (void)!::write(file, "of root", 7);
  (void)!::fchown(file, 0, group);
  (void)::fchmod(file, mode);
  ::close(file);
}

void put_folder(const std::string& name, mode_t mode, gid_t group = kGroup) {
  (void)::mkdir(name.c_str(), 0700);
  put(name + "/in", 0644);
  (void)!::chown(name.c_str(), 0, group);
  (void)::chmod(name.c_str(), mode);
}

void try_open(Calls& c, const std::string& name, int flags) {
  const int file = c.fd(name + " open " + std::to_string(flags), ::open(name.c_str(), flags));
  if (file >= 0) ::close(file);
}

// For each of 64 modes: what is for the group, and what for others.
template <typename Call>
void for_modes(Call call) {
  for (unsigned group = 0; group < 8; ++group) {
    for (unsigned other = 0; other < 8; ++other) call(0700 | group << 3 | other);
  }
}

void put_modes() {
  for_modes([](unsigned mode) {
    put("f" + octal(mode), mode);
    put_folder("d" + octal(mode), mode);
  });
}

void modes(Calls& c) {
  for_modes([&](unsigned mode) {
    const std::string file = "f" + octal(mode);
    for (const int flags : kWays) try_open(c, file, flags);
    c.note(file + " execute", ::access(file.c_str(), X_OK));
    c.note(file + " truncate", ::truncate(file.c_str(), 3));
    const std::string folder = "d" + octal(mode);
    c.list(folder);
    c.stat(folder + "/in");
    try_open(c, folder + "/in", O_RDONLY);
    try_open(c, folder + "/new", O_CREAT | O_RDWR);
    c.note(folder + " mkdir", ::mkdir((folder + "/sub").c_str(), 0755));
    c.note(folder + " link", ::link("own", (folder + "/link").c_str()));
    c.note(folder + " rename", ::rename((folder + "/in").c_str(), (folder + "/out").c_str()));
    c.note(folder + " unlink", ::unlink((folder + "/out").c_str()));
    c.note(folder + " chdir", ::chdir(folder.c_str()) == 0 ? ::chdir("..") : -1);
  });
}

void put_attributes() {
  put("shared", 0660);
  put("read", 0644);
  put_folder("folder", 0775);
  (void)::setxattr("read", "trusted.secret", "1", 1, 0);
  (void)::setxattr("read", "user.open", "1", 1, 0);
}

void attributes(Calls& c) {
  const timespec old[2] = {{1000, 0}, {2000, 0}};
  for (const char* name : {"shared", "read", "folder"}) {
    c.note(std::string("chmod ") + name, ::chmod(name, 0777));
    c.note("chown", ::chown(name, 1002, uid_t(-1)));
    c.note("chgrp", ::chown(name, uid_t(-1), kGroup));
    c.note("utimes now", ::utimensat(AT_FDCWD, name, nullptr, 0));
    c.note("utimes", ::utimensat(AT_FDCWD, name, old, 0));
    c.note("user xattr", ::setxattr(name, "user.x", "1", 1, 0));
    c.note("remove xattr", ::removexattr(name, "user.open"));
    c.note("trusted xattr", ::setxattr(name, "trusted.x", "1", 1, 0));
    c.note("security xattr", ::setxattr(name, "security.x", "1", 1, 0));
    c.note("acl", ::removexattr(name, "system.posix_acl_access"));
    char value[300] = {};
    c.note("read trusted", ::getxattr(name, "trusted.secret", value, sizeof value));
    c.note("list", ::listxattr(name, value, sizeof value));
    struct statfs st {};
    c.note("statfs", ::statfs(name, &st));
    c.stat(name);
  }
}

void put_sticky() {
  for (const char* folder : {"sticky", "grouped", "group-sticky"}) put_folder(folder, 0777);
  put("sticky/full", 0666);
  (void)::mkdir("sticky/sub", 0777);
  put("sticky/fifo-owner", 0666);
  (void)!::symlink("in", "sticky/link");
  (void)!::lchown("sticky/link", 1003, 1003);
  (void)::mkfifo("sticky/fifo", 0666);
  (void)::chmod("sticky/fifo", 0666);
  (void)!::chown("sticky/full", 1003, 1003);
  (void)::chmod("sticky", 01777);
  (void)::chmod("grouped", 0770);
  (void)::chmod("group-sticky", 01770);
}

void sticky(Calls& c) {
  for (const std::string folder : {"sticky", "grouped", "group-sticky"}) {
    const auto in = [&](const char* name) { return folder + "/" + name; };
    try_open(c, in("mine"), O_CREAT | O_RDWR);
    c.note("rename", ::rename(in("in").c_str(), in("moved").c_str()));
    c.note("over", ::rename(in("mine").c_str(), in("in").c_str()));
    c.note("exchange",
           ::renameat2(AT_FDCWD, in("mine").c_str(), AT_FDCWD, in("in").c_str(), RENAME_EXCHANGE));
    c.note("unlink", ::unlink(in("in").c_str()));
    c.note("rmdir", ::rmdir(in("sub").c_str()));
    c.note("out", ::rename(in("full").c_str(), "full"));
    c.list(folder);
  }
  c.content("sticky/link");                      // protected_symlinks
  try_open(c, "sticky/full", O_CREAT | O_RDWR);  // protected_regular
  try_open(c, "sticky/fifo", O_CREAT | O_RDWR | O_NONBLOCK);
  c.note("user xattr", ::setxattr("sticky", "user.x", "1", 1, 0));
}

void put_setgid() {
  put_folder("setgid", 02775);
  put_folder("foreign", 02777, 4321);
}

void setgid_folders(Calls& c) {
  for (const std::string folder : {"setgid", "foreign"}) {
    for (const mode_t mode : {0644u, 02755u, 04755u, 02644u, 06777u}) {
      const std::string name = folder + "/" + octal(mode);
      const int file = c.fd("create", ::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, mode));
      if (file >= 0) ::close(file);
      c.note("mkdir", ::mkdir((name + "d").c_str(), mode));
      c.note("mknod", ::mknod((name + "p").c_str(), S_IFIFO | mode, 0));
      const int nameless =
          c.fd("nameless", ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
      if (nameless >= 0) c.stat(nameless);
      const std::string path = "/proc/self/fd/" + std::to_string(nameless);
      c.note("name it",
             ::linkat(AT_FDCWD, path.c_str(), AT_FDCWD, (name + "t").c_str(), AT_SYMLINK_FOLLOW));
      for (const char* kind : {"", "d", "p", "t"}) c.stat(name + kind);
      c.note("chmod", ::chmod(name.c_str(), 02755));
      c.stat(name);
    }
  }
}

// user::rw-, user:1002:---, group::r--, group:1001:rw-, mask::rw-, other::r--
constexpr unsigned char kAcl[] = {2,   0,   0,   0,   1,   0,  6,   0, 255, 255, 255, 255, 2,
                                  0,   0,   0,   234, 3,   0,  0,   4, 0,   4,   0,   255, 255,
                                  255, 255, 8,   0,   6,   0,  233, 3, 0,   0,   16,  0,   6,
                                  0,   255, 255, 255, 255, 32, 0,   4, 0,   255, 255, 255, 255};

void put_acls() {
  put("user-denied", 0644, 4321);
  (void)::setxattr("user-denied", "system.posix_acl_access", kAcl, sizeof kAcl, 0);
  put("group-grants", 0644, 4321);
  unsigned char other[sizeof kAcl];
  std::memcpy(other, kAcl, sizeof kAcl);
  other[16] = 235;  // of user 1003, so that the group counts for the caller
  (void)::setxattr("group-grants", "system.posix_acl_access", other, sizeof other, 0);
  put_folder("acl-folder", 0755, 4321);
  (void)::setxattr("acl-folder", "system.posix_acl_access", kAcl, sizeof kAcl, 0);
  put_folder("default-acl", 0777, 4321);
  (void)::setxattr("default-acl", "system.posix_acl_default", kAcl, sizeof kAcl, 0);
}

void acls(Calls& c) {
  for (const char* name : {"user-denied", "group-grants"}) {
    for (const int flags : kWays) try_open(c, name, flags);
    c.note("change", ::setxattr(name, "system.posix_acl_access", kAcl, sizeof kAcl, 0));
    char value[300];
    c.note("read", ::getxattr(name, "system.posix_acl_access", value, sizeof value));
  }
  c.list("acl-folder");
  c.stat("acl-folder/in");
  try_open(c, "default-acl/f", O_CREAT | O_RDWR);
  c.stat("default-acl/f");
  for (const int flags : kWays) try_open(c, "default-acl/f", flags);
  c.note("default", ::setxattr("acl-folder", "system.posix_acl_default", kAcl, sizeof kAcl, 0));
}

void put_links() {
  put("secret", 0600);
  put("read", 0644);
  put("shared", 0666);
  put_folder("closed", 0700);
}

void links(Calls& c) {
  const char* targets[] = {"/proc/sys/kernel/ostype",
                           "../../../../../../proc/sys/kernel/ostype",
                           "secret",
                           "closed/in",
                           "read",
                           "shared",
                           "..",
                           "/"};
  for (const char* target : targets) {
    c.note(std::string("symlink to ") + target, ::symlink(target, "s"));
    c.content("s");
    try_open(c, "s", O_RDONLY | O_NOFOLLOW);
    try_open(c, "s/in", O_CREAT | O_WRONLY | O_NOFOLLOW);
    c.note("chmod", ::chmod("s", 0777));
    c.note("lchown", ::lchown("s", 0, 0));
    c.note("lsetxattr", ::lsetxattr("s", "user.x", "1", 1, 0));
    c.note("trusted", ::lsetxattr("s", "trusted.x", "1", 1, 0));
    c.note("hard link", ::link("s", "s2"));
    // Why not is another matter: what lies outside is of another file system there.
    const bool linked = ::linkat(AT_FDCWD, "s", AT_FDCWD, "s3", AT_SYMLINK_FOLLOW) == 0;
    c.line(linked ? "linked target" : "no link of target");
    for (const char* name : {"s", "s2", "s3"}) (void)::unlink(name);
  }
  for (const char* name : {"secret", "read", "shared", "closed/in", "closed"}) {
    c.note(std::string("link ") + name, ::link(name, "hard"));  // protected_hardlinks
    c.stat("hard");
    (void)::unlink("hard");
  }
}

void above(Calls& c) {
  (void)::mkdir("a", 0755);
  (void)::mkdir("a/b", 0755);
  c.list("a/b/../../../..");
  try_open(c, "a/b/../../../../../../../../../../../proc/sys/kernel/ostype", O_RDONLY);
  const int folder = ::open("a/b", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  c.fd("openat", ::openat(folder, "../../../..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  c.note("mkdirat", ::mkdirat(folder, "../../../x", 0755));
  c.note("rename up", ::rename("a/b", "../moved"));
  c.note("unlink above", ::unlink("../../none"));
  c.note("root", ::rename("a", ".."));
}

int given = -1;       // opened by root to read
int given_path = -1;  // opened by root with O_PATH

void put_given() {
  put("secret", 0600);
  put("grouped", 0640);
  given = ::open("secret", O_RDONLY);
  given_path = ::open("secret", O_PATH);
}

void try_again(Calls& c, const char* what, int file) {
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC}) {
    const int again = c.fd(std::string(what) + " again " + std::to_string(flags),
                           ::open(path.c_str(), flags | O_CLOEXEC));
    if (again >= 0) c.note("write", ::write(again, "x", 1));
    if (again >= 0) ::close(again);
  }
  c.note("truncate", ::truncate(path.c_str(), 0));
  c.note("chmod", ::chmod(path.c_str(), 0666));
  c.note("link", ::linkat(AT_FDCWD, path.c_str(), AT_FDCWD, "linked", AT_SYMLINK_FOLLOW));
  c.note("link it", ::linkat(file, "", AT_FDCWD, "linked2", AT_EMPTY_PATH));
  (void)::unlink("linked");
  (void)::unlink("linked2");
}

void given_descriptors(Calls& c) {
  char text[8] = {};
  c.note("read", ::pread(given, text, sizeof text, 0));
  c.note("write", ::write(given, "x", 1));
  c.note("fchmod", ::fchmod(given, 0666));
  c.note("fchown", ::fchown(given, 1002, 1002));
  c.note("ftruncate", ::ftruncate(given, 0));
  c.note("fallocate", ::fallocate(given, 0, 0, 4096));
  c.note("fsetxattr", ::fsetxattr(given, "user.x", "1", 1, 0));
  void* map = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, given, 0);
  c.line(map == MAP_FAILED ? "not mapped" : "mapped");
  void* readable = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, given, 0);
  c.note("make writable", ::mprotect(readable, 4096, PROT_READ | PROT_WRITE));
  try_again(c, "given", given);
  try_again(c, "given path", given_path);
  const int grouped = ::open("grouped", O_RDONLY | O_CLOEXEC);
  try_again(c, "grouped", grouped);
  const int own = ::open("own", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  (void)::fchmod(own, 0);
  try_again(c, "own", own);
}

void copying(Calls& c) {
  const int own = ::open("own", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  const int reader = ::open("own", O_RDONLY | O_CLOEXEC);
  c.note("copy", ::copy_file_range(given, nullptr, own, nullptr, 7, 0));
  c.note("copy to reader", ::copy_file_range(own, nullptr, given, nullptr, 7, 0));
  c.note("copy to own reader", ::copy_file_range(given, nullptr, reader, nullptr, 7, 0));
  c.line(::ioctl(given, FICLONE, own) == 0 ? "cloned" : "not cloned");
  c.line(::ioctl(reader, FICLONE, given) == 0 ? "cloned" : "not cloned");
  constexpr int kImmutable = 0x10;
  int flags = kImmutable;
  c.line(::getuid() != 0 && ::ioctl(own, FS_IOC_SETFLAGS, &flags) == 0 ? "set" : "not set");
}

void put_device() {
  (void)::mknod("null", S_IFCHR | 0666, makedev(1, 3));
  (void)::chmod("null", 0666);
  (void)::mknod("closed-null", S_IFCHR | 0600, makedev(1, 3));
}

void devices(Calls& c) {
  const int device = c.fd("null", ::open("null", O_RDWR | O_CLOEXEC));
  c.note("write", ::write(device, "x", 1));
  try_open(c, "closed-null", O_RDWR);
  c.note("make one", ::mknod("mine", S_IFCHR | 0666, makedev(1, 3)));
  c.note("make another", ::mknod("block", S_IFBLK | 0666, makedev(7, 0)));
}

void handles(Calls& c) {
  alignas(file_handle) unsigned char bytes[sizeof(file_handle) + MAX_HANDLE_SZ] = {};
  auto* handle = reinterpret_cast<file_handle*>(bytes);
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount_id = 0;
  (void)::name_to_handle_at(given, "", handle, &mount_id, AT_EMPTY_PATH);
  const int folder = ::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  c.line("handle asked for");
  if (::getuid() != 0) c.fd("by handle", ::open_by_handle_at(folder, handle, O_RDWR));
}

}  // namespace

const std::vector<Scenario>& rights_scenarios() {
  static const std::vector<Scenario> all = {
      {"modes", modes, put_modes},
      {"attributes of others' files", attributes, put_attributes},
      {"sticky directories", sticky, put_sticky},
      {"setgid directories", setgid_folders, put_setgid},
      {"access control lists", acls, put_acls},
      {"links out of the tree", links, put_links},
      {"above the directory", above},
      {"descriptors that root opened", given_descriptors, put_given},
      {"copying without rights", copying, put_given},
      {"device nodes", devices, put_device},
      {"file handles", handles, put_given},
  };
  return all;
}

}  // namespace litetool::test
