#include "cmd/seal_args.h"

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint64_t kMaxKeyFileSize = std::uint64_t{64} * 1024;

// The lines of a small text file.
Result<std::vector<std::string>> lines_of(Env& env, const std::string& path) {
  LT_ASSIGN(const auto file, env.open(kCwd, path, OpenMode::kRead));
  Buffer bytes(kMaxKeyFileSize + 1);
  LT_ASSIGN(const std::size_t size, file->read_at(bytes, 0));
  if (size > kMaxKeyFileSize) return Error(Errc::kKey, path + " is too large for a file of keys");
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), size);
  std::vector<std::string> lines;
  while (!text.empty()) {
    std::string line(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  wipe(bytes);
  return lines;
}

// Its first line.
Result<std::string> passphrase_in(Env& env, const std::string& path) {
  LT_ASSIGN(const std::vector<std::string> lines, lines_of(env, path));
  if (lines.empty() || lines.front().empty()) {
    return Error(Errc::kKey, path + " has no passphrase in its first line");
  }
  return lines.front();
}

Status add_identities(Env& env, const std::string& path, std::vector<age::Identity>& identities) {
  LT_ASSIGN(const std::vector<std::string> lines, lines_of(env, path));
  const std::size_t before = identities.size();
  for (const std::string& line : lines) {
    if (line.empty() || line.starts_with('#')) continue;
    auto identity = age::parse_identity(line);
    if (!identity) return std::move(identity).error().with(path);
    identities.push_back(*identity);
  }
  if (identities.size() == before) return Error(Errc::kKey, path + " holds no identity");
  return {};
}

}  // namespace

void add_lock_flags(ArgSpec& spec) {
  spec.values("--seal", 0, "RECIPIENT", "seal for this recipient (age1...); may be repeated");
  spec.value("--passphrase-file", 0, "FILE", "seal with the passphrase in the first line of FILE",
             Complete::kFile);
}

Result<std::optional<age::Lock>> lock_arg(const Args& args, Context& context) {
  age::Lock lock;
  for (const std::string& text : args.all("--seal")) {
    auto recipient = age::parse_recipient(text);
    if (!recipient) return std::move(recipient).error().with("--seal " + printable(text));
    lock.recipients.push_back(*recipient);
  }
  if (args.has("--passphrase-file")) {
    if (!lock.recipients.empty()) {
      return Error(Errc::kUsage, "--seal and --passphrase-file do not go together");
    }
    LT_ASSIGN(lock.passphrase, passphrase_in(context.env, args.get("--passphrase-file")));
  }
  if (lock.recipients.empty() && lock.passphrase.empty()) return std::optional<age::Lock>();
  return std::optional(std::move(lock));
}

void add_unlock_flags(ArgSpec& spec) {
  spec.values("--identity", 'i', "FILE", "open with the keys in FILE; may be repeated");
  spec.value("--passphrase-file", 0, "FILE", "open with the passphrase in the first line of FILE",
             Complete::kFile);
}

Result<age::Unlock> unlock_arg(const Args& args, Context& context) {
  age::Unlock unlock;
  for (const std::string& path : args.all("--identity")) {
    LT_TRY(add_identities(context.env, path, unlock.identities));
  }
  if (args.has("--passphrase-file")) {
    LT_ASSIGN(unlock.passphrase, passphrase_in(context.env, args.get("--passphrase-file")));
  }
  return unlock;
}

}  // namespace litetool
