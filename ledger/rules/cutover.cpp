// What was paid before this ledger: nothing is due here until then. It is said before anything is
// calculated, so it never takes back what was.
#include <unordered_map>

#include "ledger/rules/entitlement.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

// The terms of a programme that is calculated, or findings.
std::optional<EntitlementTerms> need_terms(Context& c, const ProgrammeId& id) {
  const Policy* policy = c.need_policy();
  const Programme* programme = policy ? need_programme(c, *policy, id, "doc.programme") : nullptr;
  if (!programme) return std::nullopt;
  if (!programme->entitlement || programme->instrument == Instrument::voucher) {
    c.no.add(Reason::instrument_mismatch, "doc.programme", id.str());
    return std::nullopt;
  }
  return programme->entitlement;
}

// Where whole months are paid, a month was paid or was not.
void check_day(Findings& no, const EntitlementTerms& terms, Date date, const std::string& field,
               Date recorded_on) {
  const Date last = Month::of(date).last_day();
  if (terms.proration == Proration::months && date != last) {
    no.add(Reason::invalid_value, field, date.str(), "= " + last.str());
  }
  if (recorded_on < date) no.add(Reason::date_in_future, field, date.str(), recorded_on.str());
}

void check_paid(Findings& no, const std::optional<Money>& paid, const std::string& field) {
  if (paid && paid->is_negative()) no.add(Reason::invalid_value, field, paid->str(), ">= 0.00");
}

// Whether anything is left of what was calculated for a person, in whatever year.
bool calculated_for(const StateSource& state, Pseudonym person, const EntitlementRules& rules,
                    Date today) {
  const std::string subject = subject_of(person);
  const auto anything = [&](int year) {
    for (const auto& known : calculated_in(state, subject, rules.programme().id, year)) {
      if (!known.amount().is_zero()) return true;
    }
    return false;
  };
  if (anything(0)) return true;
  const int first = rules.versions().all().front().in_force_from.year();
  for (int year = first; year <= today.year() + 1; ++year) {
    if (anything(year)) return true;
  }
  return false;
}

}  // namespace

void check(Context& c, const ProgrammeCutover& d) {
  const auto terms = need_terms(c, d.programme);
  check_paid(c.no, d.paid, "doc.paid");
  if (!terms) return;
  check_day(c.no, *terms, d.paid_through, "doc.paid_through", c.command.date);
  for (const auto& source : ProgrammeRow::find(c.state, d.programme).sources) {
    if (source.total.is_zero() && !source.fund.empty()) continue;
    c.no.add(Reason::already_calculated, "doc.programme", d.programme.str());
  }
}
void record(Overlay& state, const Entry&, const ProgrammeCutover& d) {
  auto row = CutoverRow::find(state, d.programme);
  row.paid_through = d.paid_through;
  state.put(cutover_key(d.programme), row.encode());
}

void check(Context& c, const BeneficiaryCutover& d) {
  const auto terms = need_terms(c, d.programme);
  if (!terms) return;
  if (terms->payee == PayeeKind::claimant) {
    return c.no.add(Reason::instrument_mismatch, "doc.programme", d.programme.str());
  }
  const EntitlementRules rules(c.state, *c.command.policy, d.programme);
  if (rules.problem()) return c.no.add(*rules.problem());
  std::unordered_map<std::uint64_t, std::size_t> seen;
  for (std::size_t at = 0; at < d.lines.size(); ++at) {
    const PaidBefore& line = d.lines[at];
    const std::string id = line.beneficiary.str();
    Findings no;
    const auto [first, added] = seen.emplace(line.beneficiary.value(), at);
    if (!added) no.add(Reason::duplicate_line, "beneficiary", id, std::to_string(first->second));
    if (!c.state.find(beneficiary_key(line.beneficiary))) {
      no.add(Reason::unknown_beneficiary, "beneficiary", id);
    } else if (calculated_for(c.state, line.beneficiary, rules, c.command.date)) {
      no.add(Reason::already_calculated, "beneficiary", id);
    }
    check_day(no, *terms, line.paid_through, "paid_through", c.command.date);
    check_paid(no, line.paid, "paid");
    if (!no.none()) c.refuse_line(at, no.first()->field, *no.first());
  }
}
void record(Overlay& state, const Entry&, const BeneficiaryCutover& d) {
  auto row = CutoverRow::find(state, d.programme);
  row.of_persons = true;
  state.put(cutover_key(d.programme), row.encode());
  std::string key;
  for (const auto& line : d.lines) {
    person_cutover_key(key, line.beneficiary, d.programme);
    state.put(key, encode_cutover(line.paid_through));
  }
}

}  // namespace fundtrail::rules
