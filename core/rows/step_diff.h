// What the steps of a history changed, one after another from the newest on.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "core/past/past_database.h"
#include "core/rows/database_diff.h"
#include "core/source/step_walk.h"

namespace litetool {

// One step with the states before and after it.
struct StepDiff {
  std::unique_ptr<PageSource> before;  // without pages where the step follows on from nothing
  std::unique_ptr<PageSource> after;
  std::unique_ptr<DatabaseDiff> diff;

  // The tables with pages or a definition that the step changed, with the number of those pages;
  // an index counts for its table. sqlite_schema is one only where the schema has changed: its
  // first page, the header of the database, is written by every other transaction.
  std::map<std::string, std::uint64_t> tables() const;
};

class StepReader {
 public:
  // `temp_dir`: for images without a page index. What the job points to outlives the object.
  StepReader(const Job& job, std::unique_ptr<StepWalk> walk, std::string temp_dir)
      : job_(job), walk_(std::move(walk)), temp_dir_(std::move(temp_dir)) {}

  // The next older step; nothing before the oldest.
  Result<std::optional<Step>> next();

  // About the step that next() returned last.
  //
  // Pages in its image.
  Result<std::uint64_t> count_pages() const;
  // More images than that lead to it from a snapshot. Reads that many headers at most.
  Result<bool> chain_is_longer_than(std::size_t images);
  // Takes time and memory by the number of images that lead to it.
  Result<StepDiff> diff();

 private:
  Result<bool> read_ahead();
  Result<std::vector<ImageRef>> chain_of(std::size_t step);

  const Job job_;
  const std::unique_ptr<StepWalk> walk_;
  const std::string temp_dir_;
  std::deque<Step> steps_;  // the last one that was returned, and older ones that were read ahead
  bool walk_ended_ = false;
};

}  // namespace litetool
