// What a run reads of rows that only grow in number: it keeps those that are open. The allocations of this
// program are counted, because the amounts are right either way.
#include <malloc.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "ledger/planning/claims.h"
#include "ledger/planning/concern.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/rows.h"

namespace {

std::atomic<std::size_t> live{0}, peak{0};

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* block = std::malloc(size);
  if (!block) return nullptr;
  const std::size_t now = live += malloc_usable_size(block);
  for (std::size_t high = peak; high < now && !peak.compare_exchange_weak(high, now);) {
  }
  return block;
}
void* operator new(std::size_t size) {
  void* block = operator new(size, std::nothrow);
  if (!block) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept {
  live -= malloc_usable_size(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

using namespace fundtrail;
using namespace fundtrail::planning;

namespace {

constexpr std::uint64_t kRows = 50'000;
constexpr std::size_t kEnough = 256 << 10;  // bytes; all the rows at once take megabytes

// A store of so many years that only every ten thousandth row is open. Rows are made when they are read.
class OldStore final : public store::Snapshot {
 public:
  Result<std::optional<std::string>> get(store::Table, std::string_view) const override {
    return std::optional<std::string>();
  }
  Status scan(store::Table table, std::string_view from, std::string_view,
              const Visit& visit) const override {
    REQUIRE(table == store::Table::state);
    for (std::uint64_t i = 0; i < kRows; ++i) {
      const bool open = i % 10'000 == 9'999;
      const bool settlements = from == "S";
      const std::string row = from == "K"                           ? claim(i, open)
                              : settlements && i % 10'000 == 5'000 ? returned()
                                                                    : decided();
      if (!visit(settlements ? rules::settlement_key(settlement(i)) : std::string(from) + key(i), row)) break;
    }
    return Nothing();
  }

 private:
  static std::string key(std::uint64_t i) {
    std::string bytes;
    rules::put_big_endian(bytes, i, 8);
    return bytes;
  }
  static SettlementId settlement(std::uint64_t i) { return *SettlementId::parse("s" + std::to_string(i)); }
  static std::string returned() {
    rules::SettlementRow row;
    row.step = rules::SettlementStep::returned;
    row.provider = *ProviderId::parse("p1");
    row.prepared_on = *Date::parse("2025-06-01");
    row.stepped_on = *Date::parse("2025-06-10");
    return row.encode();
  }
  static std::string claim(std::uint64_t i, bool open) {
    rules::RedemptionRow row;
    row.date = row.lowered = *Date::parse("2025-05-01");
    row.provider = *ProviderId::parse("p1");
    if (!open) row.settlement = settlement(i);
    row.groups.push_back({{*FundId::parse("f1"), *ProgrammeId::parse("aid"),
                           *RegionCode::parse("320412001"), {}},
                          Money::of_fen(100)});
    return row.encode();
  }
  // Nothing behind the first byte is looked at.
  static std::string decided() { return '\x02' + std::string(200, 'x'); }
};

Run run_of(const std::string& programme, const std::string& date = "2025-07-01") {
  Run run;
  run.programme = *ProgrammeId::parse(programme);
  run.from = *Month::parse("2025-04");
  run.date = *Date::parse(date);
  return run;
}

template <class F>
std::size_t memory_of(const F& f) {
  const std::size_t before = live;
  peak = before;
  f();
  return peak - before;
}

}  // namespace

TEST_CASE("a run keeps the claims that are in no settlement, whatever was settled before") {
  const OldStore store;
  std::vector<OpenClaim> claims;
  CHECK(memory_of([&] { claims = open_claims(store, run_of("aid")); }) < kEnough);
  // Five in no settlement, and five of settlements that were returned: on that day, not before.
  REQUIRE(claims.size() == 2 * kRows / 10'000);
  CHECK(claims.front().entry == 5'000);
  CHECK(claims[1].entry == 9'999);
  CHECK(open_claims(store, run_of("aid", "2025-06-10")).size() == 10);
  CHECK(open_claims(store, run_of("aid", "2025-06-09")).size() == 5);
  CHECK(claims.back().entry == kRows - 1);
  CHECK(claims.front().row.groups[0].amount.str() == "1.00");
  CHECK(open_claims(store, run_of("other")).empty());
  CHECK(open_claims(store, run_of("aid", "2025-04-30")).empty());
}

TEST_CASE("of applications that were decided nothing is read or kept") {
  const OldStore store;
  CHECK(memory_of([&] { const Concern concern(store, run_of("aid")); }) < kEnough);
}
