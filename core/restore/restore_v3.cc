#include "core/restore/restore_v3.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/os/paths.h"
#include "core/os/temp_file.h"
#include "formats/archive/age_header.h"
#include "formats/base/text.h"
#include "formats/ltx/byte_stream.h"
#include "formats/sqlite/file_header.h"
#include "formats/sqlite/wal.h"

namespace litetool {
namespace {

class RestoringV3 {
 public:
  RestoringV3(const Job& job, File& database) : job_(job), database_(database) {}

  // `temp_dir`: for one log at a time.
  Status run(const V3Plan& plan, const std::string& temp_dir) {
    LT_TRY(inflate(plan.files.front(), database_, 0));
    LT_TRY(read_header(plan.files.front()));
    for (std::size_t i = 1; i < plan.files.size();) {
      LT_ASSIGN(TempFile log, TempFile::create(job_.env, temp_dir));
      const std::size_t first = i;
      std::uint64_t end = 0;
      for (; i < plan.files.size() && plan.files[i].index == plan.files[first].index; ++i) {
        const V3File& piece = plan.files[i];
        if (piece.offset != end) {
          return Error(Errc::kBrokenChain,
                       format("a piece of the log is missing before %s: its offset should be %llu",
                              piece.path.c_str(), static_cast<unsigned long long>(end)));
        }
        LT_ASSIGN(const std::uint64_t size, inflate(piece, log.file(), end));
        end += size;
      }
      Status replayed = replay(log.file());
      if (!replayed) return std::move(replayed).error().with(plan.files[first].path);
    }
    return database_.truncate(std::uint64_t{result_.pages} * result_.page_size);
  }

  const RestoredV3& result() const { return result_; }

 private:
  // Writes the content of an LZ4 file at `offset`; returns its size.
  Result<std::uint64_t> inflate(const V3File& from, File& to, std::uint64_t offset) {
    Result<std::uint64_t> size = inflate_frame(from, to, offset);
    if (!size && size.error().code == Errc::kCorrupt) {
      return std::move(size).error().with(from.path);
    }
    return size;
  }

  Result<std::uint64_t> inflate_frame(const V3File& from, File& to, std::uint64_t offset) {
    LT_ASSIGN(const auto in, job_.env.open(kCwd, from.path, OpenMode::kRead));
    ltx::ByteStream content = ltx::ByteStream::lz4(*in, 0);
    std::uint64_t size = 0;
    LT_TRY(refuse_encrypted(*in, from.path));
    while (true) {
      LT_TRY(job_.check());
      LT_ASSIGN(const Bytes piece, content.view(kPieceSize));
      if (piece.empty()) break;
      LT_TRY(to.write_at(piece, offset + size));
      size += piece.size();
      content.advance(piece.size());
    }
    LT_ASSIGN(const bool whole, content.at_end());
    if (!whole) return Error::corrupt(in->size(), "file ends early");
    job_.advance(from.size_bytes);
    return size;
  }

  // What was allocated and freed again need not be there; claims of terabytes are something else.
  static std::uint64_t most_pages(std::uint64_t pages_there) {
    constexpr std::uint64_t kMostAbsent = std::uint64_t{1} << 20;
    return pages_there + kMostAbsent;
  }

  static Status refuse_encrypted(const File& file, const std::string& path) {
    std::array<char, age::kMagic.size()> head{};
    LT_ASSIGN(const std::size_t n, file.read_at(std::as_writable_bytes(std::span(head)), 0));
    if (std::string_view(head.data(), n) != age::kMagic) return {};
    return Error(Errc::kUnsupported,
                 path +
                     " is encrypted with age: decrypt the files of the replica first ('age "
                     "--decrypt'), under the same names");
  }

  Status read_header(const V3File& snapshot) {
    std::array<std::byte, kFileHeaderSize> head{};
    LT_ASSIGN(const std::size_t n, database_.read_at(head, 0));
    const auto header = decode_file_header(Bytes(head).first(n));
    if (!header) {
      return Error(Errc::kCorrupt, snapshot.path + " is no database: " + header.error().message);
    }
    result_.page_size = header->page_size;
    result_.pages = database_pages(*header, database_.size());
    if (result_.pages <= most_pages(database_.size() / header->page_size)) return {};
    return Error(Errc::kCorrupt,
                 snapshot.path + format(": it claims a database of %u pages", result_.pages));
  }

  // Puts the committed transactions of a log into the database.
  Status replay(const File& log) {
    std::array<std::byte, kWalHeaderSize> head{};
    LT_ASSIGN(const std::size_t n, log.read_at(head, 0));
    LT_ASSIGN(const WalHeader header, decode_wal_header(Bytes(head).first(n)));
    if (header.page_size != result_.page_size) {
      return Error(Errc::kBrokenChain, format("the log has pages of %u bytes, the snapshot of %u",
                                              header.page_size, result_.page_size));
    }
    WalScanner look(log, header, wal_start(header));
    while (true) {
      LT_ASSIGN(const auto frame, look.next());
      if (!frame) break;
      if (!frame->ok()) {
        return Error::corrupt(
            frame->offset, std::string("frame of the log: ") + frame_verdict_text(frame->verdict));
      }
    }
    if (look.committed().frame == 0) return {};
    const std::uint64_t most = most_pages(result_.pages + std::uint64_t{look.committed().frame});
    WalScanner pages(log, header, wal_start(header), look.committed().frame);
    while (true) {
      LT_TRY(job_.check());
      LT_ASSIGN(const auto frame, pages.next());
      if (!frame) return {};
      if (std::max(frame->pgno, frame->commit) > most) {
        return Error::corrupt(frame->offset, format("it claims a database of %u pages",
                                                    std::max(frame->pgno, frame->commit)));
      }
      if (frame->commit != 0) result_.pages = frame->commit;
      LT_TRY(database_.write_at(frame->page, (std::uint64_t{frame->pgno} - 1) * header.page_size));
    }
  }

  static constexpr std::size_t kPieceSize = ltx::ByteStream::kMaxView;

  const Job& job_;
  File& database_;
  RestoredV3 result_;
};

}  // namespace

Result<RestoredV3> restore_v3(const Job& job, const V3Plan& plan, const std::string& output,
                              const RestoreOptions& options) {
  RestoredV3 result;
  const auto fill = [&](File& file) -> Status {
    RestoringV3 restoring(job, file);
    LT_TRY(restoring.run(plan, directory_of(output)));
    result = restoring.result();
    return {};
  };
  LT_TRY(write_restored(job.env, output, options, fill));
  return result;
}

}  // namespace litetool
