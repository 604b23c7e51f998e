// The small files of a history, and what is said by the names in it. The first byte says which; the
// rest is the file, or the name.
#include "core/capture/page_checksums.h"
#include "core/history/boot_note.h"
#include "core/history/checksums_file.h"
#include "core/history/identity.h"
#include "core/history/layout.h"
#include "core/history/marks.h"
#include "core/history/node_id.h"
#include "core/history/quarantine.h"
#include "core/history/rename_note.h"
#include "core/history/tags.h"
#include "formats/base/crc64.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_env.h"

namespace litetool {
namespace {

using test::MemoryEnv;

const std::string kFolder = ".litetool/db/app.db";

std::string path_of(std::string_view name) {
  return kFolder + "/" + std::string(name);
}

std::string_view text_of(Bytes input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

void clean_stop(Bytes input) {
  constexpr std::size_t kCrcSize = 8;
  MemoryEnv env;
  Buffer file(input.begin(), input.end());
  if (file.size() > kCrcSize) {  // as somebody could who wants to be believed
    const std::size_t body = file.size() - kCrcSize;
    store_be(file.data() + body, crc64(0, Bytes(file).first(body)));
  }
  env.put(path_of(kChecksumsFile), file);
  const auto stop = read_clean_stop(env, kCwd, kFolder);
  if (!stop) return;
  require(write_clean_stop(env, kCwd, kFolder, *stop).ok(), "what was read can be written");
  require(env.find(path_of(kChecksumsFile))->size() == file.size(), "and is as long");
  require(read_clean_stop(env, kCwd, kFolder).ok(), "and is read again");
}

void marks(Bytes input) {
  MemoryEnv env;
  env.put(path_of(kMarksFile), input);
  const auto read = read_marks(env, kCwd, kFolder);
  require(read.ok(), "lines that are no marks are passed over");
}

void tags(Bytes input) {
  MemoryEnv env;
  env.put(path_of(kTagsFile), input);
  const auto read = read_tags(env, kCwd, kFolder);
  if (!read) return;
  for (const Tag& tag : *read) {
    require(is_tag_name(tag.name) && tag.txid.value != 0, "a tag has a name and a point");
    const auto same = [&](const Tag& other) { return other.name == tag.name; };
    require(std::ranges::count_if(*read, same) == 1, "a name stands for one point");
  }
  (void)no_such_tag("v1", *read);
}

// The renamed file is `new.db`; nothing but histories may move.
void rename_note(Bytes input) {
  MemoryEnv env;
  const HistoryRoot root{kCwd};
  env.put("new.db", {});
  env.put(path_of(kBootFile), {});
  env.put(root.file(kRenameFile), input);
  (void)finish_noted_rename(env, kCwd, root);
  require(env.find("new.db") != nullptr, "files of people are left alone");
  for (const auto& [path, bytes] : env.files) {
    require(path == "new.db" || path.starts_with(".litetool/"), "all stays in the history");
  }
}

void boot_note(Bytes input) {
  MemoryEnv env;
  env.put(path_of(kBootFile), input);
  require(machine_restarted(env, kCwd, kFolder).ok(), "a note is no error");
  require(note_boot(env, kCwd, kFolder).ok(), "this run can be noted");
  require(!*machine_restarted(env, kCwd, kFolder), "and is known then");
}

void node_id(Bytes input) {
  MemoryEnv env;
  const HistoryRoot root{kCwd};
  env.put(root.file(kNodeFile), input);
  const auto id = load_node_id(env, root);
  require(!id || *id != 0, "an id is not 0");
  const auto again = load_node_id(env, root);
  require(id.ok() == again.ok() && (!id || *id == *again), "an id stays");
}

void identity(Bytes input) {
  const auto parsed = parse_identity(text_of(input));
  if (parsed) {
    const auto again = parse_identity(identity_text(*parsed));
    require(again && again->id == parsed->id, "an identity is printed as it is read");
    require(again->directory.path == parsed->directory.path, "with its directory");
    require(again->directory.inode == parsed->directory.inode, "and the inode of that");
  }
  MemoryEnv env;
  const HistoryRoot root{kCwd};
  env.put(root.file(kIdentityFile), input);
  (void)claim_history(env, root, DirectoryId{"/srv/data", 1311, 7}, false);
  require(env.files.size() == 1, "nothing is left beside it");
}

void damage_note(Bytes input) {
  MemoryEnv env;
  env.put(path_of(kDamagedFile), input);
  env.put(path_of("0000000000000001.ltxs"), as_bytes("damaged"));
  const Status done =
      quarantine_noted_damage(Job{env}, kCwd, kFolder, Txid{7}, [](const std::string&) {});
  require((env.find(path_of(kDamagedFile)) == nullptr) == done.ok(), "a note goes once it is done");
}

void names(Bytes input) {
  const std::string_view name = text_of(input);
  const std::string escaped = escape_path(name);
  require(escaped.find('/') == escaped.npos, "a history is one folder");
  const auto back = unescape_path(escaped);
  require(back ? *back == name : escaped.size() > 180, "the name of a folder tells the path");
  if (const auto path = unescape_path(name)) (void)escape_path(*path);
  const auto compacted = parse_compacted_name(name);
  if (compacted) {
    const auto again = compacted_name(compacted->first, compacted->last, compacted->images);
    require(again == name, "a name is printed as it was read");
  }
  require(!is_segment_name(name) || segment_name(last_txid_of_name(name)) == name,
          "a segment has one name");
  (void)first_txid_of_name(name);
}

constexpr void (*kReaders[])(Bytes) = {clean_stop, marks,    tags,        rename_note, boot_note,
                                       node_id,    identity, damage_note, names};

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  litetool::kReaders[data[0] % std::size(litetool::kReaders)](
      litetool::fuzz_bytes(data + 1, size - 1));
  return 0;
}
