// fundtrail completion bash: prints the completion script for bash.
#include <functional>

#include "api/cli/command.h"
#include "api/cli/tree.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"输出命令行补全脚本", "print a completion script for a shell"};
constexpr Message kBashHelp{"供 bash 使用，例如：source <(fundtrail completion bash)",
                            "for bash, as in: source <(fundtrail completion bash)"};

struct Words {
  std::string nested;   // 'path word' of each command, for case
  std::string offered;  // what each command offers
  std::string valued;   // options with a value
};

void append(std::string& list, const std::string& word, const char* between) {
  if (!list.empty()) list += between;
  list += word;
}

// `shared` are the options that every command takes.
void gather(const CLI::App& app, const std::string& path, const std::string& shared, Words& words) {
  std::string own;
  for (const auto* option : options_of(app)) {
    for (const auto& name : option->get_lnames()) {
      append(own, "--" + name, " ");
      if (takes_value(*option)) append(words.valued, "--" + name, "|");
    }
  }
  std::string offered = shared;
  append(offered, own, " ");
  for (const auto* command : commands_of(app)) {
    append(offered, command->get_name(), " ");
    append(words.nested, "'" + path + " " + command->get_name() + "'", "|");
  }
  words.offered += "    '" + path + "') offered='" + offered + "' ;;\n";
  for (const auto* command : commands_of(app)) {
    gather(*command, path.empty() ? command->get_name() : path + " " + command->get_name(),
           path.empty() ? own : shared, words);
  }
}

std::string choices() {
  std::string cases;
  for (const auto& setting : settings()) {
    if (setting.type != SettingType::choice) continue;
    std::string words(setting.choices);
    std::erase(words, '|');
    cases += "    " + setting.flag() + ") COMPREPLY=($(compgen -W '" + words +
             "' -- \"$current\")); return ;;\n";
  }
  return cases;
}

std::string script(const CLI::App& app) {
  Words words;
  gather(app, "", "", words);
  return R"(# bash completion for fundtrail, made by: fundtrail completion bash
_fundtrail() {
  local word path= offered= current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
)" "      " + words.nested + R"() path="${path:+$path }$word" ;;
    esac
  done
  case "$previous" in
)" + choices() +
         "    " + words.valued + R"() COMPREPLY=(); return ;;
  esac
  case "$path" in
)" + words.offered +
         R"(  esac
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _fundtrail fundtrail
)";
}

}  // namespace

void add_completion_command(CLI::App& app, Context& context) {
  auto* group = add_group(app, "completion", kHelp);
  add_command(*group, context, "bash", kBashHelp, [&app, &context] {
    if (!context.json) context.print(script(app));
    context.print_json({{"script", script(app)}});
    return Exit::fine;
  });
}

}  // namespace fundtrail::api::cli
