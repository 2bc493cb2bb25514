// Keys that hold a person's number, and keys that only look so.
#include "ledger/core/personal_number.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

using fundtrail::holds_identity_number;
using fundtrail::holds_mobile_number;
using fundtrail::holds_personal_number;

TEST_CASE("a person's number is seen wherever it stands in a key") {
  for (const char* key :
       {"13812345678", "pay-13812345678", "13812345678.pay", "tel13812345678", "phone13812345678x", "_19900000000_",
        "11010519491231002X", "11010519491231002x", "id.11010519491231002X", "110105491231002",
        "6222021234567890123", "911100007109250325", "99932041219410730966699999", "ab320412194107309666cd",
        "\xe6\x89\x93" "13812345678\xe6\xa0\xb8", "320412-19410730-9666", "8613800138000", "138-0013-8000"}) {
    INFO(key);
    CHECK(holds_personal_number(key));
  }
}

TEST_CASE("keys of machines are no numbers of people") {
  for (const char* key :
       {"", "k", "2008-04-01.region", "20080410", "WJ2008-00000001", "redemption.2008-04.p-01.17", "1795854750",
        "1795854750123", "320412100", "320412100201", "12345678901", "10812345678", "138123456789", "1381234567",
        "20261128093000.42", "c0ffee00-1381-4234-9567-13812345678a", "f13812345678", "8f14e45fceea167a",
        "6222021234567890abcdef0123456789", "12345678901234567890", "run.2008-06.1234567890123456789a",
        "911100007109250324", "settled.911100007109250324.2008-06"}) {  // codes of organisations without a letter
    INFO(key);
    CHECK_FALSE(holds_personal_number(key));
  }
}

TEST_CASE("an identity number is one in groups, too") {
  for (const char* text :
       {"320412194107309666", "320412-19410730-9666", "320412 1941 0730 9666", "320412.194107309666",
        "320412194107309666.a", "a-1-320412-19410730-9666", "11010519491231002X", "110105-19491231-002x",
        "110105 19491231 002 X", "\xef\xbc\x93" "20412194107309666", "320412\xe3\x80\x80" "19410730 9666",
        "320412\xe2\x80\x93" "19410730\xe2\x80\x93" "9666"}) {
    INFO(text);
    CHECK(holds_identity_number(text));
    CHECK(holds_personal_number(text));
  }
  for (const char* text :
       {"320412-19410730-9667",    // the check digit does not fit
        "320412-20080401-0019",    // a region, a business day and a serial, although it fits
        "320412, 19410730, 9666",  // a list
        "320412 and 19410730 and 9666", "2008-0001-0002", "320412-2008-0001"}) {
    INFO(text);
    CHECK_FALSE(holds_identity_number(text));
  }
}

TEST_CASE("a mobile number is one with its country and in groups, too") {
  for (const char* text :
       {"13800138000", "+8613800138000", "8613800138000", "+86 138 0013 8000", "86-13800138000", "0086 138-0013-8000",
        "138 0013 8000", "138-0013-8000", "138.0013.8000", "138 - 0013 - 8000", "138-00138000", "1380013-8000",
        "1380 013 8000", "tel138-0013-8000", "phone 138 0013 8000", "(+86)13800138000",
        "\xe7\x94\xb5\xe8\xaf\x9d" "138 0013 8000", "\xef\xbc\x91" "3800138000"}) {
    INFO(text);
    CHECK(holds_mobile_number(text));
    CHECK(holds_personal_number(text));
  }
  for (const char* text :
       {"2008-0001-0002",              // a fund
        "p-138-2008-00001", "13-2008-00001", "150-20080401", "150-2008-0401",  // serials and days
        "3204120000000001",            // a bank account
        "52320412MJ100001XN", "91320412MA1138001X",  // codes of organisations
        "12800138000", "1380013800", "138001380001", "138, 0013, 8000", "15000000001234",
        "1795854750123", "f13812345678"}) {
    INFO(text);
    CHECK_FALSE(holds_mobile_number(text));
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
