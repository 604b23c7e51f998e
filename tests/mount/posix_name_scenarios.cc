// Calls about names: directories, links, renames, modes, owners, attributes.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdio>

#include "mount/posix_calls.h"

namespace litetool::test {
namespace {

int touch(const std::string& name, mode_t mode = 0644) {
  const int file = ::open(name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, mode);
  if (file < 0) return -1;
  const bool written = ::write(file, name.data(), name.size()) >= 0;
  ::close(file);
  return written ? 0 : -1;
}

void directories(Calls& c) {
  c.note("mkdir a", ::mkdir("a", 0755));
  c.note("mkdir a again", ::mkdir("a", 0755));
  c.note("mkdir a/b/c", ::mkdir("a/b/c", 0755));
  c.note("mkdir a/b", ::mkdir("a/b", 0700));
  c.note("touch a/f", touch("a/f"));
  c.note("mkdir a/f/x", ::mkdir("a/f/x", 0700));
  c.note("rmdir full", ::rmdir("a"));
  c.note("rmdir file", ::rmdir("a/f"));
  c.note("unlink directory", ::unlink("a/b"));
  c.note("rmdir missing", ::rmdir("nothing"));
  c.note("rmdir dot", ::rmdir("a/."));
  c.stat("a");
  c.stat("a/b");
  c.list("a");
  c.note("rmdir a/b", ::rmdir("a/b"));
  c.note("unlink a/f", ::unlink("a/f"));
  c.note("rmdir a", ::rmdir("a"));
  c.stat("a");
}

void open_flags(Calls& c) {
  const auto open = [&](const char* name, int flags, const char* text) {
    const int file =
        c.fd(std::string("open ") + name + " " + text, ::open(name, flags | O_CLOEXEC, 0640));
    if (file >= 0) ::close(file);
  };
  open("x", O_RDONLY, "missing");
  open("x", O_CREAT | O_EXCL | O_RDWR, "exclusive");
  open("x", O_CREAT | O_EXCL | O_RDWR, "exclusive again");
  open("x", O_CREAT | O_RDWR, "create");
  open("x", O_DIRECTORY | O_RDONLY, "as directory");
  open("x/y", O_CREAT | O_RDWR, "below a file");
  open(".", O_RDWR, "directory for writing");
  open(".", O_RDONLY | O_DIRECTORY, "directory");
  (void)::symlink("x", "link");
  (void)::symlink("link2", "link2");
  open("link", O_RDONLY | O_NOFOLLOW, "nofollow");
  open("link", O_RDONLY, "follow");
  open("link2", O_RDONLY, "loop");
  open("link", O_CREAT | O_EXCL | O_RDWR, "exclusive on link");
  open("link", O_PATH | O_NOFOLLOW, "path of link");
  open("x", O_PATH, "path");
  (void)touch("full");
  open("full", O_WRONLY | O_TRUNC, "truncate");
  c.stat("full");
  c.stat("x");
  const int path = ::open("x", O_PATH | O_CLOEXEC);
  char byte = 0;
  c.note("read through O_PATH", ::read(path, &byte, 1));
  c.stat(path);
  ::close(path);
  open("", O_RDONLY, "empty name");
}

void renames(Calls& c) {
  for (const char* name : {"a", "b", "c"}) (void)touch(name);
  (void)::mkdir("d", 0755);
  (void)::mkdir("e", 0755);
  (void)touch("e/inside");
  c.note("rename a new", ::rename("a", "new"));
  c.note("rename missing", ::rename("a", "z"));
  c.note("rename over file", ::rename("new", "b"));
  c.content("b");
  c.note("file over directory", ::rename("b", "d"));
  c.note("directory over file", ::rename("d", "b"));
  c.note("directory over full directory", ::rename("d", "e"));
  c.note("directory over empty directory", ::rename("e", "d"));
  c.note("directory into itself", ::rename("d", "d/sub"));
  c.note("into directory", ::rename("c", "d/c"));
  c.note("to itself", ::rename("b", "b"));
  c.list("d");
  (void)touch("one");
  (void)touch("two");
  c.note("noreplace", ::renameat2(AT_FDCWD, "one", AT_FDCWD, "two", RENAME_NOREPLACE));
  c.note("exchange", ::renameat2(AT_FDCWD, "one", AT_FDCWD, "two", RENAME_EXCHANGE));
  c.content("one");
  c.note("exchange with directory", ::renameat2(AT_FDCWD, "one", AT_FDCWD, "d", RENAME_EXCHANGE));
  c.note("exchange with missing", ::renameat2(AT_FDCWD, "two", AT_FDCWD, "x", RENAME_EXCHANGE));
  c.note("both flags",
         ::renameat2(AT_FDCWD, "two", AT_FDCWD, "x", RENAME_EXCHANGE | RENAME_NOREPLACE));
  c.list(".");
  c.list("one");
  (void)::link("two", "twin");
  c.note("between two names of a file", ::rename("two", "twin"));
  c.stat("two");
}

void links(Calls& c) {
  (void)touch("a");
  c.note("link", ::link("a", "b"));
  c.note("link to existing", ::link("a", "b"));
  c.note("link missing", ::link("none", "c"));
  (void)::mkdir("d", 0755);
  c.note("link directory", ::link("d", "e"));
  c.stat("a");
  c.note("unlink a", ::unlink("a"));
  c.stat("b");
  c.note("symlink", ::symlink("b", "s"));
  c.note("symlink over existing", ::symlink("b", "s"));
  c.note("symlink to nowhere", ::symlink("far/away", "nowhere"));
  c.note("symlink with empty target", ::symlink("", "empty"));
  c.content("s");
  c.content("nowhere");
  char target[100] = {};
  c.note("readlink", ::readlink("nowhere", target, sizeof target));
  c.line(target);
  c.note("readlink short", ::readlink("nowhere", target, 3));
  c.note("readlink of file", ::readlink("b", target, sizeof target));
  c.note("link of symlink", ::link("nowhere", "nowhere2"));
  c.stat("nowhere2");
  c.note("create through dangling link", ::open("nowhere", O_CREAT | O_WRONLY, 0644));
  c.stat("s");
}

void modes_and_owners(Calls& c) {
  (void)touch("f");
  for (const unsigned mode : {0600u, 0444u, 04755u, 02755u, 06711u, 01777u, 0u}) {
    c.note("chmod " + std::to_string(mode), ::chmod("f", mode));
    c.stat("f");
  }
  (void)::chmod("f", 06755);
  c.note("chown to other", ::chown("f", 4321, 4322));
  c.note("chown to group", ::chown("f", static_cast<uid_t>(-1), 4322));
  c.stat("f");
  c.note("chown nothing", ::chown("f", static_cast<uid_t>(-1), static_cast<gid_t>(-1)));
  c.note("lchown missing", ::lchown("none", 1, 1));
  (void)::symlink("f", "s");
  c.note("lchown link", ::lchown("s", 1, 1));
  c.stat("s");
  const int file = ::open("f", O_RDONLY | O_CLOEXEC);
  c.note("fchmod", ::fchmod(file, 0640));
  c.stat(file);
  ::close(file);
}

void special_directories(Calls& c) {
  c.note("mkdir sticky", ::mkdir("sticky", 0777));
  c.note("chmod sticky", ::chmod("sticky", 01777));
  c.note("mkdir setgid", ::mkdir("setgid", 0777));
  c.note("chown setgid", ::chown("setgid", static_cast<uid_t>(-1), 1001));
  c.note("chmod setgid", ::chmod("setgid", 02777));
  c.note("touch", touch("setgid/f", 02755));
  c.note("mkdir", ::mkdir("setgid/d", 0755));
  c.note("symlink", ::symlink("x", "setgid/s"));
  for (const char* name : {"sticky", "setgid", "setgid/f", "setgid/d", "setgid/s"}) c.stat(name);
}

// What the other user may do in files and directories prepared by root.
void others_files(Calls& c) {
  c.note("chmod", ::chmod("of-root/file", 0666));
  c.note("unlink in directory of root", ::unlink("of-root/file"));
  c.note("create in directory of root", touch("of-root/new"));
  c.note("rename in directory of root", ::rename("of-root/file", "of-root/x"));
  c.content("of-root/file");
  c.content("of-root/secret");
  c.list("of-root/closed");
  c.stat("of-root/closed/inside");
  c.note("sticky unlink", ::unlink("sticky-of-root/file"));
  c.note("sticky rename", ::rename("sticky-of-root/file", "sticky-of-root/y"));
  c.note("sticky create", touch("sticky-of-root/mine"));
  c.note("sticky unlink own", ::unlink("sticky-of-root/mine"));
  c.note("utimens", ::utimensat(AT_FDCWD, "of-root/file", nullptr, 0));
  c.note("truncate", ::truncate("of-root/file", 1));
  c.note("link", ::link("of-root/file", "linked"));
  c.note("acl read", ::open("of-root/acl", O_RDONLY | O_CLOEXEC) >= 0 ? 0 : -1);
  c.note("acl write", ::open("of-root/acl", O_WRONLY | O_CLOEXEC) >= 0 ? 0 : -1);
  c.note("setxattr", ::setxattr("of-root/file", "user.x", "1", 1, 0));
  for (const int mode : {F_OK, R_OK, W_OK, X_OK}) {
    c.note("access " + std::to_string(mode), ::access("of-root/file", mode));
    c.note("access secret " + std::to_string(mode), ::access("of-root/secret", mode));
    c.note("access directory " + std::to_string(mode), ::access("of-root", mode));
  }
}

void access_calls(Calls& c) {
  (void)touch("f", 0500);
  (void)touch("g", 0);
  for (const char* name : {"f", "g", ".", "none"}) {
    for (const int mode : {F_OK, R_OK, W_OK, X_OK, R_OK | W_OK}) {
      c.note(std::string("access ") + name + " " + std::to_string(mode), ::access(name, mode));
    }
  }
  c.content("g");
}

void umasks(Calls& c) {
  for (const mode_t mask : {0u, 022u, 077u, 0777u, 0137u}) {
    ::umask(mask);
    const std::string name = "m" + std::to_string(mask);
    c.note("create", ::close(::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)));
    c.note("mkdir", ::mkdir((name + "d").c_str(), 0777));
    c.note("mkfifo", ::mkfifo((name + "p").c_str(), 0666));
    c.stat(name);
    c.stat(name + "d");
    c.stat(name + "p");
  }
}

void default_acl(Calls& c) {
  // version 2; user::rwx, user:1002:rwx, group::r-x, mask::rwx, other::---
  const unsigned char acl[] = {2, 0,   0,   0,   1,   0,   7,  0, 255, 255, 255, 255, 2,   0,  7,
                               0, 234, 3,   0,   0,   4,   0,  5, 0,   255, 255, 255, 255, 16, 0,
                               7, 0,   255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255};
  const auto read_acl = [&](const char* name, const char* kind) {
    char value[200] = {};
    const ssize_t n =
        c.note(std::string(kind) + " of " + name, ::getxattr(name, kind, value, sizeof value));
    std::string hex;
    for (ssize_t i = 0; i < n; ++i) hex += std::to_string(value[i]) + " ";
    c.line(hex);
  };
  (void)::mkdir("d", 0755);
  c.note("set default", ::setxattr("d", "system.posix_acl_default", acl, sizeof acl, 0));
  ::umask(077);
  (void)touch("d/f", 0666);
  (void)::mkdir("d/sub", 0777);
  for (const char* name : {"d", "d/f", "d/sub"}) {
    c.stat(name);
    read_acl(name, "system.posix_acl_access");
    read_acl(name, "system.posix_acl_default");
  }
  (void)touch("g", 0600);
  c.note("set access", ::setxattr("g", "system.posix_acl_access", acl, sizeof acl, 0));
  c.stat("g");
  c.note("chmod", ::chmod("g", 0640));
  read_acl("g", "system.posix_acl_access");
  c.note("bad acl", ::setxattr("g", "system.posix_acl_access", acl, 7, 0));
  c.note("remove", ::removexattr("g", "system.posix_acl_access"));
  c.stat("g");
}

void extended_attributes(Calls& c) {
  (void)touch("f");
  c.note("get missing", ::getxattr("f", "user.a", nullptr, 0));
  c.note("replace missing", ::setxattr("f", "user.a", "1", 1, XATTR_REPLACE));
  c.note("set", ::setxattr("f", "user.a", "hello", 5, 0));
  c.note("create existing", ::setxattr("f", "user.a", "x", 1, XATTR_CREATE));
  char value[10] = {};
  c.note("size", ::getxattr("f", "user.a", nullptr, 0));
  c.note("short", ::getxattr("f", "user.a", value, 2));
  c.note("get", ::getxattr("f", "user.a", value, sizeof value));
  c.line(value);
  c.note("empty value", ::setxattr("f", "user.b", "", 0, 0));
  c.note("trusted", ::setxattr("f", "trusted.c", "1", 1, 0));
  c.note("unknown kind", ::setxattr("f", "strange.c", "1", 1, 0));
  c.note("get unknown kind", ::getxattr("f", "strange.c", value, sizeof value));
  char names[100] = {};
  c.note("list size", ::listxattr("f", nullptr, 0));
  c.note("list", ::listxattr("f", names, sizeof names));
  c.note("list short", ::listxattr("f", names, 3));
  c.note("remove", ::removexattr("f", "user.a"));
  c.note("remove again", ::removexattr("f", "user.a"));
  (void)::symlink("f", "s");
  c.note("on a link", ::lsetxattr("s", "user.a", "1", 1, 0));
  c.note("get from a link", ::lgetxattr("s", "user.a", value, sizeof value));
  (void)::mkdir("d", 0755);
  c.note("on a directory", ::setxattr("d", "user.d", "1", 1, 0));
  const std::string big(100'000, 'x');
  c.note("too big", ::setxattr("f", "user.big", big.data(), big.size(), 0));
  const std::string name = "user." + std::string(300, 'n');
  c.note("long name", ::setxattr("f", name.c_str(), "1", 1, 0));
}

void times(Calls& c) {
  (void)touch("f");
  const timespec set[2] = {{1'000'000'000, 123'456'789}, {1'500'000'000, 987'654'321}};
  const timespec omit[2] = {{0, UTIME_OMIT}, {1'600'000'000, 5}};
  const timespec wrong[2] = {{0, 2'000'000'000}, {0, 0}};
  struct stat st {};
  c.note("set", ::utimensat(AT_FDCWD, "f", set, 0));
  (void)::stat("f", &st);
  c.line(std::to_string(st.st_atim.tv_sec) + "." + std::to_string(st.st_atim.tv_nsec));
  c.line(std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec));
  c.note("omit", ::utimensat(AT_FDCWD, "f", omit, 0));
  (void)::stat("f", &st);
  c.line(std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec));
  c.note("wrong", ::utimensat(AT_FDCWD, "f", wrong, 0));
  c.note("now", ::utimensat(AT_FDCWD, "f", nullptr, 0));
  (void)::stat("f", &st);
  c.line(st.st_mtim.tv_sec > 1'700'000'000 ? "now" : "then");
  (void)::utimensat(AT_FDCWD, "f", set, 0);
  const int file = ::open("f", O_WRONLY | O_CLOEXEC);
  c.note("write", ::write(file, "1", 1));
  (void)::fstat(file, &st);
  c.line(st.st_mtim.tv_sec > 1'700'000'000 ? "moved" : "stands");
  ::close(file);
  (void)::symlink("f", "s");
  c.note("of link", ::utimensat(AT_FDCWD, "s", set, AT_SYMLINK_NOFOLLOW));
  (void)::lstat("s", &st);
  c.line(std::to_string(st.st_mtim.tv_sec));
  c.note("missing", ::utimensat(AT_FDCWD, "none", nullptr, 0));
}

void special_files(Calls& c) {
  c.note("fifo", ::mkfifo("p", 0640));
  c.note("fifo again", ::mkfifo("p", 0640));
  c.note("regular by mknod", ::mknod("r", S_IFREG | 0604, 0));
  c.note("device", ::mknod("null", S_IFCHR | 0666, ::makedev(1, 3)));
  c.stat("p");
  c.stat("r");
  c.stat("null");
  const int device = c.fd("open device", ::open("null", O_RDWR | O_CLOEXEC));
  if (device >= 0) c.note("write device", ::write(device, "x", 1));
  const int end = c.fd("open fifo", ::open("p", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  char text[3] = {};
  c.note("write fifo", ::write(end, "ab", 2));
  c.note("read fifo", ::read(end, text, 2));
  c.note("no writer", ::open("p2", O_WRONLY | O_NONBLOCK));
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (void)std::snprintf(address.sun_path, sizeof address.sun_path, "socket");
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  c.note("bind", ::bind(listener, generic, sizeof address));
  c.note("listen", ::listen(listener, 1));
  const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  c.note("connect", ::connect(client, generic, sizeof address));
  c.stat("socket");
  c.note("open socket", ::open("socket", O_RDONLY));
  c.list(".");
}

void long_names(Calls& c) {
  const std::string longest(255, 'n');
  c.note("255", touch(longest));
  c.note("256", touch(longest + "n"));
  c.note("mkdir 256", ::mkdir((longest + "n").c_str(), 0755));
  c.note("rename", ::rename(longest.c_str(), (longest + "n").c_str()));
  c.stat(longest + "n");
  c.list(".");
  std::string deep;
  for (int i = 0; i < 20; ++i) {
    deep += (i == 0 ? "" : "/") + std::string(150, static_cast<char>('a' + i));
    if (::mkdir(deep.c_str(), 0755) != 0) c.line("mkdir failed");
  }
  c.note("deep", touch(deep + "/file"));
  c.content(deep + "/file");
  const std::string bytes = "\x01 \xff\xfe*?\\\n";
  c.note("strange bytes", touch(bytes));
  c.list(".");
  c.note("target too long", ::symlink(std::string(5000, 't').c_str(), "s"));
  c.note("long target", ::symlink(std::string(4000, 't').c_str(), "s"));
}

void reading_while_changing(Calls& c) {
  (void)::mkdir("d", 0755);
  for (int i = 0; i < 500; ++i) (void)touch("d/" + std::to_string(i));
  const int directory = ::open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  c.list("d");
  int removed = 0;
  for (int i = 0; i < 500; i += 2) removed += ::unlink(("d/" + std::to_string(i)).c_str()) == 0;
  c.line(std::to_string(removed));
  c.list("d");
  c.note("openat", ::openat(directory, "1", O_RDONLY));
  c.note("rmdir", ::rmdir("d"));
  for (int i = 1; i < 500; i += 2) (void)::unlink(("d/" + std::to_string(i)).c_str());
  c.note("rmdir", ::rmdir("d"));
  c.note("create in removed", ::openat(directory, "x", O_CREAT | O_RDWR, 0644));
  c.stat(directory);
  ::close(directory);
}

void file_system_facts(Calls& c) {
  struct statfs st {};
  c.note("statfs", ::statfs(".", &st));
  c.line(std::to_string(st.f_blocks) + " " + std::to_string(st.f_bsize) + " " +
         std::to_string(st.f_namelen) + " " + std::to_string(st.f_files));
  c.note("pathconf", ::pathconf(".", _PC_NAME_MAX));
  c.note("links", ::pathconf(".", _PC_PATH_MAX));
}

}  // namespace

const std::vector<Scenario>& name_scenarios() {
  static const std::vector<Scenario> all = {
      {"directories", directories},
      {"open flags", open_flags},
      {"renames", renames},
      {"links", links},
      {"modes and owners", modes_and_owners},
      {"sticky and setgid directories", special_directories},
      {"other people's files", others_files},
      {"access", access_calls},
      {"umask", umasks},
      {"default ACL", default_acl},
      {"extended attributes", extended_attributes},
      {"times", times},
      {"special files", special_files},
      {"long names", long_names},
      {"a directory that changes while it is read", reading_while_changing},
      {"facts of the file system", file_system_facts},
  };
  return all;
}

}  // namespace litetool::test
