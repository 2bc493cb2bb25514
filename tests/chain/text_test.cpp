#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <catch2/catch.hpp>

#include "ledger/chain/canonical.h"
#include "ledger/chain/utf8.h"
#include "tests/chain/support.h"

using namespace fundtrail;
using namespace fundtrail::chain;

TEST_CASE("the code points taken for plainly NFC are so by Unicode's own tables") {
  unsigned plain = 0;
  for (std::int32_t code = 0; code <= 0x10FFFF; ++code) {
    if (!is_plainly_nfc(code)) continue;
    ++plain;
    const bool yes = u_getIntPropertyValue(code, UCHAR_NFC_QUICK_CHECK) == UNORM_YES;
    if (!yes || u_getCombiningClass(code) != 0) FAIL("U+" << std::hex << code);
  }
  CHECK(plain > 60000);
  CHECK_FALSE(is_plainly_nfc(0x302A));
  CHECK_FALSE(is_plainly_nfc(0xF900));
}

TEST_CASE("nothing composes with what an escape stands for") {
  // check_canonical judges the pieces of a string between escapes one by one; this is why it may.
  UErrorCode fault = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(fault);
  REQUIRE(U_SUCCESS(fault));
  unsigned composed = 0;
  for (std::int32_t mark = 0; mark <= 0x10FFFF; ++mark) {
    for (std::int32_t control = 0; control < 0x20; ++control) {
      composed += nfc->composePair(control, mark) >= 0;
    }
    composed += nfc->composePair('"', mark) >= 0;
    composed += nfc->composePair('\\', mark) >= 0;
  }
  CHECK(composed == 0);
  CHECK(nfc->composePair('A', 0x030A) == 0xC5);
}

TEST_CASE("text is well-formed, normal and made of characters") {
  CHECK(is_text(""));
  CHECK(is_text("\xE5\x88\xB8"));
  CHECK(is_text("\n"));                  // the writer escapes it
  CHECK_FALSE(is_text("\xEF\xBF\xBE"));  // U+FFFE
  CHECK(is_nfc("\xEF\xBF\xBE"));
  CHECK_FALSE(is_text("A\xCC\x8A"));
  CHECK_FALSE(is_nfc("A\xCC\x8A"));
  CHECK_FALSE(is_nfc("\xED\xA0\x80"));
  CHECK_FALSE(is_text("\xC0\x80"));
}

TEST_CASE("is_nfc agrees with Python's unicodedata") {
  // Every assigned code point alone and behind a letter, and random sequences rich in marks.
  static const char* const script = R"(
import random, sys, unicodedata as u
random.seed(int(sys.argv[2]))
points = [c for c in range(0x80, 0x110000)
          if not 0xD800 <= c <= 0xDFFF and u.category(chr(c)) not in ('Cn', 'Co')]
marks = [c for c in points if u.combining(chr(c))]
tests = [chr(c) for c in points] + ['e' + chr(c) for c in points]
for _ in range(30000):
    tests.append(''.join(chr(random.choice(random.choice((points, marks, range(0x41, 0x7b)))))
                         for _ in range(random.randint(2, 5))))
with open(sys.argv[1], 'w') as out:
    for t in tests:
        out.write('%d %s\n' % (u.is_normalized('NFC', t), t.encode().hex()))
)";
  const TemporaryFolder folder;
  const unsigned seed = 20261122;
  CAPTURE(seed);
  write(folder / "oracle.py", script);
  const std::string command = "python3 " + (folder / "oracle.py").string() + " " +
                              (folder / "cases").string() + " " + std::to_string(seed);
  REQUIRE(std::system(command.c_str()) == 0);
  std::ifstream cases(folder / "cases");
  unsigned normal = 0;
  unsigned other = 0;
  bool expected = false;
  for (std::string hex; cases >> expected >> hex;) {
    if (is_nfc(bytes_of_hex(hex)) != expected) FAIL("Python says " << expected << " for " << hex);
    ++(expected ? normal : other);
  }
  CHECK(normal > 200000);
  CHECK(other > 2000);
}
