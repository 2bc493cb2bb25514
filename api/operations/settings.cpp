#include "api/operations/settings.h"

#include <charconv>
#include <cstdlib>
#include <toml++/toml.h>

#include "api/files.h"
#include "ledger/core/check.h"
#include "ledger/core/nearest.h"

namespace fundtrail::api {
namespace {

using S = Setting;
using T = SettingType;
using cli::Message;

constexpr std::array<SettingInfo, kSettings> kTable = {{
    {S::ledger, "ledger", T::path, "", {"账套所在目录", "the ledger's directory"}, 0, 0, {}, true},
    {S::keys, "keys", T::path, "",
     {"密钥所在目录（默认 账套目录/keys；宜放在别处）",
      "the keys' directory (default: keys in the ledger's directory; better kept elsewhere)"},
     0, 0, {}, true},
    {S::vault_key_file, "vault_key_file", T::path, "",
     {"身份密钥文件（默认 密钥目录/vault.key）；也可用环境变量 FUNDTRAIL_VAULT_KEY 给出其十六进制内容",
      "the vault's key file (default: vault.key among the keys); FUNDTRAIL_VAULT_KEY may hold its bytes in "
      "hexadecimal instead"},
     0, 0, {}, true},
    {S::users, "users", T::path, "",
     {"用户簿文件（默认 账套目录/users.json），见 fundtrail user",
      "the book of users (default: users.json in the ledger's directory); see fundtrail user"},
     0, 0, {}, true},
    {S::lang, "lang", T::choice, "",
     {"文字语言：zh 或 en（默认随 LANG，否则 zh）",
      "language of text: zh or en (default: from LANG, else zh)"},
     0, 0, "zh | en", true},
    {S::host, "host", T::text, "127.0.0.1",
     {"监听地址（非本机地址须启用 TLS）", "address to listen on (others than loopback need TLS)"}},
    {S::port, "port", T::integer, "8080", {"端口（0 为任选）", "port (0: any free one)"}, 0, 65535},
    {S::threads, "threads", T::integer, "16",
     {"同时处理的耗时请求数，如报表", "long requests, such as reports, handled at the same time"},
     1, 4096},
    {S::connections, "connections", T::integer, "2000",
     {"同时打开的连接数上限", "connections open at the same time, at most"}, 16, 30'000},
    {S::idle_seconds, "idle_seconds", T::integer, "60",
     {"两个请求之间等待的秒数", "seconds to wait between two requests of a connection"}, 1, 3600},
    {S::request_seconds, "request_seconds", T::integer, "30",
     {"一个请求从首字节到末字节的秒数上限", "seconds from a request's first byte to its last, at most"},
     1, 3600},
    {S::write_seconds, "write_seconds", T::integer, "15",
     {"发送一个回答的秒数上限", "seconds for sending one answer, at most"}, 1, 3600},
    {S::log_level, "log_level", T::choice, "info",
     {"日志级别：info 记录每个请求，warning 只记警告与错误，error 只记错误",
      "info logs every request, warning only warnings and errors, error only errors"},
     0, 0, "info | warning | error"},
    {S::access_log_months, "access_log_months", T::integer, "0",
     {"访问日志保存的月数，不少于 6；0 为一直保存",
      "months that the access log is kept, 6 at least; 0: for ever"},
     0, 1200},
    {S::backups, "backups", T::path, "",
     {"收到 SIGUSR2 时备份到此目录之下（默认不备份）；宜在另一块磁盘上",
      "where a backup is made at SIGUSR2 (default: none is made); better on another disk"}},
    {S::backups_kept, "backups_kept", T::integer, "0",
     {"新备份核验后保留的份数（含新的），更早的删除；0 为全部保留",
      "how many of them are kept, the new one included, once it is verified; older ones are removed. 0: all"},
     0, 100'000},
    {S::clock_tolerance_seconds, "clock_tolerance_seconds", T::integer, "300",
     {"系统时钟可落后于末条记录的秒数；落后更多时不再受理写入，直到时钟校正",
      "seconds that the clock may be behind the newest entry; when it is further behind, writes are "
      "refused until it is right again"},
     0, 1'000'000'000},
    {S::disk_reserve_mb, "disk_reserve_mb", T::integer, "256",
     {"账套所在磁盘的剩余空间低于此数（MiB）时 /readyz 报警，作业 verify 也不在其上另建状态",
      "/readyz warns when less than this (MiB) is free on the ledger's disk, and the job `verify` does not make a "
      "second state there"},
     0, 1'000'000'000},
    {S::tls_certificate, "tls_certificate", T::path, "",
     {"TLS 证书文件（PEM，含中间证书）", "TLS certificate with its chain, PEM"}},
    {S::tls_key, "tls_key", T::path, "",
     {"TLS 私钥文件（PEM，不加密，权限 0600 或 0640）", "TLS private key, PEM, not encrypted, mode 0600 or 0640"}},
    {S::tls_client_ca, "tls_client_ca", T::path, "",
     {"签发客户端证书的 CA（PEM）；给出后向客户端索取证书，但不强制",
      "CAs of client certificates, PEM; clients are then asked for one, not forced"}},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kSettings; ++i) {
    if (kTable[i].setting != static_cast<Setting>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "the table of settings follows the enumeration");

constexpr Message kWrongValue{"{0}：{1} 的值“{2}”不对，应为：{3}",
                              "{0}: the value \"{2}\" of {1} is not valid; expected: {3}"};
constexpr Message kUnknownName{"{0}：没有名为“{1}”的设置{2}。fundtrail config show --template 列出全部设置。",
                               "{0}: there is no setting \"{1}\"{2}. fundtrail config show --template "
                               "lists all of them."};
constexpr Message kMeant{"（是否应为“{0}”？）", " (did you mean \"{0}\"?)"};
constexpr Message kNotToml{"{0}：不是合格的 TOML：{1}", "{0}: not TOML: {1}"};

// What somebody does wrong in a file, by words that the parser, which speaks English only, says of it; the first counts.
struct TomlFault {
  std::string_view parser;
  Message said;
};
constexpr TomlFault kTomlFaults[] = {
    {"utf-8", {"不是 UTF-8 编码（若以 GBK 保存，请另存为 UTF-8）", "it is not UTF-8 (saved as GBK? save it as UTF-8)"}},
    {"cannot redefine", {"同一名称出现了两次", "a name stands twice"}},
    {"expected '='", {"名称之后应为英文等号（名称 = 值）", "behind a name there must be an equals sign (name = value)"}},
    {"expected keys", {"此处应为“名称 = 值”，名称只含字母 a-z 和 _；注释以 # 开头",
                       "here must stand name = value, where names are of a-z and _; comments begin with #"}},
    {"expected value, saw", {"等号之后没有值", "behind the equals sign there is no value"}},
    {"expected a comment or whitespace", {"值之后还有别的内容：每行一项设置，注释以 # 开头",
                                          "something follows the value: a line holds one setting, and comments begin with #"}},
    {"control characters", {"引号没有结束，或含有控制字符", "a quotation mark is missing, or there is a control character"}},
    {"escape sequence", {"双引号内的反斜杠须写两个（\\\\），或改用英文单引号",
                         "in double quotes a backslash is written twice (\\\\); or use single quotes"}},
    {"hex digit", {"双引号内的反斜杠须写两个（\\\\），或改用英文单引号",
                   "in double quotes a backslash is written twice (\\\\); or use single quotes"}},
    {"end-of-file", {"内容到此中断，缺少引号或括号", "it ends here: a quotation mark or a bracket is missing"}},
    {"table header", {"方括号有误（设置不分节，不必写方括号）", "the square brackets are wrong (settings have no sections and need none)"}},
    {"parsing array", {"数组的括号或逗号有误", "a bracket or comma of the array is wrong"}},
    {"inline table", {"花括号或其中的逗号有误", "a brace, or a comma within it, is wrong"}},
    {"integer", {"数字的写法有误，或数字过大", "the number is malformed or too large"}},
    {"floating-point", {"数字的写法有误，或数字过大", "the number is malformed or too large"}},
    {"value", {"值的写法有误：文字须加英文引号，如 \"127.0.0.1\"；数字不加",
               "the value is malformed: text needs plain quotation marks, as in \"127.0.0.1\"; numbers have none"}},
    {"parsing date", {"值的写法有误：文字须加英文引号", "the value is malformed: text needs plain quotation marks"}},
    {"parsing time", {"值的写法有误：文字须加英文引号", "the value is malformed: text needs plain quotation marks"}},
};
constexpr Message kOtherTomlFault{"有一处写法无法识别（{0}）", "something cannot be read ({0})"};

Said words_of(std::string_view parser) {
  for (const auto& fault : kTomlFaults) {
    if (parser.find(fault.parser) != parser.npos) return {std::string(fault.said.zh), std::string(fault.said.en)};
  }
  return {kOtherTomlFault.in(cli::Language::zh, parser), kOtherTomlFault.in(cli::Language::en, parser)};
}

template <class... Args>
Said say(const Message& message, const Args&... args) {
  return {message.in(cli::Language::zh, args...), message.in(cli::Language::en, args...)};
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_choice(std::string_view choices, std::string_view word) {
  while (!word.empty() && !choices.empty()) {
    const auto end = choices.find(" | ");
    if (choices.substr(0, end) == word) return true;
    choices = end == std::string_view::npos ? std::string_view() : choices.substr(end + 3);
  }
  return false;
}

bool fits(const SettingInfo& setting, const std::string& value) {
  switch (setting.type) {
    case T::text:
    case T::path: return !value.empty();
    case T::choice: return is_choice(setting.choices, value);
    case T::integer: {
      const auto number = integer(value);
      return number && *number >= setting.least && *number <= setting.most;
    }
  }
  return false;
}

const SettingInfo* find(std::string_view name) {
  for (const auto& setting : kTable) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

Said unknown_name(const std::string& where, std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& setting : kTable) known.push_back(setting.name);
  const auto meant = nearest(name, known);
  const auto more = meant.empty() ? Said() : say(kMeant, meant);
  return {kUnknownName.in(cli::Language::zh, where, name, more.zh), kUnknownName.in(cli::Language::en, where, name, more.en)};
}

// As it would stand behind the equals sign of the file.
std::string quoted(const SettingInfo& setting, std::string_view value) {
  return setting.type == T::integer ? std::string(value) : '"' + std::string(value) + '"';
}

}  // namespace

std::string SettingInfo::flag() const {
  std::string flag = "--" + std::string(name);
  for (char& c : flag) {
    if (c == '_') c = '-';
  }
  return flag;
}

std::string SettingInfo::variable() const {
  std::string variable = "FUNDTRAIL_" + std::string(name);
  for (char& c : variable) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return variable;
}

std::string SettingInfo::expected() const {
  switch (type) {
    case T::text: return "text";
    case T::path: return "path";
    case T::choice: return std::string(choices);
    case T::integer: break;
  }
  return std::to_string(least) + " – " + std::to_string(most);
}

std::span<const SettingInfo> settings() { return kTable; }
const SettingInfo& info(Setting setting) { return kTable[static_cast<std::size_t>(setting)]; }

std::string_view name(Origin origin) {
  switch (origin) {
    case Origin::flag: return "flag";
    case Origin::environment: return "environment";
    case Origin::file: return "file";
    case Origin::fallback: break;
  }
  return "default";
}

std::int64_t Settings::number(Setting setting) const {
  const auto value = integer(text(setting));
  FT_CHECK(value.has_value());
  return *value;
}

void Settings::take(const SettingInfo& setting, Value value, std::vector<Said>& wrong) {
  if (!fits(setting, value.text)) {
    wrong.push_back(
        say(kWrongValue, value.where, std::string(setting.name), value.text, setting.expected()));
    return;
  }
  values_[static_cast<std::size_t>(setting.setting)] = std::move(value);
}

void Settings::take_file(std::vector<Said>& wrong) {
  const auto bytes = read_file(file_);
  if (!bytes.ok()) {
    unread_ = bytes.error();
    return;
  }
  toml::table table;
  const auto place = [this](const toml::source_region& at) {
    return file_ + ":" + std::to_string(at.begin.line);
  };
  try {
    table = toml::parse(*bytes, file_);
  } catch (const toml::parse_error& error) {
    const auto where = place(error.source()) + ":" + std::to_string(error.source().begin.column);
    const auto words = words_of(error.description());
    wrong.push_back({kNotToml.in(cli::Language::zh, where, words.zh), kNotToml.in(cli::Language::en, where, words.en)});
    return;
  }
  for (const auto& [key, node] : table) {
    const auto* setting = find(key.str());
    const std::string where = place(key.source());
    if (setting == nullptr) {
      wrong.push_back(unknown_name(where, key.str()));
      continue;
    }
    std::string text;
    bool fitting = false;
    if (const auto number = node.value_exact<std::int64_t>()) {
      text = std::to_string(*number);
      fitting = setting->type == T::integer;
    } else if (const auto words = node.value_exact<std::string>()) {
      text = *words;
      fitting = setting->type != T::integer;
    }
    if (!fitting) {
      wrong.push_back(say(kWrongValue, where, key.str(), text, setting->expected()));
      continue;
    }
    take(*setting, {text, Origin::file, where}, wrong);
  }
}

std::vector<Said> Settings::load(const Flags& flags, const std::string& file) {
  std::vector<Said> wrong;
  file_ = file;
  unread_.reset();
  for (const auto& setting : kTable) {
    values_[static_cast<std::size_t>(setting.setting)] = {std::string(setting.fallback),
                                                           Origin::fallback, {}};
  }
  if (!file_.empty()) take_file(wrong);
  for (const auto& setting : kTable) {
    const std::string variable = setting.variable();
    const char* value = std::getenv(variable.c_str());
    if (value != nullptr && *value != '\0') {
      take(setting, {value, Origin::environment, variable}, wrong);
    }
    if (const auto& given = flags[static_cast<std::size_t>(setting.setting)]) {
      take(setting, {*given, Origin::flag, setting.flag()}, wrong);
    }
  }
  return wrong;
}

std::string settings_template() {
  std::string out =
      "# FundTrail 的配置文件（TOML）。优先次序：命令行选项 > 环境变量 > 本文件 > 默认值。\n"
      "# 检查：fundtrail config check --file 本文件\n"
      "# Configuration of FundTrail (TOML). Options count more than environment variables, these more\n"
      "# than this file, this more than the defaults. Check: fundtrail config check --file THIS_FILE\n";
  for (const auto& setting : kTable) {
    out += "\n# " + std::string(setting.help.zh) + "\n# " + std::string(setting.help.en) + "\n";
    out += "# " + setting.flag() + ", " + setting.variable() + ": " + setting.expected() + "\n";
    out += "# " + std::string(setting.name) + " = " + quoted(setting, setting.fallback) + "\n";
  }
  return out;
}

}  // namespace fundtrail::api
