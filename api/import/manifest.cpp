#include "api/import/manifest.h"

#include <fmt/format.h>

#include "api/derived_ids.h"
#include "ledger/chain/digest.h"

namespace fundtrail::api::import {

Status record_manifest(Ledger& staged, const ImportRequest& request, ImportReport& report) {
  ImportedRecord manifest;
  manifest.source = *Text::parse("import");
  manifest.table = *Code::parse("import_manifest");
  std::string list;
  for (const auto& file : report.files) {
    list += file.digest + "  " + file.file + "\n";
    manifest.lines.push_back({{{"file", file.file},
                               {"digest", file.digest},
                               {"encoding", file.encoding},
                               {"rows", std::to_string(file.rows)},
                               {"documents", std::to_string(file.documents)},
                               {"operator", request.operator_id.str()}}});
  }
  const auto view = staged.view();
  manifest.file_digest = chain::to_hex(chain::Hasher(view->suite()).digest(list));
  Command command;
  // Unique: no two imports end at the same size.
  command.id = *CommandId::parse(
      fmt::format("{}{}.{}", derived::kManifest, manifest.file_digest.substr(0, 16), view->size()));
  command.actor = {request.operator_id, Role::registrar};
  command.time = request.time;
  command.date = request.time.date();
  command.document = std::move(manifest);
  std::vector<Command> batch;
  batch.push_back(std::move(command));
  const auto answers = staged.submit(std::move(batch), BatchMode::atomic);
  if (!answers) return answers.error();
  if (const auto* refusal = std::get_if<Refusal>(&answers->at(0))) {
    report.findings.push_back(finding("import_manifest", 0, refusal->reason, request.people));
  }
  return success();
}

}  // namespace fundtrail::api::import
