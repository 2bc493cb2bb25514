// What is due: the one place that computes an entitlement from the policy, the person's facts and
// grants, and what was delivered. decide() asks it whether a calculation is right, and a run asks it
// what to calculate, so the two cannot disagree.
//
// Exact: hours times rate and days of a month are rounded half up to the fen once for each stretch
// of days with one rate; shares split by ledger/core/money.h. Reads the state only. Not thread-safe;
// make one a thread.
//
// Rows: e subject, programme, year: what was calculated; h pseudonym, programme, month: what was
// delivered; v provider, kind: assessments; m programme: total of all calculations.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ledger/core/policy.h"
#include "ledger/core/rejection.h"
#include "ledger/rules/person.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// The versions of one policy up to the one that is named: from its first day each replaces those
// before it.
class PolicyVersions {
 public:
  // Nothing is known: no such policy.
  PolicyVersions(const StateSource& state, const PolicyRef& latest);
  bool empty() const { return versions_.empty(); }
  const Policy& latest() const { return versions_.back(); }
  // The version in force on a day, or nothing: before the first, after the last (unless its
  // transition still serves).
  const Policy* on(Date day) const;
  const std::vector<Policy>& all() const { return versions_; }

 private:
  std::vector<Policy> versions_;
};

struct Due {
  Quantity units;             // of the whole period
  Money amount;               // never negative
  std::vector<Money> shares;  // in the order of the policy's parts; one when nothing is shared
};

struct Assessment {
  Due due;
  // Why nothing, or less than the whole period, is due: for people who ask. Reason, field, subject
  // and detail as in a refusal.
  std::optional<Rejection> why;
};

class EntitlementRules {
 public:
  // `problem()` tells what is wrong with the policy or the programme: then nothing may be asked.
  EntitlementRules(const StateSource& state, const PolicyRef& policy, const ProgrammeId& programme);
  const std::optional<Rejection>& problem() const { return problem_; }
  const Programme& programme() const { return *programme_; }
  const EntitlementTerms& terms() const { return *programme_->entitlement; }
  const PolicyVersions& versions() const { return versions_; }
  bool needs_ages() const;

  // What is due to a person for the cycle that begins with `period` through `payee`, as the state
  // knows it. `final_basis`: what was delivered decides where the terms true up (an earlier period).
  Assessment of_person(Pseudonym person, std::optional<Date> birth, Month period,
                       const ProviderId& payee, bool final_basis) const;
  // The same of a provider in its own right (beds, awards).
  Assessment of_provider(const ProviderId& provider, Month period) const;

  // The payee through whom a person is paid in the period, when the programme fixes one: the
  // provider of the grant, or those who delivered.
  std::vector<ProviderId> payees_of(Pseudonym person, Month period) const;

 private:
  const StateSource& state_;
  PolicyVersions versions_;
  const Programme* programme_ = nullptr;
  std::optional<Rejection> problem_;
};

// What was calculated so far for a subject (a pseudonym's text, or a provider id), through one payee.
struct Calculated {
  Month period;
  ProviderId payee;
  std::vector<Money> shares;
  Money amount() const;
};
std::vector<Calculated> calculated_in(const StateSource& state, const std::string& subject,
                                      const ProgrammeId& programme, int year);

}  // namespace fundtrail::rules
