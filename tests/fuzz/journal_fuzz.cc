// The rollback journal. The first byte of the input chooses the page size that the reader is told.
#include "formats/sqlite/journal.h"

#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

void walk(const ByteSource& source, std::uint32_t page_size) {
  auto reader = JournalReader::open(source, page_size);
  if (!reader) return;
  std::uint64_t records = 0;
  while (true) {
    const auto record = reader->next();
    if (!record || !record->has_value()) break;
    const JournalRecord& r = **record;
    require(!r.ok() || r.page_offset() + r.page.size() < source.size(), "a record is in the file");
    require(!r.ok() || r.page.size() == reader->page_size(), "a valid record has its page");
    require(++records <= source.size(), "the walk ends");
  }
}

void read(Bytes input) {
  if (input.empty()) return;
  const std::uint32_t page_size = 512U << (static_cast<unsigned>(input[0]) % 8);
  const MemorySource source(input.subspan(1));
  journal_state(input.subspan(1));
  for (const std::uint32_t told : {0U, page_size}) {
    walk(source, told);
    const auto pages = list_journal_pages(source, told);
    if (!pages) continue;
    for (std::size_t i = 0; i < pages->pages.size(); ++i) {
      const JournalPage& page = pages->pages[i];
      require(page.page_offset + pages->page_size <= source.size(), "listed pages are whole");
      require(i == 0 || pages->pages[i - 1].pgno < page.pgno, "listed pages ascend");
    }
  }
  const auto name = read_super_journal_name(source);
  require(name.ok(), "memory does not fail");
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
