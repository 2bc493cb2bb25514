#include "api/cli/usage.h"

#include <algorithm>
#include <optional>

#include "api/cli/command.h"
#include "api/cli/tree.h"
#include "ledger/core/nearest.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kUnknownCommand{"没有命令“{0}”{2}；命令见 {1} --help", "There is no command \"{0}\"{2}; see {1} --help"};
constexpr Message kNoCommand{"缺少命令；命令见 {0} --help", "A command is missing; see {0} --help"};
constexpr Message kMissing{"缺少 {0}", "{0} is missing"};
constexpr Message kNotExpected{"不认识的参数：{0}{1}", "Unknown arguments: {0}{1}"};
constexpr Message kMeant{"（是否应为 {0}？）", " (did you mean {0}?)"};
constexpr Message kNoValue{"选项 {0} 缺少值，或值的个数不对", "The option {0} lacks a value, or has too many"};
constexpr Message kTakesNone{"选项 {0} 不带值", "The option {0} takes no value"};
constexpr Message kExclude{"{0} 与 {1} 不能同用", "{0} and {1} exclude each other"};
constexpr Message kNeeds{"用 {0} 时须同时给出 {1}", "{0} needs {1} beside it"};
constexpr Message kInteger{"整数", "a whole number"};
constexpr Message kDirectory{"已有的目录", "a directory that is there"};
constexpr Message kOther{"无法理解这个命令行（{0}）", "This command line cannot be understood ({0})"};

template <class... Args>
Said said(const Message& message, const Args&... args) {
  return {message.in(Language::zh, args...), message.in(Language::en, args...)};
}

// The program, and the commands that were reached.
std::vector<const CLI::App*> reached(const CLI::App& app) {
  std::vector<const CLI::App*> path{&app};
  for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = path.back()->get_subcommands()) {
    path.push_back(chosen.front());
  }
  return path;
}

// "fundtrail user"
std::string called(const std::vector<const CLI::App*>& path) {
  std::string name;
  for (const auto* one : path) name += (name.empty() ? "" : " ") + one->get_name();
  return name;
}

std::string before(const std::string& text, std::string_view end) { return text.substr(0, text.find(end)); }
std::string behind(const std::string& text, std::string_view end) {
  const auto at = text.find(end);
  return at == text.npos ? std::string() : text.substr(at + end.size());
}

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : " ") + one;
  return out;
}

Said meant(std::string_view typed, const std::vector<std::string>& names) {
  const auto one = nearest(typed, {names.begin(), names.end()});
  return one.empty() ? Said() : said(kMeant, one);
}

Said unknown_command(const std::string& word, const std::vector<const CLI::App*>& path) {
  std::vector<std::string> names;
  for (const auto* command : commands_of(*path.back())) names.push_back(command->get_name());
  const auto like = meant(word, names);
  return {kUnknownCommand.in(Language::zh, word, called(path), like.zh),
          kUnknownCommand.in(Language::en, word, called(path), like.en)};
}

// What nobody takes, in the order in which it came.
Said not_expected(const std::vector<std::string>& left, const std::vector<const CLI::App*>& path) {
  Said like;
  const auto option = std::find_if(left.begin(), left.end(), [](const auto& one) { return one.starts_with("--"); });
  if (option != left.end()) {
    std::vector<std::string> names;
    for (const auto* app : path) {
      for (const auto* one : options_of(*app)) {
        for (const auto& name : one->get_lnames()) names.push_back("--" + name);
      }
    }
    like = meant(before(*option, "="), names);
  }
  return {kNotExpected.in(Language::zh, joined(left), like.zh), kNotExpected.in(Language::en, joined(left), like.en)};
}

const CLI::Option* option_named(const std::string& name, const std::vector<const CLI::App*>& path) {
  for (const auto* app : path) {
    for (const auto* one : app->get_options({})) {
      if (one->get_name() == name) return one;
    }
  }
  return nullptr;
}

// What the library calls a kind of values: "INT:INT in [0 - 9]", "TEXT:{a,b}", "TEXT:DIR", "UINT".
Said expected_of(const CLI::Option& option) {
  const std::string kind = option.get_type_name(), rule = behind(kind, ":");
  if (const auto range = behind(rule, " in ["); !range.empty()) {
    const auto words = before(range, " - ") + " – " + before(behind(range, " - "), "]");
    return {words, words};
  }
  if (rule.starts_with("{")) {
    std::string words;
    for (const char c : rule) {
      if (c == ',') words += " | ";
      else if (c != '{' && c != '}') words += c;
    }
    return {words, words};
  }
  return said(rule == "DIR" ? kDirectory : kInteger);
}

// A value that is none of its option's.
Said wrong_value(const CLI::Option& option) {
  const auto& name = option.get_name();
  if (option.get_expected_max() == 0) return said(kTakesNone, name);
  const auto expected = expected_of(option);
  const auto value = joined(option.results());
  return bad_option(name, value, {expected.zh, expected.en});
}

}  // namespace

Said usage_of(const CLI::ParseError& error, const CLI::App& app) {
  const std::string what = error.what();
  const auto kind = error.get_name();
  const auto left = app.remaining(true);
  const auto path = reached(app);
  if (kind == "RequiredError" && what == "A subcommand is required") {
    const auto word = std::find_if(left.begin(), left.end(), [](const auto& one) { return !one.starts_with('-'); });
    return word == left.end() ? said(kNoCommand, called(path)) : unknown_command(*word, path);
  }
  // An unknown option explains better than what is missing beside it.
  const bool unknown = std::any_of(left.begin(), left.end(), [](const auto& one) { return one.starts_with('-'); });
  const bool extra = what.starts_with("The following argument");  // the error bears the name of the command
  if (extra || (kind == "RequiredError" && unknown)) return not_expected(left, path);
  if (kind == "RequiredError") return said(kMissing, before(what, " is required"));
  if (kind == "ExcludesError") return said(kExclude, before(what, " excludes "), behind(what, " excludes "));
  if (kind == "RequiresError") return said(kNeeds, before(what, " requires "), behind(what, " requires "));
  if (kind == "ArgumentMismatch") return said(kNoValue, before(what, ":"));
  // Our own words (Message::in_both) say all.
  if (what.find('\n') != what.npos) return {std::string(chinese_of(what)), std::string(english_of(what))};
  const auto* option = option_named(kind == "ConversionError" ? before(behind(what, "Could not convert: "), " = ") : before(what, ":"), path);
  return option == nullptr ? said(kOther, what) : wrong_value(*option);
}

}  // namespace fundtrail::api::cli
