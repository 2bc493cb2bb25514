// fundtrail man: prints the manual page (roff), in Chinese or English.
#include <algorithm>
#include <iterator>

#include "api/cli/command.h"
#include "api/cli/tree.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"输出手册页（roff），例如：fundtrail man | man -l -",
                        "print the manual page (roff), as in: fundtrail man | man -l -"};
constexpr Message kName{"名称", "NAME"};
constexpr Message kSynopsis{"概要", "SYNOPSIS"};
constexpr Message kDescription{"说明", "DESCRIPTION"};
constexpr Message kOptions{"各命令共有的选项", "OPTIONS OF EVERY COMMAND"};
constexpr Message kCommands{"命令", "COMMANDS"};
constexpr Message kSettings{"配置", "CONFIGURATION"};
constexpr Message kSettingsText{
    "每项设置可用命令行选项、环境变量或配置文件（TOML）给出；先者优先，其次为默认值。"
    "fundtrail config check 说明各项的生效值及其来源。",
    "Each setting may be given by an option, an environment variable or the configuration file (TOML), "
    "of which the first counts, and has a default. fundtrail config check explains what holds and why."};
constexpr Message kExit{"退出码", "EXIT STATUS"};
constexpr Message kArgument{"值", "VALUE"};
constexpr Message kCommandWord{"命令", "COMMAND"};

// Chinese has no blanks at which a line may be broken: roff is told where, behind each character but before marks that
// may not begin a line.
constexpr std::string_view kBreak = "\\:";
constexpr std::string_view kEndMarks[] = {"，", "。", "；", "：", "、", "）", "”", "》", "？", "！", "…"};
constexpr std::string_view kBeginMarks[] = {"（", "“", "《"};

bool may_break(std::string_view character, std::string_view rest) {
  const auto& is = [](const auto& marks, const auto& fits) { return std::any_of(std::begin(marks), std::end(marks), fits); };
  return character.size() == 3 && !rest.empty() && rest[0] != ' ' && rest[0] != '\n' &&
         !is(kBeginMarks, [&](auto mark) { return character == mark; }) &&
         !is(kEndMarks, [&](auto mark) { return rest.starts_with(mark); });
}

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;  // of the character
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
    const auto character = text.substr(0, length);
    text.remove_prefix(length);
    if (character == "\\") out += "\\e";
    else if (character == "-") out += "\\-";
    else if (character == "\n") out += ' ';
    else out += character;
    if (may_break(character, text)) out += kBreak;
  }
  if (!out.empty() && (out.front() == '.' || out.front() == '\'')) out.insert(0, "\\&");
  return out;
}

class Manual {
 public:
  explicit Manual(Language language) : language_(language) {}

  std::string make(const CLI::App& app) {
    out_ = ".TH FUNDTRAIL 1 \"\" \"fundtrail " FUNDTRAIL_VERSION "\" \"FundTrail\"\n";
    if (language_ == Language::zh) line(".ad l");  // nor blanks that could be widened
    section(kName);
    line("fundtrail \\- " + escaped(half(app.get_description(), language_)));
    section(kSynopsis);
    line(".B fundtrail");
    line("[" + kOptions.in(language_) + "] " + kCommandWord.in(language_) + " ...");
    section(kDescription);
    line(escaped(half(app.get_footer(), language_)));
    section(kOptions);
    for (const auto* option : options_of(app)) describe(*option);
    section(kCommands);
    for (const auto* command : commands_of(app)) describe(*command, "fundtrail");
    section(kSettings);
    line(escaped(kSettingsText.in(language_)));
    for (const auto& setting : settings()) describe(setting);
    section(kExit);
    for (std::size_t code = 0; code < std::size(kExits); ++code) {
      item(std::to_string(code), kExits[code].in(language_));
    }
    return out_;
  }

 private:
  void line(const std::string& text) { out_ += text + "\n"; }
  void section(const Message& title) { line(".SH \"" + title.in(language_) + "\""); }
  void item(const std::string& what, std::string_view text) {
    line(".TP\n.B " + what);
    line(escaped(text));
  }
  void describe(const CLI::Option& option) {
    std::string names;
    for (const auto& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
    for (const auto& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
    if (names.empty()) names = option.get_name(true);
    else if (takes_value(option)) names += " " + kArgument.in(language_);
    item(escaped(names), half(option.get_description(), language_));
  }
  void describe(const CLI::App& command, const std::string& path) {
    const std::string name = path + " " + command.get_name();
    line(".SS \"" + escaped(name) + "\"");
    line(escaped(half(command.get_description(), language_)));
    for (const auto* option : options_of(command)) {
      if (option != command.get_help_ptr()) describe(*option);
    }
    for (const auto* below : commands_of(command)) describe(*below, name);
  }
  void describe(const SettingInfo& setting) {
    std::string text = (language_ == Language::zh ? setting.help.zh : setting.help.en).data();
    text += " [" + setting.flag() + ", " + setting.variable() + ": " + setting.expected();
    if (!setting.fallback.empty()) text += "; = " + std::string(setting.fallback);
    item(escaped(setting.name), text + "]");
  }

  Language language_;
  std::string out_;
};

}  // namespace

void add_man_command(CLI::App& app, Context& context) {
  add_command(app, context, "man", kHelp, [&app, &context] {
    const auto page = Manual(context.language).make(app);
    if (!context.json) context.print(page);
    context.print_json({{"page", page}});
    return Exit::fine;
  });
}

}  // namespace fundtrail::api::cli
