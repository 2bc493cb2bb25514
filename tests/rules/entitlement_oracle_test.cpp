// What is due, against an oracle that looks at every day by itself.
#include <catch2/catch.hpp>
#include <random>

#include "tests/rules/allowance_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

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
// `last`: on which somebody can turn older at all.
int naive_age(const std::string& rule, Date birth, Date on, Date last) {
  int age = -1;
  for (int year = birth.year() + 1; year <= on.year() + 1; ++year) {
    auto birthday = Date::from_ymd(year, birth.month(), birth.day());
    if (!birthday) birthday = Date::from_ymd(year, 3, 1);
    if (*birthday <= last && birthday_counts(rule, *birthday, on)) age = year - birth.year();
  }
  return age;
}

struct Version {
  Date from;
  std::int64_t young, old;  // fen of the two bands
  int limit;                // age of the second
  bool without = false;     // it has the programme no more
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
  std::optional<Date> ends;                   // of the policy
  std::optional<Date> serves;                 // to the end of its transition
  std::optional<Date> granted, granted_to;    // by an approval
  std::vector<std::pair<Date, Date>> contracts;  // of the provider of the approval, or of the beds
  std::vector<std::pair<Date, int>> beds;        // as they were found
};
const Date kNever = *Date::from_ymd(2100, 1, 1);

// A last day that counts whole: of a policy, a version, a grant.
bool lasts(const std::string& stop, bool months, Date to, Date on) {
  if (on <= to) {
    return !(months && stop == "month_before" && Month::of(on) == Month::of(to) && to != Month::of(to).last_day());
  }
  return months && Month::of(on) == Month::of(to) && stop != "month_before";
}
// Of a grant the rule counts where days are paid, too.
bool grant_lasts(const std::string& stop, Date to, Date on) {
  return lasts(stop, stop != "same_day", to, on);
}

// From the first to the last of the days, as they are, of all that a day rests on. What begins later than the
// last counts for nothing, and where it begins before it ends there is nothing.
struct Reality {
  Date first = *Date::from_ymd(1900, 1, 1), last = kNever;
  void begins(Date day) { first = std::max(first, day); }
  void ends(Date day) { last = std::min(last, day); }
};

// False: not under contract.
bool naive_contract(const Case& c, Date on, Reality& real) {
  if (c.contracts.empty()) return true;
  const auto under = [&](Date day) {
    return std::any_of(c.contracts.begin(), c.contracts.end(),
                       [&](const auto& contract) { return contract.first <= day && day <= contract.second; });
  };
  std::optional<Date> first, last;
  const Date from = c.months ? Month::of(on).first_day() : on, to = c.months ? Month::of(on).last_day() : on;
  for (Date day = from; day <= to; day = day + 1) {
    if (!under(day)) continue;
    if (!first) first = day;
    last = day;
  }
  if (!first) return false;
  while (under(*first + -1)) first = *first + -1;
  while (under(*last + 1)) last = *last + 1;
  real.begins(*first);
  real.ends(*last);
  return true;
}

// The version that counts on the day: -1, none.
int naive_version(const Case& c, Date on, Reality& real) {
  const std::string stop = c.months && c.stop == "same_day" ? "same_month" : c.stop;
  const auto end = c.serves ? c.serves : c.ends;
  if (end && !lasts(stop, c.months, *end, on)) return -1;
  std::string rates = c.rates;
  if (rates.empty()) rates = c.start.starts_with("next") ? c.start : c.months ? "next_month" : "same_day";
  int version = -1;
  for (std::size_t v = 0; v < c.versions.size(); ++v) {
    if (!c.versions[v].without && counts(rates, c.versions[v].from, on)) version = int(v);
  }
  if (version < 0) return -1;
  const auto dropped = std::find_if(c.versions.begin() + version, c.versions.end(),
                                    [](const Version& v) { return v.without; });
  if (dropped != c.versions.end()) {
    if (!lasts(stop, c.months, dropped->from + -1, on)) return -1;
    real.ends(dropped->from + -1);
  } else if (end) {
    real.ends(*end);
  }
  int oldest = version;
  while (oldest > 0 && !c.versions[std::size_t(oldest - 1)].without) --oldest;
  real.begins(c.versions[std::size_t(oldest)].from);
  return version;
}

// -1: nothing; else version and band.
int naive_day(const Case& c, Date on) {
  const std::string start = c.months && c.start == "same_day" ? "same_month" : c.start;
  const std::string stop = c.months && c.stop == "same_day" ? "same_month" : c.stop;
  Reality real;
  if (!counts(start, c.entitled_from, on)) return -1;
  if (c.died) {
    if (!still(stop, *c.died, on)) return -1;
    if (stop == "same_day" && !c.death_day && on == *c.died) return -1;
    real.ends(*c.died);
  }
  bool back = false;
  if (c.away) {
    const bool gone = !still(stop, c.away->first, on);
    back = counts(start, c.away->second, on) && (c.months || c.away->second <= on);
    if (gone && !back) return -1;
    if (gone) real.begins(c.away->second);
    if (!back) real.ends(c.away->first);
  }
  real.begins(c.entitled_from);
  if (c.paid_through && on <= *c.paid_through) return -1;
  if (c.granted && !counts(start, *c.granted, on)) return -1;
  if (c.granted_to && !grant_lasts(stop, *c.granted_to, on)) return -1;
  if (c.granted) real.begins(*c.granted);
  if (c.granted_to) real.ends(*c.granted_to);
  if (!c.granted && c.serves && *c.ends < c.entitled_from) return -1;
  const int version = naive_version(c, on, real);
  if (version < 0) return -1;
  if (!naive_contract(c, on, real) || real.last < real.first) return -1;
  const int age = naive_age(start, c.birth, on, real.last);
  if (age < 60 && !c.granted) return -1;  // who was approved was old enough
  return version * 2 + (age >= c.versions[std::size_t(version)].limit ? 1 : 0);
}

std::int64_t half_up(std::int64_t amount, std::int64_t n, std::int64_t d) {
  return (2 * amount * n + d) / (2 * d);
}

std::int64_t naive(const Case& c, Month first, int months) {
  std::int64_t sum = 0;
  const Date last = first.plus(months - 1).last_day();
  for (Date on = first.first_day(); on <= last;) {
    const auto rate_on = [&](Date day) {  // -1: nothing
      const int what = naive_day(c, day);
      if (what < 0) return std::int64_t(-1);
      const auto& v = c.versions[std::size_t(what / 2)];
      return what % 2 ? v.old : v.young;
    };
    const std::int64_t amount = rate_on(on);
    Date end = on;
    while (end + 1 <= last && rate_on(end + 1) == amount) end = end + 1;
    if (amount >= 0) {
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
  if (c.ends && v + 1 == c.versions.size()) policy["in_force_to"] = c.ends->str();
  if (c.serves && v + 1 == c.versions.size()) {
    policy["transition"] = Json{{"note_en", "n"}, {"note_zh", "n"}, {"serves_until", c.serves->str()}};
  }
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
  if (c.granted) {
    policy["approval"] = Json{{"effective", "same_day"},
                              {"steps", Json::array({{{"id", "yes"}, {"kind", "approval"}, {"title", "t"}}})}};
  }
  if (!c.contracts.empty()) terms_of(policy)["payee"] = "assigned_provider";
  if (c.versions[v].without) policy["programmes"][0]["id"] = "other";
  return policy;
}

void put_contracts(Scheme& scene, const Case& c) {
  std::vector<std::pair<std::string, std::string>> days;
  for (const auto& [from, to] : c.contracts) days.push_back({from.str(), to.str()});
  scene.contracts("p1", days);
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
  // Within a month of another day, more often than not: where rules for months meet.
  const auto close_to = [&](Date other, int year) {
    return pick(0, 2) == 0 ? near(year) : Month::of(other).first_day() + pick(0, 30);
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
    for (int v = pick(1, 4); v > 0; --v, from = from + pick(1, 250)) {
      Version next{from, pick(1, 99999), pick(1, 99999), pick(61, 66)};
      if (pick(0, 2) == 0) next.old = next.young;
      if (!c.versions.empty() && pick(0, 2) == 0) next.young = c.versions.back().old;
      c.versions.push_back(next);
    }
    for (std::size_t v = 1; v + 1 < c.versions.size(); ++v) c.versions[v].without = pick(0, 2) == 0;
    if (pick(0, 3) == 0) {
      c.granted = near(pick(2013, 2015));
      if (pick(0, 1) == 0) c.granted_to = *c.granted + pick(0, pick(0, 1) == 0 ? 20 : 500);
    }
    if (pick(0, 3) == 0) c.ends = c.versions.back().from + pick(0, 400);
    if (c.ends && pick(0, 3) == 0) c.ends = Month::of(*c.ends).last_day();
    if (c.ends && pick(0, 1) == 0) c.serves = *c.ends + pick(1, 200);
    const Date pivot = c.ends && pick(0, 2) == 0 ? *c.ends : c.versions[std::size_t(pick(0, int(c.versions.size()) - 1))].from;
    c.entitled_from = close_to(pivot, pick(2013, 2016));
    c.birth = near(pick(1948, 1957));
    if (pick(0, 3) == 0) c.birth = *Date::from_ymd(1952, 2, 29);
    if (pick(0, 1) == 0) c.died = std::max(c.entitled_from, close_to(pivot, pick(2015, 2016)));
    if (c.died && pick(0, 1) == 0) {  // a birthday of the same month
      c.birth = *Date::from_ymd(c.died->year() - pick(60, 66), c.died->month(), unsigned(pick(1, 28)));
    }
    if (pick(0, 2) == 0) {
      const Date left = std::max(c.entitled_from, close_to(pivot, pick(2014, 2016)));
      c.away = {left, left + pick(1, pick(0, 1) == 0 ? 20 : 200)};
    }
    if (c.granted && pick(0, 1) == 0) {
      Date begins = close_to(c.died.value_or(pivot), pick(2013, 2015));
      for (int k = pick(1, 3); k > 0; --k) {
        c.contracts.push_back({begins, begins + pick(0, 300)});
        begins = c.contracts.back().second + (pick(0, 2) == 0 ? 1 : pick(1, 30));
      }
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
    if (c.granted) elder.granted = c.granted->str();
    if (c.granted_to) elder.granted_to = c.granted_to->str();
    if (!c.contracts.empty()) elder.provider = "p1";
    Scheme scene(policy_of_case(c, 0));
    for (std::size_t v = 1; v < c.versions.size(); ++v) scene.add(policy_of_case(c, v));
    scene.add(elder, "old_age");
    if (!c.contracts.empty()) put_contracts(scene, c);
    if (c.paid_through) scene.paid_before("old_age", c.paid_through->str());
    for (int q = 0; q < 12; ++q) {
      const Month first = month("2014-01").plus(3 * q);
      INFO("case " << n << " " << c.start << "/" << c.stop << "/" << c.rates << " months " << c.months << " hours "
                   << c.hours << " born " << elder.birth << " from " << elder.entitled_from
                   << " died " << elder.ended_on << " away " << elder.away_on << " back "
                   << elder.back_on << " paid "
                   << (c.paid_through ? c.paid_through->str() : std::string()) << " ends "
                   << (c.ends ? c.ends->str() : std::string()) << " serves "
                   << (c.serves ? c.serves->str() : std::string()) << " granted " << elder.granted << " to "
                   << elder.granted_to << " quarter " << first.str());
      for (const auto& [begins, ended] : c.contracts) {
        UNSCOPED_INFO("contract " << begins.str() << " " << ended.str());
      }
      for (const auto& v : c.versions) {
        UNSCOPED_INFO("version " << v.from.str() << " " << v.limit << (v.without ? " without" : ""));
      }
      REQUIRE(due(scene, elder, first.str()) == Money::of_fen(naive(c, first, 3)).str());
    }
  }
}

namespace {

struct BedDay {
  std::int64_t beds = 0, rate = 0;
  bool operator==(const BedDay&) const = default;
};

BedDay naive_beds(const Case& c, Date on) {
  const std::string start = c.months && c.start == "same_day" ? "same_month" : c.start;
  Reality real;
  const int version = naive_version(c, on, real);
  if (version < 0 || !naive_contract(c, on, real) || real.last < real.first) return {};
  const auto latest = [&](Date last) {
    std::int64_t beds = 0;
    for (const auto& [found, number] : c.beds) {
      if (found <= last && counts(start, found, on)) beds = number;
    }
    return beds;
  };
  const std::int64_t now = latest(real.last);
  const std::int64_t before = c.serves ? latest(std::min(real.last, *c.ends)) : now;
  return {std::min(now, before), c.versions[std::size_t(version)].young};
}

// Every day is so many of the parts of its month, every month of the cycle; or every day one of the cycle's.
std::int64_t naive_of_beds(const Case& c, Month first, int months) {
  constexpr std::int64_t kOfMonth = 28 * 29 * 30 * 31;
  const Date last = first.plus(months - 1).last_day();
  const std::int64_t whole = c.months ? kOfMonth * months : last - first.first_day() + 1;
  std::int64_t sum = 0;
  for (Date on = first.first_day(); on <= last;) {
    const BedDay what = naive_beds(c, on);
    std::int64_t parts = 0;
    for (; on <= last && naive_beds(c, on) == what; on = on + 1) {
      const Month month = Month::of(on);
      parts += c.months ? kOfMonth / (month.last_day() - month.first_day() + 1) : 1;
    }
    sum += half_up(what.beds * what.rate, parts, whole);
  }
  return sum;
}

}  // namespace

TEST_CASE("an oracle that looks at every day of beds by itself agrees") {
  const char* full = std::getenv("FUNDTRAIL_ENTITLEMENT_CASES");
  const int cases = full ? std::stoi(full) : 400;
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return low + int(random() % unsigned(high - low + 1)); };
  const auto one_of = [&](const std::vector<std::string>& list) { return list[std::size_t(pick(0, int(list.size()) - 1))]; };
  for (int n = 0; n < cases; ++n) {
    Case c;
    c.start = one_of({"same_day", "same_month", "next_month", "next_quarter"});
    c.stop = one_of({"same_day", "same_month", "month_before"});
    c.rates = one_of({"", "same_day", "same_day", "next_month", "next_quarter"});
    c.months = pick(0, 1) == 1;
    Date from = day("2014-01-01") + pick(0, 300);
    for (int v = pick(1, 4); v > 0; --v, from = from + pick(1, 200)) {
      c.versions.push_back({from, pick(0, 2) == 0 ? 30000 : pick(1, 99999), 1, 65});
    }
    for (std::size_t v = 1; v + 1 < c.versions.size(); ++v) c.versions[v].without = pick(0, 3) == 0;
    const Date newest = c.versions.back().from;
    if (pick(0, 2) == 0) c.ends = newest + pick(0, 100);
    if (c.ends && pick(0, 1) == 0) c.serves = *c.ends + pick(1, 200);
    Date begins = day("2014-01-01") + pick(0, 400);
    for (int k = pick(0, 3); k > 0; --k) {
      c.contracts.push_back({begins, begins + pick(0, 300)});
      begins = c.contracts.back().second + (pick(0, 2) == 0 ? 1 : pick(1, 30));
    }
    Date found = day("2014-01-01") + pick(0, 400);
    for (int k = pick(1, 5); k > 0; --k, found = found + pick(1, 120)) c.beds.push_back({found, pick(1, 99)});
    // In the month of an end.
    if (c.ends && pick(0, 1) == 0) c.beds.push_back({std::max(c.beds.back().first + 1, *c.ends + pick(-10, 10)), pick(1, 99)});
    const std::string cycle = one_of({"month", "quarter", "year"});
    const int months = cycle == "month" ? 1 : cycle == "quarter" ? 3 : 12;
    Scheme scene(allowance("same_month", "same_month", "months"));
    for (std::size_t v = 0; v < c.versions.size(); ++v) {
      Json policy = policy_of_case(c, v);
      policy["programmes"][0]["instrument"] = "bed_subsidy";
      auto& terms = terms_of(policy);
      for (const auto* of_persons : {"eligibility", "cost_shares"}) terms.erase(of_persons);
      terms["payee"] = "claimant";
      terms["assessment"] = "ob";
      terms["cycle"] = cycle;
      terms["tariff"] = Json::array({band("b", Money::of_fen(c.versions[v].young).str())});
      scene.add(policy);
    }
    if (!c.contracts.empty()) put_contracts(scene, c);
    for (const auto& [on, number] : c.beds) scene.assess("p1", "ob", on.str(), std::to_string(number) + ".00");
    for (Month first = month("2014-01"); first < month("2017-01"); first = first.plus(months)) {
      INFO("case " << n << " " << c.start << "/" << c.stop << "/" << c.rates << " months " << c.months << " " << cycle
                   << " ends " << (c.ends ? c.ends->str() : std::string()) << " serves "
                   << (c.serves ? c.serves->str() : std::string()) << " period " << first.str());
      for (const auto& v : c.versions) UNSCOPED_INFO("version " << v.from.str() << " " << v.young << (v.without ? " without" : ""));
      for (const auto& [a, b] : c.contracts) UNSCOPED_INFO("contract " << a.str() << " " << b.str());
      for (const auto& [on, number] : c.beds) UNSCOPED_INFO("beds " << on.str() << " " << number);
      REQUIRE(scene.ask_provider("old_age", "p1", first.str(), "2020-01-01").due.amount.str() ==
              Money::of_fen(naive_of_beds(c, first, months)).str());
    }
  }
}
