// Comparing with a line of the same shape must give the answer of reading: tried with every byte value
// at every place.
#include "ledger/chain/line_checker.h"

#include <catch2/catch.hpp>
#include <random>

#include "ledger/chain/canonical.h"

using namespace fundtrail::chain;

TEST_CASE("a line that resembles one that was accepted is judged as if it were read") {
  const std::string bases[] = {
      R"({"beneficiary":"e5cd7dcd690d217d","hours":"1.50","item":"zhuyu","voucher":"WJ-00049919"})",
      R"({"a":[1,-20,true,{"k":"v\n\u0001","m":"plain"}],"b":"券","c":false,"d":{},"e":"x"})",
      "{\"combining\":\"q\xCC\x83 \",\"empty\":\"\",\"escaped\":\"a\\\"b\\\\\",\"z\":\"\\\"\"}",
      R"({"list":["a","b",["c:","d"],":"],"number":1234567890123456,"text":"\\","u":"\\\\"})",
      R"({"short":"x"})",
  };
  for (const auto& base : bases) {
    REQUIRE(check_canonical(base).ok());
    unsigned accepted = 0;
    for (std::size_t at = 0; at < base.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        LineChecker checker;
        REQUIRE(checker.accepts(base));  // the pattern
        std::string line = base;
        line[at] = static_cast<char>(byte);
        const bool expected = check_canonical(line).ok();
        if (checker.accepts(line) != expected) FAIL(line << " should be " << expected);
        accepted += expected ? 1 : 0;
      }
    }
    CHECK(accepted > base.size());  // otherwise the comparison proved little
  }
}

TEST_CASE("a checker that has seen many lines answers like a new one") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  LineChecker checker;
  const std::string words[] = {"plain", "券", "with \\\" quote", "q\xCC\x83", "a:b", "x", ""};
  for (int i = 0; i < 50000; ++i) {
    std::string line = "{";
    for (const char* key : {"a", "b", "c"}) {
      if (line.size() > 1) line += ',';
      line += std::string("\"") + key + "\":";
      if (random() % 4 == 0) line += std::to_string(random() % 1000);
      else line += '"' + words[random() % std::size(words)] + words[random() % std::size(words)] + '"';
    }
    line += '}';
    if (random() % 3 == 0) line[random() % line.size()] = static_cast<char>(random());
    if (checker.accepts(line) != check_canonical(line).ok()) FAIL(line);
  }
}
