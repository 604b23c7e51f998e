#include "cmd/args.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <thread>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr unsigned kMaxThreads = 64;
constexpr unsigned kDefaultMaxThreads = 4;

Error usage(const std::string& message) {
  return Error(Errc::kUsage, message);
}

// The known flag nearest to a mistyped one, as " (did you mean --force?)", or nothing.
std::string suggestion(const ArgSpec& spec, const std::string& word) {
  std::vector<std::string> names;
  for (const FlagSpec& flag : spec.flags) names.push_back(flag.name);
  const std::string best = nearest_name(word, names);
  return best.empty() ? "" : " (did you mean " + best + "?)";
}

int expected_min(Arity arity) {
  return arity == Arity::kOne || arity == Arity::kOneOrMore ? 1 : 0;
}
int expected_max(Arity arity) {
  return arity == Arity::kOne || arity == Arity::kOptional ? 1
                                                           : CLI::detail::expected_max_vector_size;
}

// Where CLI11 puts what it parses; addresses stay valid while options are added.
struct Slots {
  std::deque<bool> switches;
  std::deque<std::vector<std::string>> values;
};

std::string cli_name(const FlagSpec& flag) {
  return flag.short_name == 0 ? flag.name : std::string("-") + flag.short_name + "," + flag.name;
}

void declare(CLI::App& app, const ArgSpec& spec, Slots& slots) {
  for (const FlagSpec& flag : spec.flags) {
    if (flag.value_name.empty()) {
      app.add_flag(cli_name(flag), slots.switches.emplace_back(false));
    } else {
      CLI::Option* option = app.add_option(cli_name(flag), slots.values.emplace_back());
      option->expected(1)->allow_extra_args(false);
      if (flag.repeatable) option->take_all();
    }
  }
  for (const PositionalSpec& positional : spec.positionals) {
    app.add_option(positional.name, slots.values.emplace_back())
        ->expected(expected_min(positional.arity), expected_max(positional.arity))
        ->allow_extra_args(positional.arity != Arity::kOne);
  }
}

Status check_choice(const FlagSpec& flag, const std::string& value) {
  if (flag.choices.empty() || std::ranges::find(flag.choices, value) != flag.choices.end())
    return {};
  return usage(flag.name + ": '" + value + "' is not one of " + join(flag.choices, ", "));
}

// The first word that looks like an option and is none, or "".
std::string unknown_option(const ArgSpec& spec, const std::vector<std::string>& words) {
  bool is_value = false;
  for (const std::string& word : words) {
    if (word == "--") return "";
    if (!is_value && word.size() > 2 && word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      const auto flag = std::ranges::find(spec.flags, name, &FlagSpec::name);
      if (flag == spec.flags.end()) return name;
      is_value = !flag->value_name.empty() && name == word;
    } else {
      is_value = false;
    }
  }
  return "";
}

// CLI11's own texts name its types; ours name the word and the remedy.
Error explain(const CLI::ParseError& e, const CLI::App& app, const ArgSpec& spec) {
  if (dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr) {
    for (const std::string& word : app.remaining()) {
      if (word.size() > 1 && word[0] == '-') {
        return usage("unknown option " + word + suggestion(spec, word));
      }
    }
    return usage("unexpected argument '" + join(app.remaining(), " ") + "'");
  }
  const std::string text = e.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&e) != nullptr) {
    return usage(text.substr(0, text.find(':')) + " takes exactly one value");
  }
  return usage(text);
}

}  // namespace

ArgSpec& ArgSpec::toggle(std::string name, char short_name, std::string help) {
  flags.push_back({std::move(name), short_name, "", std::move(help), {}, Complete::kNothing});
  return *this;
}

ArgSpec& ArgSpec::value(std::string name, char short_name, std::string value_name, std::string help,
                        Complete complete) {
  flags.push_back(
      {std::move(name), short_name, std::move(value_name), std::move(help), {}, complete});
  return *this;
}

ArgSpec& ArgSpec::values(std::string name, char short_name, std::string value_name,
                         std::string help) {
  flags.push_back({std::move(name),
                   short_name,
                   std::move(value_name),
                   std::move(help),
                   {},
                   Complete::kNothing,
                   true});
  return *this;
}

ArgSpec& ArgSpec::choice(std::string name, char short_name, std::string value_name,
                         std::string help, std::vector<std::string> choices) {
  flags.push_back({std::move(name), short_name, std::move(value_name), std::move(help),
                   std::move(choices), Complete::kNothing});
  return *this;
}

ArgSpec& ArgSpec::positional(std::string name, Arity arity, std::string help, Complete complete) {
  positionals.push_back({std::move(name), arity, std::move(help), complete});
  return *this;
}

ArgSpec& ArgSpec::trailing_command(std::string name, std::string help) {
  trailing_name = std::move(name);
  trailing_help = std::move(help);
  return *this;
}

ArgSpec& ArgSpec::example(std::string command, std::string says) {
  examples.push_back({std::move(command), std::move(says)});
  return *this;
}

ArgSpec& ArgSpec::about(std::string text) {
  about_text = std::move(text);
  return *this;
}

ArgSpec& ArgSpec::exit_code(int code, std::string meaning) {
  exit_codes.emplace_back(code, std::move(meaning));
  return *this;
}

ArgSpec& ArgSpec::path(std::string argument, PathUse use, std::string only_with,
                       std::string otherwise) {
  paths.push_back({std::move(argument), use, std::move(only_with), std::move(otherwise)});
  return *this;
}

ArgSpec& ArgSpec::paged(std::string unless) {
  is_paged = true;
  unpaged_with = std::move(unless);
  return *this;
}

ArgSpec& ArgSpec::threads() {
  return value("--threads", 0, "N", "worker threads (default: the number of cores, at most 4)");
}

ArgSpec& ArgSpec::force() {
  return toggle("--force", 'f', "replace an existing output, once the new one is complete");
}

std::string Args::get(const std::string& flag, const std::string& fallback) const {
  const auto it = values_.find(flag);
  return it == values_.end() || it->second.empty() ? fallback : it->second.back();
}

Result<std::uint64_t> Args::number(const std::string& flag, std::uint64_t fallback,
                                   std::uint64_t min, std::uint64_t max) const {
  if (!has(flag)) return fallback;
  const auto n = parse_u64(get(flag));
  if (!n || *n < min || *n > max) {
    return usage(format("%s: '%s' is not a whole number from %llu to %llu", flag.c_str(),
                        get(flag).c_str(), static_cast<unsigned long long>(min),
                        static_cast<unsigned long long>(max)));
  }
  return *n;
}

Result<unsigned> Args::threads() const {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  LT_ASSIGN(const std::uint64_t n,
            number("--threads", std::min(cores, kDefaultMaxThreads), 1, kMaxThreads));
  return static_cast<unsigned>(n);
}

const std::vector<std::string>& Args::all(const std::string& name) const {
  static const std::vector<std::string> kNone;
  const auto it = values_.find(name);
  return it == values_.end() ? kNone : it->second;
}

// A variable of a script that was never set, mostly; nothing here takes it for a value.
Status refuse_empty(const std::string& name, const std::vector<std::string>& given) {
  if (std::ranges::find(given, "") == given.end()) return {};
  return usage(name + " is empty");
}

Result<Args> parse_args(const ArgSpec& spec, const std::vector<std::string>& words) {
  Args args;
  std::vector<std::string> own = words;
  const auto dashes = std::ranges::find(own, "--");
  if (dashes != own.end() && !spec.trailing_name.empty()) {
    args.has_trailing_ = true;
    args.trailing_.assign(dashes + 1, own.end());
    own.erase(dashes, own.end());
  }
  std::ranges::reverse(own);  // CLI11 takes its vector from the back
  CLI::App app;
  app.set_help_flag();
  app.allow_windows_style_options(false);
  Slots slots;
  try {
    declare(app, spec, slots);
    app.parse(own);
  } catch (const CLI::ParseError& e) {
    const std::string unknown = unknown_option(spec, words);
    if (!unknown.empty()) return usage("unknown option " + unknown + suggestion(spec, unknown));
    return explain(e, app, spec);
  }
  std::size_t next_switch = 0;
  std::size_t next_value = 0;
  for (const FlagSpec& flag : spec.flags) {
    if (flag.value_name.empty()) {
      if (slots.switches[next_switch++]) args.values_[flag.name];
      continue;
    }
    const std::vector<std::string>& given = slots.values[next_value++];
    if (given.empty()) continue;
    LT_TRY(refuse_empty(flag.name, given));
    LT_TRY(check_choice(flag, given.back()));
    args.values_[flag.name] = given;
  }
  for (const PositionalSpec& positional : spec.positionals) {
    std::vector<std::string>& given = slots.values[next_value++];
    if (given.empty() && expected_min(positional.arity) > 0) {
      return usage(positional.name + " is missing");
    }
    LT_TRY(refuse_empty(positional.name, given));
    if (!given.empty()) args.values_[positional.name] = std::move(given);
  }
  return args;
}

}  // namespace litetool
