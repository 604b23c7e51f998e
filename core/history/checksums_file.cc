#include "core/history/checksums_file.h"

#include <array>

#include "core/history/layout.h"
#include "core/os/atomic_file.h"
#include "formats/base/crc64.h"

namespace litetool {
namespace {

constexpr std::uint32_t kMagic = 0x4c544353;
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kHeadSize = 176;
constexpr std::size_t kCrcSize = 8;

std::string path_in(const std::string& folder) {
  return folder + "/" + std::string(kChecksumsFile);
}

// Before there is memory for all of it.
Result<bool> has_size_of_its_head(const File& file) {
  constexpr std::size_t kPagesOffset = 12;
  std::array<std::byte, kPagesOffset + 4> head{};
  LT_TRY(file.read_at(head, 0));
  const auto pages = load_be<std::uint32_t>(head.data() + kPagesOffset);
  return file.size() == kHeadSize + std::uint64_t{pages} * 8 + kCrcSize;
}

}  // namespace

Status write_clean_stop(Env& env, int dir, const std::string& folder, const CleanStop& stop) {
  Buffer bytes;
  bytes.reserve(kHeadSize + stop.checksums.all().size() * 8 + kCrcSize);
  ByteWriter out(bytes);
  out.be(kMagic);
  out.be(kVersion);
  out.be(stop.page_size);
  out.be(stop.checksums.pages());
  out.be(stop.pos.txid.value);
  out.be(stop.pos.checksum.value);
  for (const std::uint64_t part : stop.database) out.be(part);
  for (const std::uint64_t part : stop.wal) out.be(part);
  for (const std::uint64_t part : stop.history) out.be(part);
  out.be(stop.wal_state.salts);
  out.be(stop.wal_state.frame);
  out.be(stop.wal_state.checksum.s1);
  out.be(stop.wal_state.checksum.s2);
  out.be(std::uint32_t{0});
  for (const Checksum page : stop.checksums.all()) out.be(page.value);
  out.be(crc64(0, bytes));
  return replace_file(env, dir, path_in(folder), bytes);
}

Result<CleanStop> read_clean_stop(Env& env, int dir, const std::string& folder,
                                  std::uint64_t most_pages) {
  LT_ASSIGN(const std::unique_ptr<File> file, env.open(dir, path_in(folder), OpenMode::kRead));
  LT_ASSIGN(const bool has_size, has_size_of_its_head(*file));
  if (!has_size) return Error::corrupt(12, path_in(folder) + " is damaged");
  const std::uint64_t most = kHeadSize + most_pages * 8 + kCrcSize;
  if (file->size() > most) return Error::corrupt(0, "impossible size of " + path_in(folder));
  Buffer bytes(static_cast<std::size_t>(file->size()));
  LT_TRY(file->read_exact(bytes, 0));
  const Bytes body = Bytes(bytes).first(bytes.size() - kCrcSize);
  ByteReader in(bytes);
  const bool ours = in.be<std::uint32_t>() == kMagic && in.be<std::uint32_t>() == kVersion;
  if (!ours || load_be<std::uint64_t>(bytes.data() + body.size()) != crc64(0, body)) {
    return Error::corrupt(0, path_in(folder) + " is damaged");
  }
  CleanStop stop;
  stop.page_size = in.be<std::uint32_t>();
  const auto pages = in.be<std::uint32_t>();
  stop.pos.txid.value = in.be<std::uint64_t>();
  stop.pos.checksum.value = in.be<std::uint64_t>();
  for (std::uint64_t& part : stop.database) part = in.be<std::uint64_t>();
  for (std::uint64_t& part : stop.wal) part = in.be<std::uint64_t>();
  for (std::uint64_t& part : stop.history) part = in.be<std::uint64_t>();
  stop.wal_state.salts = in.be<std::uint64_t>();
  stop.wal_state.frame = in.be<std::uint32_t>();
  stop.wal_state.checksum.s1 = in.be<std::uint32_t>();
  stop.wal_state.checksum.s2 = in.be<std::uint32_t>();
  in.skip(4);
  stop.checksums.resize(pages);
  for (Pgno pgno = 1; pgno <= pages; ++pgno) {
    stop.checksums.set(pgno, Checksum{in.be<std::uint64_t>()});
  }
  return stop;
}

Status remove_clean_stop(Env& env, int dir, const std::string& folder) {
  Status removed = env.unlink(dir, path_in(folder));
  if (!removed && removed.error().code == Errc::kNotFound) return {};
  return removed;
}

}  // namespace litetool
