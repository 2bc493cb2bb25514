#include "api/answers.h"

#include "api/access_log/verify.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/state_check.h"

namespace fundtrail::api {
namespace {

nlohmann::ordered_json to_json(const audit::Finding& finding) {
  nlohmann::ordered_json value = {{"reason", audit::code(finding.flaw)}};
  if (finding.entry) value["entry"] = *finding.entry;
  if (finding.line) value["line"] = *finding.line;
  if (finding.checkpoint) value["checkpoint"] = *finding.checkpoint;
  if (!finding.subject.empty()) value["subject"] = finding.subject;
  if (!finding.detail.empty()) {
    value["detail"] = finding.detail_en();
    value["detail_zh"] = finding.detail_zh();
  }
  value["zh"] = finding.zh();
  value["en"] = finding.en();
  return value;
}

nlohmann::ordered_json to_json(const import::Finding& found) {
  nlohmann::ordered_json value = {{"file", found.file}, {"row", found.row}};
  if (!found.column.empty()) {
    value["column"] = found.column;
    value["key"] = found.key;
  }
  value["code"] = found.code;
  value["zh"] = found.zh;
  value["en"] = found.en;
  value["consequence"] = found.consequence;
  return value;
}

}  // namespace

nlohmann::ordered_json to_json(const Rejection& rejection) {
  nlohmann::ordered_json value = {{"code", info(rejection.reason).code}};
  if (!rejection.field.empty()) value["field"] = rejection.field;
  if (rejection.line) value["line"] = *rejection.line;
  value["zh"] = rejection.zh();
  value["en"] = rejection.en();
  return value;
}

nlohmann::ordered_json to_json(const audit::RuleInfo& rule) {
  return {{"rule", rule.code},
          {"name_zh", rule.name_zh},
          {"name_en", rule.name_en},
          {"legal_basis_zh", rule.basis_zh},
          {"legal_basis_en", rule.basis_en},
          {"kind", name_of(rule.kind)},
          {"severity", name_of(rule.severity)}};
}

nlohmann::ordered_json to_json(const audit::Indicator& indicator) {
  auto value = to_json(audit::info(indicator.rule));
  value["subject"] = indicator.subject;
  if (indicator.amount) value["amount"] = indicator.amount->str();
  value["zh"] = indicator.zh;
  value["en"] = indicator.en;
  auto& evidence = value["evidence"] = nlohmann::ordered_json::array();
  for (const auto& at : indicator.evidence) {
    nlohmann::ordered_json place = {{"entry", at.entry}};
    if (at.line) place["line"] = *at.line;
    if (!at.file.empty()) place["file"] = at.file, place["row"] = at.row;
    evidence.push_back(std::move(place));
  }
  return value;
}

nlohmann::ordered_json indicators_json(const View& view, std::size_t rules,
                                       const std::vector<audit::Indicator>& found) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& indicator : found) all.push_back(to_json(indicator));
  return {{"ledger", view.id().str()},
          {"size", view.size()},
          {"root", chain::to_hex(view.root())},
          {"rules", rules},
          {"indicators", all}};
}

nlohmann::ordered_json to_json(const audit::Report& report) {
  nlohmann::ordered_json value = {
      {"ok", report.fine()},         {"kind", report.kind},
      {"ledger", report.ledger},     {"suite", report.suite},
      {"entries", report.entries},   {"lines", report.lines},
      {"bytes", report.bytes},       {"root", report.root},
      {"checkpoints", report.checkpoints}, {"key", report.key},
      {"fingerprint", report.fingerprint}, {"key_was_given", report.key_was_given},
      {"states", report.states},     {"sources", report.sources},
      {"seconds", report.seconds}};
  if (report.finding) value["finding"] = to_json(*report.finding);
  return value;
}

nlohmann::ordered_json to_json(const StateReport& report) {
  auto rows = nlohmann::ordered_json::array();
  for (const auto& d : report.differences) {
    nlohmann::ordered_json row = {
        {"table", d.table == store::Table::commands ? "commands" : "state"},
        {"key", chain::to_hex(d.key)}, {"zh", d.zh()}, {"en", d.en()}};
    if (d.stored) row["stored"] = chain::to_hex(*d.stored);
    if (d.replayed) row["replayed"] = chain::to_hex(*d.replayed);
    rows.push_back(std::move(row));
  }
  nlohmann::ordered_json value = {{"ok", report.fine()},       {"entries", report.entries},
                                  {"rows", report.rows},       {"commands", report.commands},
                                  {"different", report.different}, {"differences", rows}};
  if (!report.stopped) value["root"] = chain::to_hex(report.root);
  if (report.stopped) {
    const auto& why = report.stopped->why;
    value["stopped"] = {{"entry", report.stopped->entry}, {"why", english_of(why)}, {"why_zh", chinese_of(why)}};
  }
  return value;
}

nlohmann::ordered_json to_json(const AccessReport& report) {
  nlohmann::ordered_json value = {{"ok", !report.finding},       {"ledger", report.ledger},
                                  {"files", report.files},       {"first", report.first},
                                  {"next", report.next},         {"last", chain::to_hex(report.last)},
                                  {"signed", report.signed_records}, {"unfinished", report.unfinished},
                                  {"former_records", report.former_records},
                                  {"key", report.key},           {"fingerprint", report.fingerprint}};
  if (report.finding) {
    const auto& text = info(report.finding->what);
    value["finding"] = {{"reason", text.code},          {"file", report.finding->file},
                        {"line", report.finding->line},
                        {"detail", english_of(report.finding->detail)},
                        {"detail_zh", chinese_of(report.finding->detail)},
                        {"zh", text.zh},                {"en", text.en}};
  }
  return value;
}

nlohmann::ordered_json to_json(const import::ImportReport& report,
                               const import::ImportRequest& request) {
  auto files = nlohmann::ordered_json::array(), bad = nlohmann::ordered_json::array();
  for (const auto& file : report.files) {
    files.push_back({{"file", file.file},
                     {"encoding", file.encoding},
                     {"digest", file.digest},
                     {"rows", file.rows},
                     {"documents", file.documents}});
  }
  for (const auto& found : report.findings) bad.push_back(to_json(found));
  const bool good = report.findings.empty();
  return {{"dry_run", request.dry_run},
          {"past", request.past},
          {"ok", good},
          {"changed", report.adopted},
          {"recorded", good ? report.recorded : 0},
          {"repeated", report.repeated},
          {"size", report.size},
          {"root", chain::to_hex(report.root)},
          {"files", files},
          {"ignored", report.ignored},
          {"bad", bad}};
}

nlohmann::ordered_json settlements_json(const planning::Plan& plan) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& document : plan.documents) {
    const auto& d = std::get<SettlementPreparation>(document.command.document);
    all.push_back({{"settlement", d.settlement.str()},
                   {"payee", d.provider.str()},
                   {"documents", d.redemptions.size() + items(d.calculations).size()},
                   {"amount", d.total.str()}});
  }
  return all;
}

void keep_recorded(nlohmann::ordered_json& settlements, const run::Outcome& outcome) {
  auto kept = nlohmann::ordered_json::array();
  for (auto& one : settlements) {
    const auto id = SettlementId::parse(one["settlement"].get_ref<const std::string&>());
    if (outcome.settlements.contains(*id)) kept.push_back(std::move(one));
  }
  settlements = std::move(kept);
}

void add_outcome(const run::Outcome& outcome, const View& after, nlohmann::ordered_json& json) {
  auto refused = nlohmann::ordered_json::array();
  for (const auto& one : outcome.refused) {
    refused.push_back(to_json(one.refusal.reason));
    if (!one.region.empty()) refused.back()["region"] = one.region.str();
    if (!one.settlement.empty()) refused.back()["settlement"] = one.settlement.str();
  }
  json["recorded"] = outcome.recorded;
  json["lines"] = outcome.lines;
  json["amount"] = outcome.amount.str();
  json["repeated"] = outcome.repeated;
  json["waiting"] = outcome.waiting;
  json["refused"] = std::move(refused);
  json["size"] = after.size();
  json["root"] = chain::to_hex(after.root());
}

}  // namespace fundtrail::api
