// litetool.toml: what is taken, and what each mistake is told as.
#include "core/config/config_file.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

struct Parsed {
  Settings settings;
  std::vector<std::string> mistakes;  // "LINE:COLUMN says"
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  for (const ConfigMistake& m : parse_config(text, "test.toml", "/etc/app", parsed.settings)) {
    parsed.mistakes.push_back(std::to_string(m.line) + ":" + std::to_string(m.column) + " " +
                              m.says);
  }
  return parsed;
}

std::string first_mistake(const std::string& text) {
  const std::vector<std::string> mistakes = parse(text).mistakes;
  return mistakes.empty() ? "" : mistakes.front();
}

}  // namespace

TEST_CASE("config: values and their origins") {
  const Parsed parsed = parse(
      "# ä comment\n"
      "[mount]\n"
      "tier = \"cached\"\n"
      "allow_other = true\n"
      "source = \"data\"\n"
      "[log]\n"
      "file = '/var/log/ä.log'\n");
  CHECK(parsed.mistakes.empty());
  CHECK(parsed.settings.text("mount.tier") == "cached");
  CHECK(parsed.settings.origin("mount.tier") == "test.toml:3");
  CHECK(parsed.settings.is_on("mount.allow_other"));
  CHECK(parsed.settings.text("mount.source") == "/etc/app/data");
  CHECK(parsed.settings.text("log.file") == "/var/log/ä.log");
  CHECK(parsed.settings.text("log.level") == "info");
  CHECK(parsed.settings.origin("log.level") == "default");
  CHECK(parse("mount.tier = 'cached'").settings.text("mount.tier") == "cached");
  CHECK(parse("\xef\xbb\xbf[mount]\ntier='cached'").mistakes.empty());
}

TEST_CASE("config: every mistake has a line, a column and a remedy") {
  CHECK(first_mistake("[mount]\n teir = \"cached\"\n") ==
        "2:2 unknown key 'mount.teir', did you mean 'mount.tier'?");
  CHECK(first_mistake("tier = \"cached\"\n") ==
        "1:1 unknown key 'tier', did you mean 'mount.tier'?");
  CHECK(first_mistake("[completely.different]\na = 1\n") ==
        "1:2 unknown key 'completely' (see litetool.toml(5))");
  CHECK(first_mistake("[mount]\ntier = 'fast'") ==
        "2:1 mount.tier: 'fast' is not one of auto, passthrough, cached");
  CHECK(first_mistake("[mount]\ntier = true") == "2:1 mount.tier takes a word in quotes");
  CHECK(first_mistake("[mount]\nallow_other = 'yes'") ==
        "2:1 mount.allow_other takes true or false");
  CHECK(first_mistake("mount = 1") == "1:1 'mount' is a table: write [mount] above its keys");
  CHECK(first_mistake("[mount]\ntier = 'cached'\ntier = 'auto'").starts_with("3:"));
  CHECK(first_mistake("[mount\n").starts_with("1:"));
  CHECK(first_mistake("[=").starts_with("1:"));
  CHECK(first_mistake("[mount]\ntiër = 'cached'") ==
        "2:3 letters outside ASCII belong in quotes or comments");
  CHECK(first_mistake("[mount]\ntier = 1\"\u00eb\" = 2").starts_with("2:"));
  CHECK(first_mistake("[mount]\n\u00fc = 1").starts_with("2:1 letters outside"));
  CHECK(first_mistake("[mount]\n'\u00eb\u00eb' = 1")
            .starts_with("2:1 unknown key 'mount.\u00eb\u00eb'"));
  CHECK(first_mistake("[mount]\ntier = '\u00eb' ; 1").starts_with("2:12 "));
  CHECK(first_mistake("[mount]\n# \xff") == "2:3 not UTF-8");
  CHECK(first_mistake("[mount]\ntier = \"\\u0060\"").starts_with("2:9 write this letter"));
}

TEST_CASE("config: mistakes come in their order, and what is right is taken all the same") {
  const Parsed parsed = parse("[zzz]\na=1\nb=2\n[log]\nlevel='error'\nfoo=1\n[mount]\ntier=5\n");
  REQUIRE(parsed.mistakes.size() == 3);
  CHECK(parsed.mistakes[0].starts_with("1:2"));
  CHECK(parsed.mistakes[1].starts_with("6:1"));
  CHECK(parsed.mistakes[2].starts_with("8:1"));
  CHECK(parsed.settings.text("log.level") == "error");
}

TEST_CASE("config: a file that cannot be read, and one that is too large") {
  const test::TempDir temp;
  Settings settings;
  const Status missing = read_config(posix_env(), temp.file("none.toml"), settings);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::kNotFound);
  test::write_file(temp.file("large.toml"), Buffer((std::size_t{1} << 20) + 1, std::byte{' '}));
  const Status large = read_config(posix_env(), temp.file("large.toml"), settings);
  REQUIRE_FALSE(large.ok());
  CHECK(large.error().code == Errc::kUsage);
  const std::string text = "[mount]\nx=1\ny=2\n";
  test::write_file(temp.file("wrong.toml"), as_bytes(text));
  const Status wrong = read_config(posix_env(), temp.file("wrong.toml"), settings);
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code == Errc::kUsage);
  CHECK(wrong.error().message.find("wrong.toml:2:1: unknown key 'mount.x'") != std::string::npos);
  CHECK(wrong.error().message.find("(and 1 more") != std::string::npos);
}

TEST_CASE("config: litetool.toml(5) describes exactly the keys that exist, with their defaults") {
  std::ifstream in(std::string(LITETOOL_MAN_DIR) + "/litetool.toml.5");
  std::set<std::string> described;
  std::stringstream page;
  page << in.rdbuf();
  std::istringstream lines(page.str());
  const std::regex item(R"(^\.It Cm ([a-z_]+\.[a-z_]+) .*$)");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, item)) described.insert(found[1]);
  }
  std::set<std::string> exist;
  for (const SettingSpec& spec : setting_specs()) {
    INFO(spec.name);
    exist.insert(spec.name);
    const std::string fallback = spec.kind == SettingKind::kSwitch
                                     ? spec.fallback
                                     : "\\(dq" + std::string(spec.fallback) + "\\(dq";
    CHECK(page.str().find(".It Cm " + std::string(spec.name) + " = " + fallback) !=
          std::string::npos);
  }
  CHECK(described == exist);
}

}  // namespace litetool
