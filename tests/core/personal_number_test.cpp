// Keys that hold a person's number, and keys that only look so.
#include "ledger/core/personal_number.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

using fundtrail::holds_personal_number;

TEST_CASE("a person's number is seen wherever it stands in a key") {
  for (const char* key :
       {"13812345678", "pay-13812345678", "13812345678.pay", "tel13812345678", "phone13812345678x", "_19900000000_",
        "11010519491231002X", "11010519491231002x", "id.11010519491231002X", "110105491231002",
        "6222021234567890123", "99932041219410730966699999", "ab320412194107309666cd",
        "\xe6\x89\x93" "13812345678\xe6\xa0\xb8"}) {
    INFO(key);
    CHECK(holds_personal_number(key));
  }
}

TEST_CASE("keys of machines are no numbers of people") {
  for (const char* key :
       {"", "k", "2008-04-01.region", "20080410", "WJ2008-00000001", "redemption.2008-04.p-01.17", "1795854750",
        "1795854750123", "320412100", "320412100201", "12345678901", "10812345678", "138123456789", "1381234567",
        "20261128093000.42", "c0ffee00-1381-4234-9567-13812345678a", "f13812345678", "8f14e45fceea167a",
        "6222021234567890abcdef0123456789", "12345678901234567890", "run.2008-06.1234567890123456789a"}) {
    INFO(key);
    CHECK_FALSE(holds_personal_number(key));
  }
}

TEST_CASE("UUIDs and digests pass") {
  std::uint64_t seed = 17;
  const auto random = [&seed] {  // splitmix64
    std::uint64_t z = (seed += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  };
  const auto hex = [&random](std::size_t digits) {
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[random() >> 60];
    return text;
  };
  for (int i = 0; i < 200'000; ++i) {
    const auto uuid = hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12);
    INFO(uuid);
    REQUIRE_FALSE(holds_personal_number(uuid));
    REQUIRE_FALSE(holds_personal_number(hex(32)));
  }
}
