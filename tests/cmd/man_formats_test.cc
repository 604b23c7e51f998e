// Holds what the man pages say of files and of the code against that code, and the pages against
// each other.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "cmd/man_page.h"
#include "core/history/identity.h"
#include "core/history/layout.h"
#include "formats/base/text.h"
#include "formats/ltx/variant.h"
#include "support/ltx_images.h"

namespace litetool {
namespace {

using test::read_man_page;

// The rows of a dump, "00000010  1f 03 ...", one after another; a row must stand where it says.
Buffer bytes_of_dump(const std::string& page) {
  Buffer bytes;
  std::istringstream lines(page);
  const std::regex row("([0-9a-f]{8})((  ?[0-9a-f]{2}){1,16})");
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    REQUIRE(std::stoul(match[1], nullptr, 16) == bytes.size());
    std::istringstream digits(match[2].str());
    for (std::string byte; digits >> byte;) {
      bytes.push_back(static_cast<std::byte>(std::stoul(byte, nullptr, 16)));
    }
  }
  return bytes;
}

std::set<std::string> man_pages() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(LITETOOL_MAN_DIR)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("litetool")) names.insert(name);
  }
  return names;
}

// "Database::mutex_" for each mutex that is declared in the file.
std::vector<std::string> mutexes_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> found;
  std::string outer;
  const std::regex begin("(?:class|struct) (\\w+)[^;]*");
  const std::regex member(".*(?:std::mutex|PoliteMutex) (\\w+);.*");
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, begin)) outer = match[1];
    if (std::regex_match(line, match, member)) found.push_back(outer + "::" + match[1].str());
  }
  return found;
}

}  // namespace

TEST_CASE("man pages: the one about the history names every file in it") {
  const std::string page = read_man_page("litetool-history.7");
  for (const std::string_view name :
       {kIdentityFile, kNodeFile, kRenameFile, kChecksumsFile, kMarksFile, kTagsFile, kBootFile,
        kRedoFile, kDamagedFile, kQuarantineFolder}) {
    INFO(name);
    CHECK(page.find(".It Pa " + std::string(name)) != std::string::npos);
  }
  const std::string identity =
      identity_text({0x4f0c35a1de907b62, {"/srv/db", 1311, 1764403200123456789}});
  CHECK(page.find(identity) != std::string::npos);
}

TEST_CASE("man pages: the one about LTX tells every variant's sizes") {
  const std::string page = read_man_page("litetool-ltx.5");
  for (const ltx::Variant v : ltx::kAllVariants) {
    const std::string page_header =
        v == ltx::Variant::kV01 ? "apart" : std::to_string(ltx::page_header_size(v));
    const std::regex row(std::string(ltx::variant_name(v)) + " .* " +
                         std::to_string(ltx::header_size(v)) + " +" + page_header + " +.*");
    std::istringstream lines(page);
    bool found = false;
    for (std::string line; std::getline(lines, line);) found |= std::regex_match(line, row);
    INFO(ltx::variant_name(v));
    CHECK(found);
  }
}

TEST_CASE("man pages: the example of the one about LTX is a file of the tests") {
  const std::string page = read_man_page("litetool-ltx.5");
  const Buffer file = test::golden_file("ltx/v0.5.2-incr.ltx");
  CHECK(bytes_of_dump(page) == file);
  // And its parts, told one by one, are the bytes there.
  std::istringstream lines(page.substr(page.find("at        bytes")));
  const std::regex part("([0-9a-f]{8})  ((?:[0-9a-f]{2} )+) .*");
  std::size_t told = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, part)) continue;
    INFO(line);
    std::size_t at = std::stoul(match[1], nullptr, 16);
    std::istringstream digits(match[2].str());
    for (std::string byte; digits >> byte; ++at) {
      REQUIRE(at < file.size());
      CHECK(file[at] == static_cast<std::byte>(std::stoul(byte, nullptr, 16)));
    }
    ++told;
  }
  CHECK(told == 26);
}

TEST_CASE("man pages: the one about internals has every lock and every folder") {
  const std::string page = read_man_page("litetool-internals.7");
  const std::filesystem::path source = std::filesystem::path(LITETOOL_MAN_DIR).parent_path();
  std::size_t locks = 0;
  for (const char* const layer : {"core", "fuse", "formats"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source / layer)) {
      const std::filesystem::path path = entry.path().lexically_relative(source);
      INFO(path);
      if (entry.is_directory()) CHECK(page.find(" " + path.string()) != std::string::npos);
      const std::string folder = path.parent_path();
      const bool serves = folder == "core/capture" || folder.starts_with("fuse");
      if (!serves || !entry.is_regular_file()) continue;
      for (const std::string& lock : mutexes_in(entry.path())) {
        INFO(lock);
        CHECK(page.find(" " + lock) != std::string::npos);
        ++locks;
      }
    }
  }
  CHECK(locks == 13);
}

TEST_CASE("man pages: each is installed, in the overview, and refers to pages that are there") {
  const std::set<std::string> names = man_pages();
  const std::string installed = read_man_page("CMakeLists.txt");
  const std::string overview = read_man_page("litetool.1");
  const std::regex reference("\\.Xr (litetool[a-z.-]*) ([1-8])");
  for (const std::string& name : names) {
    INFO(name);
    CHECK(installed.find(" " + name) != std::string::npos);
    const std::string title = name.substr(0, name.size() - 2);
    const std::string as_reference = ".Xr " + title + " " + name.back();
    if (name != "litetool.1") CHECK(overview.find(as_reference) != std::string::npos);
    const std::string page = read_man_page(name);
    for (std::sregex_iterator it(page.begin(), page.end(), reference), end; it != end; ++it) {
      INFO(it->str());
      CHECK(names.contains((*it)[1].str() + "." + (*it)[2].str()));
    }
    if (name.ends_with(".1")) CHECK(page.find("\n.Sh EXIT STATUS\n") != std::string::npos);
    if (name.ends_with(".1")) CHECK(page.find("\n.Sh EXAMPLES\n") != std::string::npos);
  }
}

}  // namespace litetool
