// fundtrail access-log: who saw whose data, and who was refused. Reads the files as they lie, also while a
// server writes them.
#include <fstream>
#include <iostream>
#include <memory>

#include "api/access_log/search.h"
#include "api/access_log/verify.h"
#include "api/answers.h"
#include "api/cli/command.h"
#include "ledger/core/wording.h"
#include "reports/reports.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"访问日志：谁看过谁的资料、谁被拒绝",
                        "the access log: who saw whose data, and who was refused"};
constexpr Message kVerifyHelp{"核验访问日志：逐条核对链接、编号与签名；不成立时返回 1",
                              "verify the access log: links, numbers, signed head; exit code 1 when "
                              "something does not hold"};
constexpr Message kSearchHelp{"查询访问日志，按时间先后列表；--json 为原样记录", "search the access log: a table in order of time; the records as they are with --json"};
constexpr Message kDirectoryHelp{"访问日志目录（默认 账套目录/access-log）",
                                 "the log's directory (default: access-log in the ledger's)"};
constexpr Message kKeyHelp{"所信任的核验公钥；默认用日志自己所载公钥",
                           "the verifier key that you trust; default: the key that the log names"};
constexpr Message kHeadHelp{"另行保存的签名文件（GET …/access-log/head），可重复给出：日志须包含它",
                            "a signed head kept elsewhere (GET .../access-log/head), may be repeated: the "
                            "log must hold it"};
constexpr Message kActorHelp{"操作人编号", "who acted"};
constexpr Message kFromHelp{"起始日期（含）YYYY-MM-DD", "from this day on, YYYY-MM-DD"};
constexpr Message kToHelp{"截止日期（含）", "to this day, included"};
constexpr Message kTextHelp{"记录中出现的文字：假名、地址、原因代码、目的……",
                            "text that stands in the record: a pseudonym, a route, a code, words of a "
                            "purpose"};
constexpr Message kDate{"YYYY-MM-DD 格式的日期", "a date YYYY-MM-DD"};
constexpr Message kVerifierKey{"核验公钥", "a verifier key"};
constexpr Message kFine{"全部成立：记录 {0} 至 {1}，共 {2} 个文件；已签名 {3} 条。",
                        "Everything holds: records {0} to {1} in {2} ‹file|files›; signed for: {3}."};
constexpr Message kNothing{"访问日志中还没有记录。", "The access log has no records yet."};
constexpr Message kNotFine{"不成立：{0} 第 {1} 行：{2}［{3}］", "Does not hold: {0}, line {1}: {2} [{3}]"};
constexpr Message kFormer{"注意：本日志开始时，原有的日志（{0} 条记录）已不在。请查明何人移走。",
                          "Note: when this log began, the one kept before it ({0} ‹record|records›) was gone. Find out who "
                          "took it away."};
constexpr Message kUnfinished{"结尾有 {0} 字节尚未写完（正在写入，或因中断未完成），不计为记录。",
                              "{0} bytes at the end are no whole record yet: being written, or cut off by a "
                              "crash."};
constexpr Message kKeyGiven{"公钥：由您给出。指纹 {0}", "Key: the one you gave. Fingerprint {0}"};
constexpr Message kKeyStated{"公钥：取自日志本身，请与账套公钥的指纹比对。指纹 {0}",
                             "Key: taken from the log itself; compare it with the ledger's. Fingerprint {0}"};
// In the order of AccessAction.
const reports::Words kActions[] = {
    {"启用日志", "log opened"}, {"查阅", "read"},        {"拒绝", "refused"},      {"清除旧文件", "old files removed"},
    {"未能记录", "lost"},       {"用户变更", "managed"}, {"登录", "signed in"}, {"退出", "signed out"},
    {"锁定", "locked out"},
};
constexpr Message kFound{"共 {0} 条。", "{0} ‹record|records›."};

struct Options {
  std::string directory, key, actor, from, to, text;
  std::vector<std::string> heads;
};

std::optional<std::filesystem::path> directory_of(const Context& context, const Options& options,
                                                  Exit& exit) {
  if (!options.directory.empty()) return options.directory;
  if (!context.has_ledger(exit)) return std::nullopt;
  return access_log_of(context.ledger);
}

Exit verify(const Context& context, const Options& options) {
  Exit exit = Exit::fine;
  const auto directory = directory_of(context, options, exit);
  if (!directory) return exit;
  AccessVerifyOptions wanted;
  if (!options.key.empty()) {
    auto key = chain::decode_verifier_key(options.key);
    if (!key.ok()) {
      return context.fail(Exit::usage, CliCode::usage, bad_option("--key", options.key, kVerifierKey));
    }
    wanted.key = std::move(*key);
  }
  for (const auto& file : options.heads) {
    auto head = read_file(file);
    if (!head.ok()) return context.fail(head.error());
    wanted.heads.push_back(std::move(*head));
  }
  if (options.directory.empty()) {  // its own seal goes with the log, not with a copy of it
    auto seal = read_file(access_seal_of(*directory));
    if (seal.ok()) wanted.heads.push_back(std::move(*seal));
  }
  const auto report = verify_access_log(*directory, wanted);
  if (!report.ok()) return context.fail(report.error());
  if (report->finding) {
    const auto& text = info(report->finding->what);
    context.print(kNotFine, report->finding->file, report->finding->line,
                  context.language == Language::zh ? text.zh : text.en, text.code);
  } else if (report->next == report->first) {
    context.print(kNothing);
  } else {
    context.print(kFine, report->first, report->next - 1, report->files.size(), report->signed_records);
  }
  if (report->former_records != 0) context.print(kFormer, report->former_records);
  if (report->unfinished != 0) context.print(kUnfinished, report->unfinished);
  if (!report->key.empty()) context.print(wanted.key ? kKeyGiven : kKeyStated, report->fingerprint);
  context.print_json(to_json(*report));
  return report->finding ? Exit::check_failed : Exit::fine;
}

reports::Section records_section() {
  using reports::ColumnType;
  reports::Section section{"records", {"访问日志", "Access log"}, {}, {}, {}};
  section.columns = {{"n", {"序号", "No"}, ColumnType::entry},
                     {"time", {"时间", "Time"}},
                     {"actor", {"操作人", "Who"}, ColumnType::text, true},
                     {"role", {"角色", "Role"}, ColumnType::text, true},
                     {"action", {"动作", "Did"}},
                     {"outcome", {"结果", "Outcome"}, ColumnType::text, true},
                     {"person", {"受益人", "Person"}, ColumnType::text, true},
                     {"subject", {"内容", "What"}, ColumnType::text, true},
                     {"route", {"途径", "By"}, ColumnType::text, true},
                     {"purpose", {"目的", "Purpose"}, ColumnType::text, true},
                     {"command", {"命令编号", "Command"}, ColumnType::text, true},
                     {"address", {"来源地址", "From"}, ColumnType::text, true},
                     {"times", {"次数", "Times"}, ColumnType::count, true}};
  return section;
}

// A record as it lies in the file, for people.
reports::Row row_of(const Context& context, std::uint64_t n, const nlohmann::ordered_json& record) {
  const auto text = [&](const char* key) { return record.value(key, std::string()); };
  const auto role = text("role"), action = text("action"), user = text("user"), actor = text("actor");
  const auto known = parse_name<AccessAction>(action);
  const auto words = [](const std::string& code, const reports::Words& said) {
    return reports::Cell(reports::Label{code, said});
  };
  return {{n, text("time"), actor.empty() ? user : actor, in_words(role, context.language == Language::zh),
           known ? words(action, kActions[static_cast<std::size_t>(*known)]) : reports::Cell(action), text("outcome"),
           text("person"), text("subject"), text("route"), text("purpose"), text("command"), text("address"),
           record.value("repeats", std::uint64_t(0))}};
}

Exit search(const Context& context, const Options& options) {
  Exit exit = Exit::fine;
  const auto directory = directory_of(context, options, exit);
  if (!directory) return exit;
  AccessFilter filter;
  filter.actor = options.actor;
  filter.text = options.text;
  for (const auto& [name, text, out] : {std::tuple("--from", &options.from, &filter.from),
                                        std::tuple("--to", &options.to, &filter.to)}) {
    if (text->empty()) continue;
    *out = Date::parse(*text);
    if (!*out) {
      return context.fail(Exit::usage, CliCode::usage, bad_option(name, *text, kDate));
    }
  }
  auto section = records_section();
  auto records = nlohmann::ordered_json::array();
  const auto searched = search_access_log(
      *directory, filter, std::numeric_limits<std::uint64_t>::max(),
      [&](std::uint64_t n, std::string_view line) {
        auto record = nlohmann::ordered_json::parse(line, nullptr, false);
        if (context.json) records.push_back(std::move(record));
        else section.rows.push_back(row_of(context, n, record));
        return true;
      });
  if (!searched.ok()) return context.fail(searched.error());
  if (!section.rows.empty()) {
    const auto language = context.language == Language::zh ? reports::Language::zh : reports::Language::en;
    std::cout << reports::render_text(section, language);
  }
  context.print(kFound, section.rows.size());
  context.print_json({{"records", std::move(records)}});
  return Exit::fine;
}

}  // namespace

void add_access_log_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  auto* group = add_group(app, "access-log", kHelp);
  auto* checks = add_command(*group, context, "verify", kVerifyHelp,
                             [&context, options] { return verify(context, *options); });
  checks->add_option("--directory", options->directory, both(kDirectoryHelp));
  checks->add_option("--key", options->key, both(kKeyHelp));
  checks->add_option("--head", options->heads, both(kHeadHelp));
  auto* finds = add_command(*group, context, "search", kSearchHelp,
                            [&context, options] { return search(context, *options); });
  finds->add_option("--directory", options->directory, both(kDirectoryHelp));
  finds->add_option("--actor", options->actor, both(kActorHelp));
  finds->add_option("--from", options->from, both(kFromHelp));
  finds->add_option("--to", options->to, both(kToHelp));
  finds->add_option("--text", options->text, both(kTextHelp));
}

}  // namespace fundtrail::api::cli
