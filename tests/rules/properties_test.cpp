// Random sequences of commands against a slow, naive account of the vouchers: the engine's answers,
// balances and totals must agree with it after every command, and the entries alone must lead to
// the same state. Invariants are FT_CHECKs: breaking one ends the process.
#include <catch2/catch.hpp>
#include <random>

#include "ledger/rules/rows.h"
#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;
using enum FundAccount;

namespace {

enum class Fate { outstanding, redeemed, returned, voided, expired };

struct Oracle {
  struct Voucher {
    int month = 0;
    int person = 0;
    Fate fate = Fate::outstanding;
  };
  std::map<int, Voucher> vouchers;
  std::map<int, int> issued_less_released;  // vouchers by the month on whose first day it was

  // Whether the 50 vouchers that were paid for are used up on some day from that month on.
  bool used_up_from(int month) const {
    for (int day = month; day <= 12; ++day) {
      int sum = 0;
      for (const auto& [at, change] : issued_less_released) sum += at <= day ? change : 0;
      if (sum >= 50) return true;
    }
    return false;
  }
  int next_serial = 1;

  int count(Fate fate) const {
    int n = 0;
    for (const auto& [serial, v] : vouchers) n += v.fate == fate;
    return n;
  }
  bool holds(int person, int month) const {
    for (const auto& [serial, v] : vouchers) {
      if (v.person == person && v.month == month && v.fate != Fate::returned &&
          v.fate != Fate::voided) {
        return true;
      }
    }
    return false;
  }
};

std::string hundreds(int n) { return n == 0 ? "0.00" : std::to_string(n) + "00.00"; }

class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed), books_(funded()) {}

  void step() {
    switch (pick(6)) {
      case 0: case 1: return issue_one();
      case 2: case 3: return redeem_some();
      case 4: return change("voucher_return", Fate::returned);
      default: return change(pick(2) ? "voucher_void" : "voucher_expiry", Fate::voided);
    }
  }

  void check() {
    const int live = oracle_.count(Fate::outstanding), used = oracle_.count(Fate::redeemed);
    CHECK(books_.total(committed) == hundreds(live));
    CHECK(books_.total(accrued) == hundreds(used));
    CHECK(books_.balance(allotted, "f1/services/320412001") == hundreds(50 - live - used));
    CHECK(books_.total(source) == "10000.00");
  }
  const Books& books() const { return books_; }

 private:
  int pick(int n) { return int(random_() % unsigned(n)); }

  void issue_one() {
    const int month = 4 + pick(9), who = 1 + pick(6);
    const bool taken = oracle_.next_serial > 1 && pick(10) == 0;
    const int serial = taken ? 1 : oracle_.next_serial;
    std::string expected = "ok";
    if (oracle_.holds(who, month)) expected = "already-issued";
    else if (taken) expected = "serial-taken";
    else if (oracle_.used_up_from(month)) expected = "insufficient-balance";
    CHECK(books_.ask(issue(month, serial, {who})) == expected);
    if (expected != "ok") return;
    oracle_.vouchers[oracle_.next_serial++] = {month, who, {}};
    ++oracle_.issued_less_released[month];
  }

  int any_serial() { return 1 + pick(oracle_.next_serial + 1); }

  void redeem_some() {
    const int month = 4 + pick(9);
    const Month m = Month::from_ordinal(2008 * 12 + month - 1);
    std::vector<int> serials;
    for (int n = 1 + pick(4); n > 0; --n) serials.push_back(any_serial());
    std::set<int> good;
    for (const int serial : serials) {
      const auto found = oracle_.vouchers.find(serial);
      if (found != oracle_.vouchers.end() && found->second.fate == Fate::outstanding &&
          found->second.month == month) {
        good.insert(serial);
      }
    }
    auto ask = redeem(m.first_day().str(), serials);
    ask.line_by_line = true;
    CHECK((books_.ask(ask) == "ok") == !good.empty());
    for (const int serial : good) oracle_.vouchers[serial].fate = Fate::redeemed;
  }

  void change(const std::string& kind, Fate fate) {
    const int serial = any_serial();
    const auto found = oracle_.vouchers.find(serial);
    const bool expiry = kind == "voucher_expiry";
    const int month = found == oracle_.vouchers.end() || pick(4) == 0 ? 4 : found->second.month;
    const bool fits = found != oracle_.vouchers.end() &&
                      found->second.fate == Fate::outstanding &&
                      found->second.month <= (expiry ? 8 : 9) &&  // it exists on that day
                      (!expiry || found->second.month == month);
    const std::string doc = kind == "voucher_void"     ? "{'reason':'lost'}"
                            : kind == "voucher_return" ? "{'reason':'x'}"
                                                       : "{'month':'" + Month::from_ordinal(2008 * 12 + month - 1).str() + "'}";
    const auto answer = books_.ask({"li.preparer", "2008-09-01", kind, doc,
                                    "[{'voucher':'" + voucher(serial) + "'}]"});
    CHECK((answer == "ok") == fits);
    if (!fits) return;
    found->second.fate = expiry ? Fate::expired : fate;
    --oracle_.issued_less_released[9];
  }

  std::mt19937 random_;
  Books books_;
  Oracle oracle_;
};

}  // namespace

TEST_CASE("random commands keep every law, and replay leads to the same state") {
  const unsigned base = std::random_device()();
  for (unsigned run = 0; run < 4; ++run) {
    const unsigned seed = base + run;
    INFO("seed " << seed);
    Walk walk(seed);
    for (int i = 0; i < 150; ++i) {
      walk.step();
      if (i % 10 == 9) walk.check();
    }
    walk.check();
    CHECK(walk.books().replay().rows == walk.books().state().rows);
  }
}

TEST_CASE("blocks of vouchers join and part where they should") {
  Books b = funded();
  // Serials 255, 256 and 257 lie in two blocks; another series has blocks of its own.
  must(b, issue(4, 255, {1, 2, 3}));
  CHECK(b.ask(redeem("2008-04-10", {254})) == "unknown-voucher");
  CHECK(b.ask(redeem("2008-04-10", {258})) == "unknown-voucher");
  must(b, redeem("2008-04-10", {257, 255, 256}));
  auto other = issue(5, 255, {1});
  other.lines.replace(other.lines.find("WJ08"), 4, "WJ0");
  must(b, other);
  CHECK(b.ask(redeem("2008-05-10", {255})) == "voucher-already-redeemed");
}

TEST_CASE("what cannot be read back is never written") {
  Books b = funded();
  const auto receipt = [](const std::string& amount, const std::string& ref) {
    return Ask{"li.preparer", "2008-04-20", "fund_receipt",
               "{'account':'a1','amount':'" + amount +
                   "','bank_reference':'" + ref +
                   "','document_no':'d','fund':'f1','source':'central'}"};
  };
  must(b, receipt("900000000000000.00", "c1"));
  CHECK(b.ask(receipt("900000000000000.00", "c2")) == "invalid-value");
  must(b, receipt("99999999989999.98", "c2"));
  CHECK(b.ask(receipt("0.01", "c3")) == "ok");
  CHECK(b.ask(receipt("0.01", "c4")) == "invalid-value");  // the account would hold 10^15
  CHECK(b.replay().rows == b.state().rows);
}
