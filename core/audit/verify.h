// Proves LTX files: each one for itself, and the files of a folder as a chain.
//
// Problems are told as they are found, in the order of the files, and then folder by folder. Files
// are looked at by several threads, many small ones at once and the parts of a large one at once.
// Memory depends on the number of files (about 200 bytes each), not on their size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ltx/file_set.h"
#include "core/os/job.h"
#include "formats/base/result.h"

namespace litetool {

enum class VerifyLevel : std::uint8_t {
  kStructure,  // each file: header, frames, order of pages, index, trailer, name
  kContent,    // and its pages, file checksum, and a snapshot's database checksum
  kChain,      // and each folder: TXIDs, links by checksum, growth, page size, one history
};

struct VerifyOptions {
  VerifyLevel level = VerifyLevel::kChain;
  // Rebuild the database of every chain that starts with a snapshot, in a temporary file, and have
  // SQLite check it. Needs kChain.
  bool deep = false;
  std::string temp_dir = "/tmp";
};

struct Problem {
  Errc code = Errc::kCorrupt;
  bool warning = false;  // worth knowing, but nothing is wrong with the data
  std::string file;
  std::optional<std::uint64_t> offset{};
  std::string text;
};

class ProblemSink {
 public:
  virtual ~ProblemSink() = default;
  virtual void problem(const Problem& problem) = 0;
};

struct VerifySummary {
  std::uint64_t files_ok = 0;
  std::uint64_t files_bad = 0;  // unreadable paths are among them
  std::uint64_t image_count = 0;
  std::uint64_t page_count = 0;
  std::uint64_t chain_count = 0;
  std::uint64_t chains_bad = 0;
  std::uint64_t rebuilt_count = 0;  // databases rebuilt and found whole
  std::uint64_t warning_count = 0;
  std::int64_t newest_ms = 0;  // the newest timestamp of all images, 0 for none
  std::optional<Errc> first_cause{};
};

// Fails only when interrupted; all else is a problem.
Result<VerifySummary> verify_files(const Job& job, const FileSet& set, const VerifyOptions& options,
                                   ProblemSink& sink);

}  // namespace litetool
