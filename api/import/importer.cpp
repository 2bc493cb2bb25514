#include "api/import/importer.h"

#include <algorithm>

#include "api/import/commands.h"
#include "api/import/manifest.h"
#include "api/import/past.h"
#include "api/import/plan.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/check.h"

namespace fundtrail::api::import {
namespace {

Error cancelled() {
  return {Fault::unavailable, in_both("导入已取消，未作任何改动。", "the import was cancelled; nothing was changed")};
}

// The second pass: builds commands in order, submits them in batches, and leads every refusal back
// to the row it came from.
class Recorder {
 public:
  Recorder(Ledger& staged, Plan& plan, const ImportRequest& request, ImportReport& report)
      : staged_(staged), plan_(plan), request_(request), report_(report),
        size_before_(staged.view()->size()),
        recorded_{[this](const std::string& id) { return find(id); },
                  [this](std::uint64_t index) { return staged_.view()->decoded(index); }},
        builder_{staged.vault(), recorded_, request.time, report.findings} {}

  Status record() {
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      if (request_.cancelled && request_.cancelled()) {
        return cancelled();
      }
      if (report_.findings.size() >= kMaxFindings) return success();  // import_folder() says so
      if (auto done = add(plan_.steps[i]); !done) return done;
      if (batch_.size() >= kMaxCommands || lines_ >= kMaxBatchLines) {
        if (auto done = flush(); !done) return done;
        if (request_.progress) request_.progress(i + 1, plan_.steps.size());
      }
    }
    return flush();
  }

 private:
  static constexpr std::size_t kMaxCommands = 1024;
  static constexpr std::size_t kMaxBatchLines = 8192;

  // Where a command came from, for its refusal.
  struct Origin {
    const Sheet* sheet = nullptr;  // nullptr: a policy
    std::string file;
    const Step* step = nullptr;
    std::string key;
    std::vector<std::uint32_t> rows;
    const PlannedDocument* document = nullptr;
  };

  Status add(const PlannedStep& planned) {
    if (planned.order == 0) return add_policy(plan_.policies[planned.document]);
    const PlannedSheet& source = plan_.sheets[planned.order - 1u];
    const Table& table = source.sheet->table();
    const Step& step = table.steps[planned.step];
    if (needs_recorded(table, step)) {
      if (auto done = flush(); !done) return done;
    }
    const PlannedDocument& document = source.documents[planned.document];
    read(*source.sheet, document);
    const std::size_t before = report_.findings.size();
    auto command = builder_.build(*source.sheet, step, rows_);
    if (!command) return command.error();
    mark_unknown_documents(before);
    const std::string key = document_key(table, rows_[0], staged_.vault());
    if (!*command) return lose(*source.sheet, key, rows_), success();
    Origin origin = {source.sheet.get(), source.sheet->file(), &step, key, {}, &document};
    for (const auto& row : rows_) origin.rows.push_back(row.number);
    if (request_.only && spell((*command)->actor) != spell(*request_.only)) {
      const auto self = spell(*request_.only);
      report_.findings.push_back(finding(origin.file, origin.rows[0], Trouble::other_actor,
                                         spell((*command)->actor), {self, self}));
      return lose(*source.sheet, key, rows_), success();
    }
    lines_ += rows_.size();
    push(std::move(**command), std::move(origin));
    return success();
  }

  void read(const Sheet& sheet, const PlannedDocument& document) {
    rows_.clear();
    sheet.read_again(document.first, rows_, report_.findings);
    for (const auto& run : document.more) sheet.read_again(run, rows_, report_.findings);
    FT_CHECK(!rows_.empty());
  }

  // A document that others name is not there because its own row was bad.
  void mark_unknown_documents(std::size_t from) {
    for (std::size_t i = from; i < report_.findings.size(); ++i) {
      Finding& found = report_.findings[i];
      found.consequence = found.code == code(Trouble::unknown_document) &&
                          plan_.missing.has(found.subject);
    }
  }

  // These rows will not be in the ledger.
  void lose(const Sheet& sheet, const std::string& key, const std::vector<Row>& rows) {
    plan_.missing.add_key(sheet.table(), key);
    for (const auto& row : rows) plan_.missing.add(sheet.table(), row, staged_.vault());
  }

  static std::string spell(const Actor& actor) {
    return actor.id.str() + " " + std::string(name_of(actor.role));
  }

  Status add_policy(const PlannedPolicy& planned) {
    push(policy_command(planned.policy, request_),
         {nullptr, planned.file, nullptr, planned.policy.ref().str(), {0}, nullptr});
    return success();
  }

  void push(Command command, Origin origin) {
    batch_.push_back(std::move(command));
    origins_.push_back(std::move(origin));
  }

  Status flush() {
    if (batch_.empty()) return success();
    const auto answers = staged_.submit(std::move(batch_), BatchMode::independent);
    if (!answers) return answers.error();
    FT_CHECK(answers->size() == origins_.size());
    for (std::size_t i = 0; i < origins_.size(); ++i) note((*answers)[i], origins_[i]);
    batch_.clear();
    origins_.clear();
    lines_ = 0;
    return success();
  }

  void note(const Answer& answer, const Origin& origin) {
    if (const auto* receipt = std::get_if<Receipt>(&answer)) {
      if (receipt->repeated && receipt->index >= size_before_) return duplicate(origin);
      ++(receipt->repeated ? report_.repeated : report_.recorded);
      return;
    }
    const auto& refusal = std::get<Refusal>(answer);
    const Rejection& reason = refusal.reason;
    if (reason.reason == Reason::command_id_reused && recorded_here(refusal.command)) {
      return duplicate(origin);
    }
    for (const auto& line : refusal.refused_lines) refuse(origin, line);
    const bool listed = std::any_of(
        refusal.refused_lines.begin(), refusal.refused_lines.end(),
        [&](const Rejection& line) { return line.reason == reason.reason && line.line == reason.line; });
    if (!listed) refuse(origin, reason);
    if (origin.sheet == nullptr) {
      plan_.missing.add_policy_file();
    } else {
      read(*origin.sheet, *origin.document);
      lose(*origin.sheet, origin.key, rows_);
    }
  }

  bool recorded_here(const CommandId& id) const {
    const auto index = staged_.view()->find_command(id);
    return index && *index && **index >= size_before_;
  }

  void duplicate(const Origin& origin) {
    Finding twice = finding(origin.file, origin.rows[0], Trouble::duplicate_row, origin.key);
    if (origin.sheet != nullptr) {
      origin.sheet->name_column(twice, *origin.sheet->table().find(origin.sheet->table().key));
    }
    report_.findings.push_back(std::move(twice));
  }

  void refuse(const Origin& origin, const Rejection& reason) {
    const std::size_t line = std::min(reason.line.value_or(0), origin.rows.size() - 1);
    Finding found = finding(origin.file, origin.rows[line], reason, request_.people);
    if (origin.sheet != nullptr) {
      const auto column = column_of(origin.sheet->table(), *origin.step, reason.field);
      if (column) origin.sheet->name_column(found, *column);
    } else {
      found.column = found.key = reason.field;
    }
    found.consequence = plan_.missing.explains(reason);
    report_.findings.push_back(std::move(found));
  }

  Result<std::optional<std::uint64_t>> find(const std::string& id) const {
    const auto command = CommandId::parse(id);
    if (!command) return std::optional<std::uint64_t>();
    return staged_.view()->find_command(*command);
  }

  Ledger& staged_;
  Plan& plan_;
  const ImportRequest& request_;
  ImportReport& report_;
  const std::uint64_t size_before_;
  const Recorded recorded_;
  const Builder builder_;
  std::vector<Command> batch_;
  std::vector<Origin> origins_;
  std::size_t lines_ = 0;
  std::vector<Row> rows_;
};

Status record_into(Ledger& staged, const ImportRequest& request, ImportReport& report) {
  if (request.past) return record_past(staged, request, report);
  auto plan = plan_import(request, staged, report);
  if (!plan) return plan.error();
  return Recorder(staged, *plan, request, report).record();
}

}  // namespace

Result<ImportReport> import_folder(Ledger& ledger, const ImportRequest& request) {
  ImportReport report;
  auto staged = ledger.stage();
  if (!staged) return staged.error();
  if (auto done = record_into(**staged, request, report); !done) return done.error();
  if (request.cancelled && request.cancelled()) {
    return cancelled();
  }
  if (report.findings.empty() && report.recorded > 0) {
    if (auto done = record_manifest(**staged, request, report); !done) return done.error();
  }
  if (report.findings.size() >= kMaxFindings) report.findings.push_back(finding(".", 0, Trouble::too_many));
  sort(report.findings);
  if (report.findings.empty() && !request.dry_run && report.recorded > 0) {
    if (auto done = ledger.adopt(std::move(*staged)); !done) return done.error();
    report.adopted = true;
  }
  const auto view = ledger.view();
  report.size = view->size();
  report.root = view->root();
  return report;
}

}  // namespace fundtrail::api::import
