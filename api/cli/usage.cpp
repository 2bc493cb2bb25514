#include "api/cli/usage.h"

#include <algorithm>

#include "api/cli/messages.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kUnknownCommand{"没有命令“{0}”；命令见 {1} --help", "There is no command \"{0}\"; see {1} --help"};
constexpr Message kNoCommand{"缺少命令；命令见 {0} --help", "A command is missing; see {0} --help"};
constexpr Message kMissing{"缺少 {0}", "{0} is missing"};
constexpr Message kNotExpected{"不认识的参数：{0}", "Unknown arguments: {0}"};
constexpr Message kNoValue{"选项 {0} 缺少值，或值的个数不对", "The option {0} lacks a value, or has too many"};
constexpr Message kNoSuchValue{"值不可用：{0}", "A value is not acceptable: {0}"};

Said said(const Message& message, const std::string& what, const std::string& more = {}) {
  return {message.in(Language::zh, what, more), message.in(Language::en, what, more)};
}

// "fundtrail user" of the command that was reached last.
std::string reached(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return app.get_name();
  return app.get_name() + " " + reached(*chosen.front());
}

std::string before(const std::string& text, std::string_view end) { return text.substr(0, text.find(end)); }

// What nobody takes, in the order in which it came.
std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : " ") + one;
  return out;
}

}  // namespace

Said usage_of(const CLI::ParseError& error, const CLI::App& app) {
  const std::string what = error.what();
  const auto kind = error.get_name();
  const auto left = app.remaining(true);
  if (kind == "RequiredError" && what == "A subcommand is required") {
    const auto word = std::find_if(left.begin(), left.end(), [](const auto& one) { return !one.starts_with('-'); });
    return word == left.end() ? said(kNoCommand, reached(app)) : said(kUnknownCommand, *word, reached(app));
  }
  // An unknown option explains better than what is missing beside it.
  const bool unknown = std::any_of(left.begin(), left.end(), [](const auto& one) { return one.starts_with('-'); });
  const bool extra = what.starts_with("The following argument");  // the error bears the name of the command
  if (extra || (kind == "RequiredError" && unknown)) return said(kNotExpected, joined(left));
  if (kind == "RequiredError") return said(kMissing, before(what, " is required"));
  if (kind == "ArgumentMismatch") return said(kNoValue, before(what, ":"));
  if (kind == "ConversionError") return said(kNoSuchValue, what.substr(what.find(": ") == what.npos ? 0 : what.find(": ") + 2));
  return {std::string(chinese_of(what)), std::string(english_of(what))};  // our own words (Message::in_both)
}

}  // namespace fundtrail::api::cli
