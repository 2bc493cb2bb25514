// Money, dates and check digits against published and worked figures (fixtures/vectors,
// fixtures/worked-cases.csv).
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <sstream>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"

using namespace fundtrail;

namespace {

// Cells of a CSV line; quotes protect commas.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) result.emplace_back();
    else if (c != '\r') result.back() += c;
  }
  return result;
}

std::vector<std::vector<std::string>> rows_of(const std::string& file) {
  std::ifstream in(std::string(SOURCE_DIR) + "/fixtures/" + file);
  REQUIRE(in.good());
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) rows.push_back(cells(line));
  return rows;
}

// The first amount after `label` in text like "2,047.50 = 区 1,228.50 + 街道 819.00".
Money amount_after(const std::string& text, const std::string& label) {
  auto at = text.find(label);
  REQUIRE(at != std::string::npos);
  at = text.find_first_of("0123456789", at + label.size());
  std::string digits;
  for (; at < text.size() && std::string("0123456789.,").find(text[at]) != std::string::npos; ++at) {
    if (text[at] != ',') digits += text[at];
  }
  const auto amount = Money::parse(digits);
  REQUIRE(amount);
  return *amount;
}

Money yuan(const std::string& text) {
  const auto amount = Money::parse(text);
  REQUIRE(amount);
  return *amount;
}

}  // namespace

TEST_CASE("check digits of identity numbers and credit codes") {
  int checked = 0;
  for (const auto& row : rows_of("vectors/validators.csv")) {
    if (row.size() < 3) continue;
    const bool valid = row[2] == "valid";
    INFO(row[0] << " " << row[1]);
    if (row[0] == "id18" || row[0] == "id18-X") {
      const auto fault = check_id_number(row[1]);
      CHECK((fault == IdNumberFault::none) == valid);
      if (row[2] == "invalid checksum") CHECK(fault == IdNumberFault::check_digit);
      if (row[2].find("month 13") != std::string::npos) CHECK(fault == IdNumberFault::birth_date);
      ++checked;
    } else if (row[0] == "uscc") {
      CHECK(is_valid_uscc(row[1]) == valid);
      ++checked;
    } else if (row[0] == "xzqh6" || row[0] == "xzqh9") {
      CHECK(RegionCode::parse(row[1]).has_value());
      ++checked;
    }
  }
  CHECK(checked == 21);
}

TEST_CASE("every single wrong digit of an identity number is found") {
  const std::string right = "11010519491231002X";
  REQUIRE(check_id_number(right) == IdNumberFault::none);
  for (std::size_t at = 0; at < right.size(); ++at) {
    for (const char c : std::string("0123456789X")) {
      std::string wrong = right;
      wrong[at] = c;
      if (wrong != right) CHECK(check_id_number(wrong) != IdNumberFault::none);
    }
  }
  CHECK(check_id_number("11010519491231002x") == IdNumberFault::characters);
  CHECK(check_id_number("1101051949123100") == IdNumberFault::length);
}

TEST_CASE("HC: quarters of home care split 6:4 to the fen") {
  int checked = 0;
  for (const auto& row : rows_of("worked-cases.csv")) {
    if (row[0].rfind("HC-Q", 0) != 0 && row[0].rfind("HC-MIX", 0) != 0) continue;
    INFO(row[0]);
    const Money total = amount_after(row[3], ""), district = amount_after(row[3], "区"),
                town = amount_after(row[3], "街道");
    CHECK(split(total, {6, 4}) == std::vector<Money>{district, town});
    CHECK(split(total, {7, 3})[0] != district);
    if (row[0].rfind("HC-Q", 0) == 0) {
      const int days = std::stoi(row[1].substr(row[1].find("days=") + 5));
      const bool full = row[1].find("h/day=2") != std::string::npos;
      CHECK(Money::of_fen(750) * ((full ? 4 : 3) * days) == total);
    }
    ++checked;
  }
  CHECK(checked == 17);
}

TEST_CASE("a split always adds up, and no part is off by more than a fen") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int run = 0; run < 2000; ++run) {
    const Money amount = Money::of_fen(std::int64_t(random() % 100'000'000'000));
    std::vector<std::int64_t> weights(1 + random() % 6);
    std::int64_t total = 0;
    for (auto& weight : weights) total += weight = std::int64_t(random() % 1000);
    if (total == 0) total = weights[0] = 1;
    const auto parts = split(amount, weights);
    REQUIRE(parts.size() == weights.size());
    Money sum;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      sum += parts[i];
      const Money off = parts[i] * total - amount * weights[i];  // exact share, scaled
      REQUIRE((off < Money::of_fen(total) && -off < Money::of_fen(total)));
    }
    REQUIRE(sum == amount);
  }
}

TEST_CASE("the fen left over go to the largest fractions, the earlier first") {
  CHECK(split(yuan("0.01"), {1, 1}) == std::vector<Money>{yuan("0.01"), yuan("0.00")});
  CHECK(split(yuan("1.00"), {1, 1, 1}) ==
        std::vector<Money>{yuan("0.34"), yuan("0.33"), yuan("0.33")});
  CHECK(split(yuan("0.02"), {10, 45, 45}) ==
        std::vector<Money>{yuan("0.00"), yuan("0.01"), yuan("0.01")});
  CHECK(split(yuan("800.00"), {90, 10}) == std::vector<Money>{yuan("720.00"), yuan("80.00")});
  CHECK(split(yuan("0.00"), {1, 2}) == std::vector<Money>{Money(), Money()});
}

TEST_CASE("money has one spelling") {
  for (const auto* text : {"0.00", "0.01", "-0.05", "100.00", "999999999999999.99"}) {
    CHECK(yuan(text).str() == text);
  }
  for (const auto* text : {"", "1", "1.0", "1.000", "01.00", "+1.00", "-0.00", "1,000.00", ".50",
                           "1e2.00", " 1.00", "1.00 ", "--1.00", "1.-5", "9999999999999999.00",
                           "１.00", "NaN", "0x1.00"}) {
    INFO(text);
    CHECK_FALSE(Money::parse(text));
  }
  CHECK(yuan("1234567.89").grouped() == "1,234,567.89");
  CHECK(yuan("-100.00").grouped() == "-100.00");
  CHECK(yuan("-1000.00").grouped() == "-1,000.00");
  // Far beyond 64 bits it stays exact; beyond 127 it throws and does not wrap.
  Money large = yuan("999999999999999.99") * 1'000'000'000;
  CHECK(large.str() == "999999999999999990000000.00");
  CHECK_THROWS_AS([&] { for (int i = 0; i < 64; ++i) large += large; }(), std::overflow_error);
}

TEST_CASE("hours are exact hundredths") {
  CHECK(Quantity::parse("1.50")->hundredths() == 150);
  CHECK(Quantity::parse("1.50")->str() == "1.50");
  for (const auto* text : {"1.5", "-1.00", "1", "1.505", "1234567890.00"}) {
    CHECK_FALSE(Quantity::parse(text));
  }
}

TEST_CASE("dates, months and times have one spelling and exist") {
  for (const auto* text : {"1900-01-01", "2008-02-29", "2999-12-31"}) {
    CHECK(Date::parse(text)->str() == text);
  }
  for (const auto* text : {"2007-02-29", "1900-02-29", "2008-4-1", "2008-13-01", "2008-00-01",
                           "2008-01-32", "20080101", "3000-01-01", "1899-12-31", "2008-01-01 "}) {
    INFO(text);
    CHECK_FALSE(Date::parse(text));
  }
  CHECK(Month::parse("2008-02")->last_day().str() == "2008-02-29");
  CHECK(Month::parse("2008-12")->plus(1).str() == "2009-01");
  CHECK(Month::of(*Date::parse("2008-12-31")).str() == "2008-12");
  CHECK_FALSE(Month::parse("2008-13"));

  const auto time = Timestamp::parse("2008-04-10T00:30:00+08:00");
  REQUIRE(time);
  CHECK(time->str() == "2008-04-10T00:30:00+08:00");
  CHECK(time->date().str() == "2008-04-10");  // where it was recorded, not in UTC
  CHECK(time->unix_seconds() == 1207758600);
  for (const auto* text : {"2008-04-10T00:30:00Z", "2008-04-10T00:30:00-00:00",
                           "2008-04-10 00:30:00+08:00", "2008-04-10T24:00:00+08:00",
                           "2008-04-10T00:30:60+08:00", "2008-04-10T00:30:00.0+08:00"}) {
    INFO(text);
    CHECK_FALSE(Timestamp::parse(text));
  }
}

TEST_CASE("age counts full years") {
  const auto age = [](const char* birth, const char* on) {
    return age_on(*Date::parse(birth), *Date::parse(on));
  };
  CHECK(age("1948-05-02", "2008-05-01") == 59);
  CHECK(age("1948-05-02", "2008-05-02") == 60);
  CHECK(age("1948-02-29", "2009-02-28") == 60);
  CHECK(age("1948-02-29", "2009-03-01") == 61);
}

TEST_CASE("ids of every kind are strict") {
  for (const auto* text : {"a", "f-2008.1_x", "A9"}) CHECK(FundId::parse(text));
  for (const auto* text : {"", ".a", "-a", "a b", "a/b", "资金", "a\n"}) {
    CHECK_FALSE(FundId::parse(text));
  }
  CHECK_FALSE(FundId::parse(std::string(65, 'a')));
  CHECK(VoucherNumber::parse("WJ08-00000001")->str() == "WJ08-00000001");
  for (const auto* text : {"WJ08-00000000", "wj-00000001", "WJ08-1", "-00000001", "WJ-000000001",
                           "WJ08 00000001", "ABCDEFGHIJKLMNOPQ-00000001"}) {
    INFO(text);
    CHECK_FALSE(VoucherNumber::parse(text));
  }
  CHECK(Pseudonym::parse("00ff00ff00ff00ff")->str() == "00ff00ff00ff00ff");
  CHECK_FALSE(Pseudonym::parse("00FF00FF00FF00FF"));
  CHECK_FALSE(Pseudonym::parse("00ff"));
  CHECK(RegionCode::parse("330382005"));
  CHECK_FALSE(RegionCode::parse("33038200"));
  CHECK(Text::parse("湖塘镇"));
  CHECK(Text::parse(std::string(500, 'x')));
  for (const std::string& text : {std::string(), std::string(" a"), std::string("a "),
                                  std::string("a\tb"), std::string(501, 'x'),
                                  std::string("\xC0\xAF"), std::string("\xED\xA0\x80")}) {
    CHECK_FALSE(Text::parse(text));
  }
}
