#include "formats/ltx/variant.h"

#include <string>

namespace litetool::ltx {

std::string_view variant_name(Variant v) {
  constexpr std::array<std::string_view, 8> kNames = {"v0.1",   "v0.2.0", "v0.2.2",   "v1-raw",
                                                      "v1-lz4", "v2",     "v3-frame", "v3-block"};
  return kNames[static_cast<std::size_t>(v)];
}

Result<Variant> parse_variant(std::string_view name) {
  std::string known;
  for (const Variant v : kAllVariants) {
    if (variant_name(v) == name) return v;
    known += known.empty() ? "" : ", ";
    known += variant_name(v);
  }
  return Error(Errc::kUsage, "unknown LTX variant '" + std::string(name) + "', one of: " + known);
}

}  // namespace litetool::ltx
