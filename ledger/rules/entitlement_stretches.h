// The days of a person in a window, cut where anything changes: version, rate, facts, grant,
// birthday, beginning and end. Private to the files of entitlement*.cpp.
#pragma once

#include <optional>
#include <vector>

#include "ledger/rules/entitlement.h"

namespace fundtrail::rules {

class StretchFinder {
 public:
  using Era = EntitlementRules::Era;
  using Stretch = EntitlementRules::Stretch;
  using Person = EntitlementRules::Person;
  using RealDays = EntitlementRules::RealDays;

  StretchFinder(const StateSource& state, const std::vector<Era>& eras, const Programme& programme,
                const Person& person)
      : state_(state), eras_(eras), programme_(programme), person_(person) {}

  // Appends the stretches of the window, ascending.
  void find(Date from, Date to, std::vector<Stretch>& stretches);

  // The first cause of a day without entitlement.
  const std::optional<Rejection>& why() const { return why_; }
  // That more is recorded than was approved, though it takes nothing away.
  const std::optional<Rejection>& noted() const { return noted_; }
  // Somebody's age is needed and not known.
  bool age_unknown() const { return age_unknown_; }

 private:
  // Of one day: what counts, or nothing, the real days of all that it rests on, and the last day until which
  // all of it stays so.
  struct Day {
    const TariffBand* band = nullptr;
    const Grant* grant = nullptr;
    bool entitled = false;
    RealDays real;
    Date until;
  };
  Day look(const Era& era, Date day, Date to);
  bool begun(const Era& era, Date day, Day& found);
  bool granted(const Era& era, Date day, Day& found);
  RealDays entitled_on(Date day, Date& until) const;
  const Grant* grant_on(const Era& era, Date day, Day& found) const;
  // Of what was recorded, the last that counts on the day; what began after `found.real` never does.
  bool counts(const Era& era, Date from, Date day, Day& found) const;
  CountingFacts facts_on(const Era& era, Date day, Day& found) const;
  bool began(const Era& era, const PersonFacts& facts, Date day, Day& found) const;
  const PersonFacts& recorded_on(const Era& era, Date day, Day& found) const;
  std::optional<int> age_on(const Era& era, Date day, Day& found);
  bool eligible(const Era& era, const CountingFacts& facts, std::optional<int> age, bool granted);
  std::optional<Rejection> refusal_of(const Era& era, const CountingFacts& facts, std::optional<int> age, bool granted) const;
  void note_recorded(const Era& era, const CountingFacts& facts, const Grant& grant, std::optional<int> age, Date day,
                     const TariffBand& band);
  const TariffBand* approved_band(const Era& era, const CountingFacts& facts, const Grant* grant,
                                  std::optional<int> age, Date day);
  const TariffBand* band_of(const Era& era, const CountingFacts& facts, std::optional<int> age,
                            Date day) const;
  void no_band(const Era& era, std::optional<int> age);
  bool served(const Era& era, Date day, Day& found);
  bool alone(const Era& era, const Grant& grant, Date day, Date& until);
  Date last_of_other(const Era& era, const Grant& other) const;
  void find_limits(Date from, Date to);
  // Days that an absence takes out of the window, by the rules for an end and for a beginning. None, where the
  // beginning is moved back before the end.
  struct Gap {
    Date from;
    Date to;
    Absence absence;
  };
  const Era& nearest(Date day) const;
  void find_gaps();
  bool given_before() const;
  const Era* era_on(Date day) const;
  void because(Reason reason, const char* field, std::string subject, std::string detail);

  const StateSource& state_;
  const std::vector<Era>& eras_;
  const Programme& programme_;
  const Person& person_;
  Date first_;  // entitled from, by the start rule; of somebody with grants only a lower limit
  Date last_;   // until, by the stop rule
  std::vector<Gap> gaps_;
  std::optional<Rejection> why_;
  std::optional<Rejection> noted_;
  bool age_unknown_ = false;
  std::optional<std::vector<Grant>> all_grants_;  // of whatever programme
  ProviderId provider_;                           // whose contracts these are
  std::vector<ProviderRow::Period> contracts_;
};

// Whether a day lies within a contract, and until when it stays so. Where whole months are paid, a
// month counts that a contract touches, on a day that is one of `real` as well: narrowed to those of the
// contract. A provider without any is not judged by them.
bool under_contract(const std::vector<ProviderRow::Period>& contracts, Proration proration, Date day,
                    EntitlementRules::RealDays& real, Date& until);

}  // namespace fundtrail::rules
