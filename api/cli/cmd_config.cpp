// fundtrail config: what is set, where it comes from, and a template of the file.
#include <memory>

#include "api/cli/command.h"
#include "api/cli/serve_conditions.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"查看和检查配置", "look at and check the configuration"};
constexpr Message kCheckHelp{"说明每项设置的生效值及其来源；有错时返回 1",
                             "explain every setting's value and where it comes from; exit code 1 when "
                             "something is wrong"};
constexpr Message kFileHelp{"要检查的配置文件（同 --config）", "the file to check (as --config)"};
constexpr Message kShowHelp{"以配置文件的形式输出生效的设置", "print what is set, as a configuration file"};
constexpr Message kTemplateHelp{"输出列有全部设置、说明和默认值的模板",
                                "print a template with every setting, its meaning and default"};
constexpr Message kFlag{"命令行选项 {0}", "option {0}"};
constexpr Message kEnvironment{"环境变量 {0}", "variable {0}"};
constexpr Message kFile{"配置文件 {0}", "file {0}"};
constexpr Message kDefault{"默认值", "default"};
constexpr Message kUnset{"（未设置）", "(not set)"};
constexpr Message kFine{"配置无误。", "The configuration is fine."};
constexpr Message kFineButMissing{"配置本身无误；请核对上列不存在的文件和目录。",
                                  "The configuration itself is fine; look at what is not there."};
constexpr Message kNotThere{"请核对：{0}", "Look at this: {0}"};
constexpr Message kOneWrong{"配置有误：{0}", "Wrong: {0}"};

std::string origin_text(const Context& context, Setting setting) {
  const auto& where = context.settings.where(setting);
  switch (context.settings.origin(setting)) {
    case Origin::flag: return kFlag.in(context.language, where);
    case Origin::environment: return kEnvironment.in(context.language, where);
    case Origin::file: return kFile.in(context.language, where);
    case Origin::fallback: break;
  }
  return kDefault.in(context.language);
}

nlohmann::ordered_json to_json(const Context& context, const SettingInfo& setting) {
  return {{"name", setting.name},
          {"value", context.settings.text(setting.setting)},
          {"origin", name(context.settings.origin(setting.setting))},
          {"where", context.settings.where(setting.setting)},
          {"flag", setting.flag()},
          {"variable", setting.variable()},
          {"expected", setting.expected()},
          {"default", setting.fallback},
          {"zh", setting.help.zh},
          {"en", setting.help.en}};
}

nlohmann::ordered_json to_json(const Context& context) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& setting : settings()) all.push_back(to_json(context, setting));
  return all;
}

nlohmann::ordered_json sentences(const std::vector<Said>& all) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& one : all) json.push_back({{"zh", one.zh}, {"en", one.en}});
  return json;
}

Exit check(const Context& context) {
  if (const auto& unread = context.settings.unread()) return context.refuse(*unread);
  for (const auto& setting : settings()) {
    const auto& value = context.settings.text(setting.setting);
    context.print(std::string(setting.name) + " = " +
                  (value.empty() ? kUnset.in(context.language) : value) + "　← " +
                  origin_text(context, setting.setting));
    const auto& help = context.language == Language::zh ? setting.help.zh : setting.help.en;
    context.print("    " + std::string(help));
  }
  auto all = context.wrong_settings;
  if (all.empty()) {  // else nobody knows what it would be together
    for (auto& unmet : unmet_conditions(context.settings)) all.push_back(std::move(unmet.said));
  }
  const auto missing = missing_places(context.settings);
  for (const auto& one : all) context.print(kOneWrong, one.in(context.language));
  for (const auto& one : missing) context.print(kNotThere, one.in(context.language));
  if (all.empty()) context.print(missing.empty() ? kFine : kFineButMissing);
  context.print_json({{"ok", all.empty()},
                      {"file", context.settings.file()},
                      {"settings", to_json(context)},
                      {"wrong", sentences(all)},
                      {"missing", sentences(missing)}});
  return all.empty() ? Exit::fine : Exit::check_failed;
}

Exit show(const Context& context, bool as_template) {
  if (as_template) {
    if (!context.json) context.print(settings_template());
    context.print_json({{"settings", to_json(context)}});
    return Exit::fine;
  }
  if (context.settings.unread() || !context.wrong_settings.empty()) return check(context);
  for (const auto& setting : settings()) {
    const auto& value = context.settings.text(setting.setting);
    if (value.empty()) continue;
    const bool number = setting.type == SettingType::integer;
    context.print(std::string(setting.name) + " = " + (number ? value : '"' + value + '"') + "  # " +
                  origin_text(context, setting.setting));
  }
  context.print_json({{"settings", to_json(context)}});
  return Exit::fine;
}

}  // namespace

void add_config_command(CLI::App& app, Context& context) {
  auto* config = add_group(app, kConfigCommand, kHelp);
  auto* checking = add_command(*config, context, "check", kCheckHelp,
                               [&context] { return check(context); });
  checking->add_option("--file", context.config, both(kFileHelp));
  auto as_template = std::make_shared<bool>(false);
  auto* showing = add_command(*config, context, "show", kShowHelp,
                              [&context, as_template] { return show(context, *as_template); });
  showing->add_flag("--template", *as_template, both(kTemplateHelp));
}

}  // namespace fundtrail::api::cli
