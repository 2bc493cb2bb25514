// What must hold of the figures, against a naive fold over all postings.
#include <algorithm>
#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "reports/provider_payments.h"
#include "reports/reports.h"
#include "tests/reports/sample_year.h"

namespace fundtrail {
namespace {

using reports::Row;
using reports::Section;
using tests::day;

std::size_t column(const Section& section, std::string_view key) {
  for (std::size_t i = 0; i < section.columns.size(); ++i) {
    if (section.columns[i].key == key) return i;
  }
  FAIL("no column " << key);
  return 0;
}
const Section& section_of(const reports::Report& report, std::string_view key) {
  for (const auto& section : report.sections) {
    if (section.key == key) return section;
  }
  throw std::runtime_error("no section " + std::string(key));
}
Money money(const Section& section, const Row& row, std::string_view key) {
  const auto* cell = std::get_if<Money>(&row.cells[column(section, key)]);
  return cell ? *cell : Money();
}
std::string code(const Section& section, const Row& row, std::string_view key) {
  const auto* label = std::get_if<reports::Label>(&row.cells[column(section, key)]);
  return label ? label->code : std::string();
}
Money signed_of(const Section& section, const Row& row, std::string_view amount,
                std::string_view direction) {
  const Money value = money(section, row, amount);
  return code(section, row, direction) == "credit" ? -value : value;
}

// Debit less credit of everything dated in [from, to] on one account and region.
Money fold(const tests::FakeView& view, Date from, Date to,
           const std::function<bool(const Posting&)>& counts) {
  Money sum;
  for (const auto& entry : view.all()) {
    if (entry.date < from || entry.date > to) continue;
    for (const auto& p : entry.postings) {
      if (counts(p)) sum += p.side == Side::debit ? p.amount : -p.amount;
    }
  }
  return sum;
}

// A trial balance by region against the fold, line by line and in total.
void check_trial_balance(const tests::FakeView& view, Date from, Date as_of) {
  reports::Request request{.name = "trial-balance"};
  request.from = from;
  request.as_of = as_of;
  request.breakdown = {reports::Breakdown::region};
  const auto report = reports::make(view, request);
  REQUIRE(report.ok());
  CHECK(report.value().balanced());
  std::map<std::pair<std::string, std::string>, Money> told;
  for (const auto* key : {"accounts", "memorandum"}) {
    const auto& section = section_of(report.value(), key);
    Money debit, credit, opening, closing;
    for (const auto& row : section.rows) {
      const Money o = signed_of(section, row, "opening", "opening_direction");
      const Money c = signed_of(section, row, "closing", "direction");
      CHECK(c == o + money(section, row, "debit") - money(section, row, "credit"));
      const auto account = code(section, row, "account"), region = code(section, row, "region");
      told[{account, region}] = c;
      const auto counts = [&](const Posting& p) {
        return name_of(p.account) == account && p.at.region.str() == region;
      };
      CHECK(c == fold(view, day("1900-01-01"), as_of, counts));
      CHECK(o == fold(view, day("1900-01-01"), from + (-1), counts));
      debit += money(section, row, "debit");
      credit += money(section, row, "credit");
      opening += o;
      closing += c;
    }
    const auto& total = section.totals.back();
    CHECK(money(section, total, "debit") == debit);
    CHECK(money(section, total, "credit") == credit);
    CHECK(debit == credit);
    CHECK(opening.is_zero());
    CHECK(closing.is_zero());
  }
  // Nothing that moved is missing.
  for (const auto& entry : view.all()) {
    for (const auto& p : entry.postings) {
      if (entry.date <= as_of) {
        CHECK(told.count({std::string(name_of(p.account)), p.at.region.str()}) == 1);
      }
    }
  }
}

const reports::Report& flow_of(const tests::FakeView& view, std::optional<Date> as_of) {
  static reports::Report kept;
  reports::Request request{.name = "fund-flow"};
  request.as_of = as_of;
  const auto report = reports::make(view, request);
  REQUIRE(report.ok());
  return kept = report.value();
}

}  // namespace

TEST_CASE("a trial balance of any day equals a naive fold over the postings") {
  const auto view = tests::sample_year();
  std::set<Date> days;
  for (const auto& entry : view->all()) days.insert({entry.date, entry.date + (-1)});
  for (const auto as_of : days) {
    check_trial_balance(*view, day("1901-01-01"), as_of);
    check_trial_balance(*view, as_of, as_of);
  }
}

TEST_CASE("a trial balance of random movements equals a naive fold") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  tests::FakeView view("random");
  LedgerOpening opening;
  opening.name = tests::words("x");
  opening.region = *RegionCode::parse("320412");
  const auto pick = [&](int n) { return int(random() % unsigned(n)); };
  const std::string_view towns[] = {"", tests::kTownA, tests::kTownB};
  for (int i = 0; i < 200; ++i) {
    const auto debit = FundAccount(pick(13)), credit = FundAccount(pick(13));
    const Money amount = Money::of_fen(std::int64_t(random()) * 997 - 1'000'000'000);
    view.add(day("2008-01-01") + pick(60), opening,
             tests::moved(amount, debit, tests::at({}, towns[pick(3)]), credit,
                          tests::at({}, towns[pick(3)])));
  }
  for (int i = 0; i < 10; ++i) {
    const Date from = day("2008-01-01") + pick(60);
    check_trial_balance(view, from, from + pick(60));
  }
}

TEST_CASE("what came back counts where it had been paid, also when it is nobody's again") {
  const auto view = tests::sample_year();
  const auto recovered = [&](const std::optional<RegionCode>& region) {
    reports::Request request{.name = "fund-flow"};
    request.region = region;
    const auto report = reports::make(*view, request);
    REQUIRE(report.ok());
    const auto& section = report.value().sections.front();
    const auto column = std::find_if(section.columns.begin(), section.columns.end(),
                                     [](const auto& one) { return one.key == "recovered"; });
    REQUIRE(column != section.columns.end());
    std::map<std::string, Money> found;
    for (const auto& row : section.rows) {
      const auto at = static_cast<std::size_t>(column - section.columns.begin());
      const auto amount = std::get<Money>(row.cells[at]);
      if (amount != Money()) found[std::get<reports::Label>(row.cells[0]).code] += amount;
    }
    return found;
  };
  const std::map<std::string, Money> expected = {{std::string(tests::kTownB), tests::yuan("85.00")}};
  CHECK(recovered(std::nullopt) == expected);
  CHECK(recovered(RegionCode::parse(tests::kTownB)) == expected);
  CHECK(recovered(RegionCode::parse(tests::kTownA)).empty());
}

TEST_CASE("totals of the flow and of the vouchers add up") {
  const auto view = tests::sample_year();
  for (const auto* name : {"fund-flow", "vouchers"}) {
    const auto report = reports::make(*view, {.name = name});
    REQUIRE(report.ok());
    for (const auto& section : report.value().sections) {
      if (section.totals.empty()) continue;
      for (std::size_t i = 0; i < section.columns.size(); ++i) {
        Money sum, subtotals;
        std::uint64_t count = 0;
        for (const auto& row : section.rows) {
          if (const auto* amount = std::get_if<Money>(&row.cells[i])) sum += *amount;
          if (const auto* number = std::get_if<std::uint64_t>(&row.cells[i])) count += *number;
        }
        for (std::size_t t = 0; t + 1 < section.totals.size(); ++t) {
          if (const auto* a = std::get_if<Money>(&section.totals[t].cells[i])) subtotals += *a;
        }
        const auto& total = section.totals.back().cells[i];
        INFO(name << " " << section.key << " " << section.columns[i].key);
        if (const auto* amount = std::get_if<Money>(&total)) {
          CHECK(*amount == sum);
          CHECK(subtotals == sum);
        }
        if (const auto* number = std::get_if<std::uint64_t>(&total)) CHECK(*number == count);
      }
    }
  }
}

TEST_CASE("every figure of the flow is the sum of the entries listed for it, on any day") {
  const auto view = tests::sample_year();
  for (const char* as_of : {"2007-12-31", "2008-05-26", "2008-07-09", "2008-12-31"}) {
    const auto& report = flow_of(*view, day(as_of));
    CHECK(report.balanced());
    const auto& listing = section_of(report, "entries");
    for (const auto* key : {"flow", "where_now"}) {
      const auto& section = section_of(report, key);
      for (const auto& row : section.rows) {
        for (std::size_t i = 2; i < section.columns.size(); ++i) {
          const auto& column_key = section.columns[i].key;
          if (column_key == "states") continue;
          Money sum;
          std::set<std::uint64_t> entries;
          for (const auto& item : listing.rows) {
            if (code(listing, item, "region") != code(section, row, "region") ||
                code(listing, item, "programme") != code(section, row, "programme")) {
              continue;
            }
            const bool flow = std::string_view(key) == "flow";
            if (code(listing, item, flow ? "stage" : "account") != column_key) continue;
            const Money debit = money(listing, item, "debit");
            const Money credit = money(listing, item, "credit");
            // A flow counts what moved on, whichever side shows it, less what came back to where it was; a
            // balance debits less credits.
            const bool back = column_key == "allotted" || column_key == "accrued" || column_key == "settled";
            sum += flow && !back ? debit + credit : debit - credit;
            entries.insert(std::get<std::uint64_t>(item.cells[0]));
          }
          INFO(as_of << " " << key << " " << column_key);
          CHECK(std::get<Money>(row.cells[i]) == sum);
          const auto behind = row.behind.find(i);
          const std::set<std::uint64_t> told =
              behind == row.behind.end()
                  ? std::set<std::uint64_t>()
                  : std::set<std::uint64_t>(behind->second.begin(), behind->second.end());
          CHECK(told == entries);
        }
      }
    }
  }
}

// What a programme was allotted is what it has and what went on from there, whatever came back to it: an
// approval that was returned, a calculation that was lowered. So is what accrued to its providers.
TEST_CASE("what comes back counts as if it had not gone on") {
  const auto view = tests::sample_year();
  const auto accrued = tests::at(tests::kBuild, tests::kTownA, "P1"), allotted = tests::at(tests::kBuild, tests::kTownA);
  const RegionRegistration any{tests::words("镇"), {}, *RegionCode::parse(tests::kTownA)};
  view->add(day("2008-10-08"), any,
            tests::moved(tests::yuan("90.00"), FundAccount::accrued, accrued, FundAccount::allotted, allotted));
  view->add(day("2008-10-09"), any,
            tests::moved(tests::yuan("30.00"), FundAccount::allotted, allotted, FundAccount::accrued, accrued));
  for (const char* as_of : {"2008-08-15", "2008-10-03", "2008-10-06", "2008-10-07", "2008-10-08", "2008-10-09"}) {
    const auto& report = flow_of(*view, day(as_of));
    const auto& flow = section_of(report, "flow");
    const auto& states = section_of(report, "where_now");
    for (std::size_t i = 0; i < flow.rows.size(); ++i) {
      const auto flowed = [&](const char* stage) { return money(flow, flow.rows[i], stage); };
      const auto now = [&](const char* account) { return money(states, states.rows[i], account); };
      INFO(as_of << " " << code(flow, flow.rows[i], "region") << " " << code(flow, flow.rows[i], "programme"));
      if (code(flow, flow.rows[i], "programme") == tests::kHome) {
        CHECK(flowed("allotted") == now("allotted") + flowed("committed") - flowed("released"));
        CHECK(flowed("accrued") == now("accrued") + flowed("settled"));
      } else {
        CHECK(flowed("allotted") == now("allotted") + now("accrued") + flowed("settled"));
      }
      CHECK(flowed("settled") == now("payable") + flowed("paid") - flowed("bounced"));
    }
  }
}

TEST_CASE("a provider's balances are those of its postings, on any day") {
  const auto view = tests::sample_year();
  for (const char* who : {"P1", "P2"}) {
    for (Date as_of = day("2008-05-01"); as_of < day("2008-10-12"); as_of = as_of + 1) {
      reports::Request request{.name = "provider-statement"};
      request.provider = ProviderId::parse(who);
      request.as_of = as_of;
      const auto report = reports::make(*view, request);
      REQUIRE(report.ok());
      INFO(who << " " << as_of.str());
      CHECK(report.value().balanced());
      const auto payments = reports::provider_payments(*view, *request.provider, as_of);
      REQUIRE(payments.ok());
      for (const auto& claim : payments.value().claims) {
        const bool lowered = claim.claim_no == "BUILD/2008-09" && as_of >= day("2008-10-09");
        CHECK(claim.reduced == tests::yuan(lowered ? "100.00" : "0.00"));
        if (lowered) CHECK(claim.amount == tests::yuan("200.00"));
      }
      CHECK(payments.value().payable ==
            fold(*view, day("1900-01-01"), as_of, [&](const Posting& p) {
              return p.account == FundAccount::payable && p.at.counterparty == who;
            }));
    }
  }
}

TEST_CASE("checks fail when the books do not agree with the entries") {
  auto view = tests::sample_year();
  view->spoil_balance(FundAccount::paid, tests::at(), tests::yuan("0.01"));
  const auto report = reports::make(*view, {.name = "trial-balance"});
  REQUIRE(report.ok());
  CHECK_FALSE(report.value().balanced());
  // Not compared on a past day, which the balances do not tell.
  const auto past = reports::make(*view, {.name = "trial-balance", .as_of = day("2008-06-01")});
  REQUIRE(past.ok());
  CHECK(past.value().balanced());
}

TEST_CASE("a trial balance computed again from the entries is the kept one, or says that it is not") {
  auto view = tests::sample_year();
  for (const char* as_of : {"2008-03-31", "2008-06-01", "2008-12-31"}) {
    reports::Request request{.name = "trial-balance", .as_of = day(as_of)};
    request.breakdown = {reports::Breakdown::region, reports::Breakdown::counterparty};
    const auto kept = reports::make(*view, request);
    request.recompute = true;
    const auto again = reports::make(*view, request);
    REQUIRE((kept.ok() && again.ok()));
    CHECK(again->balanced());
    CHECK(again->checks.back().key == "recomputed_equals_kept");
    for (std::size_t i = 0; i < kept->sections.size(); ++i) {
      REQUIRE(again->sections[i].rows.size() == kept->sections[i].rows.size());
    }
    CHECK(reports::render_csv(*again, reports::Language::en)
              .starts_with(reports::render_csv(*kept, reports::Language::en).substr(0, 2000)));
  }
  view->spoil_turnover(day("2008-05-01"), FundAccount::paid, tests::at(), tests::yuan("0.01"));
  view->spoil_turnover(day("2008-05-01"), FundAccount::source, tests::at(), tests::yuan("-0.01"));
  const auto off = reports::make(
      *view, {.name = "trial-balance", .as_of = day("2008-06-01"), .recompute = true});
  REQUIRE(off.ok());
  CHECK_FALSE(off->balanced());
  CHECK_FALSE(off->checks.back().holds());
}

// So many entries that several threads read them, in stretches.
TEST_CASE("a long ledger is added up and listed in the order of its entries") {
  auto view = tests::sample_year();
  const std::uint64_t first = view->size();
  const auto town = [](std::uint64_t i) { return i % 3 == 0 ? tests::kTownA : tests::kTownB; };
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const auto place = tests::at(tests::kHome, town(i), i % 7 == 0 ? "P1" : "");
    view->add(day("2008-09-01") + static_cast<std::int32_t>(i / 100),
              RegionRegistration{tests::words(i % 10 == 0 ? "引号\"\\" : "镇"), {},
                                 *RegionCode::parse(town(i))},
              tests::moved(Money::of_fen(static_cast<std::int64_t>(i)), FundAccount::lapsed, place,
                           FundAccount::available, tests::at()));
  }
  const Date as_of = day("2008-10-10");
  check_trial_balance(*view, day("2008-03-01"), as_of);
  const auto again = reports::make(
      *view, {.name = "trial-balance", .as_of = as_of, .recompute = true});
  REQUIRE(again.ok());
  CHECK(again->checks.back().holds());
  const auto& flow = flow_of(*view, as_of);
  const auto& listed = section_of(flow, "entries");
  std::uint64_t last = 0, seen = 0;
  const std::size_t entry = column(listed, "entry");
  for (const auto& row : listed.rows) {
    const auto number = std::get<std::uint64_t>(row.cells[entry]);
    CHECK(number >= last);
    last = number;
    seen += number >= first ? 1 : 0;
  }
  CHECK(seen == 2 * 4000);  // both postings of all but the last ten days
  const auto& states = section_of(flow, "where_now");
  for (const auto& row : states.rows) {
    const auto region = code(states, row, "region"), programme = code(states, row, "programme");
    CHECK(money(states, row, "lapsed") ==
          fold(*view, day("1900-01-01"), as_of, [&](const Posting& p) {
            return p.account == FundAccount::lapsed && p.at.region.str() == region &&
                   p.at.programme.str() == programme;
          }));
  }
  CHECK(reports::make(*view, {.name = "vouchers"})->balanced());
}

TEST_CASE("a redemption dated before its issue is off on that day, not an accusation") {
  const auto view = tests::sample_year();
  auto late = tests::FakeView("late");
  for (const auto& entry : view->all()) {
    const bool issue = std::holds_alternative<VoucherIssue>(entry.document);
    late.add(issue ? day("2008-07-15") : entry.date, entry.document, entry.postings);
  }
  const auto before = reports::make(late, {.name = "vouchers", .as_of = day("2008-05-20")});
  REQUIRE(before.ok());
  CHECK_FALSE(before.value().balanced());
  const auto after = reports::make(late, {.name = "vouchers"});
  REQUIRE(after.ok());
  CHECK(after.value().balanced());
}

TEST_CASE("a voucher redeemed twice is off, not lost") {
  auto view = tests::sample_year();
  Redemption d;
  d.claim_no = tests::words("H-9");
  d.provider = *ProviderId::parse("P1");
  RedeemedVoucher line;
  line.hours = *Quantity::parse("1.00");
  line.item = *Code::parse("x");
  line.service_date = day("2008-07-01");
  line.voucher = VoucherNumber("WJ", 1);
  d.lines = {line};
  view->add(day("2008-07-01"), d);
  const auto report = reports::make(*view, {.name = "vouchers"});
  REQUIRE(report.ok());
  CHECK_FALSE(report.value().balanced());
  d.lines[0].voucher = VoucherNumber("WJ", 999);
  view->add(day("2008-07-01"), d);
  const auto unknown = reports::make(*view, {.name = "vouchers"});
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().fault == Fault::tampered);
}

TEST_CASE("a redemption that was withdrawn: the voucher is out again, also as of the days between") {
  auto view = tests::sample_year();
  const auto vouchers = [&](const char* as_of) {
    const auto report = reports::make(*view, {.name = "vouchers", .as_of = day(as_of)});
    REQUIRE(report.ok());
    CHECK(report.value().balanced());
    // Of all months: redeemed and still out.
    const auto& total = report.value().sections[0].totals.back().cells;
    return std::pair(std::get<std::uint64_t>(total[3]), std::get<std::uint64_t>(total[7]));
  };
  const auto before = vouchers("2008-07-01");
  RedemptionWithdrawal d;
  d.provider = *ProviderId::parse("P1");
  d.reason = tests::words("wrong number");
  for (const auto& entry : view->all()) {
    const auto* redemption = std::get_if<Redemption>(&entry.document);
    if (redemption && redemption->claim_no.str() == "H-3") d.redemption = entry.index;
  }
  d.lines = {{VoucherNumber("WJ", 16)}};
  const auto at = [](std::string_view who) { return tests::at(tests::kHome, tests::kTownA, who); };
  view->add(day("2008-07-02"), d,
            tests::moved(tests::yuan("100.00"), FundAccount::committed, at({}), FundAccount::accrued, at("P1")));
  CHECK(vouchers("2008-07-01") == before);
  CHECK(vouchers("2008-07-02") == std::pair(before.first - 1, before.second + 1));
  const auto paid = reports::provider_payments(*view, d.provider, std::nullopt);
  REQUIRE(paid.ok());
  const auto& claims = paid.value().claims;
  const auto claim_of = [](const auto& claim) { return claim.claim_no == "H-3"; };
  const auto& claim = *std::find_if(claims.begin(), claims.end(), claim_of);
  CHECK((claim.vouchers == 1 && claim.amount.str() == "100.00" && claim.reduced.str() == "100.00"));
  view->add(day("2008-07-02"), d);  // of a voucher that is not redeemed any more
  const auto twice = reports::make(*view, {.name = "vouchers"});
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.error().fault == Fault::tampered);
}

TEST_CASE("what cannot be answered is an error with the right fault") {
  auto view = tests::sample_year();
  const auto fault = [&](reports::Request request) {
    const auto report = reports::make(*view, request);
    REQUIRE_FALSE(report.ok());
    return report.error().fault;
  };
  CHECK(fault({.name = "no-such-report"}) == Fault::not_found);
  CHECK(fault({.name = "fund-flow", .fund = FundId::parse("XX")}) == Fault::not_found);
  CHECK(fault({.name = "trial-balance", .fund = FundId::parse("XX")}) == Fault::not_found);
  CHECK(fault({.name = "provider-statement"}) == Fault::invalid_argument);
  CHECK(fault({.name = "provider-statement", .provider = ProviderId::parse("P9")}) ==
        Fault::not_found);
  CHECK(fault({.name = "trial-balance",
               .as_of = day("2008-01-01"),
               .from = day("2008-02-01")}) == Fault::invalid_argument);
  // A period that begins after everything is empty, not wrong.
  CHECK(reports::make(*view, {.name = "trial-balance", .from = day("2009-01-01")}).ok());
  view->spoil_bytes(18, "{\"kind\":");
  CHECK(fault({.name = "fund-flow"}) == Fault::unreadable);
}

}  // namespace fundtrail
