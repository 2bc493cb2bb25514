// Funding, settlements, payments, recoveries and corrections, judged by the reference ledger.
#include <algorithm>
#include <cctype>

#include "ledger/chain/document_codec.h"
#include "tests/model/judge.h"

namespace fundtrail::model {

using enum FundAccount;

// --- funding ---------------------------------------------------------------------------------------

void Judge::validate(const FundReceipt& d, const Policy*) {
  need_fund(d.fund);
  need_account(d.account);
  need_positive(d.amount);
}
void Judge::validate(const Allotment& d, const Policy* policy) {
  need_fund(d.fund);
  need_region(d.region);
  need_positive(d.amount);
  need_programme(policy, d.programme);
}
void Judge::validate(const CounterpartPledge& d, const Policy*) {
  need_fund(d.fund);
  need_region(d.region);
  need_positive(d.amount);
}
void Judge::validate(const CounterpartReceipt& d, const Policy*) {
  need_fund(d.fund);
  need_region(d.region);
  need_account(d.account);
  need_positive(d.amount);
}

void Judge::post(const FundReceipt& d) {
  move(fen(d.amount), available, place(d.fund.str(), "", "", ""), source,
       place(d.fund.str(), "", "", std::string(name_of(d.source))));
}
void Judge::post(const Allotment& d) {
  move(fen(d.amount), allotted, place(d.fund.str(), d.programme.str(), d.region.str(), ""),
       available, place(d.fund.str(), "", d.from_counterpart ? d.region.str() : "", ""));
}
void Judge::post(const CounterpartPledge& d) {
  const std::string at = place(d.fund.str(), "", d.region.str(), "");
  move(fen(d.amount), pledged, at, pledge_source, at);
}
void Judge::post(const CounterpartReceipt& d) {
  const std::string at = place(d.fund.str(), "", d.region.str(), "");
  const Fen released = std::min(fen(d.amount), promised(at));
  move(fen(d.amount), available, at, source, at + "counterpart");
  release(released, at);
}
void Judge::claim_reference(const FundReceipt& d, Fen amount) {
  bank(d.account, Direction::in, d.bank_reference, amount);
}
void Judge::claim_reference(const CounterpartReceipt& d, Fen amount) {
  bank(d.account, Direction::in, d.bank_reference, amount);
}

void Judge::remember(const Document& document, Date obeyed, std::optional<PolicyRef> policy,
                     std::vector<Move> moved) {
  then_.push_back([=, this](std::uint64_t index) {
    b_.originals[index] = {document, c_.date, obeyed, policy, moved, false};
    const auto* allotment = std::get_if<Allotment>(&document);
    if (allotment && policy) {
      b_.purposes[allotment->fund.str() + "/" + allotment->programme.str()] = policy->str();
    }
  });
}

template <class Funding>
void Judge::see_funding(const Funding& d) {
  const Policy* policy = nullptr;
  if (c_.policy && b_.policies.contains(c_.policy->str())) policy = &b_.policies.at(c_.policy->str());
  validate(d, policy);
  post(d);
  claim_reference(d, fen(d.amount));
  remember(d, c_.date, c_.policy, moves_);
}
template void Judge::see_funding(const FundReceipt&);
template void Judge::see_funding(const Allotment&);
template void Judge::see_funding(const CounterpartPledge&);
template void Judge::see_funding(const CounterpartReceipt&);

// --- settlements -----------------------------------------------------------------------------------

Claim* Judge::claim_of(const SettlementId& id) {
  const auto found = b_.claims.find(id.str());
  no_if(found == b_.claims.end(), Reason::unknown_settlement);
  return found == b_.claims.end() ? nullptr : &found->second;
}

void Judge::see_uploads(const SettlementPreparation& d, Claim& claim) {
  const bool calculated = d.basis == SettlementBasis::entitlements;
  const auto& claims = calculated ? items(d.calculations) : d.redemptions;
  no_if(d.grant.has_value(), Reason::unknown_field);
  no_if(calculated ? !d.redemptions.empty() : d.calculations.has_value(), Reason::unknown_field);
  no_if(claims.empty(), Reason::missing_field);
  Fen total = 0;
  bool all_known = true;
  std::optional<std::uint64_t> before;
  for (const auto index : claims) {
    no_if(before && index <= *before, Reason::invalid_value);
    before = index;
    const auto upload = b_.uploads.find(index);
    if (upload == b_.uploads.end() || upload->second.provider != d.provider.str() ||
        upload->second.calculated != calculated) {
      no(calculated ? Reason::unknown_calculation : Reason::unknown_redemption);
      all_known = false;
      continue;
    }
    not_before(upload->second.date);
    not_before(upload->second.lowered);
    no_if(!upload->second.settlement.empty(), Reason::already_settled);
    no_if(upload->second.parts.empty(), Reason::amount_not_positive);
    for (const auto& [at, amount] : upload->second.parts) {
      total += amount;
      claim.parts[at] += amount;
    }
  }
  no_if(all_known && total != fen(d.total), Reason::amount_mismatch);
  claim.uploads = claims;
}

void Judge::see_grant(const SettlementPreparation& d, Claim& claim) {
  no_if(!d.redemptions.empty() || d.calculations, Reason::unknown_field);
  if (!d.grant) return no(Reason::missing_field);
  const GrantClaim& grant = *d.grant;
  need_fund(grant.fund);
  need_region(grant.region);
  if (const Policy* policy = need_policy()) {
    const Programme* programme = need_programme(policy, grant.programme);
    no_if(programme && programme->instrument != Instrument::grant, Reason::programme_not_grant);
    no_if(programme && !b_.purposes.contains(grant.fund.str() + "/" + grant.programme.str()),
          Reason::purpose_not_allowed);
    for (const auto& code : policy->banned_economic_codes) {
      no_if(grant.economic_code.str().starts_with(code.str()), Reason::economic_code_banned);
    }
  }
  if (const auto provider = b_.providers.find(d.provider.str()); provider != b_.providers.end()) {
    const auto& contracts = provider->second.contracts;
    no_if(std::none_of(contracts.begin(), contracts.end(), [&](const auto& contract) {
            return contract.second.first <= c_.date && c_.date <= contract.second.second;
          }), Reason::contract_not_valid);
  }
  std::string invoice;  // as people would compare it: without case and blanks
  for (const char c : grant.invoice_no.str()) {
    if (c != ' ') invoice += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const auto& [id, other] : b_.claims) {
    if (other.provider != d.provider.str() || other.invoice != invoice) continue;
    no_if(other.step != Step::returned, Reason::duplicate_invoice);
    if (other.step == Step::returned) not_before(other.stepped);
  }
  const std::string at =
      place(grant.fund.str(), grant.programme.str(), grant.region.str(), "");
  no_if(b_.balance(allotted, at) < fen(d.total), Reason::insufficient_balance);
  claim.invoice = invoice;
  claim.parts[at] = fen(d.total);
}

void Judge::see(const SettlementPreparation& d) {
  no_if(b_.claims.contains(d.settlement.str()), Reason::already_registered);
  no_if(!b_.providers.contains(d.provider.str()), Reason::unknown_provider);
  need_positive(d.total);
  Claim claim;
  claim.provider = d.provider.str();
  claim.preparer = me_;
  claim.prepared_on = claim.stepped = c_.date;
  claim.total = fen(d.total);
  d.basis == SettlementBasis::grant ? see_grant(d, claim) : see_uploads(d, claim);
  then_.push_back([this, d, claim](auto) {
    b_.claims[d.settlement.str()] = claim;
    for (const auto index : claim.uploads) b_.uploads.at(index).settlement = d.settlement.str();
  });
}

void Judge::see(const SettlementReview& d) {
  Claim* claim = claim_of(d.settlement);
  if (!claim) return;
  not_before(claim->stepped);
  other_than(claim->preparer);
  no_if(claim->step != Step::prepared, Reason::wrong_step);
  then_.push_back([this, claim](auto) {
    claim->step = Step::reviewed;
    claim->reviewer = me_;
    claim->stepped = c_.date;
  });
}

void Judge::see(const SettlementApproval& d) {
  Claim* claim = claim_of(d.settlement);
  if (!claim) return;
  not_before(claim->stepped);
  other_than(claim->preparer);
  other_than(claim->reviewer);
  no_if(claim->step != Step::reviewed, Reason::wrong_step);
  for (const auto& [at, amount] : claim->parts) {
    const std::string theirs = at + claim->provider;
    const bool grant = claim->uploads.empty();
    move(amount, payable, theirs, grant ? allotted : accrued, grant ? at : theirs);
  }
  then_.push_back([this, claim](auto) {
    claim->step = Step::approved;
    claim->approver = me_;
    claim->stepped = c_.date;
  });
}

void Judge::see(const SettlementReturn& d) {
  Claim* claim = claim_of(d.settlement);
  if (!claim) return;
  not_before(claim->stepped);
  other_than(claim->preparer);
  no_if(claim->step == Step::returned, Reason::wrong_step);
  if (claim->step == Step::approved) {  // the approval is taken back
    no_if(c_.actor.role != Role::approver, Reason::role_not_permitted);
    no_if(!claim->live.empty(), Reason::wrong_step);
    for (const auto& [at, amount] : claim->parts) {
      const bool grant = claim->uploads.empty();
      move(amount, grant ? allotted : accrued, grant ? at : at + claim->provider, payable, at + claim->provider);
    }
  }
  then_.push_back([this, claim](auto) {
    claim->step = Step::returned;
    claim->stepped = c_.date;
    for (const auto index : claim->uploads) {
      b_.uploads.at(index).settlement.clear();
      b_.uploads.at(index).date = c_.date;  // as if it had been uploaded on that day
    }
  });
}

// --- payments --------------------------------------------------------------------------------------

void Judge::see(const DisbursementPreparation& d) {
  no_if(b_.payments.contains(d.disbursement.str()), Reason::already_registered);
  need_account(d.account);
  need_positive(d.amount);
  no_if(d.method != PaymentMethod::transfer, Reason::payment_in_cash);
  Claim* claim = claim_of(d.settlement);
  if (!claim) return;
  no_if(claim->step != Step::approved || !claim->live.empty(), Reason::wrong_step);
  no_if(fen(d.amount) != claim->total, Reason::amount_mismatch);
  not_before(claim->stepped);
  other_than(claim->reviewer);
  other_than(claim->approver);
  other_than(claim->cashier);
  no_if(!(b_.providers.at(claim->provider).bank == d.payee), Reason::payee_mismatch);
  then_.push_back([this, d, claim](auto) {
    b_.payments[d.disbursement.str()] = {d.settlement.str(), d.account.str(), me_, {}, d.payee,
                                         c_.date, Stage::prepared};
    claim->live = d.disbursement.str();
  });
}

std::pair<Payment*, Claim*> Judge::payment_of(const DisbursementId& id) {
  const auto found = b_.payments.find(id.str());
  no_if(found == b_.payments.end(), Reason::unknown_disbursement);
  if (found == b_.payments.end()) return {};
  Claim& claim = b_.claims.at(found->second.settlement);
  not_before(found->second.stepped);
  return {&found->second, &claim};
}

void Judge::see(const DisbursementApproval& d) {
  const auto [payment, claim] = payment_of(d.disbursement);
  if (!payment) return;
  other_than(payment->preparer);
  other_than(claim->preparer);
  other_than(claim->reviewer);
  other_than(claim->cashier);
  no_if(payment->stage != Stage::prepared, Reason::wrong_step);
  no_if(!(b_.providers.at(claim->provider).bank == payment->payee), Reason::payee_mismatch);
  then_.push_back([this, payment](auto) {
    payment->stage = Stage::approved;
    payment->approver = me_;
    payment->stepped = c_.date;
  });
}

void Judge::cashier_apart(const Payment& payment, const Claim& claim) {
  for (const auto* duty : {&payment.preparer, &payment.approver, &claim.preparer, &claim.reviewer,
                           &claim.approver}) {
    other_than(*duty);
  }
}

void Judge::pay(const Claim& claim, FundAccount debit, FundAccount credit) {
  for (const auto& [at, amount] : claim.parts) {
    move(amount, debit, at + claim.provider, credit, at + claim.provider);
  }
}

void Judge::see(const DisbursementPayment& d) {
  const auto [payment, claim] = payment_of(d.disbursement);
  if (!payment) return;
  cashier_apart(*payment, *claim);
  no_if(payment->stage != Stage::approved, Reason::wrong_step);
  no_if(!(b_.providers.at(claim->provider).bank == payment->payee), Reason::payee_mismatch);
  pay(*claim, paid, payable);
  bank(*DesignatedAccountId::parse(payment->account), Direction::out, d.bank_reference,
       claim->total);
  then_.push_back([this, payment, claim](auto) {
    payment->stage = Stage::paid;
    payment->stepped = c_.date;
    claim->cashier = me_;
  });
}

void Judge::see(const DisbursementBounce& d) {
  const auto [payment, claim] = payment_of(d.disbursement);
  if (!payment) return;
  cashier_apart(*payment, *claim);
  no_if(payment->stage != Stage::paid, Reason::wrong_step);
  pay(*claim, payable, paid);
  bank(*DesignatedAccountId::parse(payment->account), Direction::in, d.bank_reference,
       claim->total);
  then_.push_back([this, payment, claim](auto) {
    payment->stage = Stage::bounced;
    payment->stepped = claim->stepped = c_.date;
    claim->live.clear();
  });
}

void Judge::see(const DisbursementCancellation& d) {
  const auto [payment, claim] = payment_of(d.disbursement);
  if (!payment) return;
  no_if(payment->stage != Stage::prepared && payment->stage != Stage::approved,
        Reason::wrong_step);
  then_.push_back([this, payment, claim](auto) {
    payment->stage = Stage::cancelled;
    payment->stepped = claim->stepped = c_.date;
    claim->live.clear();
  });
}

// --- recoveries ------------------------------------------------------------------------------------

void Judge::see(const RecoveryDecision& d) {
  no_if(b_.recoveries.contains(d.recovery.str()), Reason::already_registered);
  need_fund(d.fund);
  need_region(d.region);
  no_if(!b_.providers.contains(d.provider.str()), Reason::unknown_provider);
  need_positive(d.amount);
  const auto allotted_under = b_.purposes.find(d.fund.str() + "/" + d.programme.str());
  std::string ref;
  if (c_.policy) ref = c_.policy->str();
  else if (allotted_under != b_.purposes.end()) ref = allotted_under->second;
  no_if(ref.empty(), Reason::policy_required);
  const bool known = b_.policies.contains(ref);
  const auto family = [](const std::string& policy) { return policy.substr(0, policy.find('@')); };
  const bool allotted = allotted_under != b_.purposes.end() && family(allotted_under->second) == family(ref);
  no_if(c_.policy && known && !allotted && !b_.policies.at(ref).in_force_on(c_.date), Reason::policy_not_in_force);
  const Programme* programme = known ? need_programme(&b_.policies.at(ref), d.programme) : nullptr;
  if (programme && d.entitlement) see_recovered(d);
  const std::string at =
      place(d.fund.str(), d.programme.str(), d.region.str(), d.provider.str());
  move(fen(d.amount), in_recovery, at, paid, at);
  const bool reuse =
      known && b_.policies.at(ref).recovery_disposition == RecoveryDisposition::reuse;
  then_.push_back([this, d, reuse](auto) {
    b_.recoveries[d.recovery.str()] = {c_.date, fen(d.amount), 0, reuse, d.fund.str(),
                                       d.programme.str(), d.region.str(), d.provider.str()};
  });
}

void Judge::see(const RecoveryReceipt& d) {
  need_account(d.account);
  need_positive(d.amount);
  bank(d.account, Direction::in, d.bank_reference, fen(d.amount));
  const auto found = b_.recoveries.find(d.recovery.str());
  if (found == b_.recoveries.end()) return no(Reason::unknown_recovery);
  Recovery& r = found->second;
  not_before(r.on);
  no_if(fen(d.amount) > r.decided - r.received, Reason::amount_mismatch);
  move(fen(d.amount), r.reuse ? available : due_to_treasury,
       r.reuse ? place(r.fund, "", "", "") : place(r.fund, r.programme, r.region, ""),
       in_recovery, place(r.fund, r.programme, r.region, r.provider));
  then_.push_back([&r, amount = fen(d.amount)](auto) { r.received += amount; });
}

}  // namespace fundtrail::model
