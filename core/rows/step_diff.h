// What the steps of a history changed, one after another from the newest on.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "core/past/live_copy.h"
#include "core/past/past_states.h"
#include "core/rows/database_diff.h"
#include "core/source/step_walk.h"

namespace litetool {

// Tables, with how many of their pages were written; an index counts for its table. sqlite_schema
// is one only where the schema has changed: its first page, the header of the database, is written
// by every other transaction.
using TouchedTables = std::map<std::string, std::uint64_t>;

// One step with the states before and after it, which the reader that made it has to outlive.
struct StepDiff {
  std::unique_ptr<PageSource> before;  // without pages where the step follows on from nothing
  std::unique_ptr<PageSource> after;
  std::unique_ptr<DatabaseDiff> diff;

  // The tables with pages or a definition that differ.
  TouchedTables tables() const;
};

class StepReader {
 public:
  // `temp_dir`: for images without a page index. `live`: the database itself as it was before the
  // walk began, or null; where it is one of the newest states, little of a long history has to be
  // read. What the job points to outlives the object.
  StepReader(const Job& job, std::unique_ptr<StepWalk> walk, std::string temp_dir,
             std::shared_ptr<LiveCopy> live);

  StepReader(const StepReader&) = delete;
  StepReader& operator=(const StepReader&) = delete;

  // The next older step; nothing before the oldest.
  Result<std::optional<Step>> next();

  // About the step that next() returned last.
  //
  // Pages in its image.
  Result<std::uint64_t> count_pages();
  // The tables with pages in its image or another definition. kTimeout where a page has to be
  // known that is in none of the `reach` images before it.
  Result<TouchedTables> tables(std::size_t reach);
  // Of a long history, as many images may have to be read as lead to the state.
  Result<StepDiff> diff();

 private:
  struct Trees;

  const Step& step() const { return steps_.front(); }
  Result<bool> read_ahead();
  Result<PastStates::Numbered> image(std::size_t number);
  // kBrokenChain unless the next older step leads to the state that this one follows on from.
  Status require_before();
  Error broken_before(const Step& oldest) const;
  Result<std::shared_ptr<const Trees>> trees_of(std::size_t number);
  Result<std::shared_ptr<const Trees>> trees_before(const std::shared_ptr<const Trees>& after,
                                                    const std::vector<Pgno>& written);

  const Job job_;
  const std::unique_ptr<StepWalk> walk_;
  std::shared_ptr<LiveCopy> live_;  // until it is found to be one of the states, or none
  PastStates states_;
  std::deque<Step> steps_;  // the last one that was returned, and older ones that were read ahead
  std::size_t number_ = 0;  // of the first of them
  bool walk_ended_ = false;
  std::shared_ptr<const Trees> trees_;  // of the state before the last step that was looked at
  std::size_t trees_number_ = 0;
};

}  // namespace litetool
