// fundtrail completion bash: prints the completion script for bash.
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "api/cli/command.h"
#include "api/cli/tree.h"
#include "reports/reports.h"

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
      const bool known = (" " + shared + " ").find(" --" + name + " ") != std::string::npos;
      if (!known) append(own, "--" + name, " ");
      if (takes_value(*option)) append(words.valued, "--" + name, "|");
    }
  }
  std::string offered = shared;
  append(offered, own, " ");
  for (const auto* command : commands_of(app)) {
    append(offered, command->get_name(), " ");
    append(words.nested, "'" + path + " " + command->get_name() + "'", "|");
  }
  if (path == "report") {
    for (const auto& report : reports::catalogue()) append(offered, std::string(report.name), " ");
  }
  words.offered += "    '" + path + "') offered='" + offered + "' ;;\n";
  for (const auto* command : commands_of(app)) {
    gather(*command, path.empty() ? command->get_name() : path + " " + command->get_name(),
           path.empty() ? own : shared, words);
  }
}

template <class T>
std::string all() {
  std::string words;
  for (const auto name : Names<T>::list) append(words, std::string(name), " ");
  return words;
}

std::string choices() {
  const std::pair<std::string_view, std::string> named[] = {
      {"--role", all<Role>()},          {"--ground", all<ErasureGround>()},
      {"--book", all<BookNature>()},    {"--mode", all<AccountMode>()},
      {"--by", all<reports::Breakdown>()}, {"--format", all<reports::Format>()},
      {"--algorithm", all<SignatureAlgorithm>()}, {"--suite", "sha256-ed25519 sm3-sm2"},
      {"--encoding", "utf-8 gb18030"}};
  std::string cases;
  for (const auto& [option, words] : named) {
    cases += "    " + std::string(option) + ") COMPREPLY=($(compgen -W '" + words + "' -- \"$current\")); return ;;\n";
  }
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
