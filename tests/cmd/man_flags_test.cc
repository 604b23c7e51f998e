// Holds the man pages against the command table: every command has a page, a page describes exactly
// the options the command takes, and every example of --help stands in it.
#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "cmd/man_page.h"
#include "cmd/registry.h"

namespace litetool {
namespace {

std::string page_name(const Command& command) {
  std::string name = std::string("litetool-") + command.name + ".1";
  for (char& c : name) c = c == ' ' ? '-' : c;
  return name;
}

// Options described in the page: lines ".It Fl -json" or ".It Fl q , Fl -quiet".
std::set<std::string> described_flags(const std::string& page) {
  std::set<std::string> flags;
  std::istringstream lines(page);
  const std::regex flag("Fl (-?[a-z0-9][a-z0-9-]*)");
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(".It Fl")) continue;
    for (std::sregex_iterator it(line.begin(), line.end(), flag), end; it != end; ++it) {
      flags.insert("-" + (*it)[1].str());
    }
  }
  return flags;
}

std::set<std::string> declared_flags(const Command& command) {
  std::set<std::string> flags;
  for (const FlagSpec& f : full_spec(command).flags) {
    flags.insert(f.name);
    if (f.short_name != 0) flags.insert(std::string("-") + f.short_name);
  }
  return flags;
}

}  // namespace

TEST_CASE("man pages: each command has one that describes its options and examples") {
  for (const Command& command : commands()) {
    INFO(command.name);
    const std::string page = test::read_man_page(page_name(command));
    REQUIRE_FALSE(page.empty());
    CHECK(described_flags(page) == declared_flags(command));
    const ArgSpec spec = command.spec();
    CHECK_FALSE(spec.examples.empty());
    for (const ExampleSpec& e : spec.examples) {
      INFO(e.command);
      // roff needs a backslash doubled; nothing else of an example is written differently.
      std::string written = std::regex_replace(e.command, std::regex("\\\\"), "\\e");
      CHECK(page.find(written) != std::string::npos);
    }
    for (const PositionalSpec& p : spec.positionals) {
      CHECK(page.find(".Ar " + p.name) != std::string::npos);
    }
  }
}

TEST_CASE("man pages: the overview names every command") {
  const std::string overview_page = test::read_man_page("litetool.1");
  for (const Command& command : commands()) {
    std::string name = page_name(command);
    name.resize(name.size() - 2);
    INFO(name);
    CHECK(overview_page.find(".Xr " + name + " 1") != std::string::npos);
  }
}

}  // namespace litetool
