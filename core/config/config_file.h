// litetool.toml: text in, settings out, and every mistake with its line and column.
//
// Strict: what is not understood is a mistake. Any bytes may come in: they are only bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/settings.h"
#include "core/config/toml.h"
#include "core/os/env.h"

namespace litetool {

// Puts what `text` says into `settings`. `name` is the file's for origins; relative paths are taken
// from `folder`, which is absolute. All mistakes in their order; what is right is set all the same.
std::vector<ConfigMistake> parse_config(std::string_view text, const std::string& name,
                                        const std::string& folder, Settings& settings);

// Reads a configuration file by its absolute path. kNotFound when there is none; kUsage with the
// first mistake ("FILE:3:1: ...") and how many more there are.
Status read_config(Env& env, const std::string& path, Settings& settings);
// The same for a file in a history, where whoever may write to the directory could have put one.
// kDenied unless it belongs to root or to who runs this: it says which file a log is appended to.
Status read_config_of_history(Env& env, const std::string& path, Settings& settings);
// All mistakes of a file, each "FILE:LINE:COLUMN: ..."; none when it is right.
Result<std::vector<std::string>> check_config(Env& env, const std::string& path,
                                              Settings& settings);

}  // namespace litetool
