#include "core/audit/verify.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/audit/chain.h"
#include "core/audit/image_feed.h"
#include "core/audit/rebuild.h"
#include "core/history/layout.h"
#include "core/ltx/image_scan.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

// The files of one folder.
struct Chain {
  std::vector<ChainLink> links;
  bool bad = false;  // a file in it is
};

class Verifier : public ImageSink {
 public:
  Verifier(const Job& job, const FileSet& set, const VerifyOptions& options, ProblemSink& sink)
      : job_(job), set_(set), options_(options), sink_(sink) {}

  Result<VerifySummary> run() {
    for (const UnreadPath& u : set_.unread) {
      report_error(u.path, u.error);
      ++summary_.files_bad;
    }
    const bool structure = options_.level == VerifyLevel::kStructure;
    const ScanDepth depth = structure ? ScanDepth::kStructure : ScanDepth::kContent;
    LT_TRY(feed_images(job_, set_.files, depth, *this));
    for (auto& [folder, chain] : chains_) LT_TRY(finish_chain(folder, chain));
    return summary_;
  }

  Status image(const LtxFile& file, const ImageReport& report) override {
    ++summary_.image_count;
    summary_.page_count += report.tail.page_count;
    summary_.newest_ms = std::max(summary_.newest_ms, report.header.timestamp_ms);
    if (!file.segment) {
      check_name(file, report.header);
    } else if (!run_ && !file_bad_) {
      check_segment_name(file, report.header);
    }
    note_oddities(file, report);
    ChainLink link = make_link(file.path, report);
    link.segment = file.segment;
    if (file.segment) link.offset = report.offset;
    if (!run_) {
      run_ = std::move(link);
      return {};
    }
    // The next image of a segment.
    // Behind a damaged image nothing follows on: that is said already.
    const auto problem = std::exchange(behind_damage_, false) ? std::optional<ChainProblem>()
                                                              : check_follows(*run_, link);
    if (problem && wanted(*problem)) {
      report_problem({problem->code, false, file.path, report.offset, problem->text});
      file_bad_ = true;
    }
    extend_link(*run_, link);
    return {};
  }

  Status damage(const LtxFile& file, const Error& error) override {
    report_error(file.path, error);
    file_bad_ = true;
    behind_damage_ = true;
    return {};
  }

  Status end_of_file(const LtxFile& file) override {
    file_bad_ ? ++summary_.files_bad : ++summary_.files_ok;
    if (options_.level != VerifyLevel::kStructure) {
      Chain& chain = chains_[file.folder()];
      if (!run_) run_ = damaged_link(file);
      if (run_ && file_bad_ && file.segment) reach_end(file);
      if (run_) chain.links.push_back(*std::move(run_));
      if (file_bad_) chain.bad = true;
    }
    run_.reset();
    file_bad_ = false;
    behind_damage_ = false;
    return {};
  }

 private:
  // Growth and files without pages are matters of content, though it takes two files to see them.
  bool wanted(const ChainProblem& problem) const {
    if (options_.level == VerifyLevel::kStructure) return false;
    return options_.level == VerifyLevel::kChain || problem.code == Errc::kCorrupt;
  }

  void report_problem(const Problem& problem) {
    if (problem.warning) {
      ++summary_.warning_count;
    } else if (!summary_.first_cause) {
      summary_.first_cause = problem.code;
    }
    sink_.problem(problem);
  }

  void report_error(const std::string& path, const Error& error) {
    report_problem({error.code, false, path, error.offset, error.message});
  }

  // What a damaged file would hold, by its name or its header, so that it leaves no gap as well.
  std::optional<ChainLink> damaged_link(const LtxFile& file) const {
    if (const auto range = ltx::parse_file_name(file.name())) {
      return make_unknown_link(file.path, range->min, range->max);
    }
    const auto opened = job_.env.open(kCwd, file.path, OpenMode::kRead);
    if (!opened) return {};
    const auto extent = file.segment ? ltx::Extent::kImage : ltx::Extent::kWholeFile;
    const auto header = read_image_header(**opened, 0, extent);
    if (!header) return {};
    return make_unknown_link(file.path, header->min_txid, header->max_txid);
  }

  // Where a segment goes on behind its damage, its last image says how far.
  void reach_end(const LtxFile& file) {
    const auto opened = job_.env.open(kCwd, file.path, OpenMode::kRead);
    if (!opened) return;
    const auto last = ltx::image_before(**opened, (*opened)->size());
    if (!last || last->header.max_txid <= run_->max) return;
    ImageReport report;
    report.header = last->header;
    report.tail.trailer = last->trailer;
    extend_link(*run_, make_link(file.path, report));
  }

  // A segment is named after its first image.
  void check_segment_name(const LtxFile& file, const ltx::Header& header) {
    const Txid named = last_txid_of_name(file.name());
    if (named.value == 0 || is_compacted_name(file.name()) || named == header.max_txid) return;
    report_problem({Errc::kCorrupt, false, file.path, 24,
                    "the name says that its first image ends with TXID " + named.text() +
                        ", the header " + header.max_txid.text()});
    file_bad_ = true;
  }

  void check_name(const LtxFile& file, const ltx::Header& header) {
    const auto range = ltx::parse_file_name(file.name());
    if (!range || (range->min == header.min_txid && range->max == header.max_txid)) return;
    report_problem({Errc::kCorrupt, false, file.path, 16,
                    "the name says TXIDs " + range->min.text() + " to " + range->max.text() +
                        ", the header " + header.min_txid.text() + " to " +
                        header.max_txid.text()});
    file_bad_ = true;
  }

  void note_oddities(const LtxFile& file, const ImageReport& report) {
    if (report.tail.has_lock_page) {
      report_problem({Errc::kCorrupt, true, file.path, report.offset,
                      "holds the lock page, as files of ltx 0.2.10 and older may"});
    }
    if (report.counts_lock_page) {
      report_problem({Errc::kCorrupt, true, file.path, report.tail.end - ltx::kTrailerSize,
                      "the post-apply checksum counts the lock page, as ltx 0.5.2 and older do"});
    }
  }

  Status finish_chain(const std::string& folder, Chain& chain) {
    ++summary_.chain_count;
    sort_chain(chain.links);
    auto problems = check_chain(chain.links);
    std::erase_if(problems, [this](const ChainProblem& p) { return !wanted(p); });
    for (const ChainProblem& p : problems) {
      const ChainLink& link = chain.links[p.link];
      report_problem({p.code, false, link.file, link.offset, p.text});
    }
    const bool bad = !problems.empty() || chain.bad;
    if (bad) ++summary_.chains_bad;
    if (!options_.deep) return {};
    if (bad) {
      report_problem({Errc::kCorrupt, true, folder, {}, "not rebuilt: the chain is not whole"});
      return {};
    }
    return rebuild(folder, chain);
  }

  Status rebuild(const std::string& folder, const Chain& chain) {
    RebuildOptions options;
    options.temp_dir = options_.temp_dir;
    const auto outcome = rebuild_chain(job_, chain.links, options);
    if (!outcome && outcome.error().code == Errc::kInterrupted) return outcome.error();
    if (!outcome) {
      ++summary_.chains_bad;
      report_problem({outcome.error().code, false, folder, {}, outcome.error().message});
    } else if (*outcome) {
      ++summary_.rebuilt_count;
    } else {
      report_problem({Errc::kCorrupt, true, folder, {}, "not rebuilt: there is no snapshot"});
    }
    return {};
  }

  const Job& job_;
  const FileSet& set_;
  const VerifyOptions& options_;
  ProblemSink& sink_;
  VerifySummary summary_;
  std::map<std::string, Chain> chains_;  // by folder
  std::optional<ChainLink> run_;         // the images of the current file so far
  bool file_bad_ = false;
  bool behind_damage_ = false;  // the image before this one could not be read
};

}  // namespace

Result<VerifySummary> verify_files(const Job& job, const FileSet& set, const VerifyOptions& options,
                                   ProblemSink& sink) {
  return Verifier(job, set, options, sink).run();
}

}  // namespace litetool
