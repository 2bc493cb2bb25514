// Money that was paid wrongly is decided to be recovered, and comes back in one part or several.
// The policy of the decision says whether it is spent again or goes to the treasury.
#include <algorithm>

#include "ledger/core/work_calendar.h"
#include "ledger/rules/calculation.h"
#include "ledger/rules/families.h"
#include "ledger/rules/identity_need.h"
#include "ledger/rules/policy_force.h"

namespace fundtrail::rules {
namespace {

Dimensions dimensions_of(const RecoveryDecision& d) {
  return {d.fund, d.programme, d.region, d.provider.str()};
}

std::string subject_in(const RecoveryDecision& d) {
  const auto& person = d.entitlement->beneficiary;
  return person ? subject_of(*person) : subject_of(d.provider);
}

// What is due of the level's share. Where nobody can say, nothing is recovered before somebody can: it would
// be paid out again.
Money still_due(Context& c, const RecoveryDecision& d, const EntitlementRules& rules) {
  const auto& person = d.entitlement->beneficiary;
  const Month period = d.entitlement->period;
  if (cycle_start(rules.terms_in(period).cycle, period) != period) return {};  // nothing is calculated for it
  const auto birth = c.command.births.empty() ? std::nullopt : c.command.births[0];
  const Assessment now = person ? rules.of_person(*person, birth, period, d.provider, true)
                                : rules.of_provider(d.provider, period, d.region, c.command.date);
  const auto& levels = rules.levels(now.region);
  const auto level = std::find(levels.begin(), levels.end(), d.entitlement->level);
  // Of somebody who belongs elsewhere by now: that level bears nothing there, and what it bore makes the rest
  // unknown until it is recovered.
  if (person && !now.region.str().empty() && level == levels.end()) return {};
  if (now.unknown) {
    // Nobody calculates anything any more for somebody whose birth date is gone: nothing is paid again.
    const bool never = person && now.why->reason == Reason::missing_field && erased_by(c.state, *person);
    if (!never) {
      const bool of_date = now.why->reason == Reason::date_too_early;
      c.no.add(now.why->reason, of_date ? "date" : "doc.entitlement", now.why->subject, now.why->detail);
    }
    return {};
  }
  return level == levels.end() ? Money() : now.due.shares[static_cast<std::size_t>(level - levels.begin())];
}

// It comes back to a region in which something was calculated for the person, wherever that one lives now.
void check_region(Context& c, const RecoveryDecision& d) {
  const Pseudonym person = *d.entitlement->beneficiary;
  const auto regions = regions_calculated(c.state, person, d.programme, d.provider);
  if (regions.empty() || std::find(regions.begin(), regions.end(), d.region) != regions.end()) return;
  c.no.add(Reason::region_mismatch, "doc.region", person.str(), regions.back().str());
}

// No more is taken back of a level's share than was calculated through the provider and is not due,
// and no more than the fund bore of it. What is given once has one sum, whatever the periods that brought it;
// the one that is named must be among them.
void check_entitlement(Context& c, const RecoveryDecision& d, const EntitlementRules& rules) {
  if (rules.problem()) return c.no.add(*rules.problem());
  if (d.entitlement->beneficiary) check_region(c, d);
  const Month period = d.entitlement->period;
  c.need_not_before(period.first_day());  // nothing is calculated before, so nothing was paid
  const auto all = calculated_in(c.state, subject_in(d), d.programme, rules.row_year(period));
  const auto meant = [&](const Calculated& one) {
    return one.payee == d.provider && one.period == period;
  };
  const bool named = std::any_of(all.begin(), all.end(), meant);
  Money share, borne;
  for (const auto& calculated : all) {
    const bool counts = rules.once(period) ? named && calculated.payee == d.provider : meant(calculated);
    if (!counts) continue;
    for (std::size_t i = 0; i < calculated.sources.size(); ++i) {
      const auto& source = calculated.sources[i];
      if (source.level == d.entitlement->level) share += calculated.shares[i];
      if (source.is(d.entitlement->level, d.fund)) borne += calculated.shares[i];
    }
  }
  // What is still due would be paid out again by the next calculation.
  share = std::max(Money(), share - still_due(c, d, rules));
  if (share < d.amount) {
    c.no.add(Reason::amount_mismatch, "doc.amount", d.amount.str(), "<= " + share.str());
  }
  if (borne < d.amount) {
    c.no.add(Reason::fund_did_not_bear, "doc.fund", d.fund.str(), borne.str());
  }
}

}  // namespace

std::optional<PolicyRef> policy_of_recovery(const StateSource& state, const std::optional<PolicyRef>& named,
                                            const RecoveryDecision& d) {
  if (named) return named;
  const std::string* allotted = state.find(purpose_key(d.fund, d.programme));
  return allotted ? PolicyRef::parse(*allotted) : std::nullopt;
}

void check(Context& c, const RecoveryDecision& d) {
  c.refuse_registered(recovery_key(d.recovery), "doc.recovery", d.recovery.str());
  c.need_fund(d.fund);
  c.need_region(d.region);
  c.need_provider(d.provider);
  c.need_positive(d.amount);
  // What becomes of the money is the policy's to say: of one that has ended, only where it was allotted under it.
  const auto allotted = policy_of_recovery(c.state, std::nullopt, d);
  const Policy* named = c.policy();
  if (named && (!allotted || allotted->name != named->name) && !served_on(*named, c.command.date)) {
    c.no.add(Reason::policy_not_in_force, "policy", named->ref().str(), c.command.date.str());
  }
  if (const auto ref = policy_of_recovery(c.state, c.command.policy, d); !ref) {
    c.no.add(Reason::policy_required, "policy");
  } else if (const std::string* row = c.state.find(policy_key(*ref))) {
    need_programme(c, decode_policy(*row), d.programme, "doc.programme");
    if (d.entitlement) check_entitlement(c, d, EntitlementRules(c.state, *ref, d.programme));
  }
  move(c.postings, d.amount, FundAccount::in_recovery, dimensions_of(d), FundAccount::paid,
       dimensions_of(d));
}
void record(Overlay& state, const Entry& entry, const RecoveryDecision& d) {
  const auto ref = policy_of_recovery(state, entry.policy, d);
  FT_CHECK(ref.has_value());
  const std::string* policy = state.find(policy_key(*ref));
  FT_CHECK(policy != nullptr);
  RecoveryRow row;
  row.decided_on = entry.date;
  row.decided = d.amount;
  row.disposition = decode_policy(*policy).recovery_disposition;
  row.at = dimensions_of(d);
  state.put(recovery_key(d.recovery), row.encode());
  if (!d.entitlement) return;
  if (d.entitlement->beneficiary) note_recovery(state, *d.entitlement->beneficiary, d.recovery);
  const EntitlementRules rules(state, *ref, d.programme);
  CalculationWriter writer(state, rules, {{d.fund, d.entitlement->level}});
  // What was advanced is final once some of it was taken back.
  writer.add(subject_in(d), d.entitlement->period, d.provider, true, {-d.amount});
  writer.finish();
}

void check(Context& c, const RecoveryReceipt& d) {
  c.need_account(d.account);
  c.need_positive(d.amount);
  const std::string* bytes = c.need(recovery_key(d.recovery), Reason::unknown_recovery,
                                    "doc.recovery", d.recovery.str());
  if (!bytes) return;
  const auto row = RecoveryRow::decode(*bytes);
  c.need_not_before(row.decided_on);
  const Money open = row.decided - row.received;
  if (d.amount > open) {
    c.no.add(Reason::amount_mismatch, "doc.amount", d.amount.str(), "<= " + open.str());
  }
  const bool reuse = row.disposition == RecoveryDisposition::reuse;
  // Reused money is the fund's again and nobody's in particular; the treasury is owed its share of
  // the programme and region it was spent on.
  Dimensions to = row.at;
  to.counterparty.clear();
  if (reuse) to = {row.at.fund, {}, {}, {}};
  move(c.postings, d.amount, reuse ? FundAccount::available : FundAccount::due_to_treasury, to,
       FundAccount::in_recovery, row.at);
}
void record(Overlay& state, const Entry&, const RecoveryReceipt& d) {
  std::string& bytes = state.edit(recovery_key(d.recovery));
  auto row = RecoveryRow::decode(bytes);
  row.received += d.amount;
  FT_CHECK(row.received <= row.decided);
  bytes = row.encode();
}

}  // namespace fundtrail::rules
