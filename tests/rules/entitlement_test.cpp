// What is due, at the edges of days, months and ages, and against an oracle that looks at every day by
// itself.
#include <catch2/catch.hpp>
#include <random>

#include "tests/rules/scheme_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Json allowance(const std::string& start, const std::string& stop, const std::string& proration) {
  Json policy = scheme("yueqing-2015");
  policy.erase("in_force_to");
  policy["in_force_from"] = "2000-01-01";
  policy["eligibility"] = Json{{"categories", Json::array()}, {"min_age", 0}};
  auto& terms = policy["programmes"][0]["entitlement"];
  terms["cycle"] = "month";
  terms["start"] = start;
  terms["stop"] = stop;
  terms["proration"] = proration;
  terms.erase("exclusive_group");
  policy["programmes"].erase(1);
  return policy;
}
Json& terms_of(Json& policy) { return policy["programmes"][0]["entitlement"]; }
Json band(const std::string& id, const std::string& amount, int from = -1, int to = -1) {
  Json result{{"id", id}, {"title", id}};
  if (from >= 0) result["age_from"] = from;
  if (to >= 0) result["age_to"] = to;
  if (!amount.empty()) result["amount"] = amount;
  return result;
}
std::string due(const Scheme& scene, const Elder& elder, const std::string& period) {
  return scene.ask("old_age", elder, period).due.amount.str();
}

}  // namespace

TEST_CASE("bands by age: the day before a birthday and the day itself (ZX-01)") {
  Json policy = allowance("same_day", "same_day", "days");
  terms_of(policy)["tariff"] = Json::array(
      {band("1", "30.00", 80, 89), band("2", "60.00", 90, 99), band("3", "300.00", 100)});
  Elder elder;
  Scheme scene(policy);
  scene.add(elder, "old_age");
  elder.birth = "1925-02-28";  // turns 90 on the last day of a February of 28
  CHECK(due(scene, elder, "2015-02") == "31.07");  // 27 of 28 days of 30.00, one of 60.00
  elder.birth = "1925-03-01";
  CHECK(due(scene, elder, "2015-02") == "30.00");
  CHECK(due(scene, elder, "2015-03") == "60.00");
  elder.birth = "1915-03-31";
  CHECK(due(scene, elder, "2015-03") == "67.74");  // 30 days of 60.00, one of 300.00
  CHECK(due(scene, elder, "2015-04") == "300.00");
  elder.birth = "1936-01-01";
  CHECK(due(scene, elder, "2015-12") == "0.00");
  CHECK(scene.ask("old_age", elder, "2015-12").why->reason == Reason::under_age);
  CHECK(due(scene, elder, "2016-01") == "30.00");
}

TEST_CASE("who was born on 29 February turns a year older on 1 March of other years") {
  for (const auto& [rule, february, march] :
       {std::tuple("same_month", "0.00", "100.00"), {"next_month", "0.00", "0.00"}}) {
    Elder elder;
    elder.birth = "1924-02-29";
    Json policy = allowance(rule, "same_month", "months");
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00", 91)});  // turns 91 in 2015
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-02") == february);
    CHECK(due(scene, elder, "2015-03") == march);
    CHECK(due(scene, elder, "2015-04") == "100.00");
    // In a leap year it is the day itself: 92 in 2016.
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00", 92)});
    Scheme leap(policy);
    leap.add(elder, "old_age");
    CHECK(due(leap, elder, "2016-02") == (rule == std::string("same_month") ? "100.00" : "0.00"));
    CHECK(due(leap, elder, "2016-03") == "100.00");
  }
}

TEST_CASE("a share of 0.01 yuan is somebody's, and all shares add up") {
  Json policy = allowance("same_month", "same_month", "months");
  terms_of(policy)["tariff"] = Json::array({band("1", "0.01")});
  terms_of(policy)["cost_shares"] = Json::array(
      {{{"parts", Json::array({{{"level", "district"}, {"weight", 6}},
                               {{"level", "street"}, {"weight", 4}}})}}});
  Elder elder;
  Scheme scene(policy);
  scene.add(elder, "old_age");
  CHECK(shares(scene.ask("old_age", elder, "2015-02")) == "0.01 + 0.00");
}

TEST_CASE("bands by fact and by region: the narrower one first, each from its day on") {
  Json policy = allowance("same_month", "same_month", "months");
  policy["definitions"] = Json::array(
      {{{"id", "lives_alone"}, {"title", "独居"}, {"any_of", Json::array({"no_children", "elsewhere"})}}});
  Json town_alone = band("1", "150.00"), town = band("2", "120.00");
  town_alone["regions"] = town["regions"] = Json::array({"330382001", "330382002"});
  town_alone["conditions"] = Json::array({"lives_alone", "low_income"});
  terms_of(policy)["tariff"] = Json::array({town_alone, town, band("3", "100.00")});
  Elder elder;
  elder.facts = {"no_children"};
  Scheme scene(policy);
  scene.add(elder, "old_age");
  CHECK(due(scene, elder, "2015-02") == "120.00");  // one of two conditions
  const auto amend = [&](const char* on, const std::vector<std::string>& facts, const char* region) {
    BeneficiaryAmendment d;
    d.beneficiary = elder.id;
    if (!facts.empty()) d.facts.emplace();
    for (const auto& fact : facts) d.facts->push_back(code(fact));
    if (*region) d.region = *RegionCode::parse(region);
    Overlay overlay(scene.state);
    record_facts(overlay, day(on), d);
    scene.state.take(overlay);
  };
  amend("2015-03-20", {"elsewhere", "low_income"}, "");
  CHECK(due(scene, elder, "2015-02") == "120.00");
  CHECK(due(scene, elder, "2015-03") == "150.00");
  amend("2015-05-10", {}, "330382005");
  CHECK(due(scene, elder, "2015-04") == "150.00");
  CHECK(due(scene, elder, "2015-05") == "100.00");

  // By days: 19 of 31 days of 120.00, the rest of 150.00; 9 of 31 days of 150.00, the rest of 100.00.
  terms_of(policy)["start"] = "same_day";
  terms_of(policy)["proration"] = "days";
  scene.add(policy);
  CHECK(due(scene, elder, "2015-03") == "131.61");  // 73.55 + 58.06
  CHECK(due(scene, elder, "2015-05") == "114.52");  // 43.55 + 70.97

  // Without a band for everybody else whoever fits none is told what the bands ask for.
  terms_of(policy)["tariff"] = Json::array({town_alone});
  scene.add(policy);
  const auto none = scene.ask("old_age", elder, "2015-02");
  CHECK(none.why->reason == Reason::condition_not_met);
  CHECK(none.why->subject == "lives_alone, low_income, 330382001, 330382002");
}

TEST_CASE("hours of a month: at most so many, and part of them for part of it") {
  Json policy = allowance("same_day", "same_day", "days");
  policy["programmes"][0]["instrument"] = "service_hours";
  Json hours = band("1", "20.00");
  hours["per_month"] = "30.00";
  terms_of(policy)["tariff"] = Json::array({hours});
  Elder elder;
  elder.entitled_from = "2015-03-16";
  Scheme scene(policy);
  scene.add(elder, "old_age");
  CHECK(due(scene, elder, "2015-03") == "309.60");  // 16 of 31 days: 15.48 hours
  CHECK(due(scene, elder, "2015-04") == "600.00");

  terms_of(policy)["basis"] = "delivered";
  terms_of(policy)["payee"] = "serving_provider";
  scene.add(policy);
  const auto paid = [&](const char* month, const char* provider) {
    return scene.ask("old_age", elder, month, provider).due.amount.str();
  };
  for (int n = 1; n <= 17; ++n) {
    scene.deliver(elder.id, "old_age", n <= 10 ? "p1" : "p2", "2015-04-" + std::string(n < 10 ? "0" : "") + std::to_string(n), "2.00");
  }
  CHECK(paid("2015-04", "p1") == "400.00");
  CHECK(paid("2015-04", "p2") == "200.00");  // 10 of 14 hours: the month has 30
  scene.deliver(elder.id, "old_age", "p1", "2015-03-20", "15.00");
  scene.deliver(elder.id, "old_age", "p1", "2015-03-21", "1.00");
  CHECK(paid("2015-03", "p1") == "309.60");
  scene.deliver(elder.id, "old_age", "p1", "2015-05-01", "29.00");
  CHECK(paid("2015-05", "p1") == "580.00");  // hours that were left in April are gone

  // Beside hours a day the smaller counts.
  hours["per_day"] = "1.50";
  terms_of(policy)["tariff"] = Json::array({hours});
  scene.add(policy);
  CHECK(paid("2015-05", "p1") == "30.00");
  terms_of(policy)["basis"] = "approved";
  terms_of(policy)["payee"] = "paying_agent";
  scene.add(policy);
  CHECK(due(scene, elder, "2015-05") == "600.00");  // 31 days would be 46.50 hours
}

TEST_CASE("a version from the first day of a month counts from that month by every rule") {
  for (const auto* rule : {"same_day", "same_month", "next_month", "next_quarter"}) {
    Json policy = allowance(rule, "same_month", "months");
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00")});
    policy["in_force_from"] = "2015-04-01";
    Elder elder;
    elder.entitled_from = "2015-04-01";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-03") == "0.00");
    CHECK(due(scene, elder, "2015-04") == "100.00");
  }
}

TEST_CASE("what ends in a month is paid until the day, through the month, or before it") {
  for (const auto& [rule, may, june] : {std::tuple("same_month", "100.00", "0.00"),
                                        {"month_before", "0.00", "0.00"}}) {
    Json policy = allowance("same_month", rule, "months");
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00")});
    Elder elder;
    elder.ended_on = "2015-05-10";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-04") == "100.00");
    CHECK(due(scene, elder, "2015-05") == may);
    CHECK(due(scene, elder, "2015-06") == june);
  }
}

TEST_CASE("a band without an amount says so and is never nothing") {
  Elder elder;
  elder.birth = "1930-01-01";
  Scheme scene(scheme("zhongxiang"));
  scene.add(elder, "longevity");
  const auto asked = scene.ask("longevity", elder, "2017-05");
  CHECK(asked.unknown);
  CHECK(asked.why->reason == Reason::rate_not_set);
  elder.birth.clear();
  CHECK(scene.ask("longevity", elder, "2017-05").unknown);
  CHECK(scene.ask("longevity", elder, "2017-05").why->reason == Reason::missing_field);
}

TEST_CASE("a grant decides category, care level and provider; another one takes its place") {
  Scheme scene(scheme("homecare-district"));
  Elder elder;
  elder.care_level = "half_disabled";
  elder.granted = "2025-04-01";
  elder.provider = "p1";
  scene.add(elder, "homecare");
  CHECK(scene.ask("homecare", elder, "2025-01").why->reason == Reason::not_granted);
  CHECK(scene.ask("homecare", elder, "2025-04").due.amount.str() == "2047.50");
  CHECK(scene.ask("homecare", elder, "2025-04", "p2").due.amount.str() == "0.00");
  elder.care_level = "disabled";
  elder.granted = "2025-05-16";
  elder.provider = "p2";
  scene.add(elder, "homecare");
  CHECK(scene.ask("homecare", elder, "2025-04").due.amount.str() == "1012.50");       // 45 days
  CHECK(scene.ask("homecare", elder, "2025-04", "p2").due.amount.str() == "1380.00");  // 46
}

TEST_CASE("beds: those of each month for their part of the cycle") {
  Json policy = scheme("zhongxiang");
  policy["programmes"][1]["entitlement"]["tariff"][0]["amount"] = "1200.00";
  Scheme scene(policy);
  scene.assess("h1", "verified_beds", "2017-01-01", "80.00");
  const auto ask = [&] {
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("beds"));
    return rules.of_provider(*ProviderId::parse("h1"), month("2017-01"),
                             *RegionCode::parse("420881"), day("2017-12-31"));
  };
  CHECK(ask().due.amount.str() == "96000.00");
  CHECK(ask().due.units.str() == "80.00");
  scene.assess("h1", "verified_beds", "2017-10-10", "100.00");  // three of twelve months
  CHECK(ask().due.amount.str() == "102000.00");
  CHECK(ask().due.units.str() == "100.00");
}

// --- the oracle ----------------------------------------------------------------------------------

namespace {

int quarter(Date d) { return Month::of(d).ordinal() / 3; }

// Whether something that begins on `from` counts on `on`: said of each day by itself.
bool counts(const std::string& rule, Date from, Date on) {
  const Month begun = Month::of(from), now = Month::of(on);
  if (rule == "same_day") return from <= on;
  if (rule == "same_month") return begun <= now;
  if (rule == "next_month") return from.day() == 1 ? begun <= now : begun < now;
  const bool boundary = from.day() == 1 && begun.ordinal() % 3 == 0;
  return boundary ? quarter(from) <= quarter(on) : quarter(from) < quarter(on);
}
// A birthday waits for the next month even when it is the first of one.
bool birthday_counts(const std::string& rule, Date birthday, Date on) {
  if (rule == "next_month") return Month::of(birthday) < Month::of(on);
  if (rule == "next_quarter") return quarter(birthday) < quarter(on);
  return counts(rule, birthday, on);
}
bool still(const std::string& rule, Date end, Date on) {
  if (rule == "same_day") return on <= end;
  if (rule == "same_month") return Month::of(on) <= Month::of(end);
  return Month::of(on) < Month::of(end);
}
int naive_age(const std::string& rule, Date birth, Date on) {
  int age = -1;
  for (int year = birth.year() + 1; year <= on.year() + 1; ++year) {
    auto birthday = Date::from_ymd(year, birth.month(), birth.day());
    if (!birthday) birthday = Date::from_ymd(year, 3, 1);
    if (birthday_counts(rule, *birthday, on)) age = year - birth.year();
  }
  return age;
}

struct Version {
  Date from;
  std::int64_t young, old;  // fen of the two bands
  int limit;                // age of the second
};
struct Case {
  std::string start, stop;
  bool months = false, hours = false;
  std::string rates;  // empty: what follows from start and months
  std::vector<Version> versions;
  Date entitled_from, birth;
  std::optional<Date> died;
  bool death_day = true;
  std::optional<std::pair<Date, Date>> away;  // last day before, first day after
  std::optional<Date> paid_through;           // before this ledger
};

// -1: nothing; else version and band.
int naive_day(const Case& c, Date on) {
  const std::string start = c.months && c.start == "same_day" ? "same_month" : c.start;
  const std::string stop = c.months && c.stop == "same_day" ? "same_month" : c.stop;
  if (!counts(start, c.entitled_from, on)) return -1;
  if (c.died) {
    if (!still(stop, *c.died, on)) return -1;
    if (stop == "same_day" && !c.death_day && on == *c.died) return -1;
  }
  if (c.paid_through && on <= *c.paid_through) return -1;
  if (c.away && !still(stop, c.away->first, on) && !counts(start, c.away->second, on)) return -1;
  std::string rates = c.rates;
  if (rates.empty()) rates = c.start.starts_with("next") ? c.start : c.months ? "next_month" : "same_day";
  int version = -1;
  for (std::size_t v = 0; v < c.versions.size(); ++v) {
    if (counts(rates, c.versions[v].from, on)) version = int(v);
  }
  if (version < 0) return -1;
  const int age = naive_age(start, c.birth, on);
  if (age < 60) return -1;
  return version * 2 + (age >= c.versions[std::size_t(version)].limit ? 1 : 0);
}

std::int64_t half_up(std::int64_t amount, std::int64_t n, std::int64_t d) {
  return (2 * amount * n + d) / (2 * d);
}

std::int64_t naive(const Case& c, Month first, int months) {
  std::int64_t sum = 0;
  const Date last = first.plus(months - 1).last_day();
  for (Date on = first.first_day(); on <= last;) {
    const int what = naive_day(c, on);
    Date end = on;
    while (end + 1 <= last && naive_day(c, end + 1) == what) end = end + 1;
    if (what >= 0) {
      const auto& v = c.versions[std::size_t(what / 2)];
      const std::int64_t amount = what % 2 ? v.old : v.young;
      if (c.hours) {
        sum += half_up(amount, 150 * (end - on + 1), 100);
      } else {
        for (Month m = Month::of(on); m <= Month::of(end); m = m.plus(1)) {
          const Date a = std::max(on, m.first_day()), b = std::min(end, m.last_day());
          sum += half_up(amount, b - a + 1, m.last_day() - m.first_day() + 1);
        }
      }
    }
    on = end + 1;
  }
  return sum;
}

Json policy_of_case(const Case& c, std::size_t v) {
  Json policy = allowance(c.start, c.stop, c.months ? "months" : "days");
  policy["version"] = v + 1;
  policy["in_force_from"] = c.versions[v].from.str();
  policy["death_day_payable"] = c.death_day;
  policy["programmes"][0]["instrument"] = c.hours ? "service_hours" : "allowance";
  auto& terms = terms_of(policy);
  terms["cycle"] = "quarter";
  if (!c.rates.empty()) terms["rates"] = c.rates;
  terms["eligibility"] = Json{{"categories", Json::array()}, {"min_age", 60}};
  Json old = band("old", Money::of_fen(c.versions[v].old).str(), c.versions[v].limit);
  Json young = band("young", Money::of_fen(c.versions[v].young).str());
  if (c.hours) old["per_day"] = young["per_day"] = "1.50";
  terms["tariff"] = Json::array({old, young});
  return policy;
}

}  // namespace

TEST_CASE("an oracle that looks at every day by itself agrees") {
  const char* full = std::getenv("FUNDTRAIL_ENTITLEMENT_CASES");
  const int cases = full ? std::stoi(full) : 400;
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return low + int(random() % unsigned(high - low + 1)); };
  const std::vector<std::string> starts = {"same_day", "same_month", "next_month", "next_quarter"};
  const std::vector<std::string> stops = {"same_day", "same_month", "month_before"};
  const auto near = [&](int year) {
    const Date any = *Date::from_ymd(year, unsigned(pick(1, 12)), unsigned(pick(1, 28)));
    const int kind = pick(0, 5);
    if (kind == 0) return Month::of(any).first_day();
    if (kind == 1) return Month::of(any).last_day();
    return any;
  };
  for (int n = 0; n < cases; ++n) {
    Case c;
    c.start = starts[std::size_t(pick(0, 3))];
    c.stop = stops[std::size_t(pick(0, 2))];
    c.months = pick(0, 1) == 1;
    c.hours = pick(0, 2) == 0;
    c.rates = std::vector<std::string>{"", "same_day", "next_month", "next_quarter"}[std::size_t(pick(0, 3))];
    c.death_day = pick(0, 1) == 1;
    Date from = near(2014);
    for (int v = pick(1, 3); v > 0; --v, from = from + pick(1, 250)) {
      c.versions.push_back({from, pick(1, 99999), pick(1, 99999), pick(61, 66)});
    }
    c.entitled_from = near(pick(2013, 2016));
    c.birth = near(pick(1948, 1957));
    if (pick(0, 3) == 0) c.birth = *Date::from_ymd(1952, 2, 29);
    if (pick(0, 1) == 0) c.died = std::max(c.entitled_from, near(pick(2015, 2016)));
    if (pick(0, 2) == 0) {
      const Date left = std::max(c.entitled_from, near(pick(2014, 2016)));
      c.away = {left, left + pick(1, 200)};
    }
    if (pick(0, 3) == 0) {
      c.paid_through = near(pick(2014, 2015));
      if (c.months) c.paid_through = Month::of(*c.paid_through).last_day();
    }
    Elder elder;
    elder.entitled_from = c.entitled_from.str();
    elder.birth = c.birth.str();
    if (c.away) {
      elder.away_on = c.away->first.str();
      elder.back_on = c.away->second.str();
    }
    if (c.died) elder.ended_on = c.died->str();
    Scheme scene(policy_of_case(c, 0));
    for (std::size_t v = 1; v < c.versions.size(); ++v) scene.add(policy_of_case(c, v));
    scene.add(elder, "old_age");
    if (c.paid_through) scene.paid_before("old_age", c.paid_through->str());
    for (int q = 0; q < 12; ++q) {
      const Month first = month("2014-01").plus(3 * q);
      INFO("case " << n << " " << c.start << "/" << c.stop << "/" << c.rates << " months " << c.months << " hours "
                   << c.hours << " born " << elder.birth << " from " << elder.entitled_from
                   << " died " << elder.ended_on << " away " << elder.away_on << " back "
                   << elder.back_on << " paid "
                   << (c.paid_through ? c.paid_through->str() : std::string()) << " quarter " << first.str());
      for (const auto& v : c.versions) UNSCOPED_INFO("version " << v.from.str() << " " << v.limit);
      REQUIRE(due(scene, elder, first.str()) == Money::of_fen(naive(c, first, 3)).str());
    }
  }
}

// Run with `test_rules "[.speed]"`.
TEST_CASE("speed of a person", "[.speed]") {
  constexpr std::uint64_t kPeople = 100'000;
  for (const bool granted : {false, true}) {
    Scheme scene(granted ? scheme("homecare-district") : scheme("yueqing-2015"));
    const std::string programme = granted ? "homecare" : "old_age";
    std::vector<Elder> people(kPeople);
    for (std::uint64_t n = 0; n < kPeople; ++n) {
      Elder& elder = people[n];
      elder.id = Pseudonym(n * 0x9E3779B97F4A7C15u);
      elder.birth = "1920-05-06";
      if (granted) elder.care_level = "disabled";
      if (granted) elder.granted = "2024-01-01";
      elder.facts = {"household_register"};
      scene.add(elder, programme);
    }
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse(programme));
    const auto birth = day("1920-05-06");
    const Month period = month(granted ? "2025-04" : "2015-04");
    const auto payee = *ProviderId::parse("p1");
    Money sum;
    timespec from{}, to{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (const auto& elder : people) {
      sum += rules.of_person(elder.id, birth, period, payee, false).due.amount;
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    const double ns = double(to.tv_sec - from.tv_sec) * 1e9 + double(to.tv_nsec - from.tv_nsec);
    WARN(programme << ": " << ns / double(kPeople) << " ns a person, " << sum.str() << " yuan");
  }
}
