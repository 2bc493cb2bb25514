#include "ledger/rules/entitlement.h"

#include <algorithm>
#include <utility>

#include "ledger/core/check.h"
#include "ledger/core/documents.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/entitlement_amounts.h"
#include "ledger/rules/entitlement_stretches.h"
#include "ledger/rules/payee_share.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {
Money Assessment::calculated() const {
  Money sum;
  for (const auto& share : so_far) sum += share;
  return sum;
}

std::vector<Money> Assessment::share_differences() const {
  std::vector<Money> differences = due.shares;
  for (std::size_t i = 0; i < differences.size(); ++i) differences[i] -= so_far[i];
  return differences;
}

bool EntitlementRules::waits_for_services(Month period) const {
  return by_delivery(*programme_, terms_in(period), false);
}

bool EntitlementRules::once(Month period) const {
  return programme_->instrument == Instrument::award || terms_in(period).cycle == Cycle::once;
}
int EntitlementRules::row_year(Month period) const {
  return once(period) ? 0 : period.ordinal() / 12;
}
std::optional<Month> EntitlementRules::row_period(Month period) const {
  return once(period) ? std::nullopt : std::optional(period);
}

Month EntitlementRules::judged_in(const std::string* row, Month period) const {
  if (!row || !once(period)) return period;
  const bool rises = programme_->instrument == Instrument::award ||
                     programme_->instrument == Instrument::bed_subsidy;
  CalculatedRow rows(*row);
  for (CalculatedRow::Item item; rows.next(item);) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < item.size(); ++i) sum = plus(sum, item.at(i).fen);
    if (sum == 0) continue;
    if (!rises) return item.period;
    period = std::max(period, item.period);
  }
  return period;
}

std::optional<EntitlementRules::Person> EntitlementRules::person_of(
    Pseudonym id, std::optional<Date> birth) const {
  const std::string* row = state_.find(beneficiary_key(id));
  if (!row) return std::nullopt;
  Person person{id, birth, {}, {}, false, {}, {}};
  bool was_away = false;
  {
    const BeneficiaryView view(*row);
    was_away = view.was_away();
    person.entitled_from = view.entitled_from();
    if (const auto reason = view.end_reason()) {
      person.ended_on = view.ended_on();
      person.died = *reason == EndReason::death;
    }
  }
  if (was_away) person.absences = absences_of(state_, id);
  person.paid_through = paid_through(id);
  person.facts = facts_of(state_, id);
  if (std::none_of(eras_.begin(), eras_.end(), [](const Era& era) { return era.needs_grant; })) {
    return person;
  }
  person.grants = grants_of(state_, id);
  std::erase_if(person.grants, [&](const Grant& grant) {
    return grant.programme != programme_->id || (grant.to && *grant.to < grant.from);
  });
  return person;
}

namespace {

// Whether both programmes were granted: then each has its own days.
bool granted_apart(const StateSource& state, const EntitlementRules::Person& person,
                   const ProgrammeId& other) {
  if (person.grants.empty()) return false;
  const auto grants = grants_of(state, person.id);
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    return grant.programme == other && (!grant.to || grant.from <= *grant.to);
  });
}

}  // namespace

bool by_delivery(const Programme& programme, const EntitlementTerms& terms, bool final_basis) {
  if (programme.instrument == Instrument::bill_share) return true;
  switch (terms.basis) {
    case QuantityBasis::approved: return false;
    case QuantityBasis::delivered: return true;
    case QuantityBasis::approved_then_delivered: return final_basis;
  }
  FT_CHECK(false);
}

// Fills pieces_ and says why they are not more. The pieces point into the person.
void EntitlementRules::make_pieces(const Person& person, Month period, bool final_basis,
                                   Assessment& result) const {
  stretches_.clear();
  pieces_.clear();
  const EntitlementTerms& terms = terms_in(period);
  StretchFinder finder(state_, eras_, *programme_, person);
  finder.find(period.first_day(), last_month(period).last_day(), stretches_);
  PieceMaker maker(state_, *programme_, person, terms.payee,
                   by_delivery(*programme_, terms, final_basis), pieces_);
  maker.add(stretches_);
  result.why = finder.why();
  result.noted = finder.noted();
  result.unknown = finder.age_unknown();
  if (maker.problem() && !result.unknown) {
    result.unknown = true;
    result.why = maker.problem();
  }
}

Assessment EntitlementRules::of_person(Pseudonym id, std::optional<Date> birth, Month period,
                                       const ProviderId& payee, bool final_basis) const {
  Assessment result;
  const auto person = person_of(id, birth);
  if (!person) {
    result.unknown = true;
    result.why = Rejection{Reason::unknown_beneficiary, "beneficiary", id.str()};
    return result;
  }
  const std::string subject = subject_of(id);
  calculated_key(key_, subject, programme_->id, row_year(period));
  const std::string* row = state_.find(key_);
  period = judged_in(row, period);
  const Date first = std::max(period.first_day(), person->entitled_from);
  result.region = facts_on(person->facts, first).region;
  result.final_basis = final_basis;
  PayeeShare share(*this, payee.str(), result);
  const EntitlementTerms& terms = terms_in(period);
  if (row) share.read(*row, row_period(period));
  if (result.unknown) return result;
  if (terms.exclusive_group) {
    if (const auto other = other_of_group(state_, subject, *terms.exclusive_group, programme_->id,
                                          period, months_in(terms.cycle));
        other && !granted_apart(state_, *person, *other)) {
      result.why = Rejection{Reason::exclusive_scheme, "beneficiary", id.str(), other->str()};
      return result;
    }
  }
  make_pieces(*person, period, result.final_basis, result);
  if (!result.unknown) share.add_up(pieces_);
  return result;
}

std::vector<ProviderId> EntitlementRules::payees_of(Pseudonym id, std::optional<Date> birth,
                                                    Month period, bool final_basis) const {
  std::vector<ProviderId> payees;
  const auto add = [&](std::string_view payee) {
    const auto same = [&](const ProviderId& other) { return other.str() == payee; };
    if (payee.empty() || std::any_of(payees.begin(), payees.end(), same)) return;
    if (auto parsed = ProviderId::parse(payee)) payees.push_back(std::move(*parsed));
  };
  const auto person = person_of(id, birth);
  if (!person) return payees;
  calculated_key(key_, subject_of(id), programme_->id, row_year(period));
  if (const std::string* row = state_.find(key_)) {
    period = judged_in(row, period);
    CalculatedRow rows(*row);
    for (CalculatedRow::Item item; rows.next(item);) {
      if (row_period(period).value_or(item.period) != item.period) continue;
      add(item.payee);
      final_basis = final_basis || item.final_basis;
    }
  }
  Assessment ignored;
  make_pieces(*person, period, final_basis, ignored);
  for (const auto& piece : pieces_) add(piece.payee);
  return payees;
}

bool EntitlementRules::fits(Pseudonym id, std::optional<Date> birth, Month period) const {
  const auto person = person_of(id, birth);
  if (!person) return false;
  Assessment ignored;
  make_pieces(*person, period, false, ignored);
  return !stretches_.empty();
}

std::vector<Calculated> calculated_in(const StateSource& state, const std::string& subject,
                                      const ProgrammeId& programme, int year) {
  std::vector<Calculated> result;
  std::string key;
  calculated_key(key, subject, programme, year);
  const std::string* row = state.find(key);
  if (!row) return result;
  const auto sources = ProgrammeRow::find(state, programme).sources;
  CalculatedRow rows(*row);
  for (CalculatedRow::Item item; rows.next(item);) {
    Calculated one;
    one.period = item.period;
    one.payee = ProviderId::parse(item.payee).value_or(ProviderId());
    for (std::size_t i = 0; i < item.size(); ++i) {
      const auto amount = item.at(i);
      FT_CHECK(amount.source < sources.size());
      one.sources.push_back(sources[amount.source]);
      one.shares.push_back(Money::of_fen(amount.fen));
    }
    result.push_back(std::move(one));
  }
  return result;
}

Money Calculated::amount() const {
  Money sum;
  for (const auto& share : shares) sum += share;
  return sum;
}

}  // namespace fundtrail::rules
