#include "cmd/past_args.h"

#include <cstdlib>
#include <utility>

#include "cmd/history_place.h"
#include "cmd/point_args.h"

namespace litetool {

Result<NamedSource> open_named_source(Context& context, const std::string& path, unsigned threads) {
  NamedSource named;
  LT_ASSIGN(named.place, named_source(context, path));
  LT_ASSIGN(named.source, open_source(context.job(threads), named.place));
  return named;
}

Result<NamedPast> open_named_past(Context& context, const NamedSource& named,
                                  const std::string& point) {
  const Now now = now_here(context);
  LT_ASSIGN(const Point parsed, parse_point(point, now));
  NamedPast past;
  LT_ASSIGN(const FoundMoment found, named.source->find(parsed, now));
  past.moment = found.moment;
  LT_ASSIGN(auto chain, named.source->chain_to(found));
  past.pages = std::make_unique<PastDatabase>(context.job(1), std::move(chain), temp_directory());
  return past;
}

std::shared_ptr<LiveCopy> live_copy(Context& context, const std::string& path,
                                    const SourcePlace& place) {
  constexpr std::uint64_t kMost = std::uint64_t{32} << 20;
  if (place.kind != SourceKind::kLitetool) return nullptr;
  return LiveCopy::read(context.job(1), live_file(context, path, place), kMost);
}

std::string temp_directory() {
  const char* dir = std::getenv("TMPDIR");
  return dir != nullptr && *dir != 0 ? dir : "/tmp";
}

std::string moment_text(const Moment& moment) {
  return "transaction " + moment.txid.text() + " of " + local_time_text(moment.time_ms);
}

}  // namespace litetool
