// What a programme of a policy gives, to whom, how much, and who bears the cost: the part of a
// policy that ledger/rules/entitlement.h computes with. docs/POLICY.md explains every field to the
// people who write policies; docs/policy.schema.json is the same for their editors.
//
// Optional lists are absent when empty. Ages are full years (ledger/core/date.h, age_on).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/names.h"

namespace fundtrail {

// A list that is left out when it is empty.
template <class T>
using OptionalList = std::optional<std::vector<T>>;
template <class T>
const std::vector<T>& items(const OptionalList<T>& list) {
  static const std::vector<T> none;
  return list ? *list : none;
}

// Where a beneficiary lives and is served; only home elders hold vouchers (WJ-02).
enum class Channel : std::uint8_t { home, institution };
template <>
struct Names<Channel> {
  static constexpr std::string_view list[] = {"home", "institution"};
};

// Who may receive. All parts must hold; an absent part asks for nothing.
struct Eligibility {
  std::vector<Code> categories;  // empty: everybody
  std::uint64_t min_age = 0;
  OptionalList<Code> care_levels = {};
  OptionalList<Channel> channels = {};
  OptionalList<Code> conditions = {};  // facts or definitions of the policy, every one of them
  std::optional<std::uint64_t> max_age = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("care_levels", d.care_levels);
    v("categories", d.categories);
    v("channels", d.channels);
    v("conditions", d.conditions);
    v("max_age", d.max_age);
    v("min_age", d.min_age);
  }
};

// A term of the policy that any one of several recorded facts fulfils: living alone is "children
// elsewhere" or "children incapable" (HC-02).
struct Definition {
  std::vector<Code> any_of;
  Code id;
  Text title;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("any_of", d.any_of);
    v("id", d.id);
    v("title", d.title);
  }
};

// What the paid quantity rests on (HC-14, HC-24).
enum class QuantityBasis : std::uint8_t {
  approved,                 // the approved headcount, whatever was delivered
  delivered,                // recorded service only, up to what is approved
  approved_then_delivered,  // paid as approved, trued up to what was delivered in the next run
};
template <>
struct Names<QuantityBasis> {
  static constexpr std::string_view list[] = {"approved", "delivered", "approved_then_delivered"};
};

// The period that one calculation covers.
enum class Cycle : std::uint8_t { month, quarter, year, once };
template <>
struct Names<Cycle> {
  static constexpr std::string_view list[] = {"month", "quarter", "year", "once"};
};

enum class PayeeKind : std::uint8_t {
  assigned_provider,  // the provider or institution that the approval names
  claimant,           // the provider itself is entitled (beds, awards)
  paying_agent,       // a bank or office under contract that passes the money on to each person
  serving_provider,   // whoever delivered the recorded service
};
template <>
struct Names<PayeeKind> {
  static constexpr std::string_view list[] = {"assigned_provider", "claimant", "paying_agent",
                                              "serving_provider"};
};

// How a month that is entitled in part counts.
enum class Proration : std::uint8_t {
  days,    // by days of that month, rounded half up to the fen for each stretch of days
  months,  // a month counts or does not; `start` and `stop` say which
};
template <>
struct Names<Proration> {
  static constexpr std::string_view list[] = {"days", "months"};
};

// From when what is somebody's own counts: a birthday, a grant, a changed fact, an assessment.
// next_day: of an approval only (自批准次日起).
enum class StartRule : std::uint8_t { same_day, same_month, next_month, next_quarter, next_day };
template <>
struct Names<StartRule> {
  static constexpr std::string_view list[] = {"same_day", "same_month", "next_month",
                                              "next_quarter", "next_day"};
};
// From when a rate counts, be it of a new version or a band with `from`: never before its first day,
// so there is no same_month. A rate that counts from the month of a decree has the first of that month
// as its day.
enum class RateRule : std::uint8_t { same_day, next_month, next_quarter };
template <>
struct Names<RateRule> {
  static constexpr std::string_view list[] = {"same_day", "next_month", "next_quarter"};
};
// Until when after the end of an entitlement. With same_day, Policy::death_day_payable says whether
// the day of death counts.
enum class StopRule : std::uint8_t { same_day, same_month, month_before };
template <>
struct Names<StopRule> {
  static constexpr std::string_view list[] = {"same_day", "same_month", "month_before"};
};

// One part of a shared cost. Weights are relative: 6 and 4, or 90 and 10.
struct SharePart {
  Code level;  // "district", "street", "central", ...: the calculation names a fund for each
  std::uint64_t weight = 0;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("level", d.level);
    v("weight", d.weight);
  }
};
// Who bears the cost in some regions. The first rule that fits is used; every amount splits exactly
// (split() in ledger/core/money.h).
struct ShareRule {
  std::vector<SharePart> parts;
  OptionalList<Code> regions;     // first digits of region codes; absent: everywhere
  std::optional<Code> remainder;  // the level that bears the fen left over; absent: by largest fractions

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("parts", d.parts);
    v("regions", d.regions);
    v("remainder", d.remainder);
  }
};

// One line of the tariff. It applies where every part that is present fits; the first that fits
// counts. What `amount` is for follows from the programme's instrument:
//   allowance      a month                bed_subsidy  one bed and cycle
//   service_hours  an hour                award        one award
//   bill_share     not used: percent of the person's own bill, at most `cap` a month
//   points         not used
// An amount that the source document does not name is absent, and nothing can be calculated from it
// until a later version of the policy names one: it is never taken for zero.
struct TariffBand {
  std::optional<std::uint64_t> age_from;  // inclusive
  std::optional<std::uint64_t> age_to;    // inclusive: 89 is everybody before the 90th birthday
  std::optional<Money> amount;
  std::optional<Money> cap;
  OptionalList<Code> care_levels;
  OptionalList<Code> categories;
  OptionalList<Channel> channels;
  OptionalList<Code> conditions;       // facts or definitions of the policy, every one of them
  std::optional<Date> from;            // first day of this rate within the policy's force
  Code id;
  std::optional<bool> nothing_after;   // said: whoever grows out of it, or outlasts it, gets nothing
  std::optional<Quantity> per_day;     // service_hours: hours a day that are paid at most,
  std::optional<Quantity> per_month;   // and a month; one of them at least
  std::optional<std::uint64_t> percent;
  std::optional<Code> rating;          // award, bed_subsidy: what the assessment must say
  OptionalList<Code> regions;          // first digits of region codes
  Text title;
  std::optional<Date> to;              // last day

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("age_from", d.age_from);
    v("age_to", d.age_to);
    v("amount", d.amount);
    v("cap", d.cap);
    v("care_levels", d.care_levels);
    v("categories", d.categories);
    v("channels", d.channels);
    v("conditions", d.conditions);
    v("from", d.from);
    v("id", d.id);
    v("nothing_after", d.nothing_after);
    v("per_day", d.per_day);
    v("per_month", d.per_month);
    v("percent", d.percent);
    v("rating", d.rating);
    v("regions", d.regions);
    v("title", d.title);
    v("to", d.to);
  }
};

struct EntitlementTerms {
  std::optional<Code> assessment;  // bed_subsidy, award: the kind of assessment that is paid for
  QuantityBasis basis = QuantityBasis::approved;
  OptionalList<ShareRule> cost_shares;
  Cycle cycle = Cycle::month;
  std::optional<Eligibility> eligibility;   // beside the policy's own
  std::optional<Code> exclusive_group;      // one person, one scheme of a group at a time
  OptionalList<Code> items;                 // service items in scope; absent: all
  std::optional<Money> max_total;           // of the whole programme and its life
  PayeeKind payee = PayeeKind::paying_agent;
  std::optional<std::uint64_t> planned_count;  // awards planned; more of them are pointed out
  Proration proration = Proration::months;
  std::optional<RateRule> rates;            // absent: rate_rule() in ledger/rules/entitlement.h
  StartRule start = StartRule::same_month;
  StopRule stop = StopRule::same_month;
  std::vector<TariffBand> tariff;
  OptionalList<Code> worker_certificates;   // that whoever delivers a service must hold on the day

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("assessment", d.assessment);
    v("basis", d.basis);
    v("cost_shares", d.cost_shares);
    v("cycle", d.cycle);
    v("eligibility", d.eligibility);
    v("exclusive_group", d.exclusive_group);
    v("items", d.items);
    v("max_total", d.max_total);
    v("payee", d.payee);
    v("planned_count", d.planned_count);
    v("proration", d.proration);
    v("rates", d.rates);
    v("start", d.start);
    v("stop", d.stop);
    v("tariff", d.tariff);
    v("worker_certificates", d.worker_certificates);
  }
};

}  // namespace fundtrail
