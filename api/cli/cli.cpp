#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <span>

#include "api/cli/command.h"
#include "api/cli/usage.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kAppHelp{"FundTrail：专项资金的只增不改、可核验的台账。",
                           "FundTrail: an append-only, verifiable ledger of dedicated public funds."};
constexpr Message kConfigHelp{"配置文件（TOML），见 fundtrail config",
                              "configuration file (TOML); see fundtrail config"};
constexpr Message kTwoVaultKeys{"身份密钥文件和 FUNDTRAIL_VAULT_KEY 只能给出一个。",
                                "the vault's key file and FUNDTRAIL_VAULT_KEY exclude each other"};
constexpr Message kAnchorHelp{"接受没有 ANCHOR 文件的账套（已查明末尾完整时，仅用一次）",
                              "accept a ledger without its ANCHOR file, once, after somebody has "
                              "checked that its end is there"};
constexpr Message kJsonHelp{"以 JSON 输出一个结果", "answer with one JSON value on stdout"};
constexpr Message kVersionHelp{"显示版本", "print the version"};
constexpr Message kFooter{"每个命令都可用 --ledger 目录、--json、--lang zh|en。退出码：{0}。",
                          "Every command takes --ledger DIR, --json and --lang zh|en. Exit codes: {0}."};

Language language_of_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::strncmp(value, "en", 2) == 0 ? Language::en : Language::zh;
  }
  return Language::zh;
}

void add_shared_options(CLI::App& app, Context& context, std::string& clock) {
  app.add_option(kConfigFlag, context.config, both(kConfigHelp));
  for (const auto& setting : settings()) {
    if (setting.everywhere) add_setting(app, context, setting.setting);
  }
  app.add_flag("--accept-missing-anchor", context.options.accept_missing_anchor, both(kAnchorHelp));
  app.add_flag("--json", context.json, both(kJsonHelp));
  app.add_option("--clock", clock, "")->group("");  // hidden: reproducible demos and tests
  app.set_version_flag("--version", "fundtrail " FUNDTRAIL_VERSION, both(kVersionHelp));
}

// The configuration file, before any command runs: no mistake of the command line.
struct Unread {
  Error why;
};

// Before any action: what is set, and what the shared options mean. CLI11 reports what is thrown as a
// usage error.
void settle(const CLI::App& app, Context& context, const std::string& clock) {
  if (const char* file = std::getenv(kConfigVariable); file != nullptr && context.config.empty()) {
    context.config = file;
  }
  context.wrong_settings = context.settings.load(context.flags, context.config);
  if (const auto& language = context.settings.text(Setting::lang); !language.empty()) {
    context.language = language == "zh" ? Language::zh : Language::en;
  }
  // `fundtrail config` tells all of them.
  if (context.settings.unread() && !app.got_subcommand(kConfigCommand)) throw Unread{*context.settings.unread()};
  if (!context.wrong_settings.empty() && !app.got_subcommand(kConfigCommand)) {
    throw CLI::ValidationError(in_both(context.wrong_settings.front().zh, context.wrong_settings.front().en));
  }
  context.ledger = context.settings.text(Setting::ledger);
  context.options.keys = context.settings.text(Setting::keys);
  context.options.vault_key.file = context.settings.text(Setting::vault_key_file);
  if (const char* hex = std::getenv("FUNDTRAIL_VAULT_KEY"); hex != nullptr && *hex != '\0') {
    if (!context.options.vault_key.file.empty()) {
      throw CLI::ValidationError(kTwoVaultKeys.in_both());
    }
    context.options.vault_key.hex = hex;
  }
  if (clock.empty()) return;
  context.clock = Timestamp::parse(clock);
  if (!context.clock) {
    throw CLI::ValidationError(
        say::kBadOption.in_both("--clock", clock, "YYYY-MM-DDThh:mm:ss+08:00"));
  }
}

// Where nothing is settled yet: how somebody wants to be told.
void look_for_the_manner(std::span<const char* const> words, Context& context) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    context.json |= word == "--json";
    context.both_languages |= word == "serve";
    const auto language = word == "--lang" && i + 1 < words.size() ? std::string_view(words[i + 1])
                          : word.starts_with("--lang=")            ? word.substr(7) : std::string_view();
    if (language == "zh" || language == "en") context.language = language == "zh" ? Language::zh : Language::en;
  }
}

std::string footer() {
  const auto in = [](Language language, std::string_view between) {
    std::string codes;
    for (std::size_t code = 0; code < std::size(kExits); ++code) {
      if (code != 0) codes += between;
      (codes += std::to_string(code) + " ") += kExits[code].in(language);
    }
    return kFooter.in(language, codes);
  };
  return in(Language::zh, "；") + "\n" + in(Language::en, "; ");
}

void set_labels(CLI::App& app) {
  auto formatter = std::make_shared<CLI::Formatter>();
  formatter->label("OPTIONS", "选项 OPTIONS");
  formatter->label("SUBCOMMAND", "命令 COMMAND");
  formatter->label("SUBCOMMANDS", "命令 COMMANDS");
  formatter->label("POSITIONALS", "参数 ARGUMENTS");
  formatter->label("Usage", "用法 Usage");
  formatter->label("Positionals", "参数 Arguments");
  formatter->label("REQUIRED", "必填 REQUIRED");
  formatter->label("TEXT", "");
  formatter->column_width(26);
  app.formatter(formatter);
  app.get_help_ptr()->description("显示帮助\nprint this help")->group("选项 Options");
  app.option_defaults()->group("选项 Options");
}

}  // namespace

std::string both(const Message& message) {
  return std::string(message.zh) + "\n" + std::string(message.en);
}

Timestamp Context::now() const {
  if (clock) return *clock;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp(std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count(), 8 * 60);
}

namespace {

// U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows: "file\u202Efdp.exe" ends in .exe.
bool turns(std::string_view text) {
  const auto third = text.size() < 3 ? 0 : static_cast<unsigned char>(text[2]);
  return (text.starts_with("\xE2\x80") && 0xAA <= third && third <= 0xAE) ||
         (text.starts_with("\xE2\x81") && 0xA6 <= third && third <= 0xA9);
}

// Text for people may quote what somebody else wrote: names of files, titles of policies, manifests of bundles. What a
// terminal would obey (C0 but for our own line feeds and tabs, DEL, C1), and what is no UTF-8, is shown as U+FFFD.
std::string harmless(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = std::min<std::size_t>(lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, text.size());
    const bool control = lead == 0x7F || (lead < 0x20 && lead != '\n' && lead != '\t') ||
                         (lead == 0xC2 && size == 2 && static_cast<unsigned char>(text[1]) < 0xA0) || turns(text);
    const bool valid = size == 1 ? lead < 0x80 : simdjson::validate_utf8(text.data(), size);
    shown += !control && valid ? text.substr(0, size) : std::string_view("\uFFFD");
    text.remove_prefix(valid ? size : 1);
  }
  return shown;
}

}  // namespace

void Context::print(std::string_view text) const {
  if (!json) std::cout << harmless(text) << '\n';
}

void Context::print_json(const nlohmann::ordered_json& value) const {
  if (!json) return;
  // The name of a file may be no UTF-8.
  std::cout << value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

Exit Context::report(Exit exit, std::string_view code, std::string_view zh,
                     std::string_view en) const {
  if (json) {
    print_json({{"error", {{"code", code}, {"zh", zh}, {"en", en}}}});
  } else {
    if (both_languages || language == Language::zh) std::cerr << "fundtrail: " << harmless(zh) << '\n';
    if (both_languages || language == Language::en) std::cerr << "fundtrail: " << harmless(en) << '\n';
  }
  return exit;
}

Exit exit_for(Fault fault) {
  switch (fault) {
    case Fault::tampered:
    case Fault::truncated:
      return Exit::check_failed;
    case Fault::not_found:
      return Exit::refused;
    case Fault::invalid_argument:
      return Exit::usage;
    case Fault::io:
    case Fault::unreadable:
    case Fault::unknown_version:
    case Fault::unavailable:
      return Exit::io;
  }
  return Exit::io;
}

Said bad_option(std::string_view option, std::string_view value, const Message& expected) {
  return {say::kBadOption.in(Language::zh, option, value, expected.zh), say::kBadOption.in(Language::en, option, value, expected.en)};
}

// Codes are spelt alike wherever they come from: with hyphens.
constexpr bool are_hyphenated(std::span<const std::string_view> codes) {
  for (const auto code : codes) {
    if (code.find('_') != code.npos) return false;
  }
  return codes.size() == static_cast<std::size_t>(CliCode::not_owner) + 1;
}
static_assert(are_hyphenated(Names<CliCode>::list));

Exit Context::fail(const Error& error) const { return fail_with(exit_for(error.fault), error); }

Exit Context::refuse(const Error& error) const {
  return fail_with(error.fault == Fault::invalid_argument ? Exit::refused : exit_for(error.fault), error);
}

Exit Context::fail_with(Exit exit, const Error& error) const {
  return report(exit, name(error.fault),
                say::kFault.in(Language::zh, name(error.fault), chinese_of(error)),
                say::kFault.in(Language::en, name(error.fault), english_of(error)));
}

Exit Context::fail(const UserRefusal& refusal) const {
  return report(Exit::refused, info(refusal.no).code, refusal.zh(), refusal.en());
}

Exit Context::fail(const Rejection& rejection) const {
  if (json) {
    print_json({{"error", to_json(rejection)}});
    return Exit::refused;
  }
  return report(Exit::refused, info(rejection.reason).code,
                place_of(rejection, Language::zh) + rejection.zh(),
                place_of(rejection, Language::en) + rejection.en());
}

std::string place_of(const Rejection& rejection, Language language) {
  std::string_view rest = rejection.field;
  std::string place;
  // "prefix<n>]" and a dot at the beginning of the path: n, counted from 1.
  const auto number_after = [&](std::string_view prefix) -> std::optional<std::uint64_t> {
    if (rest.substr(0, prefix.size()) != prefix) return std::nullopt;
    const auto end = rest.find(']');
    std::uint64_t n = 0;
    const char* digits = rest.data() + prefix.size();
    if (end == rest.npos || std::from_chars(digits, rest.data() + end, n).ec != std::errc()) {
      return std::nullopt;
    }
    rest.remove_prefix(std::min(rest.size(), end + 2));
    return n + 1;
  };
  if (const auto command = number_after("[")) place += say::kAtCommand.in(language, *command);
  if (const auto line = number_after("lines[")) place += say::kAtLine.in(language, *line);
  if (!rest.empty()) place += say::kAtField.in(language, rest);
  return place;
}

CLI::Option* add_output(CLI::App& command, const std::string& name, std::string& file, const Message& help) {
  const auto take = [name, &file](const std::string& given) {
    if (given == "-") throw CLI::ValidationError(say::kNoFileName.in_both(name));
    file = given;
  };
  return command.add_option_function<std::string>(name, take, both(help));
}

void add_setting(CLI::App& app, Context& context, Setting setting) {
  const auto& row = info(setting);
  std::string zh(row.help.zh), en(row.help.en);
  if (!row.fallback.empty()) {
    zh += "（默认 " + std::string(row.fallback) + "）";
    en += " (default " + std::string(row.fallback) + ")";
  }
  auto& flag = context.flags[static_cast<std::size_t>(setting)];
  app.add_option_function<std::string>(
      row.flag(), [&flag](const std::string& value) { flag = value; }, both({zh, en}));
}

CLI::App* add_group(CLI::App& app, const std::string& name, const Message& help) {
  auto* group = app.add_subcommand(name, both(help))->group("命令 Commands");
  group->require_subcommand(1);
  group->get_help_ptr()->description(app.get_help_ptr()->get_description());
  group->get_help_ptr()->group(app.get_help_ptr()->get_group());
  group->footer(footer());
  return group;
}

CLI::App* add_command(CLI::App& app, Context& context, const std::string& name,
                      const Message& help, std::function<Exit()> action) {
  auto* command = add_group(app, name, help);
  command->require_subcommand(0);
  command->callback([&context, action = std::move(action)] { context.exit = action(); });
  return command;
}

int run(int argc, const char* const* argv) {
  Context context;
  context.language = language_of_environment();
  std::string clock;
  CLI::App app(both(kAppHelp), "fundtrail");
  set_labels(app);
  app.fallthrough();  // inherited: the shared options may follow the subcommand
  app.require_subcommand(1);
  app.footer(footer());
  add_shared_options(app, context, clock);
  // CLI11 runs this before the subcommand's own callback only when asked to.
  app.parse_complete_callback([&] { settle(app, context, clock); });
  add_commands(app, context);
  try {
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) {
      context.json = false;  // what could not be written says so elsewhere
      return int(context.fail(Exit::io, CliCode::io, say::kNoOutput));
    }
    return int(context.exit);
  } catch (const CLI::Success& success) {  // --help, --version
    app.exit(success);
    return int(Exit::fine);
  } catch (const Unread& unread) {
    look_for_the_manner({argv, static_cast<std::size_t>(argc)}, context);
    return int(context.refuse(unread.why));
  } catch (const CLI::ParseError& error) {
    look_for_the_manner({argv, static_cast<std::size_t>(argc)}, context);
    const auto wrong = usage_of(error, app);
    return int(context.fail(Exit::usage, CliCode::usage,
                            Said{say::kUsage.in(Language::zh, wrong.zh), say::kUsage.in(Language::en, wrong.en)}));
  } catch (const std::exception& error) {
    return int(context.fail({Fault::io, error.what()}));
  }
}

}  // namespace fundtrail::api::cli
