// Who is entitled, from when, until when.
#include <algorithm>

#include "ledger/rules/families.h"

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

// The birth date in a valid identity number.
Date birth_date_in(const std::string& id_number) {
  const std::string text =
      id_number.substr(6, 4) + "-" + id_number.substr(10, 2) + "-" + id_number.substr(12, 2);
  return Date::parse(text).value_or(Date());
}

void check_identity(Context& c, const BeneficiaryRegistration& d, const Policy* policy) {
  if (!c.command.identity) return c.no.add(Reason::missing_field, "identity", "identity");
  const std::string& number = c.command.identity->id_number;
  if (const auto fault = check_id_number(number); fault != IdNumberFault::none) {
    return c.no.add(Reason::invalid_id_number, "identity.id_number", {},
                    std::string(describe(fault)));
  }
  if (!policy) return;
  const int age = age_on(birth_date_in(number), d.entitled_from);
  const auto min_age = policy->eligibility.min_age;
  if (age < 0 || static_cast<std::uint64_t>(age) < min_age) {
    c.no.add(Reason::under_age, "doc.entitled_from", std::to_string(age), std::to_string(min_age));
  }
}

}  // namespace

void check(Context& c, const BeneficiaryRegistration& d) {
  c.refuse_registered(beneficiary_key(d.beneficiary), "doc.beneficiary", d.beneficiary.str());
  c.need_region(d.region);
  const Policy* policy = c.need_policy();
  check_identity(c, d, policy);
  if (!policy) return;
  const auto& categories = policy->eligibility.categories;
  if (!categories.empty() &&
      std::find(categories.begin(), categories.end(), d.category) == categories.end()) {
    c.no.add(Reason::category_not_eligible, "doc.category", d.category.str());
  }
}
void record(Overlay& state, const Entry&, const BeneficiaryRegistration& d) {
  state.put(beneficiary_key(d.beneficiary), BeneficiaryView::encode(d));
}

void check(Context& c, const EntitlementEnd& d) {
  const std::string id = d.beneficiary.str();
  const std::string* row =
      c.need(beneficiary_key(d.beneficiary), Reason::unknown_beneficiary, "doc.beneficiary", id);
  if (c.command.date < d.ended_on) {
    c.no.add(Reason::date_in_future, "doc.ended_on", d.ended_on.str(), c.command.date.str());
  }
  if (!row) return;
  const BeneficiaryView person(*row);
  if (person.end_reason()) {
    c.no.add(Reason::entitlement_ended, "doc.beneficiary", id, person.ended_on().str());
  }
}
void record(Overlay& state, const Entry&, const EntitlementEnd& d) {
  BeneficiaryView::end(state.edit(beneficiary_key(d.beneficiary)), d);
}

}  // namespace fundtrail::rules
