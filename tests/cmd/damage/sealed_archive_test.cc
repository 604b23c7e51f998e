// A sealed archive by the commands: whatever was done to it, `import` makes nothing of it.
#include <catch2/catch.hpp>
#include <filesystem>

#include "cmd/command.h"
#include "tests/support/commands.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

// An archive of a small database for one recipient, and another key.
class Archive {
 public:
  explicit Archive(const std::vector<std::string>& how) {
    make_database();
    said({"keygen", "-o", temp_.file("key"), "--quiet"});
    said({"keygen", "-o", temp_.file("other"), "--quiet"});
    write_file(temp_.file("phrase"), as_bytes("an open secret\n"));
    std::vector<std::string> words = {"export", temp_.file("app.db"), "-o", temp_.file("sealed")};
    words.insert(words.end(), how.begin(), how.end());
    for (std::string& word : words) {
      if (word == "KEY" || word == "OTHER") word = recipient(word == "KEY" ? "key" : "other");
      if (word == "PHRASE") word = temp_.file("phrase");
    }
    said(words);
    bytes_ = read_file(temp_.file("sealed"));
  }

  const Buffer& bytes() const { return bytes_; }
  std::string file(const std::string& name) const { return temp_.file(name); }

  // The archive opens, and is the database.
  void check_opens(const std::string& option, const std::string& key) {
    said({"import", temp_.file("sealed"), temp_.file("out"), option, temp_.file(key)});
    const bool equal = read_file(temp_.file("out")) == read_file(temp_.file("app.db"));
    REQUIRE(equal);
    std::filesystem::remove(temp_.file("out"));
  }

  // What these bytes are, nothing is made of them.
  void refuse(const Buffer& bytes, const std::string& option, const std::string& key) {
    write_file(temp_.file("changed"), bytes);
    std::vector<std::string> words = {"import", temp_.file("changed"), temp_.file("out")};
    if (!option.empty()) words.insert(words.end(), {option, temp_.file(key)});
    const Said result = say(words);
    INFO(result.err);
    REQUIRE(result.code != kExitDone);
    REQUIRE_FALSE(result.err.empty());
    REQUIRE_FALSE(std::filesystem::exists(temp_.file("out")));
  }

 private:
  void make_database() {
    SqliteSession session(temp_.file("app.db"));
    session.exec("PRAGMA page_size=512");
    session.exec("CREATE TABLE t(x); INSERT INTO t VALUES('a'), (zeroblob(100)), (2.5)");
  }

  std::string recipient(const std::string& key) const {
    const Buffer bytes = read_file(temp_.file(key));
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t at = text.find("age1");
    return text.substr(at, text.find('\n', at) - at);
  }

  TempDir temp_{memory_directory()};
  Buffer bytes_;
};

// Of the text before what was sealed: up to the line "--- MAC".
std::size_t head_size(const Buffer& bytes) {
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.find('\n', text.find("\n---") + 1) + 1;
}

TEST_CASE("sealed archive: with any byte changed or any cut nothing is made", "[seal]") {
  Archive archive({"--seal", "OTHER", "--seal", "KEY", "--compress", "zstd"});
  archive.check_opens("-i", "key");
  archive.check_opens("-i", "other");
  Buffer bytes = archive.bytes();
  const std::size_t head = head_size(bytes);
  REQUIRE(head > 200);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      if (at >= head && static_cast<std::size_t>(bit) != at % 8) continue;
      INFO("bit " << bit << " of byte " << at);
      bytes[at] ^= std::byte{1} << bit;
      archive.refuse(bytes, "-i", "key");
      bytes[at] ^= std::byte{1} << bit;
    }
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO("cut to " << size);
    archive.refuse(Buffer(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), "-i",
                   "key");
  }
  bytes.push_back(std::byte{0});
  archive.refuse(bytes, "-i", "key");
}

TEST_CASE("sealed archive: nothing opens it but its own keys", "[seal]") {
  Archive for_key({"--seal", "KEY"});
  for_key.check_opens("-i", "key");
  for_key.refuse(for_key.bytes(), "-i", "other");
  for_key.refuse(for_key.bytes(), "--passphrase-file", "phrase");
  for_key.refuse(for_key.bytes(), "", "");
}

// Each look at a passphrase takes its time, so there are few.
TEST_CASE("sealed archive: another passphrase, and one that was tampered with", "[seal]") {
  Archive archive({"--passphrase-file", "PHRASE"});
  archive.check_opens("--passphrase-file", "phrase");
  write_file(archive.file("wrong"), as_bytes("an open secreT\n"));
  archive.refuse(archive.bytes(), "--passphrase-file", "wrong");
  archive.refuse(archive.bytes(), "-i", "key");
  Buffer bytes = archive.bytes();
  bytes.back() ^= std::byte{1};
  archive.refuse(bytes, "--passphrase-file", "phrase");
}

TEST_CASE("sealed archive: who has a key takes nothing that is not sealed", "[seal]") {
  Archive archive({"--seal", "KEY"});
  archive.refuse(read_file(archive.file("app.db")), "-i", "key");
  archive.refuse({}, "-i", "key");
  const Bytes script = as_bytes("CREATE TABLE t(x);");
  archive.refuse(Buffer(script.begin(), script.end()), "-i", "key");
}

}  // namespace
}  // namespace litetool::test
