#include "cmd/command.h"

#include <algorithm>
#include <cctype>

namespace litetool {
namespace {

std::string flag_label(const FlagSpec& flag) {
  const std::string short_form =
      flag.short_name == 0 ? "    " : std::string("-") + flag.short_name + ", ";
  return short_form + flag.name + (flag.value_name.empty() ? "" : " " + flag.value_name);
}

std::string column(const std::string& label, std::size_t width, const std::string& text) {
  return "  " + label + std::string(width - label.size() + 2, ' ') + text + "\n";
}

std::string positional_label(const PositionalSpec& p) {
  switch (p.arity) {
    case Arity::kOne:
      return p.name;
    case Arity::kOptional:
      return "[" + p.name + "]";
    case Arity::kOneOrMore:
      return p.name + "...";
    case Arity::kAny:
      return "[" + p.name + "...]";
  }
  return p.name;
}

std::string arguments_section(const ArgSpec& spec) {
  std::size_t width = 0;
  for (const FlagSpec& f : spec.flags) width = std::max(width, flag_label(f).size());
  for (const PositionalSpec& p : spec.positionals) width = std::max(width, p.name.size());
  std::string out;
  if (!spec.positionals.empty() || !spec.trailing_name.empty()) out += "\nArguments:\n";
  for (const PositionalSpec& p : spec.positionals) out += column(p.name, width, p.help);
  if (!spec.trailing_name.empty()) {
    out +=
        column(spec.trailing_name, std::max(width, spec.trailing_name.size()), spec.trailing_help);
  }
  out += "\nOptions:\n";
  for (const FlagSpec& f : spec.flags) {
    std::string text = f.help;
    if (!f.choices.empty()) {
      text += ": ";
      for (const std::string& c : f.choices) text += (c == f.choices.front() ? "" : ", ") + c;
    }
    out += column(flag_label(f), width, text);
  }
  return out;
}

}  // namespace

ExitCode exit_code_of(Errc code) {
  switch (code) {
    case Errc::kFailed:
      return kExitFailed;
    case Errc::kUsage:
      return kExitUsage;
    case Errc::kDiffers:
      return kExitDiffers;
    case Errc::kCorrupt:
      return kExitCorrupt;
    case Errc::kBrokenChain:
      return kExitBrokenChain;
    case Errc::kNotFound:
      return kExitNotFound;
    case Errc::kExists:
      return kExitExists;
    case Errc::kNotPrimary:
      return kExitNotPrimary;
    case Errc::kTimeout:
      return kExitTimeout;
    case Errc::kUnsupported:
      return kExitUnsupported;
    case Errc::kDenied:
      return kExitDenied;
    case Errc::kStorage:
      return kExitStorage;
    case Errc::kDiskFull:
      return kExitDiskFull;
    case Errc::kKey:
      return kExitKey;
    case Errc::kInterrupted:
      return kExitInterrupted;
  }
  return kExitFailed;
}

const char* name_of(Errc code) {
  switch (code) {
    case Errc::kFailed:
      return "failed";
    case Errc::kUsage:
      return "usage";
    case Errc::kDiffers:
      return "differs";
    case Errc::kCorrupt:
      return "corrupt";
    case Errc::kBrokenChain:
      return "broken_chain";
    case Errc::kNotFound:
      return "not_found";
    case Errc::kExists:
      return "exists";
    case Errc::kNotPrimary:
      return "not_primary";
    case Errc::kTimeout:
      return "timeout";
    case Errc::kUnsupported:
      return "unsupported";
    case Errc::kDenied:
      return "denied";
    case Errc::kStorage:
      return "storage";
    case Errc::kDiskFull:
      return "disk_full";
    case Errc::kKey:
      return "key";
    case Errc::kInterrupted:
      return "interrupted";
  }
  return "failed";
}

ArgSpec full_spec(const Command& command) {
  ArgSpec spec = command.spec();
  spec.toggle("--json", 0, "print results as JSON")
      .toggle("--quiet", 'q', "print no notes and no progress, only results and errors")
      .toggle("--help", 'h', "print this help");
  return spec;
}

std::string synopsis(const Command& command) {
  const ArgSpec spec = command.spec();
  std::string out = std::string("litetool ") + command.name + " [OPTIONS]";
  for (const PositionalSpec& p : spec.positionals) out += " " + positional_label(p);
  if (!spec.trailing_name.empty()) out += " [-- " + spec.trailing_name + "]";
  return out;
}

std::string help_text(const Command& command) {
  const ArgSpec spec = full_spec(command);
  std::string title = command.summary;
  title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  std::string out = "Usage: " + synopsis(command) + "\n\n" + title + ".\n";
  if (!spec.about_text.empty()) out += "\n" + spec.about_text + "\n";
  out += arguments_section(spec);
  if (!spec.examples.empty()) out += "\nExamples:\n";
  for (const ExampleSpec& e : spec.examples) out += "  " + e.command + "\n      " + e.says + "\n";
  out += "\nExit status:\n";
  const auto& codes = spec.exit_codes;
  if (codes.empty() || codes.front().first != kExitDone) out += "  0    done\n";
  for (const auto& [code, meaning] : codes) {
    const std::string label = std::to_string(code);
    out += "  " + label + std::string(5 - label.size(), ' ') + meaning + "\n";
  }
  out += "  See litetool(1) for all exit codes.\n";
  return out;
}

}  // namespace litetool
