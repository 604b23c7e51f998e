// Names in the history folder of a mounted directory: .litetool in it, unless another was given.
//
//   identity                              format and id of the history, and whose it is: identity.h
//   node                                  node id: 16 hex digits and a newline
//   rename                                databases that are being renamed: rename_note.h
//   config.toml, log                      settings of a mount; messages of one in the background
//   db/<escaped path>/                    one folder per database; paths are relative to the
//                                         directory
//     <last TXID of its first image>.ltxs   segments: LTX images (v3 block form) one after another
//     <first>-<last>-<images>.ltxs          what compaction made of segments; never appended to
//     <min>-<max>.ltx                     single images; 1-<max> is the base that compaction made
//     checksums                           page checksums at the last clean stop
//     marks                               transactions that capture had to infer, one line each
//     tags                                names of points, see tags.h
//     boot                                boot id of the kernel under which it was last at work
//     redo                                what the open segment got last, see redo_log.h
//     damaged                             damage is to be moved away once a new base is there
//     quarantine/                         bytes that could not be trusted, with a note
//
// Escaping: '%' and '/' become %25 and %2F. A name longer than 200 bytes keeps its first 180 and
// gets
// "%~" and the CRC-64 of the whole path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/base/ids.h"

namespace litetool {

inline constexpr std::string_view kHistoryFolder = ".litetool";
inline constexpr std::string_view kIdentityFile = "identity";
inline constexpr std::string_view kNodeFile = "node";
inline constexpr std::string_view kRenameFile = "rename";
inline constexpr std::string_view kSegmentSuffix = ".ltxs";
inline constexpr std::string_view kChecksumsFile = "checksums";
inline constexpr std::string_view kMarksFile = "marks";
inline constexpr std::string_view kBootFile = "boot";
inline constexpr std::string_view kRedoFile = "redo";
inline constexpr std::string_view kDamagedFile = "damaged";
inline constexpr std::string_view kTagsFile = "tags";
inline constexpr std::string_view kQuarantineFolder = "quarantine";

// "sub/app.db" -> "sub%2Fapp.db"
std::string escape_path(std::string_view path);
// The other way; nothing for a shortened or a foreign name.
std::optional<std::string> unescape_path(std::string_view name);
// Folder of a database's history in the folder `root` of all of a directory's histories.
std::string history_folder_of(std::string_view root, std::string_view database_path);
std::string segment_name(Txid last_of_first_image);
// `first`, `last`: the last TXIDs of its first and of its last image.
std::string compacted_name(Txid first, Txid last, std::size_t images);
bool is_compacted_name(std::string_view name);
// Of a segment that is appended to, or was until it was closed.
bool is_segment_name(std::string_view name);
struct CompactedName {
  Txid first;
  Txid last;
  std::size_t images = 0;
};
std::optional<CompactedName> parse_compacted_name(std::string_view name);
// The last TXID that the name of a segment, a compacted one or a single image promises (of a
// segment that is appended to, the one of its first image); 0 for any other name.
Txid last_txid_of_name(std::string_view name);
// The same of its first image.
Txid first_txid_of_name(std::string_view name);

}  // namespace litetool
