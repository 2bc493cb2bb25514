// The JSON of a provider's payments, as the provider's own page reads it.
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/provider_payments.h"
#include "reports/provider_words.h"

namespace fundtrail::reports {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Step& step) { return {{"entry", step.entry}, {"date", step.date.str()}}; }
Json json_of(PaymentStage stage) {
  const auto label = label_of(stage);
  return {{"code", label.code}, {"zh", label.words.zh}, {"en", label.words.en}};
}

// Adds a member when there is a value: what has not happened is absent, never null.
void add(Json& to, const char* key, const std::optional<std::string>& value) {
  if (value) to[key] = *value;
}
void add(Json& to, const char* key, const std::optional<Step>& step) {
  if (step) to[key] = json_of(*step);
}

Json json_of(const ProviderClaim& claim) {
  Json out = {{"entry", claim.recorded.entry},
              {"date", claim.recorded.date.str()},
              {"claim_no", claim.claim_no},
              {"vouchers", claim.vouchers},
              {"amount", claim.amount.str()}};
  if (!claim.reduced.is_zero()) out["reduced"] = claim.reduced.str();
  for (const auto& one : claim.reductions) {
    out["reductions"].push_back({{"entry", one.recorded.entry},
                                 {"date", one.recorded.date.str()},
                                 {"amount", one.amount.str()},
                                 {"reason", one.reason}});
  }
  out["stage"] = json_of(claim.stage);
  add(out, "settlement", claim.settlement);
  add(out, "settled", claim.settled);
  add(out, "disbursement", claim.disbursement);
  add(out, "paid", claim.paid);
  add(out, "bank_reference", claim.bank_reference);
  add(out, "reason", claim.reason);
  return out;
}

Json json_of(const ProviderServices& services) {
  return {{"entry", services.recorded.entry},
          {"date", services.recorded.date.str()},
          {"claim_no", services.claim_no},
          {"programme", services.programme},
          {"records", services.records}};
}

Json json_of(const ProviderSettlement& settlement) {
  const bool calculated = settlement.basis == SettlementBasis::entitlements;
  Json out = {{"settlement", settlement.settlement},
              {"basis", name_of(settlement.basis)},
              {"total", settlement.total.str()},
              {"stage", json_of(settlement.stage)},
              {"redemptions", calculated ? Json::array() : Json(settlement.redemptions)}};
  if (calculated) out["calculations"] = settlement.redemptions;
  add(out, "invoice_no", settlement.invoice_no);
  out["prepared"] = json_of(settlement.prepared);
  add(out, "reviewed", settlement.reviewed);
  add(out, "approved", settlement.approved);
  add(out, "returned", settlement.returned);
  add(out, "return_reason", settlement.return_reason);
  return out;
}

Json json_of(const ProviderDisbursement& disbursement) {
  Json out = {{"disbursement", disbursement.disbursement},
              {"settlement", disbursement.settlement},
              {"amount", disbursement.amount.str()},
              {"stage", json_of(disbursement.stage)},
              {"prepared", json_of(disbursement.prepared)}};
  add(out, "approved", disbursement.approved);
  add(out, "paid", disbursement.paid);
  add(out, "bank_reference", disbursement.bank_reference);
  add(out, "bounced", disbursement.bounced);
  add(out, "bounce_reference", disbursement.bounce_reference);
  add(out, "bounce_reason", disbursement.bounce_reason);
  add(out, "cancelled", disbursement.cancelled);
  add(out, "cancellation_reason", disbursement.cancellation_reason);
  return out;
}

Json json_of(const ProviderReceipt& receipt) {
  return {{"entry", receipt.recorded.entry},
          {"date", receipt.recorded.date.str()},
          {"amount", receipt.amount.str()},
          {"bank_reference", receipt.bank_reference}};
}

Json json_of(const ProviderRecovery& recovery) {
  Json receipts = Json::array();
  for (const auto& receipt : recovery.receipts) receipts.push_back(json_of(receipt));
  return {{"recovery", recovery.recovery},
          {"reason", recovery.reason},
          {"amount", recovery.amount.str()},
          {"decided", json_of(recovery.decided)},
          {"open", recovery.open.str()},
          {"receipts", std::move(receipts)}};
}

template <class T>
Json json_of(const std::vector<T>& items) {
  Json out = Json::array();
  for (const auto& item : items) out.push_back(json_of(item));
  return out;
}

}  // namespace

std::string to_json(const ProviderPayments& payments) {
  Json out = {{"provider", payments.provider},
              {"name", payments.name},
              {"ledger", payments.ledger},
              {"size", payments.size},
              {"root", payments.root},
              {"as_of", payments.as_of.str()}};
  out["balances"] = {{"accrued", payments.accrued.str()},
                     {"payable", payments.payable.str()},
                     {"paid", payments.paid.str()},
                     {"in_recovery", payments.in_recovery.str()}};
  out["due_now"] = payments.payable.str();
  out["claims"] = json_of(payments.claims);
  out["services"] = json_of(payments.services);
  out["settlements"] = json_of(payments.settlements);
  out["disbursements"] = json_of(payments.disbursements);
  out["recoveries"] = json_of(payments.recoveries);
  return out.dump(2) + "\n";
}

}  // namespace fundtrail::reports
