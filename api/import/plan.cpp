#include "api/import/plan.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "api/derived_ids.h"
#include "api/files.h"
#include "api/import/commands.h"
#include "ledger/chain/digest.h"

namespace fundtrail::api::import {
namespace {

std::uint16_t order_of(const Table& table) { return std::uint16_t(table_order(table) + 1); }

// Plans the documents of one file.
class SheetPlanner {
 public:
  SheetPlanner(PlannedSheet& planned, const Ledger& staged, const ImportRequest& request, Plan& plan,
               ImportReport& report)
      : request_(request), planned_(planned), vault_(staged.vault()), suite_(staged.view()->suite()),
        steps_(plan.steps), missing_(plan.missing),
        report_(report),
        table_(planned.sheet->table()) {}

  void read(const WorkbookReading& reading) {
    FileSummary summary = summary_of(*planned_.sheet, suite_);
    Row row;
    while (planned_.sheet->next(row, report_.findings)) {
      if (reading.is_cancelled() || report_.findings.size() >= kMaxFindings) break;
      ++summary.rows;
      if (row.good && request_.people == Telling::withheld) note_people(row);
      add(row);
    }
    drop_bad();
    summary.documents = steps_.size() - first_step_;
    report_.files.push_back(std::move(summary));
  }

 private:
  static constexpr std::uint32_t kMaxRows = kMaxLines + 1;  // enough to be told "too many"

  void add(const Row& row) {
    std::uint32_t document = std::uint32_t(planned_.documents.size());
    if (!row.good) missing_.add(table_, row, vault_);
    if (table_.grouping == Grouping::row) {
      if (!row.good) return;
      planned_.documents.push_back({row.run, {}});
    } else {
      const auto key = group_key(row);
      if (key.empty()) return;
      const auto [known, is_new] = by_key_.try_emplace(key, document);
      document = known->second;
      if (!row.good) bad_.insert(document);
      if (!is_new) return append(planned_.documents[document], row);
      planned_.documents.push_back({row.run, {}});
      if (!row.good) return;
    }
    plan_steps(row, document);
  }

  void note_people(const Row& row) {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (table_.columns[i].kind != Value::id_number || row.cells[i].empty()) continue;
      report_.people.push_back(vault_.pseudonym_of(row.cells[i]));
    }
  }

  // What rows of one document share; empty when a bad row does not have it.
  std::string group_key(const Row& row) const {
    const bool has_key = !row.cells[*table_.find(table_.key)].empty();
    const bool has_date = row.good || !row.cells[*table_.find("date")].empty();
    if (!has_key || (table_.grouping == Grouping::month && !has_date)) return {};
    return document_key(table_, row, vault_);
  }

  static void append(PlannedDocument& document, const Row& row) {
    if (document.rows() >= kMaxRows) return;
    Run& last = document.more.empty() ? document.first : document.more.back();
    const bool adjacent = last.offset + last.length == row.run.offset &&
                          last.length < (1u << 30);
    if (adjacent) {
      last.length += row.run.length;
      ++last.rows;
    } else {
      document.more.push_back(row.run);
    }
  }

  void plan_steps(const Row& row, std::uint32_t document) {
    for (std::size_t i = 0; i < table_.steps.size(); ++i) {
      const Step& step = table_.steps[i];
      const std::size_t actor = *table_.find(step.actor), date = *table_.find(step.date);
      const bool has_actor = !row.cells[actor].empty(), has_date = !row.cells[date].empty();
      // A person without a date, unless the person stands for another step, too.
      const bool own_actor = !table_.columns[actor].required &&
                             (i == 0 || table_.steps[i - 1].actor != step.actor);
      if (has_date ? !has_actor : has_actor && own_actor) {
        Finding incomplete = finding(planned_.sheet->file(), row.number, Trouble::incomplete_step);
        planned_.sheet->name_column(incomplete, has_date ? actor : date);
        report_.findings.push_back(std::move(incomplete));
        bad_.insert(document);
      } else if (has_date) {
        steps_.push_back({date_of(table_, step, row)->days(), order_of(table_), std::uint16_t(i),
                          row.number, document});
      }
    }
  }

  void drop_bad() {
    std::vector<Row> rows;
    std::vector<Finding> known;
    for (const auto document : bad_) {
      planned_.sheet->read_again(planned_.documents[document].first, rows, known);
      for (const auto& run : planned_.documents[document].more) {
        planned_.sheet->read_again(run, rows, known);
      }
    }
    for (const auto& row : rows) missing_.add(table_, row, vault_);
    steps_.erase(std::remove_if(steps_.begin() + std::ptrdiff_t(first_step_), steps_.end(),
                                [&](const PlannedStep& step) { return bad_.contains(step.document); }),
                 steps_.end());
  }

  const ImportRequest& request_;
  PlannedSheet& planned_;
  const Vault& vault_;
  const chain::Suite suite_;
  std::vector<PlannedStep>& steps_;
  Missing& missing_;
  ImportReport& report_;
  const Table& table_;
  const std::size_t first_step_ = steps_.size();
  std::unordered_map<std::string, std::uint32_t> by_key_;
  std::unordered_set<std::uint32_t> bad_;
};

}  // namespace

void Missing::add(const Table& table, const Row& row, const Vault& vault) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const std::string& cell = row.cells[i];
    if (cell.empty()) continue;
    if (column.key == table.key && column.kind != Value::id_number) add_key(table, cell);
    if (column.kind == Value::voucher) things_.insert(cell);
    if (table.name == "elders" && column.kind == Value::id_number) {
      things_.insert(vault.pseudonym_of(cell).str());
    }
  }
  money_ |= table.name == "fund_receipts" || table.name == "counterpart_receipts" ||
            table.name == "allotments" || table.name == "recoveries";
  came_back_ |= table.name == "voucher_changes";
}

void Missing::add_key(const Table& table, const std::string& key) {
  things_.insert(key);
  things_.insert(std::string(table.name) + "." + key);
}

void Missing::add_file(const Table& table) {
  file_ |= table.name != "bank_statement" && table.name != "period_closes";
}

bool Missing::explains(const Rejection& refusal) const {
  const auto is = [&](Reason reason) { return refusal.reason == reason; };
  // What a fund may pay for is what it was allotted to.
  if (is(Reason::insufficient_balance) || is(Reason::purpose_not_allowed)) return money_ || file_;
  if (is(Reason::already_issued)) return came_back_ || file_;
  const bool unknown = refusal.reason >= Reason::unknown_fund &&
                       refusal.reason <= Reason::unknown_duty;
  const bool step = refusal.reason == Reason::wrong_step ||
                    refusal.reason == Reason::amount_mismatch;
  return (unknown && file_) || ((unknown || step) && things_.contains(refusal.subject));
}

Result<FolderFiles> list_folder(const std::filesystem::path& folder, bool past,
                                ImportReport& report) {
  constexpr std::string_view kSpreadsheets[] = {".xls", ".et", ".ods", ".xlsm"};
  FolderFiles files;
  std::error_code error;
  for (const auto& item : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = item.path().filename().string();
    const std::string end = item.path().extension().string();
    if (name.starts_with("~$")) continue;  // a spreadsheet program's mark that it has the file open
    if (const Table* table = table_of_file(name); table != nullptr && (past || !table->past_only)) {
      files.tables.push_back({table, name});
    } else if (end == ".csv" || end == ".CSV" || end == ".xlsx" || end == ".XLSX") {
      if (past) {
        report.ignored.push_back(name);
      } else {
        report.findings.push_back(finding(name, 0, Trouble::unknown_file));
      }
    } else if (std::find(std::begin(kSpreadsheets), std::end(kSpreadsheets), end) !=
               std::end(kSpreadsheets)) {
      report.findings.push_back(finding(name, 0, Trouble::spreadsheet_file));
    }
  }
  if (error) return file_error(Doing::read, folder, error.value());
  std::error_code none;
  for (const auto& item : std::filesystem::directory_iterator(folder / "policies", none)) {
    if (item.path().extension() == ".json") {
      files.policies.push_back("policies/" + item.path().filename().string());
    }
  }
  std::sort(files.tables.begin(), files.tables.end(), [](const TableFile& a, const TableFile& b) {
    return std::tie(a.table, a.name) < std::tie(b.table, b.name);
  });
  const auto twice = std::unique(files.tables.begin(), files.tables.end(),
                                 [&](const TableFile& a, const TableFile& b) {
    if (a.table != b.table) return false;
    report.findings.push_back(finding(b.name, 0, Trouble::file_twice));
    return true;
  });
  files.tables.erase(twice, files.tables.end());
  std::sort(files.policies.begin(), files.policies.end());
  if (files.tables.empty() && files.policies.empty() && report.findings.empty()) {
    report.findings.push_back(finding(".", 0, Trouble::nothing_there));
  }
  std::sort(report.ignored.begin(), report.ignored.end());
  return files;
}

FileSummary summary_of(const Sheet& sheet, chain::Suite suite) {
  return {.file = sheet.file(),
          .encoding = name(sheet.encoding()),
          .digest = chain::to_hex(chain::Hasher(suite).digest(sheet.bytes()))};
}

void plan_policy(const ImportRequest& request, const std::string& file, chain::Suite suite,
                 Plan& plan, ImportReport& report) {
  const auto text = read_file(request.folder / file);
  if (!text) {
    report.findings.push_back(finding(file, 0, Trouble::unreadable_file, {}, {"无法读取“" + file + "”", "cannot read " + file}));
    return;
  }
  const std::string_view body = std::string_view(*text).substr(text->starts_with("\xEF\xBB\xBF") ? 3 : 0);
  auto document = chain::decode_document("policy_registration",
                                         "{\"policy\":" + std::string(body) + "}");
  report.files.push_back({.file = file,
                          .encoding = name(Encoding::utf8),
                          .digest = chain::to_hex(chain::Hasher(suite).digest(*text)),
                          .rows = 1,
                          .documents = 1});
  if (!document) {
    Finding bad = finding(file, 0, document.error(), request.people);
    bad.column = bad.key = document.error().field;
    report.findings.push_back(std::move(bad));
    plan.missing.add_policy_file();
    return;
  }
  Policy& policy = std::get<PolicyRegistration>(*document).policy;
  if (policy.ref().str().size() + derived::kPolicies.size() > 64) {
    report.findings.push_back(finding(file, 0, Trouble::id_too_long, policy.ref().str()));
    return;
  }
  plan.steps.push_back({policy.in_force_from.days(), 0, 0, 0, std::uint32_t(plan.policies.size())});
  plan.policies.push_back({file, std::move(policy)});
}

Command policy_command(const Policy& policy, const ImportRequest& request) {
  Command command;
  // plan_policy() has seen to it that the id is not too long.
  command.id = *CommandId::parse(std::string(derived::kPolicies) + policy.name.str() + "." +
                                 std::to_string(policy.version));
  command.actor = {request.actor, Role::registrar};
  command.date = policy.in_force_from;
  command.time = request.time;
  command.document = PolicyRegistration{policy};
  return command;
}

std::unique_ptr<Sheet> open_sheet(const ImportRequest& request, const std::string& file, const Table& table,
                                  Strictness strictness, std::vector<Finding>& findings, WorkbookReading& reading) {
  const auto path = request.folder / file;
  auto sheet = Sheet::open(path, table, strictness, request.encoding, findings, reading, request.people);
  std::error_code ignored;
  // What is mapped stays readable, and is gone with the process.
  if (request.remove_files) std::filesystem::remove(path, ignored);
  if (request.by_number || !sheet || !sheet->names_people()) return sheet;
  findings.push_back(finding(file, 0, Trouble::people_by_number));
  return nullptr;
}

Result<Plan> plan_import(const ImportRequest& request, const Ledger& staged,
                         ImportReport& report) {
  const auto files = list_folder(request.folder, false, report);
  if (!files) return files.error();
  Plan plan;
  WorkbookReading reading{request.cancelled};
  plan.sheets.resize(tables().size());
  for (const auto& file : files->policies) {
    plan_policy(request, file, staged.view()->suite(), plan, report);
  }
  for (const auto& [table, file] : files->tables) {
    PlannedSheet& planned = plan.sheets[table_order(*table)];
    planned.sheet = open_sheet(request, file, *table, Strictness::documents, report.findings, reading);
    if (reading.is_cancelled() || report.findings.size() >= kMaxFindings) break;  // import_folder() says so
    if (planned.sheet) {
      SheetPlanner(planned, staged, request, plan, report).read(reading);
    } else {
      plan.missing.add_file(*table);
    }
  }
  std::sort(plan.steps.begin(), plan.steps.end(), [](const PlannedStep& a, const PlannedStep& b) {
    return std::tie(a.date, a.order, a.row, a.step, a.document) <
           std::tie(b.date, b.order, b.row, b.step, b.document);
  });
  return plan;
}

}  // namespace fundtrail::api::import
