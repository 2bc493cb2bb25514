// How far back everything is settled already. A run looks at every earlier period of everybody; of
// most nothing has changed since it was calculated, and that is seen in one pass over a person's
// days instead of a look at each period by itself. What is said here is never more than of_person()
// says of each.
#include <algorithm>

#include "ledger/core/work_calendar.h"
#include "ledger/rules/entitlement.h"
#include "ledger/rules/entitlement_amounts.h"
#include "ledger/rules/entitlement_stretches.h"
#include "ledger/rules/payee_share.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {
namespace {

using Piece = EntitlementRules::Piece;
using Stretch = EntitlementRules::Stretch;

void add(std::vector<std::string_view>& payees, std::string_view payee) {
  if (payee.empty() || std::find(payees.begin(), payees.end(), payee) != payees.end()) return;
  payees.push_back(payee);
}

}  // namespace

// One period at a time, ascending; the days of all of them were found before.
class SettledPeriods {
 public:
  SettledPeriods(const EntitlementRules& rules, const EntitlementRules::Person& person)
      : rules_(rules), person_(person), subject_(subject_of(person.id)) {}

  // The days from the first period to the last. False: they cannot be judged.
  bool find_days(Date from, Date to) {
    StretchFinder finder(rules_.state_, rules_.eras_, *rules_.programme_, person_);
    finder.find(from, to, days_);
    return !finder.age_unknown();
  }

  bool is_settled(Month period, const std::optional<ProviderId>& agent) {
    const EntitlementTerms& terms = rules_.terms_in(period);
    if (terms.exclusive_group &&
        other_of_group(rules_.state_, subject_, *terms.exclusive_group, rules_.programme_->id,
                       period, months_in(terms.cycle))) {
      return false;
    }
    if (!make_pieces(period, terms)) return false;
    find_row(period);
    payees_.clear();
    for (const auto& piece : pieces_) add(payees_, piece.payee);
    calculated_ = Money();
    CalculatedRow rows(row_ ? std::string_view(*row_) : std::string_view());
    for (CalculatedRow::Item item; rows.next(item);) {
      if (item.period == period) add(payees_, item.payee);
    }
    if (agent && terms.payee == PayeeKind::paying_agent) add(payees_, agent->str());
    return std::all_of(payees_.begin(), payees_.end(),
                       [&](std::string_view payee) { return is_settled(period, payee); });
  }

  // What was calculated for the period that was asked about last.
  const Money& calculated() const { return calculated_; }

 private:
  bool make_pieces(Month period, const EntitlementTerms& terms) {
    pieces_.clear();
    const Date first = period.first_day(), last = rules_.last_month(period).last_day();
    PieceMaker maker(rules_.state_, *rules_.programme_, person_, terms.payee,
                     by_delivery(*rules_.programme_, terms, true), pieces_);
    of_period_.clear();
    while (at_ < days_.size() && days_[at_].to < first) ++at_;
    for (std::size_t i = at_; i < days_.size() && days_[i].from <= last; ++i) {
      Stretch part = days_[i];
      part.from = std::max(part.from, first);
      part.to = std::min(part.to, last);
      of_period_.push_back(part);
    }
    maker.add(of_period_);
    return !maker.problem();
  }

  void find_row(Month period) {
    if (row_year_ == rules_.row_year(period)) return;
    row_year_ = rules_.row_year(period);
    calculated_key(rules_.key_, subject_, rules_.programme_->id, *row_year_);
    row_ = rules_.state_.find(rules_.key_);
  }

  bool is_settled(Month period, std::string_view payee) {
    Assessment found;
    found.region =
        facts_on(person_.facts, std::max(period.first_day(), person_.entitled_from)).region;
    PayeeShare share(rules_, payee, found);
    if (row_) share.read(*row_, period);
    share.add_up(pieces_);
    calculated_ += found.calculated();
    return !found.unknown && found.settled();
  }

  const EntitlementRules& rules_;
  const EntitlementRules::Person& person_;
  const std::string subject_;
  std::vector<Stretch> days_;
  std::size_t at_ = 0;
  std::vector<Stretch> of_period_;
  std::vector<Piece> pieces_;
  std::vector<std::string_view> payees_;
  std::optional<int> row_year_;
  const std::string* row_ = nullptr;
  Money calculated_;
};

EntitlementRules::Settled EntitlementRules::settled(Pseudonym id, std::optional<Date> birth,
                                                    Month since, Month until,
                                                    const std::optional<ProviderId>& agent) const {
  Settled result{since, {}};
  if (!(since < until)) return result;
  const auto person = person_of(id, birth);
  if (!person) return result;
  SettledPeriods periods(*this, *person);
  if (!periods.find_days(since.first_day(), until.first_day() + -1)) return result;
  while (result.until < until && periods.is_settled(result.until, agent)) {
    result.calculated = periods.calculated();
    result.until = last_month(result.until).plus(1);
  }
  return result;
}

}  // namespace fundtrail::rules
