// The command line as data: what a command accepts, and what it was given.
//
// ArgSpec is the one source of truth about a command's arguments. Parsing, --help, shell completion
// and the test that holds man pages against flags are all made from it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "formats/base/result.h"

namespace litetool {

enum class Arity { kOne, kOptional, kOneOrMore, kAny };

// What the shell may complete a value with.
enum class Complete { kNothing, kFile, kDirectory };

struct FlagSpec {
  std::string name;                  // "--output"
  char short_name;                   // 'o', or 0
  std::string value_name;            // "FILE"; empty for a switch
  std::string help;                  // one line, no period
  std::vector<std::string> choices;  // the only values accepted, if any
  Complete complete = Complete::kNothing;
  bool repeatable = false;
};

struct PositionalSpec {
  std::string name;  // "FILE"
  Arity arity;
  std::string help;
  Complete complete;
};

// What a command does with a path that it is given.
enum class PathUse {
  kReads,           // the file, or the directory with all below
  kReadsHistory,    // a database or what has its history, and all that belongs to it
  kWrites,          // an output: a file, or a directory for several
  kChangesHistory,  // as kReadsHistory, and something of it is changed
};

struct PathSpec {
  std::string argument;  // the flag or positional whose values are paths
  PathUse use;
  std::string only_with;  // the flag without which it is not so; empty: always
  std::string otherwise;  // the path when none was given
};

struct ExampleSpec {
  std::string command;  // as typed
  std::string says;     // what it does
};

class ArgSpec {
 public:
  ArgSpec& toggle(std::string name, char short_name, std::string help);
  ArgSpec& value(std::string name, char short_name, std::string value_name, std::string help,
                 Complete complete = Complete::kNothing);
  // A value that may be given several times; see Args::all.
  ArgSpec& values(std::string name, char short_name, std::string value_name, std::string help);
  // A value that must be one of `choices`.
  ArgSpec& choice(std::string name, char short_name, std::string value_name, std::string help,
                  std::vector<std::string> choices);
  ArgSpec& positional(std::string name, Arity arity, std::string help,
                      Complete complete = Complete::kFile);
  // Everything after "--" belongs to another program and is kept as it is.
  ArgSpec& trailing_command(std::string name, std::string help);
  ArgSpec& example(std::string command, std::string says);
  // Sentences below the synopsis in --help.
  ArgSpec& about(std::string text);
  // Lines "code  meaning" of the exit codes that have a special meaning for this command.
  ArgSpec& exit_code(int code, std::string meaning);

  // The command reads what others wrote, and needs no other files than those that arguments name,
  // each said by one call: see Confinement. `only_with`, `otherwise`: see PathSpec.
  ArgSpec& path(std::string argument, PathUse use, std::string only_with = "",
                std::string otherwise = "");
  // Text on a terminal goes through the pager, but not with this flag.
  ArgSpec& paged(std::string unless = "");

  // "--threads N": worker threads, default min(cores, 4).
  ArgSpec& threads();
  // "-f, --force": replace an existing output file.
  ArgSpec& force();

  std::vector<FlagSpec> flags;
  std::vector<PositionalSpec> positionals;
  std::vector<PathSpec> paths;
  bool is_paged = false;
  std::string unpaged_with;
  std::vector<ExampleSpec> examples;
  std::vector<std::pair<int, std::string>> exit_codes;
  std::string about_text;
  std::string trailing_name;
  std::string trailing_help;
};

// What was given. Reading a name that was not declared is a bug and aborts.
class Args {
 public:
  bool has(const std::string& name) const { return values_.count(name) != 0; }
  // The flag's value, or `fallback`.
  std::string get(const std::string& flag, const std::string& fallback = "") const;
  // A whole number in [min, max], or `fallback` when the flag is absent; kUsage otherwise.
  Result<std::uint64_t> number(const std::string& flag, std::uint64_t fallback, std::uint64_t min,
                               std::uint64_t max) const;
  Result<unsigned> threads() const;
  // All values of a positional, or of a flag, in order.
  const std::vector<std::string>& all(const std::string& name) const;
  const std::string& one(const std::string& positional) const { return all(positional).front(); }
  // The words after "--", and whether there was one.
  const std::vector<std::string>& trailing() const { return trailing_; }
  bool has_trailing() const { return has_trailing_; }

 private:
  friend Result<Args> parse_args(const ArgSpec&, const std::vector<std::string>&);
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> trailing_;
  bool has_trailing_ = false;
};

// kUsage with a message that names the offending word.
Result<Args> parse_args(const ArgSpec& spec, const std::vector<std::string>& words);

}  // namespace litetool
