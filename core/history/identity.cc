#include "core/history/identity.h"

#include <algorithm>
#include <charconv>

#include "core/os/atomic_file.h"
#include "core/os/random.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::string_view kTitle = "litetool history ";
constexpr std::uint64_t kFormat = 1;

std::string escaped(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (c == '%') {
      text += "%25";
    } else if (c == '\n') {
      text += "%0A";
    } else {
      text += c;
    }
  }
  return text;
}

std::string unescaped(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view code = text.substr(i, 3);
    const bool is_code = code == "%25" || code == "%0A";
    path += !is_code ? text[i] : code == "%25" ? '%' : '\n';
    if (is_code) i += 2;
  }
  return path;
}

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, err] = std::from_chars(text.data(), text.data() + text.size(), number);
  return err == std::errc() && end == text.data() + text.size();
}

// False for a value that cannot be.
bool take(std::string_view name, std::string_view value, HistoryIdentity& identity) {
  if (name == "id") {
    const auto id = parse_hex16(value);
    if (id) identity.id = *id;
    return identity.id != 0;
  }
  if (name == "directory") {
    identity.directory.path = unescaped(value);
    return value.starts_with('/');
  }
  if (name == "inode") return parse_number(value, identity.directory.inode);
  if (name == "born") return parse_number(value, identity.directory.born_ns);
  return true;
}

Status check_format(std::string_view line) {
  std::uint64_t format = 0;
  const bool ours = line.starts_with(kTitle) && parse_number(line.substr(kTitle.size()), format);
  if (!ours || format == 0) return Error(Errc::kCorrupt, "not the identity of a history");
  if (format > kFormat) {
    return Error(Errc::kUnsupported, "a history of format " + std::to_string(format) +
                                         ", and this litetool knows up to " +
                                         std::to_string(kFormat) + " (use a newer one)");
  }
  return {};
}

Status write_identity(Env& env, const HistoryRoot& root, const HistoryIdentity& identity) {
  return replace_file(env, root.dir, root.file(kIdentityFile), as_bytes(identity_text(identity)));
}

// The directory that the identity names still has a history of this identity.
bool is_still_there(Env& env, const HistoryIdentity& identity) {
  const HistoryRoot there{kCwd, identity.directory.path + "/" + std::string(kHistoryFolder)};
  const auto found = read_identity(env, there);
  return found && *found && (*found)->id == identity.id;
}

}  // namespace

std::string identity_text(const HistoryIdentity& identity) {
  return std::string(kTitle) + std::to_string(kFormat) + "\nid " + hex16(identity.id) +
         "\ndirectory " + escaped(identity.directory.path) + "\ninode " +
         std::to_string(identity.directory.inode) + "\nborn " +
         std::to_string(identity.directory.born_ns) + "\n";
}

Result<HistoryIdentity> parse_identity(std::string_view text) {
  HistoryIdentity identity;
  const std::size_t first = std::min(text.find('\n'), text.size());
  LT_TRY(check_format(text.substr(0, first)));
  for (std::size_t at = first + 1; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view value = line.substr(std::min(space + 1, line.size()));
    if (!take(line.substr(0, space), value, identity)) {
      return Error(Errc::kCorrupt, "not the identity of a history: '" + printable(line) + "'");
    }
    at = end + 1;
  }
  if (identity.id == 0 || identity.directory.path.empty()) {
    return Error(Errc::kCorrupt, "not the whole identity of a history");
  }
  return identity;
}

Result<std::optional<HistoryIdentity>> read_identity(Env& env, const HistoryRoot& root) {
  using Found = std::optional<HistoryIdentity>;
  const std::string path = root.file(kIdentityFile);
  const auto file = env.open(root.dir, path, OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return Found();
  if (!file) return file.error();
  constexpr std::uint64_t kLargest = 16384;
  if ((*file)->size() > kLargest) {
    return Error(Errc::kCorrupt, path + ": too large for the identity of a history");
  }
  Buffer bytes((*file)->size());
  LT_TRY((*file)->read_exact(bytes, 0));
  auto identity = parse_identity({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!identity) return std::move(identity).error().with(path);
  return Found(*std::move(identity));
}

Result<std::string> claim_history(Env& env, const HistoryRoot& root, const DirectoryId& directory,
                                  bool adopt) {
  LT_ASSIGN(const std::optional<HistoryIdentity> found, read_identity(env, root));
  if (!found) {
    LT_TRY(write_identity(env, root, {random_id(), directory}));
    return std::string();
  }
  const DirectoryId& before = found->directory;
  if (before.path == directory.path) {
    if (before.is_same_inode(directory)) return std::string();
    LT_TRY(write_identity(env, root, {found->id, directory}));
    return std::string();
  }
  const bool moved =
      before.is_same_inode(directory) || (!root.is_apart && !is_still_there(env, *found));
  if (!moved && !adopt) {
    return Error(Errc::kBrokenChain, root.file(kIdentityFile) + ": this is the history of " +
                                         printable(before.path) + ", not of " +
                                         printable(directory.path) +
                                         " (use --adopt if it shall be its from now on)");
  }
  LT_TRY(write_identity(env, root, {moved ? found->id : random_id(), directory}));
  return std::string(moved ? "the directory was " : "the history was adopted, it was that of ") +
         printable(before.path) + " before";
}

}  // namespace litetool
