#include "ledger/rules/state.h"

#include <catch2/catch.hpp>

#include "ledger/rules/authority.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/rows.h"
#include "ledger/rules/voucher_list.h"
#include "ledger/store/memory_store.h"
#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

TEST_CASE("an overlay hides what lies below and merges down in one piece") {
  MapState below;
  below.rows["a"] = "1";
  Overlay group(below);
  Overlay batch(group);
  batch.edit("a") += "2";
  batch.put("b", "3");
  CHECK(*batch.find("a") == "12");
  CHECK(*group.find("a") == "1");
  CHECK(group.find("b") == nullptr);
  group.put("b", "old");
  batch.merge_into(group);
  CHECK(*group.find("a") == "12");
  CHECK(*group.find("b") == "3");
  CHECK(*below.find("a") == "1");
  batch.for_each_changed([](const auto&, const auto&) { FAIL("nothing is left in the batch"); });
}

TEST_CASE("a batch that is dropped leaves no trace") {
  const Books books = funded();
  const auto before = books.state().rows;
  Overlay group(books.state());
  {
    Overlay batch(group);
    batch.edit(fund_totals_key(*FundId::parse("f1"))) = "damaged";
  }
  group.for_each_changed([](const auto&, const auto&) { FAIL("the group was touched"); });
  CHECK(books.state().rows == before);
}

TEST_CASE("packed rows come back, and a row cut short is damage") {
  const Money large = Money::of_fen(INT64_MAX) * 1000;
  const std::string row = Packer()
                              .u8(7)
                              .u32(0xDEADBEEF)
                              .date(*Date::parse("1969-12-31"))
                              .text("text")
                              .money(-Money::of_fen(5))
                              .money(-large)
                              .take();
  Unpacker u(row);
  CHECK(u.u8() == 7);
  CHECK(u.u32() == 0xDEADBEEF);
  CHECK(u.date().str() == "1969-12-31");
  CHECK(u.text() == "text");
  CHECK(u.money().str() == "-0.05");
  CHECK(u.money() == -large);
  u.end();
  for (std::size_t size = 0; size < row.size(); ++size) {
    Unpacker cut(std::string_view(row).substr(0, size));
    CHECK_THROWS_AS((cut.u8(), cut.u32(), cut.date(), cut.text(), cut.money(), cut.money()),
                    StateUnreadable);
  }
}

TEST_CASE("a beneficiary's months are counted one by one, in any order") {
  BeneficiaryRegistration d;
  d.beneficiary = Pseudonym(1);
  d.category = *Code::parse("low-income");
  d.region = *RegionCode::parse("320412001");
  d.entitled_from = *Date::parse("2008-04-01");
  std::string row = BeneficiaryView::encode(d);
  const auto services = *ProgrammeId::parse("services");
  const auto month = [](const char* text) { return *Month::parse(text); };
  BeneficiaryView::add_vouchers(row, services.str(), month("2008-06"), 1);
  BeneficiaryView::add_vouchers(row, services.str(), month("2008-04"), 1);
  BeneficiaryView::add_vouchers(row, services.str(), month("2009-04"), 1);
  BeneficiaryView::add_vouchers(row, services.str(), month("2008-04"), 1);
  BeneficiaryView::free_vouchers(row, services.str(), month("2008-06"), 1);
  const BeneficiaryView view(row);
  CHECK(view.vouchers_in(services.str(), month("2008-03")) == 0);
  CHECK(view.vouchers_in(services.str(), month("2008-04")) == 2);
  CHECK(view.vouchers_in(services.str(), month("2008-05")) == 0);
  CHECK(view.vouchers_in(services.str(), month("2008-06")) == 0);
  CHECK(view.vouchers_in(services.str(), month("2009-04")) == 1);
  CHECK(view.vouchers_in("meals", month("2009-04")) == 0);
  CHECK(view.vouchers_in(services.str(), month("2009-05")) == 0);
  CHECK(view.region() == "320412001");
  CHECK(view.category() == "low-income");
  CHECK_FALSE(view.end_reason());
}

TEST_CASE("those who look and those who keep the machine running record nothing") {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    CHECK_FALSE(may_record(Role::inspector, kind));
    CHECK_FALSE(may_record(Role::administrator, kind));
    bool somebody = false;
    for (const auto role : {Role::registrar, Role::preparer, Role::reviewer, Role::approver,
                            Role::cashier}) {
      somebody = somebody || may_record(role, kind);
    }
    CHECK(somebody);
    CHECK(may_record(Role::provider, kind) ==
          (kKindNames[kind] == "redemption" || kKindNames[kind] == "redemption_withdrawal" ||
           kKindNames[kind] == "service_records" ||
           kKindNames[kind] == "service_withdrawal"));
  }
}

TEST_CASE("the cache of rows stays within its bound and always tells what the store holds") {
  store::MemoryStore stored;
  std::vector<store::Change> rows;
  const auto key = [](int i) { return "row-" + std::to_string(i); };
  for (int i = 0; i < 2'000; ++i) {
    rows.push_back({store::Table::state, key(i), std::string(100, static_cast<char>('a' + i % 26))});
  }
  const auto claimed = stored.claim();
  REQUIRE(claimed.ok());
  REQUIRE(stored.commit({*claimed, ""}, "h", rows).outcome == store::Committed::applied);
  constexpr std::size_t kBound = 64 << 10;
  StoredState state(stored, kBound);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2'000; ++i) {
      const std::string* row = state.find(key(i));
      REQUIRE(row != nullptr);
      REQUIRE(*row == rows[static_cast<std::size_t>(i)].value);
      REQUIRE(state.find("absent-" + std::to_string(i)) == nullptr);
      if (i % 10 == 9) state.trim();
      REQUIRE(state.cached_bytes() < kBound + kBound / 8 + 10'000);
    }
  }
  // What a commit changed is seen, whether the row was cached or not.
  for (const int i : {1'999, 3}) {
    rows[static_cast<std::size_t>(i)].value = "new";
    REQUIRE(stored.commit({*claimed, "h"}, "h", {rows[static_cast<std::size_t>(i)]}).outcome ==
            store::Committed::applied);
    state.refresh(key(i), "new");
    CHECK(*state.find(key(i)) == "new");
  }
}

TEST_CASE("amounts of any size come back from 16 bytes") {
  const Money unit = Money::of_fen(1), large = Money::of_fen(INT64_MAX);
  for (const Money& amount :
       {Money(), unit, -unit, large, -large, large + unit, -(large + unit), large + large + unit + unit,
        large * 1'000'000'007, -(large * 1'000'000'007), Money(Money::Fen(1) << 64),
        -Money(Money::Fen(1) << 64)}) {
    char bytes[kMoneyBytes];
    set_money(bytes, amount);
    CHECK(get_money(bytes) == amount);
  }
}

TEST_CASE("voucher numbers of one document, packed") {
  const auto round_trip = [](const std::vector<VoucherNumber>& numbers) {
    VoucherPacker packer(numbers.size());
    for (const auto& number : numbers) packer.add(number);
    const std::string packed = packer.take();
    CHECK(unpack_vouchers(packed) == numbers);
    return packed;
  };
  CHECK(round_trip({}).empty());
  CHECK(round_trip({{"W", 1}}).size() == 4 + 1 + 4 + 4);
  CHECK(round_trip({{"W", 99999999}, {"W", 1}, {"WJ", 1}, {"W", 2}}).size() == 4 * 4 + 3 * (4 + 4) + 4);
  CHECK_THROWS_AS(unpack_vouchers(round_trip({{"W", 1}, {"W", 2}}).substr(0, 15)), StateUnreadable);
}

