// How long a line takes: run with `test_rules "[.speed]"`. Not part of the suite: a shared machine
// has no fixed speed.
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "ledger/core/check.h"
#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

// Nanoseconds a line of processor time of this thread.
class Stopwatch {
 public:
  Stopwatch() { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start_); }
  double nanoseconds() const {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec - start_.tv_sec) * 1e9 + double(now.tv_nsec - start_.tv_nsec);
  }

 private:
  timespec start_{};
};

struct Speed {
  double decide = 0, apply = 0;
  std::size_t lines = 0;
};

// Records through one overlay, as the engine does for a group.
void run(Overlay& state, const Command& command, std::uint64_t& index, Speed& speed) {
  Stopwatch deciding;
  auto decision = decide(state, command);
  speed.decide += deciding.nanoseconds();
  if (auto* refused = std::get_if<Refused>(&decision)) FAIL(refused->reason.en());
  Entry entry;
  entry.actor = command.actor;
  entry.date = command.date;
  entry.document = command.document;
  entry.index = index++;
  entry.policy = command.policy;
  entry.postings = std::get<Accepted>(std::move(decision)).postings;
  Stopwatch applying;
  apply(state, entry);
  speed.apply += applying.nanoseconds();
  speed.lines += line_count(command.document);
}

void print(const char* what, const Speed& s) {
  std::cout << what << ": decide " << s.decide / double(s.lines) << " ns, apply "
            << s.apply / double(s.lines) << " ns a line\n";
}

}  // namespace

TEST_CASE("speed of a line", "[.speed]") {
  constexpr int kPeople = 100'000;
  Books books = funded();
  Overlay group(books.state());
  std::uint64_t index = books.size();
  Speed setup;
  Command receipt = Books::command_of(
      {"li.preparer", "2008-04-01", "fund_receipt",
       "{'account':'a1','amount':'100000000.00','bank_reference':'r9','document_no':'d1',"
       "'fund':'f1','source':'district'}"});
  run(group, receipt, index, setup);
  Command allotment = Books::command_of(
      {"li.preparer", "2008-04-01", "allotment",
       "{'amount':'90000000.00','document_no':'d2','from_counterpart':false,'fund':'f1',"
       "'programme':'services','region':'320412001'}",
       "", "wj@1"});
  run(group, allotment, index, setup);
  const Command person_one = Books::command_of(
      {"reg.registrar", "2008-04-01", "beneficiary_registration",
       "{'beneficiary':'" + person(1) +
           "','category':'low-income','channel':'home','commitment':'" + std::string(64, 'a') +
           "','entitled_from':'2008-04-01','region':'320412001'}",
       "", "wj@1", false, id_number("19300101", 1)});
  for (int n = 0; n < kPeople; ++n) {
    Command command = person_one;
    std::get<BeneficiaryRegistration>(command.document).beneficiary =
        Pseudonym(std::uint64_t(n) * 0x9E3779B97F4A7C15u + 7);
    run(group, command, index, setup);
  }
  Speed issued, redeemed_in_order, redeemed_at_random, redeemed_singly;
  const Command one_issue = Books::command_of(issue(4, 1, {1}));
  for (int n = 0; n < kPeople; n += 1000) {
    Command command = one_issue;
    auto& d = std::get<VoucherIssue>(command.document);
    d.lines.resize(1000);
    for (int i = 0; i < 1000; ++i) {
      auto& line = d.lines[std::size_t(i)];
      line.face = Money::of_fen(10000);
      line.beneficiary = Pseudonym(std::uint64_t(n + i) * 0x9E3779B97F4A7C15u + 7);
      line.voucher = VoucherNumber("WJ08", std::uint32_t(n + i + 1));
    }
    run(group, command, index, issued);
  }
  const Command one_redemption = Books::command_of(redeem("2008-04-10", {1}));
  const auto redeem_many = [&](int first, int count, int step, int modulus, Speed& speed) {
    Command command = one_redemption;
    auto& d = std::get<Redemption>(command.document);
    d.lines.resize(std::size_t(count), d.lines[0]);
    for (int i = 0; i < count; ++i) {
      const auto offset = std::uint32_t((std::int64_t(i) + first) * step % modulus);
      d.lines[std::size_t(i)].voucher = VoucherNumber("WJ08", offset + 1);
    }
    run(group, command, index, speed);
  };
  // Odd steps visit every serial of a half once; the halves do not overlap.
  for (int first = 50'000; first < 80'000; first += 1000) {
    redeem_many(first, 1000, 1, kPeople, redeemed_in_order);
  }
  for (int first = 80'000; first < 100'000; ++first) {
    redeem_many(first, 1, 1, kPeople, redeemed_singly);
  }
  for (int first = 0; first < 40'000; first += 1000) {
    redeem_many(first, 1000, 7919, 50'000, redeemed_at_random);
  }
  print("issue, documents of 1,000", issued);
  print("redeem, documents of 1,000 in order", redeemed_in_order);
  print("redeem, documents of 1,000 at random", redeemed_at_random);
  print("redeem, documents of 1", redeemed_singly);
  SUCCEED();
}
