#include "tests/support/ltx_images.h"

#include <fstream>
#include <iterator>

namespace litetool::test {

Buffer filled_page(std::uint32_t page_size, unsigned value) {
  return Buffer(page_size, static_cast<std::byte>(value));
}

Buffer random_page(std::uint32_t page_size, std::uint64_t seed) {
  Buffer page(page_size);
  for (std::byte& b : page) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    b = static_cast<std::byte>(seed >> 56);
  }
  return page;
}

Buffer mixed_page(std::uint32_t page_size, std::uint64_t seed) {
  Buffer page = random_page(page_size, seed);
  for (std::size_t i = 0; i < page.size() / 2; ++i) page[i] = static_cast<std::byte>('a' + i % 13);
  return page;
}

Checksum database_checksum(const Pages& database) {
  Checksum sum = kEmptyDatabase;
  for (const auto& [pgno, page] : database) {
    if (pgno == lock_page(static_cast<std::uint32_t>(page.size()))) continue;
    sum = checksum_xor(sum, page_checksum(pgno, page));
  }
  return sum;
}

ltx::Header ltx_header(ltx::Variant variant, std::uint32_t page_size, Pgno commit,
                       std::uint64_t min, std::uint64_t max, Checksum pre_apply,
                       std::int64_t timestamp_ms) {
  ltx::Header h;
  h.variant = variant;
  h.page_size = page_size;
  h.commit = commit;
  h.min_txid = Txid{min};
  h.max_txid = Txid{max};
  h.timestamp_ms = timestamp_ms;
  if (min != 1) h.pre_apply = pre_apply;
  return h;
}

Buffer make_ltx(const ltx::Header& header, const Pages& pages, Checksum post_apply) {
  MemorySink sink;
  auto encoder = ltx::Encoder::start(sink, header);
  if (!encoder) FAIL(encoder.error().text());
  for (const auto& [pgno, page] : pages) {
    const Status added = encoder->add_page(pgno, page);
    if (!added) FAIL(added.error().text());
  }
  if (header.is_snapshot() && header.has_checksums() && !post_apply.present()) {
    post_apply = database_checksum(pages);
  }
  const auto trailer = encoder->finish(post_apply);
  if (!trailer) FAIL(trailer.error().text());
  return std::move(sink.buffer);
}

Buffer LtxChain::commit_at_random(std::mt19937& random) {
  const Pgno old = database_.empty() ? 0 : database_.rbegin()->first;
  const Pgno commit_to = old == 0 ? 30 : 1 + static_cast<Pgno>(random() % 60);
  Pages changed;
  for (Pgno p = old + 1; p <= commit_to; ++p) changed[p] = mixed_page(page_size_, random());
  for (int i = 0; i < 5; ++i) {
    changed[1 + static_cast<Pgno>(random() % commit_to)] = mixed_page(page_size_, random());
  }
  return commit(changed, commit_to);
}

Buffer LtxChain::commit(const Pages& changed, Pgno commit) {
  for (const auto& [pgno, page] : changed) database_[pgno] = page;
  if (commit == 0 && !database_.empty()) commit = database_.rbegin()->first;
  database_.erase(database_.upper_bound(commit), database_.end());
  const std::uint64_t txid = pos_.txid.value + 1;
  const Checksum pre = pos_.checksum;
  pos_ = {Txid{txid}, database_checksum(database_)};
  const auto header = ltx_header(variant_, page_size_, commit, txid, txid, pre, timestamp_ms);
  timestamp_ms += 1000;
  return make_ltx(header, changed, pos_.checksum);
}

Buffer LtxChain::drop() {
  database_.clear();
  return commit({}, 0);
}

Result<ReadLtx> read_ltx(Bytes file) {
  const MemorySource source(file);
  LT_ASSIGN(ltx::Decoder decoder, ltx::Decoder::open(source));
  ReadLtx read;
  read.header = decoder.header();
  Buffer page(read.header.page_size);
  for (;;) {
    LT_ASSIGN(const Pgno pgno, decoder.next(page));
    if (pgno == 0) break;
    read.pages[pgno] = page;
  }
  LT_ASSIGN(read.tail, decoder.finish());
  return read;
}

Buffer golden_file(const std::string& name) {
  std::ifstream in(std::string(LITETOOL_GOLDEN_DIR) + "/" + name, std::ios::binary);
  INFO(name);
  REQUIRE(in.is_open());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Bytes b = as_bytes(text);
  return {b.begin(), b.end()};
}

}  // namespace litetool::test
