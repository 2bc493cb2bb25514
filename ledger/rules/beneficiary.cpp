// Who is entitled, from when, until when.
#include <algorithm>

#include "ledger/core/id_number.h"
#include "ledger/rules/families.h"
#include "ledger/rules/identity_need.h"
#include "ledger/rules/person.h"

namespace fundtrail::rules {
namespace {

// Says what is wrong with an identity number without repeating any of it.
std::string_view describe(IdNumberFault fault) {
  switch (fault) {
    case IdNumberFault::none: break;
    case IdNumberFault::length: return "length";
    case IdNumberFault::characters: return "characters";
    case IdNumberFault::birth_date: return "birth_date";
    case IdNumberFault::check_digit: return "check_digit";
  }
  return "";
}

// The age on the first day of entitlement, of somebody whose identity number is in order.
std::optional<int> age_when_entitled(Context& c, const BeneficiaryRegistration& d) {
  if (!c.command.identity) {
    c.no.add(Reason::missing_field, "identity", "identity");
    return std::nullopt;
  }
  const std::string& number = c.command.identity->id_number;
  if (const auto fault = check_id_number(number); fault != IdNumberFault::none) {
    c.no.add(Reason::invalid_id_number, "identity.id_number", {}, std::string(describe(fault)));
    return std::nullopt;
  }
  return age_on(birth_date_in(number), d.entitled_from);
}

void check_eligible(Context& c, const Policy& policy, const BeneficiaryRegistration& d,
                    std::optional<int> age) {
  auto found = ineligible(policy, policy.eligibility, d.channel, d.category, d.care_level,
                          items(d.facts), age, "doc.");
  if (!found) return;
  if (found->reason == Reason::under_age || found->reason == Reason::over_age) {
    found->field = "doc.entitled_from";
  }
  c.no.add(std::move(*found));
}

void check_category(Context& c, const Policy& policy, const Code& category) {
  Eligibility rule;
  rule.categories = policy.eligibility.categories;
  if (auto no = ineligible(policy, rule, Channel::home, category, {}, {}, {}, "doc.")) {
    c.no.add(std::move(*no));
  }
}

const std::string* need_beneficiary(Context& c, Pseudonym id) {
  return c.need(beneficiary_key(id), Reason::unknown_beneficiary, "doc.beneficiary", id.str());
}

}  // namespace

void check(Context& c, const BeneficiaryRegistration& d) {
  c.refuse_registered(beneficiary_key(d.beneficiary), "doc.beneficiary", d.beneficiary.str());
  c.need_region(d.region);
  const Policy* policy = c.need_policy();
  const auto age = age_when_entitled(c, d);
  if (policy) check_eligible(c, *policy, d, age);
}
void record(Overlay& state, const Entry&, const BeneficiaryRegistration& d) {
  state.put(beneficiary_key(d.beneficiary), BeneficiaryView::encode(d));
  record_facts(state, d);
}

void check(Context& c, const EntitlementEnd& d) {
  const std::string id = d.beneficiary.str();
  const std::string* row = need_beneficiary(c, d.beneficiary);
  if (c.command.date < d.ended_on) {
    c.no.add(Reason::date_in_future, "doc.ended_on", d.ended_on.str(), c.command.date.str());
  }
  if (!row) return;
  const BeneficiaryView person(*row);
  if (person.end_reason()) {
    c.no.add(Reason::entitlement_ended, "doc.beneficiary", id, person.ended_on().str());
  }
}
void record(Overlay& state, const Entry& entry, const EntitlementEnd& d) {
  BeneficiaryView::end(state.edit(beneficiary_key(d.beneficiary)), d);
  note_end(state, d.beneficiary, entry.actor.id);
}

void check(Context& c, const EntitlementReinstatement& d) {
  if (!d.reason) c.no.add(Reason::missing_field, "doc.reason", "reason");
  const bool returned = d.reason == ReinstatementReason::returned;
  if (returned && !d.from) c.no.add(Reason::missing_field, "doc.from", "from");
  // An error leaves no gap, so there is no other day to name.
  if (!returned && d.from) c.no.add(Reason::unknown_field, "doc.from", "from");
  if (d.from && c.command.date < *d.from) {
    c.no.add(Reason::date_in_future, "doc.from", d.from->str(), c.command.date.str());
  }
  const std::string* row = need_beneficiary(c, d.beneficiary);
  if (!row) return;
  const BeneficiaryView person(*row);
  // Nothing is given to somebody of whom nobody can say any more who it is.
  if (auto entry = erased_by(c.state, d.beneficiary)) {
    c.no.add(Reason::already_erased, "doc.beneficiary", d.beneficiary.str(), std::move(*entry));
  }
  const auto end = person.end_reason();
  if (!end) {
    return c.no.add(Reason::wrong_step, "doc.beneficiary", d.beneficiary.str(), "entitled");
  }
  if (!returned) return;
  if (*end == EndReason::death) {
    c.no.add(Reason::invalid_value, "doc.reason", std::string(name_of(*d.reason)), "error");
  }
  if (d.from && *d.from <= person.ended_on()) {
    c.no.add(Reason::date_too_early, "doc.from", d.from->str(), (person.ended_on() + 1).str());
  }
}
void record(Overlay& state, const Entry&, const EntitlementReinstatement& d) {
  const HotKey key = beneficiary_key(d.beneficiary);
  const Date ended_on = BeneficiaryView(*state.find(key)).ended_on();
  const bool returned = d.reason == ReinstatementReason::returned;
  if (returned) {
    add_absence(state, d.beneficiary, {ended_on, *d.from});
  } else if (d.reason) {
    drop_absences(state, d.beneficiary, ended_on);
  }
  BeneficiaryView::reinstate(state.edit(key), returned);
}

void check(Context& c, const BeneficiaryAmendment& d) {
  need_beneficiary(c, d.beneficiary);
  if (!d.care_level && !d.category && !d.channel && !d.facts && !d.region) {
    c.no.add(Reason::missing_field, "doc.region",
             "care_level | category | channel | facts | region");
  }
  if (d.region) c.need_region(*d.region);
  // Care level and facts are recorded as they are, also those that end an entitlement (HC-18).
  if (!d.category) return;
  if (const Policy* policy = c.need_policy()) check_category(c, *policy, *d.category);
}
void record(Overlay& state, const Entry& entry, const BeneficiaryAmendment& d) {
  record_facts(state, entry.date, d);
  BeneficiaryView::amend(state.edit(beneficiary_key(d.beneficiary)), d);
}

}  // namespace fundtrail::rules
