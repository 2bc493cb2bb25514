// What a caller of ledger.h may rely on: recording, repetition, batches, reopening, exclusion.
#include <thread>

#include "ledger/engine/view.h"
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

TEST_CASE("a new ledger has its opening as entry 0 and can be opened again") {
  const auto suite = GENERATE(chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2);
  TemporaryDirectory home;
  chain::Hash root;
  {
    auto ledger = new_ledger(home.path() / "ledger", {}, suite);
    const Receipt receipt = record(*ledger, fund_receipt("r1", 12'345));
    REQUIRE(receipt.index == kFirst);
    REQUIRE_FALSE(receipt.repeated);
    const auto view = ledger->view();
    REQUIRE(view->size() == kFirst + 1);
    REQUIRE(view->id().str() == "wujin-2008");
    REQUIRE(available(*view) == Money::of_fen(12'345));
    check_chain(*view);
    root = view->root();
    REQUIRE(ledger->verifier_key().name == "fundtrail/wujin-2008");
  }
  auto ledger = take(Ledger::open(home.path() / "ledger", {}));
  REQUIRE(ledger->view()->root() == root);
  REQUIRE(ledger->view()->suite() == suite);
  REQUIRE(record(*ledger, fund_receipt("r2")).index == kFirst + 1);
  REQUIRE(available(*ledger->view()) == Money::of_fen(12'445));
  check_chain(*ledger->view());
}

TEST_CASE("a ledger is created once, privately, and leaves no remains when refused") {
  TemporaryDirectory home;
  const auto directory = home.path() / "ledger";
  new_ledger(directory).reset();
  REQUIRE(Ledger::create(directory, opening_request(), {}).error().fault ==
          Fault::invalid_argument);
  using std::filesystem::perms;
  REQUIRE(std::filesystem::status(directory).permissions() == perms::owner_all);
  for (const char* key : {"signing.pem", "vault.key"}) {
    REQUIRE(std::filesystem::status(directory / "keys" / key).permissions() ==
            (perms::owner_read | perms::owner_write));
  }
  REQUIRE(std::filesystem::exists(directory / "ledger.json"));
  REQUIRE(take(Ledger::open(directory, {}))->view()->size() == kFirst);

  // Keys that are already there are never replaced; the directory is as it was.
  const auto other = home.path() / "other";
  LedgerOptions options;
  options.keys = directory / "keys";
  REQUIRE_FALSE(Ledger::create(other, opening_request(), options).ok());
  REQUIRE_FALSE(std::filesystem::exists(other));
  REQUIRE(Ledger::open(other, {}).error().fault == Fault::not_found);
  REQUIRE(Ledger::open(directory, {}).ok());
}

TEST_CASE("the keys of another ledger do not open this one") {
  TemporaryDirectory home;
  new_ledger(home.path() / "a").reset();
  new_ledger(home.path() / "b").reset();
  LedgerOptions options;
  options.keys = home.path() / "b" / "keys";
  REQUIRE(Ledger::open(home.path() / "a", options).error().fault == Fault::invalid_argument);
  REQUIRE(Ledger::open(home.path() / "a", {}).ok());
}

TEST_CASE("a second writer is refused, a reader is not") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const auto second = Ledger::open(home.path(), {});
  REQUIRE(second.error().fault == Fault::unavailable);
  REQUIRE(second.error().message.find("open for writing") != std::string::npos);
  const auto view = take(open_view(home.path()));
  REQUIRE(view->size() == kFirst);
  check_chain(*view);
}

TEST_CASE("the same command again gives the first receipt; another under its id is refused") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const Receipt first = record(*ledger, fund_receipt("r1", 500));
  SECTION("while it is open") {}
  SECTION("after reopening") {
    ledger.reset();
    ledger = take(Ledger::open(home.path(), {}));
  }
  Command later = fund_receipt("r1", 500);
  later.time = *Timestamp::parse("2008-04-11T09:00:00+08:00");
  const Receipt again = record(*ledger, later);
  REQUIRE(again.repeated);
  REQUIRE(again.index == first.index);
  REQUIRE(again.leaf == first.leaf);
  REQUIRE(again.time == first.time);
  const Rejection other = refused(*ledger, fund_receipt("r1", 501));
  REQUIRE(other.reason == Reason::command_id_reused);
  REQUIRE(other.detail == std::to_string(first.index));
  REQUIRE(ledger->view()->size() == first.index + 1);
  REQUIRE(take(ledger->view()->find_command(*CommandId::parse("r1"))) == first.index);
  REQUIRE_FALSE(take(ledger->view()->find_command(*CommandId::parse("r2"))).has_value());
}

TEST_CASE("repetition within one batch") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const auto mode = GENERATE(BatchMode::atomic, BatchMode::independent);
  const auto answers =
      take(ledger->submit({fund_receipt("a", 1), fund_receipt("b", 2), fund_receipt("a", 1)}, mode));
  REQUIRE(std::get<Receipt>(answers[2]).repeated);
  REQUIRE(std::get<Receipt>(answers[2]).index == std::get<Receipt>(answers[0]).index);
  REQUIRE(std::get<Receipt>(answers[2]).leaf == std::get<Receipt>(answers[0]).leaf);
  REQUIRE(ledger->view()->size() == kFirst + 2);
}

TEST_CASE("an atomic batch is recorded as a whole or not at all") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const chain::Hash before = ledger->view()->root();
  const auto answers = take(ledger->submit(
      {fund_receipt("a", 1), fund_receipt("b", -5), fund_receipt("c", 1)}, BatchMode::atomic));
  REQUIRE(answers.size() == 3);
  for (const auto& answer : answers) {
    REQUIRE(std::get<Refusal>(answer).command.str() == "b");
    REQUIRE(std::get<Refusal>(answer).reason.reason == Reason::amount_not_positive);
  }
  REQUIRE(ledger->view()->size() == kFirst);
  REQUIRE(ledger->view()->root() == before);
  REQUIRE(available(*ledger->view()).is_zero());

  const auto each = take(ledger->submit(
      {fund_receipt("a", 1), fund_receipt("b", -5), fund_receipt("c", 2)}, BatchMode::independent));
  REQUIRE(std::holds_alternative<Receipt>(each[0]));
  REQUIRE(std::holds_alternative<Refusal>(each[1]));
  REQUIRE(std::get<Receipt>(each[2]).index == kFirst + 1);
  REQUIRE(available(*ledger->view()) == Money::of_fen(3));

  REQUIRE(take(ledger->submit({fund_receipt("d", 4), fund_receipt("e", 5)}, BatchMode::atomic))
              .size() == 2);
  REQUIRE(available(*ledger->view()) == Money::of_fen(12));
  check_chain(*ledger->view());
}

TEST_CASE("recorded time never goes back") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  Command late = fund_receipt("late");
  late.time = *Timestamp::parse("2008-04-12T00:00:00+08:00");
  record(*ledger, late);
  REQUIRE(record(*ledger, fund_receipt("early")).time == late.time);
}

TEST_CASE("many threads: everything acknowledged is there once, in the place its receipt names") {
  TemporaryDirectory home;
  constexpr int kThreads = 16, kEach = 60;
  LedgerOptions options;
  options.max_group_lines = 7;  // groups of every size up to this
  auto ledger = new_ledger(home.path(), options);
  std::vector<std::vector<Receipt>> receipts(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          // Every fifth command is sent by two threads.
          const std::string id = i % 5 == 0 ? "shared-" + std::to_string(t / 2) + "-" + std::to_string(i)
                                            : std::to_string(t) + "-" + std::to_string(i);
          auto answers = ledger->submit({fund_receipt(id, 1)}, BatchMode::atomic);
          if (!answers.ok()) return;
          receipts[t].push_back(std::get<Receipt>(answers->front()));
        }
      });
    }
  }
  const auto view = ledger->view();
  constexpr int kRecorded = kThreads * kEach - kThreads / 2 * (kEach / 5);
  REQUIRE(view->size() == kFirst + kRecorded);
  REQUIRE(available(*view) == Money::of_fen(kRecorded));
  check_chain(*view);
  chain::Hasher hasher(view->suite());
  std::map<std::uint64_t, int> first_time;
  for (const auto& list : receipts) {
    REQUIRE(list.size() == kEach);
    for (const auto& receipt : list) {
      const auto entry = take(view->entry(receipt.index));
      REQUIRE(hasher.leaf(entry.bytes) == receipt.leaf);
      REQUIRE(take(view->decoded(receipt.index)).command == receipt.command);
      first_time[receipt.index] += receipt.repeated ? 0 : 1;
    }
  }
  for (const auto& [index, times] : first_time) REQUIRE(times == 1);
}

TEST_CASE("a view stays what it was while the ledger grows") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  record(*ledger, fund_receipt("a", 7));
  const auto before = ledger->view();
  record(*ledger, fund_receipt("b", 8));
  REQUIRE(before->size() == kFirst + 1);
  REQUIRE(available(*before) == Money::of_fen(7));
  REQUIRE(before->entry(kFirst + 1).error().fault == Fault::not_found);
  REQUIRE(ledger->view()->size() == kFirst + 2);
  int seen = 0;
  require_ok(before->scan(0, 1000, View::Lines::without,
                          [&](std::uint64_t, std::string_view, std::string_view) { return ++seen, true; }));
  REQUIRE(seen == kFirst + 1);
  seen = 0;
  require_ok(before->scan(1, 3, View::Lines::without,
                          [&](std::uint64_t, std::string_view, std::string_view) { return ++seen, false; }));
  REQUIRE(seen == 1);
}

TEST_CASE("line by line: refused lines are reported and left out, the others recorded") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 6);
  record(*ledger, issue(*ledger, 0, 1, 6));
  record(*ledger, redemption("first", 0, {2}));
  Command mixed = redemption("mixed", 0, {1, 2, 3, 99, 5});
  REQUIRE(refused(*ledger, mixed).reason == Reason::unknown_voucher);  // atomic: the whole of it
  mixed.mode = LineMode::line_by_line;
  const Receipt receipt = record(*ledger, mixed);
  REQUIRE(receipt.refused_lines.size() == 2);
  REQUIRE(receipt.refused_lines[0].line == 1);
  REQUIRE(receipt.refused_lines[0].reason == Reason::voucher_already_redeemed);
  REQUIRE(receipt.refused_lines[1].line == 3);
  const auto view = ledger->view();
  const auto entry = take(view->decoded(receipt.index));
  REQUIRE(entry.lines->count == 3);
  std::string serials;
  for (const auto& line : std::get<Redemption>(entry.document).lines) {
    serials += line.voucher.str() + " ";
  }
  REQUIRE(serials == "WJ-00000001 WJ-00000003 WJ-00000005 ");
  chain::Hasher hasher(view->suite());
  const auto stored = take(view->entry(receipt.index));
  const std::string second = stored.lines.substr(stored.lines.find('\n') + 1);
  require_ok(chain::verify_inclusion(hasher, 1, 3, hasher.leaf(second.substr(0, second.find('\n'))),
                                     take(view->line_proof(receipt.index, 1)),
                                     *chain::hash_from_hex(entry.lines->root)));
  // Content is what was submitted, refused lines included: the same again is a repetition.
  REQUIRE(record(*ledger, mixed).repeated);
  REQUIRE(refused(*ledger, redemption("mixed", 0, {1, 3, 5})).reason == Reason::command_id_reused);
  check_chain(*view);
}
