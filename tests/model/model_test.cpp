// Random commands, valid and not, against the reference ledger (reference.h, judge*.cpp): equal answers,
// balances, turnovers and roots, over clean re-openings and kills. RapidCheck shrinks what fails and
// prints the seed; FUNDTRAIL_MODEL_SEED repeats it, FUNDTRAIL_MODEL_SECONDS goes on for so long.
#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "tests/model/run.h"

using namespace fundtrail;
using namespace fundtrail::model;

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kShrinking = std::chrono::seconds(60);

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

rc::Gen<std::vector<Op>> scripts(int length) {
  const auto byte = rc::gen::arbitrary<std::uint8_t>();
  const auto op = rc::gen::build<Op>(
      rc::gen::set(&Op::what, byte), rc::gen::set(&Op::pick, byte), rc::gen::set(&Op::other, byte),
      rc::gen::set(&Op::amount, byte), rc::gen::set(&Op::day, byte), rc::gen::set(&Op::flaw, byte),
      rc::gen::set(&Op::join, byte));
  return rc::gen::resize(length, rc::gen::container<std::vector<Op>>(rc::gen::resize(100, op)));
}

// Whether all of `runs` scripts agree; RapidCheck says on standard error what does not.
bool agree(std::uint64_t seed, int runs, int length, chain::Suite suite) {
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = runs;
  std::optional<Clock::time_point> failed;
  std::string smallest;
  const auto result = rc::detail::checkTestable(
      [&] {
        const auto ops = *scripts(length);
        // Shrinking ends: when its time is up, nothing smaller fails any more.
        if (failed && Clock::now() - *failed > kShrinking) return;
        try {
          Run(suite).play(ops);
        } catch (const std::exception& difference) {
          if (!failed) failed = Clock::now();
          smallest = difference.what();
          throw;
        }
      },
      rc::detail::TestMetadata{"model", "the ledger and the reference ledger agree"}, params);
  if (result.template is<rc::detail::SuccessResult>()) return true;
  rc::detail::printResultMessage(result, std::cerr);
  std::cerr << "\nThe smallest script that failed:\n" << smallest
            << "\nFUNDTRAIL_MODEL_SEED=" << seed << "\n";
  return false;
}

void tell(std::uint64_t seed, double seconds) {
  std::cout << "model: seed " << seed << ", " << seconds << " s, " << tally.commands
            << " commands, " << tally.checked << " full comparisons, " << tally.reopened
            << " re-openings, " << tally.killed << " kills (" << tally.cut_short
            << " before the end)\n ";
  for (const auto& [answer, n] : tally.answers) std::cout << " " << answer << " " << n;
  std::cout << "\n ";
  for (const auto& [kind, n] : tally.recorded) std::cout << " " << kind << " " << n;
  std::cout << "\n";
}

}  // namespace

TEST_CASE("child: submits batches until it is killed", "[.][model-child]") {
  const char* ledger = std::getenv("FUNDTRAIL_MODEL_LEDGER");
  const char* batches = std::getenv("FUNDTRAIL_MODEL_BATCHES");
  if (ledger && batches) child(ledger, batches, 9);
}

TEST_CASE("the ledger and the reference ledger agree") {
  const auto seconds = std::chrono::duration<double>(double(number_in("FUNDTRAIL_MODEL_SECONDS", 0)));
  std::uint64_t seed = number_in("FUNDTRAIL_MODEL_SEED", std::random_device()());
  const auto start = Clock::now();
  const auto past = [&] { return std::chrono::duration<double>(Clock::now() - start); };
  const std::uint64_t first = seed;
  do {
    INFO("seed " << seed);
    REQUIRE(agree(seed, 8, 120, chain::Suite::sha256_ed25519));
    REQUIRE(agree(seed, 1, 400, seed % 2 ? chain::Suite::sm3_sm2 : chain::Suite::sha256_ed25519));
    ++seed;
  } while (past() < seconds);
  tell(first, past().count());
}
