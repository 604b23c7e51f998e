// litetool ltx encode: a database as a snapshot LTX file.
#include "cmd/command.h"
#include "cmd/ltx_args.h"
#include "cmd/progress.h"
#include "core/ltx/encode.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(
          "Writes all pages of the database, its -wal included, as one LTX file from\n"
          "transaction 1 on. Programs may go on using the database: what is written is one\n"
          "state that SQLite committed.")
      .positional("DB", Arity::kOne, "SQLite database file", Complete::kFile)
      .value("--output", 'o', "FILE", "file to write (required)", Complete::kFile);
  add_variant_flag(spec, "variant to write (default: v3-block)");
  spec.value("--txid", 0, "TXID", "last transaction the snapshot stands for (default: 1)")
      .value("--timestamp", 0, "TIME", "time to write into the header (default: now)")
      .value("--node", 0, "ID", "node id to write into the header, 16 hex digits (default: 0)")
      .toggle("--no-checksums", 0, "leave the database checksum out, as Litestream does");
  add_timeout_flag(spec);
  spec.force()
      .threads()
      .example("litetool ltx encode app.db -o app.ltx", "a snapshot with checksums")
      .example("litetool ltx encode app.db -o backup.ltx --to v1-lz4 --txid 41",
               "the same for LiteFS, as of transaction 41")
      .path("DB", PathUse::kReadsHistory)
      .path("--output", PathUse::kWrites)
      .exit_code(1, "a hot journal is beside the database")
      .exit_code(4, "not a database, or a damaged one")
      .exit_code(6, "the database is not there")
      .exit_code(7, "the output exists")
      .exit_code(9, "a writer did not leave the database in time");
  return spec;
}

Result<EncodeOptions> options_from(const Args& args) {
  EncodeOptions o;
  LT_ASSIGN(o.variant, variant_arg(args));
  LT_ASSIGN(o.txid, parse_txid(args.get("--txid", "1")));
  if (args.has("--timestamp")) {
    LT_ASSIGN(o.timestamp_ms, parse_timestamp(args.get("--timestamp")));
  }
  if (args.has("--node")) {
    auto node = parse_hex16(args.get("--node"));
    if (!node) return Error(Errc::kUsage, "--node: 16 hex digits are needed");
    o.node_id = *node;
  }
  LT_ASSIGN(o.timeout_ms, timeout_arg(args));
  o.checksums = !args.has("--no-checksums");
  o.replace = args.has("--force");
  return o;
}

Result<int> run(const Args& args, Context& context) {
  const std::string& database = args.one("DB");
  const std::string output = args.get("--output");
  if (output.empty()) return Error(Errc::kUsage, "where to? --output FILE is needed");
  LT_ASSIGN(const EncodeOptions options, options_from(args));
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(const auto st, context.env.stat(kCwd, database));
  Result<EncodeReport> report = EncodeReport{};
  {
    Progress progress(context.out, "encode", static_cast<std::uint64_t>(st.st_size));
    report = encode_database(context.job(threads, &progress), database, output, options);
  }
  if (!report) return std::move(report).error();
  if (context.out.json_mode()) {
    Json j{{"database", database}, {"file", output}};
    j.update(image_json(report->header, report->trailer));
    j["pages"] = report->pages;
    j["size_bytes"] = report->size_bytes;
    j["wal_frames"] = report->wal_frames;
    context.out.document(j);
  } else if (!context.out.quiet()) {
    context.out.line(output + ": " + image_text(report->header) + ", " +
                     human_size(report->size_bytes));
  }
  return kExitDone;
}

}  // namespace

extern const Command kLtxEncodeCommand;
const Command kLtxEncodeCommand = {"ltx encode", "write a database as a snapshot LTX file", spec,
                                   run};

}  // namespace litetool
