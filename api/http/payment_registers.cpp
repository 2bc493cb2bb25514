// Settlements, disbursements and recoveries: what each is, at which step, and when and by which bank transaction every step was
// done. Their rows have the present; the entries of their steps have the rest (api/http/provider_index.h). A provider
// sees its own, somebody limited to regions what lies in these only.
#include <algorithm>

#include "api/http/handlers.h"
#include "api/http/row_page.h"
#include "api/http/service.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/rows.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

// The entries of the steps. A fault ends the answer as one of the state does.
std::vector<Entry> entries_of(const View& view, const Result<std::vector<std::uint64_t>>& steps, std::size_t& looked) {
  if (!steps) throw rules::StateUnreadable{steps.error()};
  looked += steps->size();
  std::vector<Entry> entries;
  for (const auto index : *steps) {
    auto entry = view.decoded(index);
    if (!entry) throw rules::StateUnreadable{entry.error()};
    entries.push_back(std::move(*entry));
  }
  return entries;
}

template <class Id>
Id id_of(std::string_view key) {
  auto id = Id::parse(key);
  if (!id) rules::Unpacker::damaged();
  return *id;
}

bool is_theirs(const Caller& caller, const ProviderId& provider) {
  return !caller.provides() || provider.str() == caller.actor.id.str();
}

template <class Step>
Json step_json(Step step, const Entry& entry) {
  return {{"step", name_of(step)}, {"date", entry.date.str()}, {"by", entry.actor.id.str()}};
}

// --- settlements ---------------------------------------------------------------------------------

struct WantedSettlements {
  std::optional<rules::SettlementStep> step;
  std::optional<ProviderId> provider;
  std::optional<RegionCode> region;

  bool fits(const rules::SettlementRow& row) const {
    return (!step || *step == row.step) && (!provider || *provider == row.provider) &&
           (!region || std::any_of(row.groups.begin(), row.groups.end(), [&](const auto& group) {
             return lies_in(group.at.region, *region);
           }));
  }
};

// Of a settlement or payment that spans regions nobody limited is shown a part, as of its entries (rules::regions_of).
bool is_theirs(const Caller& caller, const rules::SettlementRow& settled) {
  if (!is_theirs(caller, settled.provider)) return false;
  if (!caller.limited()) return true;
  return !settled.groups.empty() && std::all_of(settled.groups.begin(), settled.groups.end(), [&](const auto& group) {
    return caller.covers(group.at.region);
  });
}

Json regions_json(const rules::SettlementRow& settled) {
  auto regions = Json::array();
  for (const auto& group : settled.groups) {
    const auto& region = group.at.region.str();
    if (std::find(regions.begin(), regions.end(), region) == regions.end()) regions.push_back(region);
  }
  return regions;
}

rules::SettlementStep settlement_step_of(const Document& document) {
  if (std::holds_alternative<SettlementReview>(document)) return rules::SettlementStep::reviewed;
  if (std::holds_alternative<SettlementApproval>(document)) return rules::SettlementStep::approved;
  if (std::holds_alternative<SettlementReturn>(document)) return rules::SettlementStep::returned;
  return rules::SettlementStep::prepared;
}

// What the settlement was prepared from, as it was sent.
void add_claims(Json& json, const SettlementPreparation& d) {
  json["basis"] = name_of(d.basis);
  json["redemptions"] = d.redemptions;
  if (d.calculations) json["calculations"] = *d.calculations;
  if (!d.grant) return;
  json["grant"] = {{"fund", d.grant->fund.str()},
                   {"programme", d.grant->programme.str()},
                   {"region", d.grant->region.str()},
                   {"invoice_no", d.grant->invoice_no.str()},
                   {"economic_code", d.grant->economic_code.str()}};
}

Json settlement_json(std::string_view key, const rules::SettlementRow& row, const std::vector<Entry>& entries) {
  Json json = {{"settlement", key},
               {"step", name_of(row.step)},
               {"provider", row.provider.str()},
               {"total", row.total.str()},
               {"regions", regions_json(row)},
               {"prepared_on", row.prepared_on.str()},
               {"stepped_on", row.stepped_on.str()},
               {"preparer", row.preparer.str()}};
  if (!row.reviewer.empty()) json["reviewer"] = row.reviewer.str();
  if (!row.approver.empty()) json["approver"] = row.approver.str();
  if (!row.disbursement.empty()) json["disbursement"] = row.disbursement.str();
  auto steps = Json::array();
  for (const auto& entry : entries) {
    if (const auto* prepared = std::get_if<SettlementPreparation>(&entry.document)) add_claims(json, *prepared);
    Json step = step_json(settlement_step_of(entry.document), entry);
    if (const auto* returned = std::get_if<SettlementReturn>(&entry.document)) step["reason"] = returned->reason.str();
    step["entry"] = entry.index;
    steps.push_back(std::move(step));
  }
  json["steps"] = std::move(steps);
  return json;
}

ShowRow show_settlements(Service& service, const Exchange& exchange, const View& view, WantedSettlements wanted) {
  return [&, wanted = std::move(wanted)](std::string_view key, std::string_view bytes,
                                         std::size_t& looked) -> std::optional<Json> {
    const auto row = rules::SettlementRow::decode(bytes);
    looked += row.redemptions.size();
    if (!is_theirs(*exchange.caller, row) || !wanted.fits(row)) return std::nullopt;
    const auto steps = service.providers().steps_of(view, id_of<SettlementId>(key));
    return settlement_json(key, row, entries_of(view, steps, looked));
  };
}

// --- disbursements -------------------------------------------------------------------------------

using Steps = rules::DisbursementStep;

struct WantedDisbursements {
  std::optional<Steps> step;
  std::optional<SettlementId> settlement;
  WantedSettlements settled = {};

  bool fits(const rules::DisbursementRow& row) const {
    return (!step || *step == row.step) && (!settlement || *settlement == row.settlement);
  }
};

struct Told {
  Steps step;
  const Reference* bank_reference = nullptr;
  const Text* reason = nullptr;
};
Told told_by(const Document& document) {
  if (const auto* paid = std::get_if<DisbursementPayment>(&document)) return {Steps::paid, &paid->bank_reference};
  if (const auto* bounced = std::get_if<DisbursementBounce>(&document)) {
    return {Steps::bounced, &bounced->bank_reference, &bounced->reason};
  }
  if (const auto* cancelled = std::get_if<DisbursementCancellation>(&document)) {
    return {Steps::cancelled, nullptr, &cancelled->reason};
  }
  if (std::holds_alternative<DisbursementApproval>(document)) return {Steps::approved};
  return {Steps::prepared};
}

Json steps_json(const std::vector<Entry>& entries) {
  auto steps = Json::array();
  for (const auto& entry : entries) {
    const auto told = told_by(entry.document);
    Json step = step_json(told.step, entry);
    if (told.bank_reference) step["bank_reference"] = told.bank_reference->str();
    if (told.reason) step["reason"] = told.reason->str();
    step["entry"] = entry.index;
    steps.push_back(std::move(step));
  }
  return steps;
}

Json disbursement_json(std::string_view key, const rules::DisbursementRow& row, const rules::SettlementRow& settled,
                       const std::vector<Entry>& entries) {
  Json json = {{"disbursement", key},
               {"step", name_of(row.step)},
               {"settlement", row.settlement.str()},
               {"provider", settled.provider.str()},
               {"amount", settled.total.str()},
               {"regions", regions_json(settled)},
               {"account", row.account.str()},
               {"payee",
                {{"bank", row.payee.bank.str()}, {"holder", row.payee.holder.str()}, {"number", row.payee.number}}},
               {"stepped_on", row.stepped_on.str()},
               {"preparer", row.preparer.str()}};
  if (!row.approver.empty()) json["approver"] = row.approver.str();
  for (const auto& entry : entries) {
    if (const auto told = told_by(entry.document); told.step == Steps::paid) {
      json["bank_reference"] = told.bank_reference->str();
    }
  }
  json["steps"] = steps_json(entries);
  return json;
}

ShowRow show_disbursements(Service& service, const Exchange& exchange, const View& view, WantedDisbursements wanted) {
  return [&, wanted = std::move(wanted)](std::string_view key, std::string_view bytes,
                                         std::size_t& looked) -> std::optional<Json> {
    const auto row = rules::DisbursementRow::decode(bytes);
    if (!wanted.fits(row)) return std::nullopt;
    const auto settlement = view.raw().get(store::Table::state, rules::settlement_key(row.settlement));
    if (!settlement) throw rules::StateUnreadable{settlement.error()};
    if (!*settlement) rules::Unpacker::damaged();
    const auto settled = rules::SettlementRow::decode(**settlement);
    looked += settled.redemptions.size();
    if (!is_theirs(*exchange.caller, settled) || !wanted.settled.fits(settled)) return std::nullopt;
    const auto steps = service.providers().steps_of(view, id_of<DisbursementId>(key));
    return disbursement_json(key, row, settled, entries_of(view, steps, looked));
  };
}

// What both are asked for.
std::optional<Problem> read_settled(const Exchange& exchange, const httplib::Request& request, const View& view,
                                    WantedSettlements& out) {
  auto problem = read_value(request, "provider", kIdForm, out.provider);
  if (!problem) problem = read_value(request, "region", kRegionForm, out.region);
  return problem ? problem : refuse_filters(exchange, view, out.region, out.provider);
}

// --- recoveries ----------------------------------------------------------------------------------

struct WantedRecoveries {
  std::optional<ProviderId> provider;
  std::optional<FundId> fund;
  std::optional<ProgrammeId> programme;
  std::optional<RegionCode> region;
  std::optional<bool> open;

  bool fits(const rules::RecoveryRow& row) const {
    return (!provider || provider->str() == row.at.counterparty) && (!fund || *fund == row.at.fund) &&
           (!programme || *programme == row.at.programme) && (!region || lies_in(row.at.region, *region)) &&
           (!open || *open == (row.received < row.decided));
  }
};

bool is_theirs(const Caller& caller, const rules::RecoveryRow& row) {
  return caller.provides() ? row.at.counterparty == caller.actor.id.str() : caller.covers(row.at.region);
}

Json recovery_json(std::string_view key, const rules::RecoveryRow& row, const std::vector<Entry>& entries) {
  Json json = {{"recovery", key},
               {"provider", row.at.counterparty},
               {"fund", row.at.fund.str()},
               {"programme", row.at.programme.str()},
               {"region", row.at.region.str()},
               {"disposition", name_of(row.disposition)},
               {"decided_on", row.decided_on.str()},
               {"decided", row.decided.str()},
               {"received", row.received.str()},
               {"open", (row.decided - row.received).str()}};
  auto receipts = Json::array();
  for (const auto& entry : entries) {
    const auto* receipt = std::get_if<RecoveryReceipt>(&entry.document);
    if (!receipt) {
      json["entry"] = entry.index;
      if (const auto* decision = std::get_if<RecoveryDecision>(&entry.document)) json["reason"] = decision->reason.str();
      continue;
    }
    receipts.push_back({{"date", entry.date.str()},
                        {"amount", receipt->amount.str()},
                        {"account", receipt->account.str()},
                        {"bank_reference", receipt->bank_reference.str()},
                        {"entry", entry.index}});
  }
  json["receipts"] = std::move(receipts);
  return json;
}

ShowRow show_recoveries(Service& service, const Exchange& exchange, const View& view, WantedRecoveries wanted) {
  return [&, wanted = std::move(wanted)](std::string_view key, std::string_view bytes,
                                         std::size_t& looked) -> std::optional<Json> {
    const auto row = rules::RecoveryRow::decode(bytes);
    if (!is_theirs(*exchange.caller, row) || !wanted.fits(row)) return std::nullopt;
    const auto steps = service.providers().steps_of(view, id_of<RecoveryId>(key));
    return recovery_json(key, row, entries_of(view, steps, looked));
  };
}

}  // namespace

void get_settlements(Service& service, Exchange& exchange, const httplib::Request& request,
                     httplib::Response& response) {
  WantedSettlements wanted;
  if (const auto step = parameter(request, "step")) {
    wanted.step = parse_name<rules::SettlementStep>(*step);
    if (!wanted.step) return answer(exchange, response, problem_of(Protocol::bad_parameter, "a step", "step"));
  }
  const auto view = service.ledger().view();
  if (auto problem = read_settled(exchange, request, *view, wanted)) return answer(exchange, response, *problem);
  answer_rows(service, exchange, request, response, *view, 'S', "settlements",
              show_settlements(service, exchange, *view, std::move(wanted)));
}

void get_settlement(Service& service, Exchange& exchange, const httplib::Request& request,
                    httplib::Response& response) {
  const auto view = service.ledger().view();
  const auto id = SettlementId::parse(exchange.path[1]);
  answer_row(exchange, request, response, *view, 'S', id ? id->str() : "",
             show_settlements(service, exchange, *view, {}), problem_of_hidden(*exchange.caller, "settlement"));
}

void get_disbursements(Service& service, Exchange& exchange, const httplib::Request& request,
                       httplib::Response& response) {
  WantedDisbursements wanted;
  if (const auto step = parameter(request, "step")) {
    wanted.step = parse_name<Steps>(*step);
    if (!wanted.step) return answer(exchange, response, problem_of(Protocol::bad_parameter, "a step", "step"));
  }
  auto problem = read_value(request, "settlement", kIdForm, wanted.settlement);
  const auto view = service.ledger().view();
  if (!problem) problem = read_settled(exchange, request, *view, wanted.settled);
  if (problem) return answer(exchange, response, *problem);
  answer_rows(service, exchange, request, response, *view, 'D', "disbursements",
              show_disbursements(service, exchange, *view, std::move(wanted)));
}

void get_disbursement(Service& service, Exchange& exchange, const httplib::Request& request,
                      httplib::Response& response) {
  const auto view = service.ledger().view();
  const auto id = DisbursementId::parse(exchange.path[1]);
  answer_row(exchange, request, response, *view, 'D', id ? id->str() : "",
             show_disbursements(service, exchange, *view, {}), problem_of_hidden(*exchange.caller, "disbursement"));
}

void get_recoveries(Service& service, Exchange& exchange, const httplib::Request& request,
                    httplib::Response& response) {
  WantedRecoveries wanted;
  auto problem = read_value(request, "provider", kIdForm, wanted.provider);
  if (!problem) problem = read_value(request, "fund", kIdForm, wanted.fund);
  if (!problem) problem = read_value(request, "programme", kIdForm, wanted.programme);
  if (!problem) problem = read_value(request, "region", kRegionForm, wanted.region);
  bool open = false;
  if (!problem) problem = read_flag(request, "open", open);
  if (request.has_param("open")) wanted.open = open;
  const auto view = service.ledger().view();
  if (!problem) problem = refuse_filters(exchange, *view, wanted.region, wanted.provider, wanted.fund);
  if (problem) return answer(exchange, response, *problem);
  answer_rows(service, exchange, request, response, *view, 'G', "recoveries",
              show_recoveries(service, exchange, *view, std::move(wanted)));
}

void get_recovery(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  const auto view = service.ledger().view();
  const auto id = RecoveryId::parse(exchange.path[1]);
  answer_row(exchange, request, response, *view, 'G', id ? id->str() : "",
             show_recoveries(service, exchange, *view, {}), problem_of_hidden(*exchange.caller, "recovery"));
}

}  // namespace fundtrail::api
