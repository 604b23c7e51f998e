#include "core/rows/step_diff.h"

#include <algorithm>
#include <numeric>

#include "core/past/changed_pages.h"

namespace litetool {
namespace {

// A database that is not there.
class NoPages : public PageSource {
 public:
  explicit NoPages(std::uint32_t page_size) : page_size_(page_size) {}
  std::uint32_t page_size() const override { return page_size_; }
  Pgno page_count() const override { return 0; }
  Result<Bytes> page(Pgno) override { return Error(Errc::kCorrupt, "there are no pages"); }

 private:
  std::uint32_t page_size_;
};

}  // namespace

std::map<std::string, std::uint64_t> StepDiff::tables() const {
  std::map<std::string, std::string> table_of;
  for (const DiffSide* side : {&diff->before(), &diff->after()}) {
    for (const SchemaRow& row : side->trees.schema) table_of[row.name] = row.table_name;
  }
  const bool schema_changed = !diff->objects().empty();
  std::map<std::string, std::uint64_t> tables;
  for (const PageDiff& page : diff->pages()) {
    if (page.owner.empty()) continue;
    const auto table = table_of.find(page.owner);
    const bool is_schema = table == table_of.end();
    if (is_schema && !schema_changed) continue;
    ++tables[is_schema ? page.owner : table->second];
  }
  for (const ObjectDiff& object : diff->objects()) tables[object.any().table_name];
  return tables;
}

Result<bool> StepReader::read_ahead() {
  if (walk_ended_) return false;
  LT_ASSIGN(auto step, walk_->next());
  walk_ended_ = !step;
  if (step) steps_.push_back(*std::move(step));
  return !walk_ended_;
}

Result<std::optional<Step>> StepReader::next() {
  if (!steps_.empty()) steps_.pop_front();
  if (steps_.empty()) LT_TRY(read_ahead());
  if (steps_.empty()) return std::optional<Step>();
  return std::optional(steps_.front());
}

Result<std::uint64_t> StepReader::count_pages() const {
  PastDatabase image(job_, {steps_.front().image}, temp_dir_);
  LT_ASSIGN(const std::vector<Pgno> pages, image.pages_since(0));
  return pages.size();
}

Result<bool> StepReader::chain_is_longer_than(std::size_t images) {
  for (std::size_t i = 0; i < images; ++i) {
    if (i == steps_.size()) {
      LT_ASSIGN(const bool more, read_ahead());
      if (!more) return false;
    }
    if (steps_[i].image.header.is_snapshot()) return false;
  }
  return true;
}

// Oldest first, from a snapshot on.
Result<std::vector<ImageRef>> StepReader::chain_of(std::size_t step) {
  std::vector<ImageRef> chain;
  for (std::size_t i = step;; ++i) {
    if (i == steps_.size()) {
      LT_ASSIGN(const bool more, read_ahead());
      const bool follows = more && steps_[i].txid() == steps_[i - 1].from;
      if (!follows) {
        return Error(Errc::kBrokenChain, "no files lead to transaction " +
                                             steps_[step].txid().text() + ": what is before " +
                                             steps_[i - 1].image.name() + " is missing");
      }
    }
    chain.push_back(steps_[i].image);
    if (steps_[i].image.header.is_snapshot()) break;
  }
  std::ranges::reverse(chain);
  return chain;
}

Result<StepDiff> StepReader::diff() {
  LT_ASSIGN(std::vector<ImageRef> chain, chain_of(0));
  const ltx::Header header = steps_.front().image.header;
  auto after = std::make_unique<PastDatabase>(job_, chain, temp_dir_);
  std::vector<Pgno> changed;
  StepDiff result;
  if (steps_.front().from) {
    if (header.is_snapshot()) {
      // The chain of the state before is another one.
      if (steps_.size() == 1) LT_TRY(read_ahead());
      LT_ASSIGN(chain, chain_of(1));
    } else {
      chain.pop_back();
    }
    auto before = std::make_unique<PastDatabase>(job_, std::move(chain), temp_dir_);
    LT_ASSIGN(changed, changed_pages(job_, *before, *after));
    result.before = std::move(before);
  } else {
    changed.resize(after->page_count());
    std::iota(changed.begin(), changed.end(), Pgno{1});
    result.before = std::make_unique<NoPages>(header.page_size);
  }
  result.after = std::move(after);
  LT_ASSIGN(result.diff,
            DatabaseDiff::open(job_, *result.before, *result.after, std::move(changed)));
  return result;
}

}  // namespace litetool
