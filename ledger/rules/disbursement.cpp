// Disbursements: prepared, approved and paid by different people, to the provider's registered
// account, by transfer, for exactly what was settled; a bounced payment is payable again.
#include "ledger/core/check.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

struct Case {
  DisbursementRow disbursement;
  SettlementRow settlement;
};

// The disbursement with its settlement, or a finding.
std::optional<Case> need_case(Context& c, const DisbursementId& id) {
  const std::string* row =
      c.need(disbursement_key(id), Reason::unknown_disbursement, "doc.disbursement", id.str());
  if (!row) return std::nullopt;
  auto disbursement = DisbursementRow::decode(*row);
  const std::string* settlement = c.state.find(settlement_key(disbursement.settlement));
  FT_CHECK(settlement != nullptr);
  return Case{std::move(disbursement), SettlementRow::decode(*settlement)};
}

void need_step(Context& c, const DisbursementId& id, DisbursementStep is, DisbursementStep must_be) {
  if (is == must_be) return;
  c.no.add(Reason::wrong_step, "doc.disbursement", id.str(), std::string(name_of(is)));
}

void set_step(Overlay& state, const Entry& entry, const DisbursementId& id,
              DisbursementStep step) {
  std::string& bytes = state.edit(disbursement_key(id));
  auto row = DisbursementRow::decode(bytes);
  row.step = step;
  if (step == DisbursementStep::approved) row.approver = entry.actor.id;
  bytes = row.encode();
}

void set_live(Overlay& state, const SettlementId& settlement, const DisbursementId& live) {
  std::string& bytes = state.edit(settlement_key(settlement));
  auto row = SettlementRow::decode(bytes);
  row.disbursement = live;
  bytes = row.encode();
}

void post(Context& c, const SettlementRow& settlement, FundAccount debit, FundAccount credit) {
  for (const auto& group : settlement.groups) {
    Dimensions at = group.at;
    at.counterparty = settlement.provider.str();
    move(c.postings, group.amount, debit, at, credit, at);
  }
}

void check_against_settlement(Context& c, const DisbursementPreparation& d) {
  const std::string* bytes = c.need(settlement_key(d.settlement), Reason::unknown_settlement,
                                    "doc.settlement", d.settlement.str());
  if (!bytes) return;
  const auto settlement = SettlementRow::decode(*bytes);
  if (settlement.step != SettlementStep::approved) {
    c.no.add(Reason::wrong_step, "doc.settlement", d.settlement.str(),
             std::string(name_of(settlement.step)));
  } else if (!settlement.disbursement.empty()) {
    c.no.add(Reason::wrong_step, "doc.settlement", d.settlement.str(),
             "disbursement " + settlement.disbursement.str());
  }
  if (d.amount != settlement.total) {
    c.no.add(Reason::amount_mismatch, "doc.amount", d.amount.str(), settlement.total.str());
  }
  const std::string* provider = c.state.find(provider_key(settlement.provider));
  FT_CHECK(provider != nullptr);
  if (!(ProviderRow::decode(*provider).provider.bank == d.payee)) {
    c.no.add(Reason::payee_mismatch, "doc.payee", settlement.provider.str());
  }
}

}  // namespace

void check(Context& c, const DisbursementPreparation& d) {
  c.refuse_registered(disbursement_key(d.disbursement), "doc.disbursement", d.disbursement.str());
  c.need_account(d.account);
  c.need_positive(d.amount);
  if (d.method != PaymentMethod::transfer) c.no.add(Reason::payment_in_cash, "doc.method");
  check_against_settlement(c, d);
}
void record(Overlay& state, const Entry& entry, const DisbursementPreparation& d) {
  DisbursementRow row;
  row.settlement = d.settlement;
  row.preparer = entry.actor.id;
  state.put(disbursement_key(d.disbursement), row.encode());
  set_live(state, d.settlement, d.disbursement);
}

void check(Context& c, const DisbursementApproval& d) {
  const auto found = need_case(c, d.disbursement);
  if (!found) return;
  c.separate_from(found->disbursement.preparer, "disbursement_preparation");
  need_step(c, d.disbursement, found->disbursement.step, DisbursementStep::prepared);
}
void record(Overlay& state, const Entry& entry, const DisbursementApproval& d) {
  set_step(state, entry, d.disbursement, DisbursementStep::approved);
}

void check(Context& c, const DisbursementPayment& d) {
  c.need_not_empty(d.bank_reference, "doc.bank_reference");
  const auto found = need_case(c, d.disbursement);
  if (!found) return;
  c.separate_from(found->disbursement.preparer, "disbursement_preparation");
  c.separate_from(found->disbursement.approver, "disbursement_approval");
  c.separate_from(found->settlement.preparer, "settlement_preparation");
  c.separate_from(found->settlement.reviewer, "settlement_review");
  c.separate_from(found->settlement.approver, "settlement_approval");
  need_step(c, d.disbursement, found->disbursement.step, DisbursementStep::approved);
  post(c, found->settlement, FundAccount::paid, FundAccount::payable);
}
void record(Overlay& state, const Entry& entry, const DisbursementPayment& d) {
  set_step(state, entry, d.disbursement, DisbursementStep::paid);
}

void check(Context& c, const DisbursementBounce& d) {
  c.need_not_empty(d.bank_reference, "doc.bank_reference");
  const auto found = need_case(c, d.disbursement);
  if (!found) return;
  need_step(c, d.disbursement, found->disbursement.step, DisbursementStep::paid);
  post(c, found->settlement, FundAccount::payable, FundAccount::paid);
}
void record(Overlay& state, const Entry& entry, const DisbursementBounce& d) {
  set_step(state, entry, d.disbursement, DisbursementStep::bounced);
  const std::string* row = state.find(disbursement_key(d.disbursement));
  set_live(state, DisbursementRow::decode(*row).settlement, DisbursementId());
}

}  // namespace fundtrail::rules
