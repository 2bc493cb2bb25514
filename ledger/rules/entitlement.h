// START HERE for what is due: the one place that computes an entitlement from the policy, the
// person's facts and grants, and what was delivered. decide() asks it whether a calculation is right,
// and a run asks it what to calculate, so the two cannot disagree.
//
//   versions   PolicyVersions: which version of a policy counts on a day   entitlement_versions.cpp
//   stretches  days of a person under one version, one band, one grant     entitlement_stretches.cpp
//   bands      the one of them that counts on a day                        entitlement_bands.cpp
//   pieces     what each stretch is worth, by instrument and basis         entitlement_amounts.cpp
//   due        added up for a payee, shared between the levels             payee_share.cpp
//   providers  in their own right: beds, awards                            entitlement_provider.cpp
//   history    how far back all of it is settled already                   entitlement_history.cpp
//
// A new kind of entitlement is an enumerator of Instrument, an arm in entitlement_amounts.cpp, and a
// page of docs/POLICY.md.
//
// From when an event counts: a birthday by the policy's `start` rule as it is written; the beginning
// of a grant, of an entitlement, or of a changed fact likewise, but one that begins with a month (a
// quarter) needs not wait for the next one. Where whole months are paid, same_day means same_month.
// A version and the rate of a band have their own rule (`rates`): they count from their day, or later,
// and never before it. What ends, ends by `stop`; only the end of an entitlement (death, moving) is an
// event in it, the last day of a version or a grant is a day that still counts. Where days are paid, a
// policy ends with its last day, whatever `stop` says. What begins after that on which it rests has ended
// is nothing, however `start` and `stop` move the two: the days as they are (RealDays) must meet.
//
// Exact: hours times rate, and days of a month, are rounded half up to the fen once for days
// that follow one another at one rate; shares split by ledger/core/money.h. Reads the state only. Not thread-safe;
// make one a thread. Rows: ledger/rules/entitlement_rows.h.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/policy.h"
#include "ledger/core/rejection.h"
#include "ledger/rules/entitlement_rows.h"
#include "ledger/rules/person.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// All registered versions of one policy: from its first day each replaces those before it.
class PolicyVersions {
 public:
  // Nothing is known: no such policy.
  PolicyVersions(const StateSource& state, const PolicyRef& named);
  bool empty() const { return versions_.empty(); }
  const Policy& named() const { return versions_[named_]; }
  // The version in force on a day, or nothing: before the first, after the last (unless its
  // transition still serves).
  const Policy* on(Date day) const;
  // The latest one that has begun by then; nothing before the first.
  const Policy* begun_by(Date day) const;
  // The latest of them that has the programme.
  const Policy* begun_by(Date day, const ProgrammeId& programme) const;
  const std::vector<Policy>& all() const { return versions_; }

 private:
  std::vector<Policy> versions_;  // ascending
  std::size_t named_ = 0;
};

struct Due {
  Quantity units;             // of the whole period: months, hours, beds; 0.00 of a bill share
  Money amount;               // never negative
  std::vector<Money> shares;  // in the order of EntitlementRules::levels(region)
};

struct Assessment {
  Due due;
  std::vector<Money> so_far;  // calculated already through the payee, in the same order
  // Of that, what each fund bore (EntitlementRules::sources()), what was touched last first.
  struct Borne {
    std::size_t level = 0;  // place in `so_far`
    unsigned source = 0;
    Money amount;
  };
  std::vector<Borne> borne;
  bool final_basis = false;   // what was delivered decides
  RegionCode region;          // where the person belongs in the period; empty: no such person
  // Nothing can be said (a rate that is not set, a birth date that is not known): not even that
  // nothing is due. `why` says why.
  bool unknown = false;
  // Why nothing, or less than the whole period, is due: for people who ask. Reason, field, subject and detail as
  // in a refusal.
  std::optional<Rejection> why;
  // That more is recorded than was approved, and counts for nothing: for whoever runs, who names the person. No
  // reason of what is due.
  std::optional<Rejection> noted;

  Money calculated() const;
  // What a line of a calculation brings: due less what was calculated already.
  Money difference() const { return due.amount - calculated(); }
  std::vector<Money> share_differences() const;
  // Whether a line would change nothing.
  bool settled() const { return due.shares == so_far; }
};

class EntitlementRules {
 public:
  // `problem()` tells what is wrong with the policy or the programme: then nothing may be asked.
  EntitlementRules(const StateSource& state, const PolicyRef& policy, const ProgrammeId& programme);
  EntitlementRules(const EntitlementRules&) = delete;
  EntitlementRules& operator=(const EntitlementRules&) = delete;

  const std::optional<Rejection>& problem() const { return problem_; }
  // As the named version has them.
  const Programme& programme() const { return *programme_; }
  const EntitlementTerms& terms() const { return *terms_; }
  const PolicyVersions& versions() const { return versions_; }
  // Those of the version that counts when the period begins: cycle, basis, payee.
  const EntitlementTerms& terms_in(Month period) const;
  // Whether a birth date matters in any version.
  bool needs_ages() const { return needs_ages_; }
  // Who bears a share of the cost in a region: {"all"} when nothing is shared.
  const std::vector<Code>& levels(const RegionCode& region) const;

  // The funds that bear, or bore, shares of the programme: Assessment::Borne names them by place.
  const std::vector<ProgrammeRow::Source>& sources() const { return known_sources_; }
  // How much of a level's share that is calculated the fund bore.
  Money borne_by(const Assessment& found, std::size_t level, const FundId& fund) const;

  // What is due to a person for the cycle that begins with `period` through `payee`, as the state
  // knows it. `final_basis`: what was delivered decides where the terms true up (an earlier period);
  // so it does once anything was calculated so. Of a voucher programme: units are the months entitled
  // to vouchers, the amount is zero. Precondition: the period begins a cycle.
  Assessment of_person(Pseudonym person, std::optional<Date> birth, Month period,
                       const ProviderId& payee, bool final_basis) const;
  // The same of a provider in its own right (beds, awards). What is given once needs to be earned by
  // `as_of`; whoever looks back behind what was earned and calculated since cannot say what is due.
  Assessment of_provider(const ProviderId& provider, Month period, const RegionCode& region,
                         Date as_of) const;

  // The payees through whom a person is or was paid for the period, when the programme fixes them:
  // the provider of the grant, or those who delivered. Empty: whoever is chosen.
  std::vector<ProviderId> payees_of(Pseudonym person, std::optional<Date> birth, Month period,
                                    bool final_basis) const;

  // The periods of a person from `since` on, which begins one, of which nothing is to be calculated any
  // more: of_person() is settled and known for each of them, through everybody who is or was paid and
  // through `agent` where the programme is paid by one. Of a programme that is not given once.
  struct Settled {
    Month until;       // first month that is not among them; at most the one that was asked for
    Money calculated;  // for the last of them, through everybody
  };
  Settled settled(Pseudonym person, std::optional<Date> birth, Month since, Month until,
                  const std::optional<ProviderId>& agent) const;

  // Whether somebody fits the terms on some day of the period, whatever another scheme of the group
  // or a payee that is missing makes of it.
  bool fits(Pseudonym person, std::optional<Date> birth, Month period) const;

  // Whether a period is paid by what was delivered in it, and nothing before.
  bool waits_for_services(Month period) const;

  // Whether it is given once in a life, whatever the period; which row tells what was calculated
  // (calculated_in()), and for which period of it.
  bool once(Month period) const;
  int row_year(Month period) const;
  std::optional<Month> row_period(Month period) const;
  // What is given once stays judged by the period in which it was given, whatever period is asked
  // about: death or a new rate later change nothing in it. What a provider gets may still rise. `row`: of
  // calculated_key(), or nothing.
  Month judged_in(const std::string* row, Month period) const;

  // Everything below is private to the files of entitlement*.cpp.

  // Days as they are, before `start` and `stop` move a beginning or an end.
  struct RealDays {
    Date from;
    Date to;
    // To those of them that are others, too; false: there is none.
    bool narrow(const RealDays& others) {
      from = std::max(from, others.from);
      to = std::min(to, others.to);
      return from <= to;
    }
  };
  // The days on which one version counts for the programme, after its start and stop rules.
  struct Era {
    Date from;
    Date to;
    RealDays in_force;  // of the versions that follow one another without a gap, transition included
    const Policy* policy = nullptr;
    const EntitlementTerms* terms = nullptr;
    bool needs_grant = false;
    bool needs_age = false;
    bool by_region = false;          // some band is of regions
    Date takes_until;                // last day in force; later ones are served by the transition
    // Whom and what is let in begins on one of these days: of the version itself, and of those that are in force
    // after it although its rates still count.
    std::vector<RealDays> taking;
    bool takes(Date begins) const {
      return std::any_of(taking.begin(), taking.end(),
                         [&](const RealDays& days) { return days.from <= begins && begins <= days.to; });
    }
    std::vector<Date> rate_changes;  // first days of bands, and first days without them
  };
  // Days of a person under one era, band and grant.
  struct Stretch {
    Date from;
    Date to;
    const Era* era = nullptr;
    const TariffBand* band = nullptr;  // nothing: of a voucher programme
    const Grant* grant = nullptr;
  };
  // What is due for a stretch, or a part of it, through one payee (nothing: any).
  struct Piece {
    const Era* era = nullptr;
    std::string_view payee;
    std::int64_t fen = 0;
    std::int64_t units = 0;
  };
  struct Person {
    Pseudonym id;
    std::optional<Date> birth;
    Date entitled_from;
    std::optional<Date> ended_on;
    bool died = false;
    std::vector<PersonFacts> facts;
    std::vector<Grant> grants;  // of the programme, those that count at all
    std::vector<Absence> absences = {};
    std::optional<Date> paid_through = {};  // before this ledger
  };

 private:
  friend class StretchFinder;
  friend class PieceMaker;
  friend class PayeeShare;
  friend class SettledPeriods;

  void build_eras();
  std::optional<Person> person_of(Pseudonym id, std::optional<Date> birth) const;
  void make_pieces(const Person& person, Month period, bool final_basis, Assessment& result) const;
  // What a provider's assessments came to, beside pieces_.
  struct Judged {
    std::vector<AssessmentRow> history;
    std::vector<ProviderRow::Period> contracts;
    ProviderId provider;
    Month period;
    bool paid_before = false;               // something was, until the cutover
    std::optional<Rejection> problem = {};  // nothing can be said
    std::optional<Rejection> why = {};      // the first cause for which an assessment, or a day of it, is nothing
    std::optional<Rejection> ignored = {};  // what would bring more was found when nothing new counts
    // That nothing fits says less than any other cause.
    void because(Rejection cause) {
      if (!why || (why->reason == Reason::condition_not_met && cause.reason != why->reason)) why = std::move(cause);
    }
    // What a bed is worth in fen; nothing: no band fits, or its rate is not set, and then nothing can be said at all.
    std::optional<std::int64_t> rate(const Era& era, const std::optional<Code>& rating, Date day);
    void ignore(Rejection cause) {
      because(cause);
      if (!ignored) ignored = std::move(cause);
    }
  };
  void add_beds(Judged& judged) const;
  // Of a programme that gives each bed once.
  void add_new_beds(Judged& judged, Date until) const;
  void add_award(Judged& judged, Date until) const;
  // The first day until `until` on which an assessment counts, and its era; nothing: none.
  const Era* first_counted(const Judged& judged, Date effective, Date until, Date& day) const;
  Rejection not_in_force(Date day) const;
  // Why what was found on a day counts for nothing: the policy had ended, or took nothing new, or the contract had.
  Rejection too_late(const Judged& judged, Date effective) const;
  Month last_month(Month period) const;
  const Era* era_on(Date day) const;
  const std::vector<ProgrammeRow::Source>& known_sources(std::size_t at_least) const;
  std::optional<Date> paid_through(Pseudonym person) const;

  const StateSource& state_;
  PolicyVersions versions_;
  const Programme* programme_ = nullptr;
  const EntitlementTerms* terms_ = nullptr;
  std::optional<Rejection> problem_;
  std::vector<Era> eras_;  // ascending, disjoint
  bool needs_ages_ = false;
  struct LevelsOf {
    std::vector<Code> regions;  // first digits; empty: everywhere
    std::vector<Code> levels;
  };
  std::vector<LevelsOf> levels_;
  mutable std::vector<ProgrammeRow::Source> known_sources_;  // of the programme's row
  CutoverRow cutover_;
  mutable std::vector<Stretch> stretches_;  // scratch
  mutable std::vector<Piece> pieces_;       // scratch
  mutable std::string key_;                 // scratch
};

// What was calculated so far for a period, through one payee, by level and fund.
struct Calculated {
  Month period;
  ProviderId payee;
  std::vector<ProgrammeRow::Source> sources;  // whose shares follow
  std::vector<Money> shares;
  Money amount() const;
};
// For the periods of a year, of a subject (subject_of()); of a programme of cycle `once`, year 0.
std::vector<Calculated> calculated_in(const StateSource& state, const std::string& subject,
                                      const ProgrammeId& programme, int year);

// The days a rule gives: the first day that counts of something that begins on `from`, and the last
// one of something whose last day is `to`.
StartRule start_rule(const EntitlementTerms& terms);  // same_month where whole months are paid
Date begin_of(const EntitlementTerms& terms, Date from);
// The same of a version or a rate, which never counts before its day. Where the terms do not say: of beds
// and awards that are given once from the day itself; with start next_month and next_quarter likewise; else
// from the day itself where days are paid, and from the first whole month where months are.
RateRule rate_rule(const EntitlementTerms& terms);
Date rate_begin(const EntitlementTerms& terms, Date from);
Date last_of(const EntitlementTerms& terms, Date to);

}  // namespace fundtrail::rules
