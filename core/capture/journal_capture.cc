#include "core/capture/journal_capture.h"

#include <algorithm>

#include "formats/sqlite/freelist.h"
#include "formats/sqlite/journal.h"

namespace litetool {
namespace {

constexpr std::size_t kFirstTrunkOffset = 32;  // in the database header

class OldImages {
 public:
  OldImages(const ByteSource& journal, const ByteSource& database, const JournalPages& pages)
      : journal_(journal), database_(database), pages_(pages), image_(pages.page_size) {}

  // Where the page is among the journal's; the end when it is not there.
  bool journaled(Pgno pgno) const { return find(pgno) != pages_.pages.end(); }
  // As it was before the transaction; valid until the next call.
  Result<Bytes> read(Pgno pgno) {
    const auto found = find(pgno);
    if (found != pages_.pages.end()) {
      LT_TRY(journal_.read_exact(image_, found->page_offset));
    } else {
      LT_TRY(database_.read_exact(image_, (std::uint64_t{pgno} - 1) * pages_.page_size));
    }
    return Bytes(image_);
  }

 private:
  std::vector<JournalPage>::const_iterator find(Pgno pgno) const {
    const auto found = std::ranges::lower_bound(pages_.pages, pgno, {}, &JournalPage::pgno);
    return found != pages_.pages.end() && found->pgno == pgno ? found : pages_.pages.end();
  }

  const ByteSource& journal_;
  const ByteSource& database_;
  const JournalPages& pages_;
  Buffer image_;
};

// Leaves of journaled trunks of the old freelist. False when the list cannot be followed.
Result<bool> add_old_leaves(OldImages& old, std::uint32_t page_size, Pgno old_commit,
                            std::vector<Pgno>& pages) {
  LT_ASSIGN(const Bytes first, old.read(1));
  Pgno trunk = load_be<std::uint32_t>(first.data() + kFirstTrunkOffset);
  for (Pgno seen = 0; trunk != 0; ++seen) {
    if (trunk > old_commit || seen > old_commit) return false;
    LT_ASSIGN(const Bytes image, old.read(trunk));
    const auto list = FreelistTrunk::decode(image, page_size);
    if (!list) return false;
    for (std::uint32_t i = 0; old.journaled(trunk) && i < list->leaf_count(); ++i) {
      pages.push_back(list->leaf(i));
    }
    trunk = list->next();
  }
  return true;
}

}  // namespace

Result<JournalCandidates> pages_behind_journal(const ByteSource& journal,
                                               const ByteSource& database, std::uint32_t page_size,
                                               const PageChecksums& known, Pgno commit) {
  const auto listed = list_journal_pages(journal, page_size);
  if (!listed || listed->page_size != page_size) return JournalCandidates();
  const Pgno old_commit = known.pages();
  std::vector<Pgno> pages = {1};
  for (const JournalPage& page : listed->pages) pages.push_back(page.pgno);
  OldImages old(journal, database, *listed);
  // Without it (EXCLUSIVE locking counts no changes) nothing shows what came before.
  if (!old.journaled(1)) return JournalCandidates();
  LT_ASSIGN(const Bytes first, old.read(1));
  if (page_checksum(1, first) != known.get(1)) return JournalCandidates{{}, true};
  const Result<bool> followed = add_old_leaves(old, page_size, old_commit, pages);
  if (!followed || !*followed) return JournalCandidates();
  std::erase_if(pages, [&](Pgno pgno) { return pgno > std::min(old_commit, commit); });
  for (Pgno pgno = old_commit + 1; pgno <= commit; ++pgno) pages.push_back(pgno);
  std::ranges::sort(pages);
  const auto repeated = std::ranges::unique(pages);
  pages.erase(repeated.begin(), repeated.end());
  return JournalCandidates{std::move(pages), false};
}

}  // namespace litetool
