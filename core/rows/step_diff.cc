#include "core/rows/step_diff.h"

#include <algorithm>

#include "core/past/changed_pages.h"
#include "formats/sqlite/btree_page.h"

namespace litetool {
namespace {

// The live database is looked for among so many of the newest states.
constexpr std::size_t kNewestStates = 64;

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

// `owners`: the table or index of each page; nothing where there is none.
TouchedTables touched_tables(const std::vector<SchemaRow>& before,
                             const std::vector<SchemaRow>& after,
                             const std::vector<ObjectDiff>& objects,
                             const std::vector<std::string>& owners) {
  std::map<std::string, std::string> table_of;
  for (const auto* schema : {&before, &after}) {
    for (const SchemaRow& row : *schema) table_of[row.name] = row.table_name;
  }
  TouchedTables tables;
  for (const std::string& owner : owners) {
    if (owner.empty()) continue;
    const auto table = table_of.find(owner);
    const bool is_schema = table == table_of.end();
    if (is_schema && objects.empty()) continue;
    ++tables[is_schema ? owner : table->second];
  }
  for (const ObjectDiff& object : objects) tables[object.any().table_name];
  return tables;
}

}  // namespace

// A state, and the b-trees in it.
struct StepReader::Trees {
  struct Known {
    DatabaseTrees trees;
    std::vector<bool> interior;  // by page number

    const TreePages* owner(Pgno pgno) const { return trees.owner(pgno); }
  };
  std::unique_ptr<PageSource> pages;
  DatabaseView view;
  std::shared_ptr<const Known> known;  // shared by states that have the same trees

  // Which pages a tree has stands in its root, its interior pages and the schema: where a step
  // leaves those alone, the state before it has the same trees.
  Result<bool> are_those_of(const DatabaseView& before, const std::vector<Pgno>& written) const;
  Result<bool> keeps(const DatabaseView& before, Pgno pgno) const;
};

Result<bool> StepReader::Trees::are_those_of(const DatabaseView& before,
                                             const std::vector<Pgno>& written) const {
  if (view.size_pages == 0 || before.size_pages == 0) return false;
  for (const Pgno pgno : written) {
    LT_ASSIGN(const bool kept, keeps(before, pgno));
    if (!kept) return false;
  }
  return true;
}

Result<bool> StepReader::Trees::keeps(const DatabaseView& before, Pgno pgno) const {
  const TreePages* const tree = known->owner(pgno);
  if (tree == nullptr) return true;
  if (pgno == 1) {
    // All but the header of the database.
    LT_ASSIGN(const Bytes is, view.page(1));
    LT_ASSIGN(const Bytes was, before.page(1));
    return std::ranges::equal(is.subspan(kFileHeaderSize), was.subspan(kFileHeaderSize));
  }
  if (tree == &known->trees.trees.front() || known->interior[pgno]) return false;
  if (pgno != tree->object.root) return true;
  if (!before.has(pgno)) return false;
  LT_ASSIGN(const Bytes bytes, before.page(pgno));
  // It may have been a free page, which holds anything.
  const auto root = BtreePage::decode(bytes, pgno, before.header.usable_size());
  return root &&
         (root->type() == BtreePageType::kLeafTable || root->type() == BtreePageType::kLeafIndex);
}

TouchedTables StepDiff::tables() const {
  std::vector<std::string> owners;
  for (const PageDiff& page : diff->pages()) owners.push_back(page.owner);
  return touched_tables(diff->before().trees.schema, diff->after().trees.schema, diff->objects(),
                        owners);
}

StepReader::StepReader(const Job& job, std::unique_ptr<StepWalk> walk, std::string temp_dir,
                       std::shared_ptr<LiveCopy> live)
    : job_(job),
      walk_(std::move(walk)),
      live_(std::move(live)),
      states_(
          job, [this](std::size_t number) { return image(number); }, std::move(temp_dir)) {}

Result<bool> StepReader::read_ahead() {
  if (walk_ended_) return false;
  LT_ASSIGN(auto step, walk_->next());
  walk_ended_ = !step;
  if (walk_ended_) return false;
  const std::size_t number = number_ + steps_.size();
  const ImageRef& image = step->image;
  if (live_ != nullptr && image.header.page_size == live_->page_size() &&
      image.header.commit == live_->page_count() && image.trailer.post_apply == live_->checksum()) {
    states_.known(number, std::exchange(live_, nullptr));
  }
  if (number == kNewestStates) live_.reset();
  steps_.push_back(*std::move(step));
  return true;
}

Result<std::optional<Step>> StepReader::next() {
  if (!steps_.empty()) {
    steps_.pop_front();
    ++number_;
  }
  if (steps_.empty()) LT_TRY(read_ahead());
  if (steps_.empty()) return std::optional<Step>();
  states_.forget_before(number_);
  return std::optional(step());
}

Error StepReader::broken_before(const Step& oldest) const {
  return Error(Errc::kBrokenChain, "no files lead to transaction " + step().txid().text() +
                                       ": what is before " + oldest.image.name() + " is missing");
}

Result<PastStates::Numbered> StepReader::image(std::size_t number) {
  LT_CHECK(number >= number_);
  const std::size_t at = number - number_;
  while (at >= steps_.size()) {
    LT_ASSIGN(const bool more, read_ahead());
    if (more) continue;
    return broken_before(steps_.back());
  }
  const bool leads_on = at == 0 || steps_[at - 1].image.header.is_snapshot() ||
                        steps_[at - 1].from == steps_[at].txid();
  return PastStates::Numbered{&steps_[at].image, leads_on};
}

Status StepReader::require_before() {
  LT_TRY(image(number_ + 1));
  if (steps_[1].txid() == step().from) return {};
  return broken_before(step());
}

Result<std::uint64_t> StepReader::count_pages() {
  LT_ASSIGN(const std::vector<Pgno> pages, states_.pages_in_image(number_));
  return pages.size();
}

Result<std::shared_ptr<const StepReader::Trees>> StepReader::trees_of(std::size_t number) {
  if (trees_ != nullptr && trees_number_ == number) return trees_;
  auto result = std::make_shared<Trees>();
  LT_ASSIGN(result->pages, states_.state(number));
  LT_ASSIGN(result->view, view_of_state(*result->pages));
  auto known = std::make_shared<Trees::Known>();
  if (result->view.size_pages > 0) {
    LT_ASSIGN(known->trees, find_trees(result->view));
  }
  known->interior.resize(std::size_t{result->view.size_pages} + 1);
  for (const TreePages& tree : known->trees.trees) {
    for (const Pgno pgno : tree.interior) known->interior[pgno] = true;
  }
  result->known = std::move(known);
  return std::shared_ptr<const Trees>(std::move(result));
}

Result<std::shared_ptr<const StepReader::Trees>> StepReader::trees_before(
    const std::shared_ptr<const Trees>& after, const std::vector<Pgno>& written) {
  auto before = std::make_shared<Trees>();
  LT_ASSIGN(before->pages, states_.state(number_ + 1));
  LT_ASSIGN(before->view, view_of_state(*before->pages));
  LT_ASSIGN(const bool same, after->are_those_of(before->view, written));
  if (!same) return trees_of(number_ + 1);
  before->known = after->known;
  return std::shared_ptr<const Trees>(std::move(before));
}

Result<TouchedTables> StepReader::tables(std::size_t reach) {
  if (step().image.header.is_snapshot()) {
    LT_ASSIGN(const StepDiff changes, diff());
    return changes.tables();
  }
  states_.look_back_at_most(reach);
  LT_ASSIGN(std::vector<Pgno> written, states_.pages_in_image(number_));
  LT_TRY(require_before());
  LT_ASSIGN(const auto after, trees_of(number_));
  LT_ASSIGN(const auto before, trees_before(after, written));
  const auto cut = pages_between(after->view.size_pages + 1, before->view.size_pages);
  written.insert(written.end(), cut.begin(), cut.end());
  LT_ASSIGN(const auto overflow,
            find_overflow_owners(job_, after->view, after->known->trees, written));
  std::vector<std::string> owners;
  for (const Pgno pgno : written) {
    const TreePages* owner = after->known->owner(pgno);
    const auto row = std::ranges::find(overflow, pgno, &OverflowOwner::overflow);
    if (owner == nullptr && row != overflow.end()) owner = row->tree;
    if (owner == nullptr) owner = before->known->owner(pgno);
    owners.push_back(owner == nullptr ? "" : owner->object.name);
  }
  trees_ = before;
  trees_number_ = number_ + 1;
  const auto& schema_before = before->known->trees.schema;
  const auto& schema_after = after->known->trees.schema;
  return touched_tables(schema_before, schema_after, changed_objects(schema_before, schema_after),
                        owners);
}

Result<StepDiff> StepReader::diff() {
  states_.look_back_at_most(SIZE_MAX);
  StepDiff result;
  LT_ASSIGN(result.after, states_.state(number_));
  std::vector<Pgno> changed;
  if (step().from) {
    LT_TRY(require_before());
    LT_ASSIGN(result.before, states_.state(number_ + 1));
    LT_ASSIGN(const std::vector<Pgno> written, states_.pages_in_image(number_));
    LT_ASSIGN(changed, changed_pages(job_, *result.before, *result.after, written));
  } else {
    changed = pages_between(1, result.after->page_count());
    result.before = std::make_unique<NoPages>(result.after->page_size());
  }
  LT_ASSIGN(result.diff,
            DatabaseDiff::open(job_, *result.before, *result.after, std::move(changed)));
  return result;
}

}  // namespace litetool
