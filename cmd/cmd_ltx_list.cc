// litetool ltx list: one line per LTX image, in the order of the chain.
#include "cmd/command.h"
#include "cmd/progress.h"
#include "core/audit/listing.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "Shows the images of LTX files of all versions, folder by folder, each in the order\n"
          "of its chain; gaps, overlaps and broken links are shown where they are. Only the\n"
          "structure of a file is read; 'litetool ltx verify' reads the pages too.")
      .positional("PATH", Arity::kOneOrMore, "files, segments (.ltxs), or folders with all below")
      .toggle("--tsv", 0, "print tab-separated columns")
      .threads()
      .example("litetool ltx list data/.litetool", "the history below a folder")
      .example("litetool ltx list --tsv backup/*.ltx", "columns for other programs")
      .path("PATH", PathUse::kReadsHistory)
      .exit_code(4, "a file is damaged; the others are listed")
      .exit_code(6, "a path is not there, or holds no LTX files");
  return spec;
}

Table make_table() {
  using Align = Table::Align;
  return Table({{"min_txid"},
                {"max_txid"},
                {"commit", Align::kRight},
                {"pages", Align::kRight},
                {"preapply"},
                {"postapply"},
                {"timestamp"},
                {"wal_offset", Align::kRight},
                {"wal_size", Align::kRight},
                {"wal_salt"},
                {"variant"},
                {"size", Align::kRight},
                {"ratio", Align::kRight},
                {"node"},
                {"file"}});
}

std::string place_of(const ListedImage& image) {
  return printable(image.file) + (image.offset ? "@" + std::to_string(*image.offset) : "");
}

void add_row(Table& table, const ListedImage& image) {
  const ltx::Header& h = image.header;
  for (const std::string& problem : image.problems) table.remark("! " + problem);
  table.row({h.min_txid.text(), h.max_txid.text(), std::to_string(h.commit),
             std::to_string(image.page_count), h.pre_apply.text(), image.trailer.post_apply.text(),
             rfc3339_trimmed(h.timestamp_ms), std::to_string(h.wal_offset),
             std::to_string(h.wal_size), format("%08x %08x", h.wal_salt1, h.wal_salt2),
             std::string(ltx::variant_name(h.variant)), std::to_string(image.size_bytes),
             format("%.2f", image.ratio()), hex16(h.node_id), place_of(image)});
}

Json json_of(const ListedImage& image) {
  const ltx::Header& h = image.header;
  return Json{{"type", "image"},
              {"file", image.file},
              {"offset", image.offset ? Json(*image.offset) : Json()},
              {"size_bytes", image.size_bytes},
              {"variant", ltx::variant_name(h.variant)},
              {"page_size", h.page_size},
              {"min_txid", h.min_txid.text()},
              {"max_txid", h.max_txid.text()},
              {"commit", h.commit},
              {"pages", image.page_count},
              {"ratio", image.ratio()},
              {"pre_apply", h.pre_apply.text()},
              {"post_apply", image.trailer.post_apply.text()},
              {"file_checksum", image.trailer.file_checksum.text()},
              {"timestamp", h.timestamp_ms == 0 ? Json() : Json(rfc3339_ms(h.timestamp_ms))},
              {"wal_offset", h.wal_offset},
              {"wal_size", h.wal_size},
              {"wal_salts", hex16(std::uint64_t{h.wal_salt1} << 32 | h.wal_salt2)},
              {"node_id", hex16(h.node_id)},
              {"problems", image.problems}};
}

int report_damage(Output& out, const Listing& listing) {
  for (const auto& [file, error] : listing.damage) {
    Error e = error;
    out.error(std::move(e).with(file));
  }
  return listing.damage.empty() ? kExitDone : exit_code_of(listing.damage.front().second.code);
}

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const unsigned threads, args.threads());
  const FileSet set = collect_files(context.env, args.all("PATH"));
  if (set.files.empty() && set.unread.empty()) {
    return Error(Errc::kNotFound, join(args.all("PATH"), " ") + ": holds no LTX files");
  }
  Result<Listing> listing = Listing{};
  {
    Progress progress(context.out, "list", set.total_bytes);
    const Job job = context.job(threads, &progress);
    listing = list_images(job, set);
  }
  if (!listing) return listing.error();
  if (context.out.json_mode()) {
    for (const ListedImage& image : listing->images) context.out.json_line(json_of(image));
    return report_damage(context.out, *listing);
  }
  Table table = make_table();
  for (const ListedImage& image : listing->images) add_row(table, image);
  if (!table.empty()) context.out.text(args.has("--tsv") ? table.tsv() : table.text());
  return report_damage(context.out, *listing);
}

}  // namespace

extern const Command kLtxListCommand;
const Command kLtxListCommand = {"ltx list", "list the transactions in LTX files", spec, run};

}  // namespace litetool
