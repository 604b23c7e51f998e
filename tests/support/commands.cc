#include "tests/support/commands.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

#include "cmd/command.h"
#include "cmd/registry.h"

namespace litetool::test {
namespace {

// What is printed into a file that has no name.
class Printed {
 public:
  Printed() : file_(std::tmpfile()) { LT_CHECK(file_ != nullptr); }
  std::FILE* file() { return file_.get(); }
  std::string text() {
    LT_CHECK(std::fflush(file()) == 0);
    std::string all(static_cast<std::size_t>(std::ftell(file())), '\0');
    std::rewind(file());
    LT_CHECK(std::fread(all.data(), 1, all.size(), file()) == all.size());
    return all;
  }

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

bool has(const std::vector<std::string>& words, const char* word) {
  return std::ranges::find(words, word) != words.end();
}

int run(const std::vector<std::string>& words, Output& out, Env& env) {
  static const std::atomic<bool> never{false};
  const auto match = find_command(words);
  REQUIRE(match);
  const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(match->words),
                                      words.end());
  const auto args = parse_args(full_spec(*match->command), rest);
  INFO((args ? "" : args.error().text()));
  REQUIRE(args);
  Context context{out, env, never};
  const auto code = match->command->run(*args, context);
  if (code) return *code;
  out.error(code.error());
  return exit_code_of(code.error().code);
}

}  // namespace

Said say(const std::vector<std::string>& words, Env& env) {
  Printed out;
  Printed err;
  Output output(out.file(), err.file(), has(words, "--json"), has(words, "--quiet"));
  Said result;
  result.code = run(words, output, env);
  REQUIRE(output.finish());
  result.out = out.text();
  result.err = err.text();
  return result;
}

std::string said(const std::vector<std::string>& words) {
  std::string line = "litetool";
  for (const std::string& word : words) line += " " + word;
  INFO(line);
  const Said result = say(words);
  INFO(result.err);
  REQUIRE((result.code == kExitDone || result.code == kExitDiffers));
  return result.out;
}

}  // namespace litetool::test
