// fundtrail import: records a folder of a bureau's CSV files (docs/IMPORT.md).
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <vector>

#include "api/answers.h"
#include "api/cli/command.h"
#include "api/cli/interruption.h"
#include "api/import/importer.h"
#include "ledger/vault.h"

namespace fundtrail::api::cli {
namespace {

using import::Finding;
using import::ImportReport;

constexpr Message kHelp{"导入一个文件夹的 CSV 或 Excel 文件：全部入账，或一条也不入账",
                        "import a folder of CSV or Excel files: all of it, or nothing"};
constexpr Message kFolderHelp{"文件夹（格式见 docs/IMPORT.md）", "the folder (docs/IMPORT.md)"};
constexpr Message kDryRunHelp{"试导入：列出每一处问题，不入账",
                              "list everything that is wrong; record nothing"};
constexpr Message kPastHelp{"作为往年资料导入：照原样记录，供审计查找疑点",
                            "record a past year as it was found, for the audit to examine"};
constexpr Message kActorHelp{"政策和往年资料的登记人（默认 registrar）",
                             "who registers policies and a past year (default: registrar)"};
constexpr Message kOperatorHelp{"谁在运行导入，记入导入清单（默认：系统登录名）",
                                "who runs the import; stands in its manifest (default: the login "
                                "name)"};
constexpr Message kEncodingHelp{"无 BOM 的 CSV 文件的编码：utf-8 或 gb18030（默认自动识别）",
                                "of CSV files without a byte order mark: utf-8 or gb18030 "
                                "(default: detected)"};
constexpr Message kNoFolder{"没有文件夹“{0}”。", "There is no folder \"{0}\"."};
constexpr Message kFile{"{0}：{1}，{2} 行，{3} 笔", "{0}: {1}, rows {2}, documents and steps {3}"};
constexpr Message kIgnored{"{0}：未读取", "{0}: not read"};
constexpr Message kWholeFile{"{0}：{1}（{2}）", "{0}: {1} ({2})"};
constexpr Message kCell{"{0} 第 {1} 行“{2}”：{3}（{4}）", "{0} row {1} \"{2}\": {3} ({4})"};
constexpr Message kRow{"{0} 第 {1} 行：{2}（{3}）", "{0} row {1}: {2} ({3})"};
constexpr Message kFollow{"以下各处由上面的问题引起，先改上面的：",
                          "What follows from the ones above (correct those first):"};
constexpr Message kMore{"……另有 {0} 处（--json 列出全部）", "... and {0} more (--json lists all)"};
constexpr Message kBad{"未入账。须改正 {0} 处，由其引起 {1} 处。改正后重新导入。",
                       "Nothing was recorded. To correct: {0}; following from them: {1}. Correct them and import again."};
constexpr Message kWouldDo{"试导入没有发现问题：将新记 {0} 笔，已入账 {1} 笔。未作任何改动。",
                           "The dry run found nothing wrong: {0} would be recorded, {1} are there "
                           "already. Nothing was changed."};
constexpr Message kDone{"导入完成：新记 {0} 笔，此前已入账 {1} 笔；账套现有 {2} 条记录，根 {3}",
                        "Imported: {0} recorded, {1} had been recorded before; the ledger has {2} "
                        "‹entry|entries›, root {3}"};
constexpr Message kNothingNew{"全部 {0} 笔此前已入账，未作任何改动。",
                              "All {0} had been recorded before; nothing was changed."};
constexpr Message kProgress{"\r已处理 {0} / {1}", "\r{0} of {1}"};

struct ImportOptions {
  std::string folder;
  std::string actor = "registrar";
  std::string operator_id;
  std::string encoding;
  bool dry_run = false, past = false;
};

void print_finding(const Context& context, const Finding& found) {
  const std::string_view text = context.language == Language::zh ? found.zh : found.en;
  if (found.row == 0 && found.column.empty()) {
    context.print(kWholeFile, found.file, text, found.code);
  } else if (found.column.empty()) {
    context.print(kRow, found.file, found.row, text, found.code);
  } else {
    context.print(kCell, found.file, found.row, found.column, text, found.code);
  }
}

void print_report(const Context& context, const ImportReport& report, bool dry_run) {
  for (const auto& file : report.files) {
    context.print(kFile, file.file, file.encoding, file.rows, file.documents);
  }
  for (const auto& file : report.ignored) context.print(kIgnored, file);
  std::vector<const Finding*> consequences;
  for (const auto& found : report.findings) {
    if (found.consequence) consequences.push_back(&found);
    else print_finding(context, found);
  }
  // One wrong cell has hundreds of them: the errors to correct must not scroll away.
  constexpr std::size_t kShown = 10;
  if (!consequences.empty()) context.print(kFollow);
  for (std::size_t i = 0; i < std::min(consequences.size(), kShown); ++i) print_finding(context, *consequences[i]);
  if (consequences.size() > kShown) context.print(kMore, consequences.size() - kShown);
  if (!report.findings.empty()) {
    context.print(kBad, report.findings.size() - consequences.size(), consequences.size());
  } else if (dry_run) {
    context.print(kWouldDo, report.recorded, report.repeated);
  } else if (!report.adopted) {
    context.print(kNothingNew, report.repeated);
  } else {
    context.print(kDone, report.recorded, report.repeated, report.size,
                  chain::to_hex(report.root));
  }
}

// The name under which the person is logged in.
std::string login_name() {
  if (const char* user = std::getenv("USER"); user != nullptr && *user != '\0') return user;
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? std::string() : entry->pw_name;
}

Exit run(const Context& context, const ImportOptions& options) {
  const auto actor = ActorId::parse(options.actor);
  if (!actor) {
    return context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--actor", options.actor,
                        "[A-Za-z0-9._-]{1,64}");
  }
  const std::string name = options.operator_id.empty() ? login_name() : options.operator_id;
  const auto operator_id = ActorId::parse(name);
  if (!operator_id) {
    return context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--operator", name,
                        "[A-Za-z0-9._-]{1,64}");
  }
  std::error_code ignored;
  if (!std::filesystem::is_directory(options.folder, ignored)) {
    return context.fail(Exit::refused, CliCode::not_found, kNoFolder, options.folder);
  }
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger_to_record(exit);
  if (!ledger) return exit;
  if (const auto& locked = ledger->vault().locked()) return context.fail(*locked);
  import::ImportRequest request = {options.folder, options.dry_run, options.past, context.now(),
                                   *actor, *operator_id, {}, {}};
  end_soon();
  request.cancelled = is_ending;
  if (!options.encoding.empty()) {
    request.encoding =
        options.encoding == "utf-8" ? import::Encoding::utf8 : import::Encoding::gb18030;
  }
  const bool to_people = !context.json && ::isatty(STDERR_FILENO) == 1;
  if (to_people) {
    request.progress = [&](std::uint64_t done, std::uint64_t total) {
      std::cerr << kProgress.in(context.language, done, total) << std::flush;
    };
  }
  const auto report = import::import_folder(*ledger, request);
  if (to_people) std::cerr << "\r\033[K";
  if (!report) return context.fail(report.error());
  print_report(context, *report, options.dry_run);
  context.print_json(to_json(*report, request));
  if (report->findings.empty()) return Exit::fine;
  return options.dry_run ? Exit::check_failed : Exit::refused;
}

}  // namespace

void add_import_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<ImportOptions>();
  auto* command = add_command(app, context, "import", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("folder", options->folder, both(kFolderHelp))->required();
  command->add_flag("--dry-run", options->dry_run, both(kDryRunHelp));
  command->add_flag("--past", options->past, both(kPastHelp));
  command->add_option("--actor", options->actor, both(kActorHelp));
  command->add_option("--operator", options->operator_id, both(kOperatorHelp));
  command->add_option("--encoding", options->encoding, both(kEncodingHelp))
      ->check(CLI::IsMember({"utf-8", "gb18030"}));
  add_setting(*command, context, Setting::clock_tolerance_seconds);
}

}  // namespace fundtrail::api::cli
