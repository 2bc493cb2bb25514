// Every way to change a store, and the entry and reason that verification must name.
#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "audit/integrity/verify.h"
#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "ledger/store/layout.h"
#include "tests/integrity/languages.h"
#include "tests/integrity/mutations.h"
#include "tests/integrity/sample.h"

namespace fundtrail::integrity_test {
namespace {

using audit::Flaw;
using store::Table;

audit::Report verify(const Tables& tables) {
  const auto snapshot = snapshot_of(tables);
  return *audit::verify_store(*snapshot, {});
}

}  // namespace

TEST_CASE("every change of a store is found, with its entry and reason") {
  for (const auto suite : {chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2}) {
    Sample sample(suite, 60);
    const Tables sound = sample.tables({20, 40, 60});
    for (const auto& mutation : kMutations) {
      Tables changed = sound;
      mutation.apply(changed, sample);
      const auto report = verify(changed);
      INFO(chain::name(suite) << ": " << mutation.name);
      if (!report.fine()) UNSCOPED_INFO(report.finding->detail);
      CHECK(answer(report.finding) == mutation.expected);
    }
  }
}

TEST_CASE("a store without signatures still names the altered entry") {
  Sample sample(chain::Suite::sha256_ed25519, 60);
  const Tables sound = sample.tables({});
  for (const auto& mutation : kMutations) {
    const std::string_view expected = mutation.expected;
    if (!expected.starts_with("altered") || std::string_view(mutation.name) == "two neighbours") {
      continue;
    }
    Tables changed = sound;
    mutation.apply(changed, sample);
    INFO(mutation.name);
    CHECK(answer(verify(changed).finding) == mutation.expected);
  }
}

TEST_CASE("a byte flipped anywhere in an entry or its lines is found there") {
  Sample sample(chain::Suite::sha256_ed25519, 60);
  Tables t = sample.tables({20, 40, 60});
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const std::uint64_t index : {0, 5, 19, 58, 59}) {
    for (const bool of_lines : {false, true}) {
      if (of_lines && !t[Table::lines].contains(store::key_of(index))) continue;
      std::string& bytes = of_lines ? t.lines(index) : t.entry(index);
      for (std::size_t at = random() % 3; at < bytes.size(); at += 1 + random() % 5) {
        const char before = bytes[at];
        bytes[at] = static_cast<char>(before ^ (1 << random() % 8));
        const auto report = verify(t);
        INFO("entry " << index << (of_lines ? " lines" : "") << " byte " << at << ": "
                      << answer(report.finding));
        CHECK_FALSE(report.fine());
        if (!report.fine()) {
          CHECK(report.finding->entry == index);
          const auto flaw = report.finding->flaw;
          if (of_lines) {
            CHECK((flaw == Flaw::lines_altered || flaw == Flaw::lines_missing ||
                   flaw == Flaw::lines_inserted));
          } else if (!chain::check_canonical(bytes).ok()) {
            CHECK(flaw == Flaw::unreadable);
          } else {
            CHECK((flaw == Flaw::altered || flaw == Flaw::unknown_version ||
                   flaw == Flaw::unreadable));
          }
        }
        bytes[at] = before;
      }
    }
  }
}

TEST_CASE("a chain that was rebuilt after a change contradicts the signed checkpoint") {
  Sample sample(chain::Suite::sha256_ed25519, 60);
  const Tables sound = sample.tables({20, 40, 60});
  sample.entry(33).date = sample.entry(33).date + 1;
  Tables rebuilt = sample.tables({});
  for (const auto size : {20, 40, 60}) {
    rebuilt[Table::meta][store::checkpoint_key(size)] =
        sound[Table::meta].at(store::checkpoint_key(size));
  }
  CHECK(answer(verify(rebuilt).finding) == "root_mismatch 20");

  SECTION("with a key of the attacker's own it needs the key from outside") {
    Sample forged(chain::Suite::sha256_ed25519, 60);
    const Tables t = forged.tables({20, 40, 60});
    CHECK(verify(t).fine());
    const auto snapshot = snapshot_of(t);
    audit::VerifyOptions options;
    options.key = sample.verifier_key();
    CHECK(answer(audit::verify_store(*snapshot, options)->finding) == "wrong_key 0");
  }
}

TEST_CASE("the stored tree is compared, and tells which entry was rebuilt") {
  Sample sample(chain::Suite::sha256_ed25519, 600);
  const Tables sound = sample.tables({500});
  CHECK(verify(sound).fine());

  SECTION("a leaf of a tile") {
    Tables t = sound;
    t[Table::tree][store::tile_key(1)][32 * 10 + 3] ^= 1;
    CHECK(answer(verify(t).finding) == "tree_mismatch 266");
  }
  SECTION("a tile gone") {
    Tables t = sound;
    t[Table::tree].erase(store::tile_key(1));
    CHECK(answer(verify(t).finding) == "tree_mismatch 256");
  }
  SECTION("a subtree") {
    Tables t = sound;
    t[Table::tree][store::subtree_key(8, 0)][0] ^= 1;
    CHECK(answer(verify(t).finding) == "tree_mismatch 0");
  }
  SECTION("an entry, whose tile is as it was") {
    Tables t = sample.tables({});
    replace(t.entry(300), "c-300", "c-301");
    CHECK(answer(verify(t).finding) == "altered 300");
  }
  SECTION("prev of an entry, whose tile is as it was") {
    Tables t = sample.tables({});
    auto& e = t.entry(300);
    const auto at = e.find("\"prev\":\"") + 8;
    e[at] = e[at] == '0' ? '1' : '0';
    CHECK(answer(verify(t).finding) == "altered 300");
  }
}

TEST_CASE("the answer depends neither on the threads nor on where the pieces they take end") {
  Sample sample(chain::Suite::sha256_ed25519, 700);
  const Tables sound = sample.tables({300, 700});
  const auto check = [](const Tables& t, const std::string& expected) {
    for (const unsigned threads : {1u, 2u, 7u}) {
      INFO(threads << " threads");
      const auto snapshot = snapshot_of(t);
      audit::VerifyOptions options;
      options.threads = threads;
      std::uint64_t seen = 0;
      options.progress = [&](std::uint64_t done, std::uint64_t) {
        CHECK(done >= seen);
        seen = done;
      };
      CHECK(answer(audit::verify_store(*snapshot, options)->finding) == expected);
    }
  };
  check(sound, "fine");
  for (const std::uint64_t at : {63, 64, 65, 127, 128, 500, 698}) {
    INFO("at " << at);
    const auto text = std::to_string(at);
    Tables t = sound;
    replace(t.entry(at), "c-" + text, "d-" + text);
    check(t, "altered " + text);
    t = sound;
    erase_entry(t, at);
    check(t, "missing " + text);
    t = sound;
    std::swap(t.entry(at), t.entry(at + 1));
    check(t, "reordered " + text);
    t = sound;
    t.entry(at).pop_back();
    check(t, "unreadable " + text);
  }
  const std::uint64_t far = std::uint64_t{1} << 62;
  const auto named = [](const char* reason, std::uint64_t entry) {
    return std::string(reason) + " " + std::to_string(entry);
  };
  SECTION("an entry far behind the others") {
    Tables t = sound;
    t[Table::entries][store::key_of(far)] = t.entry(13);
    check(t, "inserted 700");
    t = sound;
    t[Table::entries][store::key_of(~std::uint64_t{0})] = t.entry(699);
    t[Table::entries].erase(store::key_of(699));
    check(t, "reordered 699");
  }
  SECTION("lines without an entry, anywhere") {
    for (const std::uint64_t at : {std::uint64_t{701}, far, ~std::uint64_t{0}}) {
      Tables t = sound;
      t[Table::lines][store::key_of(at)] = t.lines(5);
      check(t, named("lines_inserted", at));
    }
  }
  SECTION("keys that are none") {
    Tables t = sound;
    t[Table::entries][store::key_of(130) + "x"] = t.entry(130);
    check(t, "unreadable 131");
    t = sound;
    t[Table::lines]["x"] = t.lines(5);
    check(t, "unreadable 700");
    t = sound;
    t[Table::lines][""] = t.lines(5);
    check(t, "unreadable 5");  // the first whose lines are then unknown
  }
}

TEST_CASE("of a damaged row of a balance is said what can be printed") {
  Sample sample(chain::Suite::sha256_ed25519, 60);
  const Tables sound = sample.tables({60});
  const auto finding_of = [](const Tables& t) {
    const auto report = verify(t);
    CHECK(answer(report.finding) == "balance_not_reproducible");
    return *report.finding;
  };
  SECTION("the value") {
    Tables t = sound;
    t[Table::state].lower_bound(std::string(1, store::kBalanceRow))->second = "\xFF\n1";
    const auto found = finding_of(t);
    CHECK(found.detail_en().starts_with("stored \\xff\\x0a1, replayed "));
    CHECK(found.detail_zh().starts_with("库中为 \\xff\\x0a1，重算为 "));
  }
  SECTION("the key") {
    for (const char kind : {store::kBalanceRow, store::kTurnoverRow}) {
      Tables t = sound;
      t[Table::state][std::string(1, kind) + "\xFE?"] = "1.00";
      CHECK(finding_of(t).subject == std::string(1, kind) + "\\xfe?");
    }
  }
}

TEST_CASE("postings that do not balance, and states below zero, are found") {
  Sample sample(chain::Suite::sha256_ed25519, 60);
  SECTION("unbalanced") {
    sample.entry(12).postings[0].amount = *Money::parse("300.01");
    CHECK(answer(verify(sample.tables({60})).finding) == "unbalanced 12");
  }
  SECTION("negative") {
    for (auto& p : sample.entry(12).postings) p.amount = *Money::parse("2300.00");
    CHECK(answer(verify(sample.tables({60})).finding) == "negative_balance 12");
  }
}

}  // namespace fundtrail::integrity_test
