// Settlements: prepared by one person, reviewed by a second, approved by a third; or returned, by an
// approver also after the approval as long as nobody pays.
#include <algorithm>
#include <map>

#include "ledger/core/check.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

const std::string* need_settlement(Context& c, const SettlementId& id) {
  return c.need(settlement_key(id), Reason::unknown_settlement, "doc.settlement", id.str());
}

void refuse_step(Context& c, const SettlementId& id, SettlementStep step) {
  c.no.add(Reason::wrong_step, "doc.settlement", id.str(), std::string(name_of(step)));
}

Dimensions dimensions_of(const GrantClaim& grant) {
  return {grant.fund, grant.programme, grant.region, {}};
}

const std::vector<std::uint64_t>& claims_of(const SettlementPreparation& d) {
  return d.basis == SettlementBasis::entitlements ? items(d.calculations) : d.redemptions;
}

// The amounts of several redemptions by fund, programme and region.
std::vector<GroupAmount> merged(const std::vector<RedemptionRow>& redemptions) {
  std::map<Dimensions, Money> amounts;
  for (const auto& redemption : redemptions) {
    for (const auto& group : redemption.groups) amounts[group.at] += group.amount;
  }
  std::vector<GroupAmount> groups;
  for (const auto& [at, amount] : amounts) groups.push_back({at, amount});
  return groups;
}

// Redemptions, or calculations: both accrued to the provider, and each is settled once.
void check_claims(Context& c, const SettlementPreparation& d) {
  const bool redeemed = d.basis == SettlementBasis::redemptions;
  const std::string list = redeemed ? "redemptions" : "calculations";
  const Reason unknown = redeemed ? Reason::unknown_redemption : Reason::unknown_calculation;
  const std::size_t kind = redeemed ? Document(Redemption()).index()
                                    : Document(EntitlementCalculation()).index();
  const auto& claims = claims_of(d);
  if (d.grant) c.no.add(Reason::unknown_field, "doc.grant", "grant");
  if (redeemed && d.calculations) {
    c.no.add(Reason::unknown_field, "doc.calculations", "calculations");
  }
  if (!redeemed && !d.redemptions.empty()) {
    c.no.add(Reason::unknown_field, "doc.redemptions", "redemptions");
  }
  if (claims.empty()) c.no.add(Reason::missing_field, "doc." + list, list);
  Money total;
  bool all_known = true;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const std::uint64_t index = claims[i];
    const std::string field = "doc." + list + "[" + std::to_string(i) + "]";
    if (i > 0 && index <= claims[i - 1]) {
      c.no.add(Reason::invalid_value, field, std::to_string(index), "ascending");
    }
    const std::string* row = c.state.find(redemption_key(index));
    std::optional<RedemptionRow> claim;
    if (row) claim = RedemptionRow::decode(*row);
    if (!claim || claim->provider != d.provider || find_entry_kind(c.state, index) != kind) {
      c.no.add(unknown, field, std::to_string(index));
      all_known = false;
      continue;
    }
    c.need_not_before(claim->lowered, field);
    c.need_free(claim->settlement, Reason::already_settled, field, std::to_string(index));
    Money left;
    for (const auto& group : claim->groups) left += group.amount;
    if (!left.is_positive()) c.no.add(Reason::amount_not_positive, field, std::to_string(index), std::string(kTakenBack));
    total += left;
  }
  if (all_known && total != d.total) {
    c.no.add(Reason::amount_mismatch, "doc.total", d.total.str(), total.str());
  }
}

void check_contract_on_day(Context& c, const ProviderId& provider) {
  const std::string* row = c.state.find(provider_key(provider));
  if (!row) return;  // need_provider has said so
  const auto contracts = contracts_of(*row);
  if (std::any_of(contracts.begin(), contracts.end(),
                  [&](const auto& contract) { return contract.covers(c.command.date); })) {
    return;
  }
  c.no.add(Reason::contract_not_valid, "date", provider.str(), c.command.date.str());
}

// A grant pays for the programme it was allotted to, against an invoice that counts once.
void check_grant(Context& c, const SettlementPreparation& d) {
  if (!d.redemptions.empty()) {
    c.no.add(Reason::unknown_field, "doc.redemptions", "redemptions");
  }
  if (d.calculations) c.no.add(Reason::unknown_field, "doc.calculations", "calculations");
  if (!d.grant) return c.no.add(Reason::missing_field, "doc.grant", "grant");
  const GrantClaim& grant = *d.grant;
  c.need_fund(grant.fund, "doc.grant.fund");
  c.need_region(grant.region, "doc.grant.region");
  if (const Policy* policy = c.need_policy()) {
    const Programme* programme =
        need_programme(c, *policy, grant.programme, "doc.grant.programme");
    if (programme && programme->instrument != Instrument::grant) {
      c.no.add(Reason::programme_not_grant, "doc.grant.programme", grant.programme.str());
    }
    if (programme && !c.state.find(purpose_key(grant.fund, grant.programme))) {
      c.no.add(Reason::purpose_not_allowed, "doc.grant.programme", programme->purpose.str(),
               grant.fund.str());
    }
    // A banned code bans everything that is classified under it.
    const auto& banned = policy->banned_economic_codes;
    if (std::any_of(banned.begin(), banned.end(), [&](const Code& code) {
          return grant.economic_code.str().starts_with(code.str());
        })) {
      c.no.add(Reason::economic_code_banned, "doc.grant.economic_code",
               grant.economic_code.str());
    }
  }
  check_contract_on_day(c, d.provider);
  const std::string* claimed_by = c.state.find(invoice_key(d.provider, grant.invoice_no));
  if (claimed_by) {
    c.need_free(*SettlementId::parse(*claimed_by), Reason::duplicate_invoice, "doc.grant.invoice_no",
                grant.invoice_no.str());
  }
  // Nothing is posted before the approval, which takes the money; but a claim that could not be
  // approved today is refused today.
  const Money short_by =
      d.total - balance(c.state, FundAccount::allotted, dimensions_of(grant));
  if (short_by.is_positive()) {
    c.no.add(Reason::insufficient_balance, "doc.total",
             "allotted/" + grant.fund.str() + "/" + grant.programme.str() + "/" +
                 grant.region.str(),
             short_by.str());
  }
}

void take_claims(Overlay& state, const SettlementRow& row, const SettlementId& settlement) {
  for (const auto index : row.redemptions) {
    std::string& bytes = state.edit(redemption_key(index));
    auto redemption = RedemptionRow::decode(bytes);
    redemption.settlement = settlement;
    bytes = redemption.encode();
  }
  if (row.invoice) state.put(invoice_key(row.provider, *row.invoice), settlement.str());
}

// What an approval makes payable; or what was payable, as it was before.
void post(Context& c, const SettlementRow& row, bool approves) {
  const auto before = row.redemptions.empty() ? FundAccount::allotted : FundAccount::accrued;
  for (const auto& group : row.groups) {
    Dimensions payable_at = group.at;
    payable_at.counterparty = row.provider.str();
    // A grant is not a provider's before it is approved; a redemption is.
    const Dimensions& before_at = row.redemptions.empty() ? group.at : payable_at;
    if (approves) {
      move(c.postings, group.amount, FundAccount::payable, payable_at, before, before_at);
    } else {
      move(c.postings, group.amount, before, before_at, FundAccount::payable, payable_at);
    }
  }
}

// An approval is taken back by whoever may approve, unless a payment of it is under way or made: that is
// cancelled, or bounces, first.
void check_withdrawal(Context& c, const SettlementReturn& d, const SettlementRow& row) {
  if (c.command.actor.role != Role::approver) {
    c.no.add(Reason::role_not_permitted, "actor", std::string(name_of(c.command.actor.role)),
             "settlement_return.approved");
  }
  if (!row.disbursement.empty()) {
    c.no.add(Reason::wrong_step, "doc.settlement", d.settlement.str(),
             "disbursement " + row.disbursement.str());
  }
  post(c, row, false);
}

bool is_draft(SettlementStep step) {
  return step == SettlementStep::prepared || step == SettlementStep::reviewed;
}

}  // namespace

void check(Context& c, const SettlementPreparation& d) {
  c.refuse_registered(settlement_key(d.settlement), "doc.settlement", d.settlement.str());
  c.need_provider(d.provider);
  c.need_positive(d.total, "doc.total");
  if (d.basis == SettlementBasis::grant) {
    check_grant(c, d);
  } else {
    check_claims(c, d);
  }
}
void record(Overlay& state, const Entry& entry, const SettlementPreparation& d) {
  SettlementRow row;
  row.provider = d.provider;
  row.prepared_on = entry.date;
  row.stepped_on = entry.date;
  row.preparer = entry.actor.id;
  row.total = d.total;
  row.redemptions = claims_of(d);
  if (d.grant) {
    row.invoice = d.grant->invoice_no;
    row.groups.push_back({dimensions_of(*d.grant), d.total});
  } else {
    std::vector<RedemptionRow> redemptions;
    for (const auto index : row.redemptions) {
      const std::string* bytes = state.find(redemption_key(index));
      FT_CHECK(bytes != nullptr);
      redemptions.push_back(RedemptionRow::decode(*bytes));
    }
    row.groups = merged(redemptions);
  }
  take_claims(state, row, d.settlement);
  state.put(settlement_key(d.settlement), row.encode());
  count_draft(state, row.prepared_on, +1);
}

void check(Context& c, const SettlementReview& d) {
  const std::string* bytes = need_settlement(c, d.settlement);
  if (!bytes) return;
  const auto row = SettlementRow::decode(*bytes);
  c.need_not_before(row.stepped_on);
  c.separate_from(row.preparer, "settlement_preparation");
  if (row.step != SettlementStep::prepared) refuse_step(c, d.settlement, row.step);
}
void record(Overlay& state, const Entry& entry, const SettlementReview& d) {
  std::string& bytes = state.edit(settlement_key(d.settlement));
  auto row = SettlementRow::decode(bytes);
  row.step = SettlementStep::reviewed;
  row.reviewer = entry.actor.id;
  row.stepped_on = entry.date;
  bytes = row.encode();
}

void check(Context& c, const SettlementApproval& d) {
  const std::string* bytes = need_settlement(c, d.settlement);
  if (!bytes) return;
  const auto row = SettlementRow::decode(*bytes);
  c.need_not_before(row.stepped_on);
  c.separate_from(row.preparer, "settlement_preparation");
  c.separate_from(row.reviewer, "settlement_review");
  if (row.step != SettlementStep::reviewed) refuse_step(c, d.settlement, row.step);
  post(c, row, true);
}
void record(Overlay& state, const Entry& entry, const SettlementApproval& d) {
  std::string& bytes = state.edit(settlement_key(d.settlement));
  auto row = SettlementRow::decode(bytes);
  row.step = SettlementStep::approved;
  row.approver = entry.actor.id;
  row.stepped_on = entry.date;
  bytes = row.encode();
  count_draft(state, row.prepared_on, -1);
}

void check(Context& c, const SettlementReturn& d) {
  const std::string* bytes = need_settlement(c, d.settlement);
  if (!bytes) return;
  const auto row = SettlementRow::decode(*bytes);
  c.need_not_before(row.stepped_on);
  c.separate_from(row.preparer, "settlement_preparation");
  if (row.step == SettlementStep::approved) return check_withdrawal(c, d, row);
  if (!is_draft(row.step)) refuse_step(c, d.settlement, row.step);
}
void record(Overlay& state, const Entry& entry, const SettlementReturn& d) {
  std::string& bytes = state.edit(settlement_key(d.settlement));
  auto row = SettlementRow::decode(bytes);
  const bool draft = is_draft(row.step);
  row.step = SettlementStep::returned;
  row.stepped_on = entry.date;
  bytes = row.encode();
  if (draft) count_draft(state, row.prepared_on, -1);
}

}  // namespace fundtrail::rules
