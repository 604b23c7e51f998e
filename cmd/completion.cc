#include "cmd/completion.h"

#include <set>
#include <vector>

#include "cmd/registry.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

std::vector<std::string> words_after(const std::string& prefix) {
  std::set<std::string> words;
  for (const Command& c : commands()) {
    const std::string name = c.name;
    if (prefix.empty()) {
      words.insert(name.substr(0, name.find(' ')));
    } else if (name.starts_with(prefix + " ")) {
      words.insert(name.substr(prefix.size() + 1));
    }
  }
  return {words.begin(), words.end()};
}

std::vector<std::string> groups() {
  std::vector<std::string> out;
  for (const std::string& word : words_after("")) {
    if (is_group(word)) out.push_back(word);
  }
  return out;
}

std::vector<std::string> flag_words(const ArgSpec& spec) {
  std::vector<std::string> out;
  for (const FlagSpec& f : spec.flags) {
    out.push_back(f.name);
    if (f.short_name != 0) out.push_back(std::string("-") + f.short_name);
  }
  return out;
}

// Single-quoted for a shell.
std::string shell_quoted(const std::string& s) {
  std::string out = "'";
  for (const char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string names_of(const FlagSpec& f) {
  return f.short_name == 0 ? f.name : f.name + "|-" + std::string(1, f.short_name);
}

}  // namespace

std::string bash_completion() {
  std::string out =
      "# bash completion for litetool\n"
      "_litetool() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
      "cmd=${COMP_WORDS[1]}\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W " +
      shell_quoted(join(words_after(""), " ")) +
      " -- \"$cur\"))\n"
      "    return\n"
      "  fi\n";
  for (const std::string& group : groups()) {
    out += "  if [ \"$cmd\" = " + group +
           " ]; then\n"
           "    if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
           "      COMPREPLY=($(compgen -W " +
           shell_quoted(join(words_after(group), " ")) +
           " -- \"$cur\"))\n"
           "      return\n"
           "    fi\n"
           "    cmd=\"$cmd ${COMP_WORDS[2]}\"\n"
           "  fi\n";
  }
  out += "  local flags=''\n  case \"$cmd\" in\n";
  for (const Command& c : commands()) {
    const ArgSpec spec = full_spec(c);
    out += "    " + shell_quoted(c.name) +
           ")\n      flags=" + shell_quoted(join(flag_words(spec), " ")) + "\n";
    out += "      case \"$prev\" in\n";
    for (const FlagSpec& f : spec.flags) {
      if (f.choices.empty()) continue;
      out += "        " + names_of(f) + ") COMPREPLY=($(compgen -W " +
             shell_quoted(join(f.choices, " ")) + " -- \"$cur\")); return ;;\n";
    }
    out += "      esac ;;\n";
  }
  out +=
      "  esac\n"
      "  case \"$cur\" in\n"
      "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\")) ;;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _litetool litetool\n";
  return out;
}

std::string zsh_completion() {
  std::string out =
      "#compdef litetool\n"
      "# zsh completion for litetool\n"
      "_litetool() {\n"
      "  local cmd=$words[2]\n"
      "  if (( CURRENT == 2 )); then\n"
      "    compadd -- " +
      join(words_after(""), " ") +
      "\n"
      "    return\n"
      "  fi\n"
      "  local skip=2\n";
  for (const std::string& group : groups()) {
    out += "  if [[ $cmd == " + group +
           " ]]; then\n"
           "    if (( CURRENT == 3 )); then\n"
           "      compadd -- " +
           join(words_after(group), " ") +
           "\n"
           "      return\n"
           "    fi\n"
           "    cmd=\"$cmd $words[3]\"; skip=3\n"
           "  fi\n";
  }
  out += "  shift $(( skip - 1 )) words; (( CURRENT -= skip - 1 ))\n  case $cmd in\n";
  for (const Command& c : commands()) {
    out += "    " + shell_quoted(c.name) + ") _arguments";
    for (const FlagSpec& f : full_spec(c).flags) {
      std::string tail = "[" + f.help + "]";
      if (!f.value_name.empty()) {
        tail += ":" + f.value_name + ":" +
                (!f.choices.empty() ? "(" + join(f.choices, " ") + ")" : "_files");
      }
      out += " " + shell_quoted(f.name + tail);
      if (f.short_name != 0) out += " " + shell_quoted(std::string("-") + f.short_name + tail);
    }
    out += " '*:file:_files' ;;\n";
  }
  return out + "  esac\n}\n_litetool \"$@\"\n";
}

std::string fish_completion() {
  std::string out = "# fish completion for litetool\n";
  for (const std::string& word : words_after("")) {
    out += "complete -c litetool -n __fish_use_subcommand -f -a " + word + "\n";
  }
  for (const std::string& group : groups()) {
    for (const std::string& word : words_after(group)) {
      out += "complete -c litetool -n '__fish_seen_subcommand_from " + group +
             "; and not __fish_seen_subcommand_from " + join(words_after(group), " ") + "' -f -a " +
             word + "\n";
    }
  }
  for (const Command& c : commands()) {
    const std::string name = c.name;
    const std::size_t space = name.find(' ');
    std::string seen = "__fish_seen_subcommand_from " + name.substr(0, space);
    if (space != std::string::npos) {
      seen += "; and __fish_seen_subcommand_from " + name.substr(space + 1);
    }
    for (const FlagSpec& f : full_spec(c).flags) {
      out += "complete -c litetool -n " + shell_quoted(seen) + " -l " + f.name.substr(2);
      if (f.short_name != 0) out += std::string(" -s ") + f.short_name;
      if (!f.choices.empty())
        out += " -x -a " + shell_quoted(join(f.choices, " "));
      else if (!f.value_name.empty())
        out += " -r";
      out += " -d " + shell_quoted(f.help) + "\n";
    }
  }
  return out;
}

}  // namespace litetool
