#include "core/audit/chain.h"

#include <algorithm>
#include <unordered_map>

namespace litetool {
namespace {

std::string range_text(std::uint64_t first, std::uint64_t last) {
  if (first == last) return "TXID " + hex16(first) + " is missing";
  return "TXIDs " + hex16(first) + " to " + hex16(last) + " are missing";
}

ChainProblem broken(std::string text) {
  return {0, Errc::kBrokenChain, std::move(text)};
}

ChainProblem corrupt(std::string text) {
  return {0, Errc::kCorrupt, std::move(text)};
}

// The page that a growing file lacks, 0 for none.
std::uint64_t missing_growth_page(const ChainLink& previous, const ChainLink& next) {
  if (next.first_commit <= previous.commit) return 0;
  const Pgno lock = lock_page(next.first_page_size);
  std::uint64_t first_needed = std::uint64_t{previous.commit} + 1;
  if (first_needed == lock) ++first_needed;
  if (next.first_tail_run <= first_needed) return 0;
  const std::uint64_t missing = next.first_tail_run - 1;
  return missing == lock ? missing - 1 : missing;
}

// What two adjoining links say about each other, TXIDs aside.
std::optional<ChainProblem> check_state(const ChainLink& previous, const ChainLink& next) {
  if (!previous.known || !next.known || next.is_snapshot()) return {};
  if (previous.page_size != next.first_page_size) {
    return broken("page size changes from " + std::to_string(previous.page_size) + " to " +
                  std::to_string(next.first_page_size) + " without a snapshot");
  }
  if (previous.has_checksums && next.has_checksums && previous.post_apply != next.pre_apply) {
    return broken("chain breaks after " + previous.max.text() + ": it expects checksum " +
                  next.pre_apply.text() + ", " + previous.file + " ends with " +
                  previous.post_apply.text());
  }
  if (const std::uint64_t page = missing_growth_page(previous, next); page != 0) {
    return corrupt("page " + std::to_string(page) + " is missing: the database grows from " +
                   std::to_string(previous.commit) + " to " + std::to_string(next.first_commit) +
                   " pages, and every new page must be in the file");
  }
  if (next.first_page_count == 0 && next.first_commit >= previous.commit &&
      next.first_post_apply != next.pre_apply) {
    return corrupt("no pages, but the database checksum changes from " + next.pre_apply.text() +
                   " to " + next.first_post_apply.text());
  }
  return {};
}

class ChainCheck {
 public:
  explicit ChainCheck(std::span<const ChainLink> links) : links_(links) {}

  std::vector<ChainProblem> run() {
    for (std::size_t i = 0; i < links_.size(); ++i) {
      if (i > 0) check_range(i);
      const auto before = ends_.find(links_[i].min.value - 1);
      if (before != ends_.end()) note(i, check_state(links_[before->second], links_[i]));
      check_history(i);
      if (i == 0 || links_[i].max > links_[cover_].max) cover_ = i;
    }
    return std::move(problems_);
  }

 private:
  void note(std::size_t link, std::optional<ChainProblem> problem) {
    if (!problem) return;
    problem->link = link;
    problems_.push_back(*std::move(problem));
  }

  // Against what reaches farthest so far.
  void check_range(std::size_t i) {
    const ChainLink& cover = links_[cover_];
    const ChainLink& link = links_[i];
    if (link.min.value - 1 > cover.max.value) {
      note(i, broken("chain breaks after " + cover.max.text() + ": " +
                     range_text(cover.max.value + 1, link.min.value - 1)));
      return;
    }
    const bool overlaps = link.min <= cover.max;
    const bool same = link.min == cover.min && link.max == cover.max &&
                      link.pre_apply == cover.pre_apply && link.post_apply == cover.post_apply;
    const bool levels = link.segment != cover.segment || link.is_snapshot() || cover.is_snapshot();
    if (overlaps && !same && !levels && link.known && cover.known) {
      note(i, broken("overlaps " + cover.file + ", which holds " + cover.min.text() + " to " +
                     cover.max.text()));
    }
  }

  void check_history(std::size_t i) {
    const ChainLink& link = links_[i];
    const auto [it, added] = ends_.try_emplace(link.max.value, i);
    if (added) return;
    const ChainLink& other = links_[it->second];
    if (!other.known) it->second = i;
    if (!other.known || !link.known || !other.has_checksums || !link.has_checksums) return;
    if (other.post_apply == link.post_apply) return;
    note(i, broken("two histories: " + link.max.text() + " ends with checksum " +
                   link.post_apply.text() + " here and with " + other.post_apply.text() + " in " +
                   other.file));
  }

  std::span<const ChainLink> links_;
  std::vector<ChainProblem> problems_;
  std::unordered_map<std::uint64_t, std::size_t> ends_;  // last TXID -> link
  std::size_t cover_ = 0;                                // reaches farthest so far
};

}  // namespace

ChainLink make_link(std::string file, const ImageReport& report) {
  const ltx::Header& h = report.header;
  ChainLink link;
  link.file = std::move(file);
  link.page_size = h.page_size;
  link.has_checksums = h.has_checksums();
  link.min = h.min_txid;
  link.max = h.max_txid;
  link.pre_apply = h.pre_apply;
  link.post_apply = report.tail.trailer.post_apply;
  link.commit = h.commit;
  link.first_page_size = h.page_size;
  link.first_post_apply = link.post_apply;
  link.first_commit = h.commit;
  link.first_page_count = report.tail.page_count;
  link.first_tail_run = report.tail_run;
  return link;
}

ChainLink make_unknown_link(std::string file, Txid min, Txid max) {
  ChainLink link;
  link.file = std::move(file);
  link.known = false;
  link.min = min;
  link.max = max;
  return link;
}

std::optional<ChainProblem> check_follows(const ChainLink& previous, const ChainLink& next) {
  const std::uint64_t expected = previous.max.value + 1;
  if (next.is_snapshot()) return {};
  if (next.min.value > expected) {
    return broken("chain breaks after " + previous.max.text() + ": " +
                  range_text(expected, next.min.value - 1));
  }
  if (next.min.value < expected) {
    return broken("begins at " + next.min.text() + ", but the image before it ends at " +
                  previous.max.text());
  }
  return check_state(previous, next);
}

void extend_link(ChainLink& run, const ChainLink& next) {
  run.max = std::max(run.max, next.max);
  run.post_apply = next.post_apply;
  run.commit = next.commit;
  run.page_size = next.page_size;
  run.has_checksums = next.has_checksums;
}

bool chain_order(const ChainLink& a, const ChainLink& b) {
  return a.min != b.min ? a.min < b.min : a.max < b.max;
}

void sort_chain(std::vector<ChainLink>& links) {
  std::ranges::stable_sort(links, chain_order);
}

std::vector<ChainProblem> check_chain(std::span<const ChainLink> links) {
  return ChainCheck(links).run();
}

}  // namespace litetool
