// litetool.toml: any bytes become settings or mistakes with a place, never anything else.
#include "core/config/config_file.h"
#include "formats/base/text.h"
#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

// Whatever was accepted can be asked for as what it is.
void ask(const Settings& settings) {
  for (const SettingSpec& spec : setting_specs()) {
    switch (spec.kind) {
      case SettingKind::kSwitch:
        (void)settings.is_on(spec.name);
        break;
      case SettingKind::kDuration:
        require(settings.duration_ms(spec.name) >= 0, "a duration is not negative");
        break;
      case SettingKind::kSize:
        (void)settings.size_bytes(spec.name);
        break;
      case SettingKind::kPath:
      case SettingKind::kChoice:
        (void)settings.text(spec.name);
        break;
    }
  }
}

void read(Bytes input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  Settings settings;
  for (const ConfigMistake& mistake : parse_config(text, "fuzz.toml", "/", settings)) {
    require(mistake.line >= 1 && mistake.column >= 1, "a mistake has a place");
    require(!mistake.says.empty(), "a mistake says what it is");
  }
  ask(settings);
  (void)parse_size(text);
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
