#include "api/import/past.h"

#include <fmt/format.h>

#include "api/derived_ids.h"
#include "api/import/plan.h"
#include "ledger/chain/digest.h"

namespace fundtrail::api::import {
namespace {

constexpr const char* kIdChecks[] = {"ok", "length", "characters", "birth_date", "check_digit"};

// Cuts one file into documents and records them.
class PastFile {
 public:
  PastFile(Ledger& staged, Sheet& sheet, const ImportRequest& request, ImportReport& report)
      : staged_(staged), sheet_(sheet), request_(request), report_(report),
        summary_(summary_of(sheet, staged.view()->suite())) {
    document_.file_digest = summary_.digest;
    document_.source = *Text::parse(sheet.file());
    document_.table = *Code::parse(sheet.table().name);
  }

  Status record() {
    FileSummary& summary = summary_;
    Row row;
    while (sheet_.next(row, report_.findings)) {
      if ((request_.cancelled && request_.cancelled()) || report_.findings.size() >= kMaxFindings) return success();
      ++summary.rows;
      // Blank rows are kept as rows without cells, so that line n of the file is always row n + 2.
      for (; next_row_ < row.number; ++next_row_) {
        if (auto done = add({}, summary); !done) return done;
      }
      if (auto done = add(imported_row(sheet_.table(), row, staged_.vault()), summary); !done) {
        return done;
      }
      ++next_row_;
    }
    if (auto done = flush(summary); !done) return done;
    report_.files.push_back(std::move(summary));
    return success();
  }

 private:
  Status add(ImportedRow row, FileSummary& summary) {
    document_.lines.push_back(std::move(row));
    return document_.lines.size() < kMaxLines ? success() : flush(summary);
  }

  Status flush(FileSummary& summary) {
    if (document_.lines.empty()) return success();
    Command command;
    command.id = *CommandId::parse(fmt::format("{}{}.{}.{}", derived::kPast, sheet_.table().name,
                                               document_.file_digest.substr(0, 16),
                                               summary.documents++));
    command.actor = {request_.actor, Role::registrar};
    command.time = request_.time;
    command.date = request_.time.date();
    command.document = document_;
    const std::uint64_t first_row = next_row_ + 1 - document_.lines.size();
    document_.lines.clear();
    const auto known = staged_.view()->find_command(command.id);
    if (!known) return known.error();
    if (*known) return ++report_.repeated, success();
    std::vector<Command> batch;
    batch.push_back(std::move(command));
    const auto answers = staged_.submit(std::move(batch), BatchMode::atomic);
    if (!answers) return answers.error();
    if (const auto* refusal = std::get_if<Refusal>(&answers->at(0))) {
      report_.findings.push_back(finding(sheet_.file(), first_row, refusal->reason, request_.people));
    } else {
      ++report_.recorded;
    }
    return success();
  }

  Ledger& staged_;
  Sheet& sheet_;
  const ImportRequest& request_;
  ImportReport& report_;
  FileSummary summary_;
  ImportedRecord document_;
  std::uint64_t next_row_ = 2;
};

// The policies of the folder are the yardstick of the past, not a part of it: they are registered
// as usual.
Status record_policies(Ledger& staged, const ImportRequest& request,
                       const std::vector<std::string>& files, ImportReport& report) {
  Plan plan;
  for (const auto& file : files) {
    plan_policy(request, file, staged.view()->suite(), plan, report);
  }
  for (const auto& planned : plan.policies) {
    std::vector<Command> batch;
    batch.push_back(policy_command(planned.policy, request));
    const auto answers = staged.submit(std::move(batch), BatchMode::atomic);
    if (!answers) return answers.error();
    if (const auto* receipt = std::get_if<Receipt>(&answers->at(0))) {
      ++(receipt->repeated ? report.repeated : report.recorded);
    } else {
      report.findings.push_back(
          finding(planned.file, 0, std::get<Refusal>(answers->at(0)).reason, request.people));
    }
  }
  return success();
}

}  // namespace

ImportedRow imported_row(const Table& table, const Row& row, const Vault& vault) {
  ImportedRow result;
  const auto cell = [&](std::string_view key) -> std::string {
    const auto column = table.find(key);
    return column ? row.cells[*column] : std::string();
  };
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (row.cells[i].empty() || is_personal(column.kind)) continue;
    result.values.emplace(column.key, row.cells[i]);
  }
  const std::string number = cell("id_number");
  if (number.empty()) return result;
  result.values.emplace("beneficiary", vault.pseudonym_of(number).str());
  result.values.emplace("id_check", kIdChecks[std::size_t(check_id_number(number))]);
  const std::string address = cell("address");
  if (table.name == "elders" && number.size() == 18 && !address.empty()) {
    const std::string birth = number.substr(6, 8);
    result.values.emplace(
        "person", vault.blind("person", cell("name") + "\n" + birth + "\n" + address));
  }
  return result;
}

Status record_past(Ledger& staged, const ImportRequest& request, ImportReport& report) {
  const auto files = list_folder(request.folder, true, report);
  if (!files) return files.error();
  if (auto done = record_policies(staged, request, files->policies, report); !done) return done;
  for (std::size_t i = 0; i < files->tables.size(); ++i) {
    WorkbookReading reading{request.cancelled};
    if (reading.is_cancelled() || report.findings.size() >= kMaxFindings) break;  // import_folder() says so
    const auto& [table, file] = files->tables[i];
    const auto sheet = open_sheet(request, file, *table, Strictness::facts, report.findings, reading);
    if (!sheet) continue;
    if (auto done = PastFile(staged, *sheet, request, report).record(); !done) return done;
    if (request.progress) request.progress(i + 1, files->tables.size());
  }
  return success();
}

}  // namespace fundtrail::api::import
