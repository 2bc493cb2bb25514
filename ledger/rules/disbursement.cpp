// Disbursements: prepared, approved and paid by different people, to the provider's registered
// account, by transfer, for exactly what was settled; a bounced payment is payable again, and one
// that is cancelled before it was paid frees its settlement.
//
// Over a settlement and its disbursements nobody has two duties: whoever prepared or reviewed the
// settlement approves no payment of it, whoever reviewed or approved it prepares none, and the cashier
// does nothing else. Approving is one duty: one person may approve the settlement and the payment.
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
  row.stepped_on = entry.date;
  if (step == DisbursementStep::approved) row.approver = entry.actor.id;
  bytes = row.encode();
}

void set_live(Overlay& state, const SettlementId& settlement, const DisbursementId& live) {
  std::string& bytes = state.edit(settlement_key(settlement));
  auto row = SettlementRow::decode(bytes);
  row.disbursement = live;
  bytes = row.encode();
}

// The disbursement is at its end, and the settlement may have another one from that day on.
void free_settlement(Overlay& state, const Entry& entry, const DisbursementId& id) {
  const std::string* disbursement = state.find(disbursement_key(id));
  FT_CHECK(disbursement != nullptr);
  std::string& bytes =
      state.edit(settlement_key(DisbursementRow::decode(*disbursement).settlement));
  auto row = SettlementRow::decode(bytes);
  row.disbursement = DisbursementId();
  row.stepped_on = entry.date;
  bytes = row.encode();
}

BankAccount bank_of(const StateSource& state, const ProviderId& provider) {
  const std::string* row = state.find(provider_key(provider));
  FT_CHECK(row != nullptr);
  return ProviderRow::decode(*row).provider.bank;
}

// The provider may have changed its account since the payment was prepared.
void check_payee(Context& c, const Case& found) {
  const ProviderId& provider = found.settlement.provider;
  if (!(bank_of(c.state, provider) == found.disbursement.payee)) {
    c.no.add(Reason::payee_mismatch, "doc.disbursement", provider.str());
  }
}

void post(Context& c, const SettlementRow& settlement, FundAccount debit, FundAccount credit) {
  for (const auto& group : settlement.groups) {
    Dimensions at = group.at;
    at.counterparty = settlement.provider.str();
    move(c.postings, group.amount, debit, at, credit, at);
  }
}

void check_cashier(Context& c, const Case& found) {
  c.need_not_before(found.disbursement.stepped_on);
  c.separate_from(found.disbursement.preparer, "disbursement_preparation");
  c.separate_from(found.disbursement.approver, "disbursement_approval");
  c.separate_from(found.settlement.preparer, "settlement_preparation");
  c.separate_from(found.settlement.reviewer, "settlement_review");
  c.separate_from(found.settlement.approver, "settlement_approval");
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
  c.need_not_before(settlement.stepped_on);
  c.separate_from(settlement.reviewer, "settlement_review");
  c.separate_from(settlement.approver, "settlement_approval");
  c.separate_from(settlement.cashier, "disbursement_payment");
  if (!(bank_of(c.state, settlement.provider) == d.payee)) {
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
  row.stepped_on = entry.date;
  row.account = d.account;
  row.payee = d.payee;
  row.preparer = entry.actor.id;
  state.put(disbursement_key(d.disbursement), row.encode());
  set_live(state, d.settlement, d.disbursement);
}

void check(Context& c, const DisbursementApproval& d) {
  const auto found = need_case(c, d.disbursement);
  if (!found) return;
  c.need_not_before(found->disbursement.stepped_on);
  c.separate_from(found->disbursement.preparer, "disbursement_preparation");
  c.separate_from(found->settlement.preparer, "settlement_preparation");
  c.separate_from(found->settlement.reviewer, "settlement_review");
  c.separate_from(found->settlement.cashier, "disbursement_payment");
  need_step(c, d.disbursement, found->disbursement.step, DisbursementStep::prepared);
  check_payee(c, *found);
}
void record(Overlay& state, const Entry& entry, const DisbursementApproval& d) {
  set_step(state, entry, d.disbursement, DisbursementStep::approved);
}

void check(Context& c, const DisbursementPayment& d) {
  const auto found = need_case(c, d.disbursement);
  if (!found) return;
  check_cashier(c, *found);
  need_step(c, d.disbursement, found->disbursement.step, DisbursementStep::approved);
  check_payee(c, *found);
  post(c, found->settlement, FundAccount::paid, FundAccount::payable);
}
void record(Overlay& state, const Entry& entry, const DisbursementPayment& d) {
  set_step(state, entry, d.disbursement, DisbursementStep::paid);
  const std::string* disbursement = state.find(disbursement_key(d.disbursement));
  std::string& bytes =
      state.edit(settlement_key(DisbursementRow::decode(*disbursement).settlement));
  auto row = SettlementRow::decode(bytes);
  row.cashier = entry.actor.id;
  bytes = row.encode();
}

void check(Context& c, const DisbursementBounce& d) {
  const auto found = need_case(c, d.disbursement);
  if (!found) return;
  check_cashier(c, *found);
  need_step(c, d.disbursement, found->disbursement.step, DisbursementStep::paid);
  post(c, found->settlement, FundAccount::payable, FundAccount::paid);
}
void record(Overlay& state, const Entry& entry, const DisbursementBounce& d) {
  set_step(state, entry, d.disbursement, DisbursementStep::bounced);
  free_settlement(state, entry, d.disbursement);
}

void check(Context& c, const DisbursementCancellation& d) {
  const auto found = need_case(c, d.disbursement);
  if (!found) return;
  c.need_not_before(found->disbursement.stepped_on);
  const auto step = found->disbursement.step;
  if (step != DisbursementStep::approved) {
    need_step(c, d.disbursement, step, DisbursementStep::prepared);
  }
}
void record(Overlay& state, const Entry& entry, const DisbursementCancellation& d) {
  set_step(state, entry, d.disbursement, DisbursementStep::cancelled);
  free_settlement(state, entry, d.disbursement);
}

}  // namespace fundtrail::rules
