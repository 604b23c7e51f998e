#include "cmd/args.h"

#include <catch2/catch.hpp>

namespace litetool {
namespace {

ArgSpec sample() {
  return ArgSpec()
      .value("--output", 'o', "FILE", "where to")
      .choice("--to", 0, "VARIANT", "format", {"v1-raw", "v2"})
      .force()
      .threads()
      .positional("FILE", Arity::kOneOrMore, "inputs");
}

}  // namespace

TEST_CASE("args: flags in any place, values with and without '='") {
  const auto args = parse_args(sample(), {"a.ltx", "-o", "out", "--to=v2", "b.ltx", "-f"});
  REQUIRE(args);
  CHECK(args->get("--output") == "out");
  CHECK(args->get("--to") == "v2");
  CHECK(args->has("--force"));
  CHECK(args->all("FILE") == std::vector<std::string>{"a.ltx", "b.ltx"});
}

TEST_CASE("args: wrong input is a usage error that names the word") {
  const auto message = [](const std::vector<std::string>& words) {
    const auto args = parse_args(sample(), words);
    REQUIRE_FALSE(args);
    CHECK(args.error().code == Errc::kUsage);
    return args.error().message;
  };
  CHECK(message({}) == "FILE is missing");
  CHECK(message({"a", "--forse"}) == "unknown option --forse (did you mean --force?)");
  CHECK(message({"a", "--colour", "x"}) == "unknown option --colour");
  CHECK(message({"a", "--to", "v9"}) == "--to: 'v9' is not one of v1-raw, v2");
  CHECK(message({"a", "-o"}) == "--output takes exactly one value");
  CHECK(message({"a", "-o", "x", "--output", "y"}) == "--output takes exactly one value");
}

TEST_CASE("args: numbers are bounded") {
  const auto args = parse_args(sample(), {"a", "--threads", "0"});
  REQUIRE(args);
  CHECK_FALSE(args->threads());
  CHECK(*parse_args(sample(), {"a", "--threads", "3"})->threads() == 3);
  CHECK(*parse_args(sample(), {"a"})->threads() >= 1);
}

TEST_CASE("args: words after -- belong to the child") {
  const ArgSpec spec =
      ArgSpec().positional("DIR", Arity::kOne, "dir").trailing_command("CMD", "run");
  const auto args = parse_args(spec, {"data", "--", "sh", "-c", "exit 3"});
  REQUIRE(args);
  CHECK(args->one("DIR") == "data");
  CHECK(args->trailing() == std::vector<std::string>{"sh", "-c", "exit 3"});
}

TEST_CASE("args: a path that starts with a dash comes after --") {
  const auto args = parse_args(sample(), {"--", "-odd.ltx"});
  REQUIRE(args);
  CHECK(args->all("FILE") == std::vector<std::string>{"-odd.ltx"});
}

}  // namespace litetool
