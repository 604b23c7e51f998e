#include "cmd/registry.h"

#include <algorithm>
#include <string_view>

#include "formats/base/text.h"

namespace litetool {

extern const Command kAuditCommand;
extern const Command kCompletionCommand;
extern const Command kConfigCheckCommand;
extern const Command kConfigShowCommand;
extern const Command kDiffCommand;
extern const Command kDoctorCommand;
extern const Command kEventsCommand;
extern const Command kExportCommand;
extern const Command kForkCommand;
extern const Command kImportCommand;
extern const Command kInspectCommand;
extern const Command kKeygenCommand;
extern const Command kLogCommand;
extern const Command kLtxApplyCommand;
extern const Command kLtxChecksumCommand;
extern const Command kLtxCompactCommand;
extern const Command kLtxConvertCommand;
extern const Command kLtxDumpCommand;
extern const Command kLtxEncodeCommand;
extern const Command kLtxExtractCommand;
extern const Command kLtxListCommand;
extern const Command kLtxSplitCommand;
extern const Command kLtxVerifyCommand;
extern const Command kMountCommand;
extern const Command kPointsCommand;
extern const Command kPruneCommand;
extern const Command kRestoreCommand;
extern const Command kShowCommand;
extern const Command kSqlCommand;
extern const Command kStatusCommand;
extern const Command kTagCommand;
extern const Command kUnmountCommand;
extern const Command kVersionCommand;
extern const Command kWhenCommand;

namespace {

const std::vector<Command>& table() {
  static const std::vector<Command> kTable = {
      // One a line, in the order of the overview.
      // clang-format off
      kMountCommand,
      kUnmountCommand,
      kStatusCommand,
      kEventsCommand,
      kDoctorCommand,
      kConfigCheckCommand,
      kConfigShowCommand,
      kRestoreCommand,
      kForkCommand,
      kDiffCommand,
      kSqlCommand,
      kLogCommand,
      kShowCommand,
      kPointsCommand,
      kWhenCommand,
      kTagCommand,
      kPruneCommand,
      kAuditCommand,
      kExportCommand,
      kImportCommand,
      kKeygenCommand,
      kInspectCommand,
      kLtxListCommand,
      kLtxDumpCommand,
      kLtxVerifyCommand,
      kLtxChecksumCommand,
      kLtxEncodeCommand,
      kLtxApplyCommand,
      kLtxCompactCommand,
      kLtxConvertCommand,
      kLtxSplitCommand,
      kLtxExtractCommand,
      kVersionCommand,
      kCompletionCommand,
      // clang-format on
  };
  return kTable;
}

std::string first_word(std::string_view name) {
  return std::string(name.substr(0, name.find(' ')));
}

Error unknown(const std::string& given) {
  std::vector<std::string> names;
  std::string best;
  for (const Command& c : commands()) {
    names.emplace_back(c.name);
    if (std::string_view(c.name).ends_with(" " + given)) best = c.name;  // its group was left out
  }
  if (best.empty()) best = nearest_name(given, names);
  return Error(Errc::kUsage,
               "unknown command '" + printable(given) + "'" +
                   (best.empty() ? " (see 'litetool --help')" : ", did you mean '" + best + "'?"));
}

}  // namespace

std::span<const Command> commands() {
  return table();
}

bool is_group(const std::string& word) {
  return std::ranges::any_of(commands(), [&](const Command& c) {
    return std::string_view(c.name).starts_with(word + " ");
  });
}

Result<Match> find_command(const std::vector<std::string>& words) {
  LT_CHECK(!words.empty());
  const std::string two = words.size() > 1 ? words[0] + " " + words[1] : "";
  for (const Command& c : commands()) {
    if (two == c.name) return Match{&c, 2};
    if (words[0] == c.name) return Match{&c, 1};
  }
  if (is_group(words[0])) {
    if (words.size() > 1) return unknown(two);
    return Error(Errc::kUsage,
                 words[0] + " needs a command (see 'litetool " + words[0] + " --help')");
  }
  return unknown(words[0]);
}

std::string overview(const std::string& group) {
  std::size_t width = 0;
  for (const Command& c : commands()) width = std::max(width, std::string_view(c.name).size());
  std::string out =
      group.empty() ? "litetool gives SQLite databases a history.\n\n"
                      "Usage: litetool COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n"
                    : "Usage: litetool " + group + " COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n";
  for (const Command& c : commands()) {
    if (!group.empty() && first_word(c.name) != group) continue;
    const std::string name = c.name;
    out += "  " + name + std::string(width - name.size() + 2, ' ') + c.summary + "\n";
  }
  out += "\nEvery command has --help with examples, --json and --quiet, and a man page.\n";
  return out;
}

}  // namespace litetool
