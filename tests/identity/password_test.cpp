// Passwords: a string of the reference program, the rules, and that nobody's costs the same.
#include <chrono>
#include <set>

#include "tests/identity/support.h"

namespace fundtrail::api {
namespace {

std::string judged(std::string_view password, std::string_view user = "wang.fang") {
  const auto refusal = judge_password(password, user);
  return refusal ? std::string(info(refusal->no).code) : "good";
}

}  // namespace

TEST_CASE("argon2id strings") {
  // A vector of the reference implementation (test.c of phc-winner-argon2).
  CHECK(is_password("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                    "password"));
  const auto hash = hash_password("Right-Horse-7").value();
  CHECK(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"));
  CHECK(hash != hash_password("Right-Horse-7").value());  // another salt
  CHECK(is_password(hash, "Right-Horse-7"));
  CHECK(!is_password(hash, "Right-Horse-8"));
  CHECK(!is_password(hash, ""));
  CHECK(!is_password("", "Right-Horse-7"));
  CHECK(!is_password("", ""));
  CHECK(!is_password("$argon2id$nonsense", "x"));
  CHECK(!is_outdated(hash));
  CHECK(is_outdated("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA"));
}

TEST_CASE("a password of nobody takes as long as a wrong one") {
  const auto hash = hash_password("Right-Horse-7").value();
  const auto time = [](const std::string& of) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 5; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      CHECK(!is_password(of, "Wrong-Horse-7"));
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
    }
    return double(best.count());
  };
  const double somebody = time(hash), nobody = time("");
  CHECK(nobody > somebody / 2);  // without the work it would be a ten-thousandth
  CHECK(nobody < somebody * 2);
}

TEST_CASE("which passwords will do") {
  for (const char* good : {"Right-Horse-7", "correct horse battery staple", "三月十五日下午去湖塘镇 Kx9",
                           "xK9!mQ2$vT7z", "kuandai.Ruxia-48"}) {
    INFO(good);
    CHECK(judged(good) == "good");
  }
  CHECK(judged("Sh0rt-pass!") == "password-too-short");
  CHECK(judged("湖塘镇湖塘镇湖塘镇湖塘") == "password-too-short");  // characters, not bytes
  CHECK(judged("onlylowercase") == "password-too-plain");
  CHECK(judged("lower1234lower") == "password-too-plain");
  CHECK(judged(std::string(257, 'x')) == "password-too-long");
  CHECK(judged("Tab\tinside-12") == "password-unprintable");
  CHECK(judged("Del\x7Finside-12") == "password-unprintable");
  CHECK(judged("\n") == "password-unprintable");
  CHECK(judged(std::string(257, '\t')) == "password-too-long");
  for (const char* easy : {"Password1234!", "Wang.Fang2026!", "Fundtrail-1234", "Aaaaaaaaaa1!", "Qwerty123456!",
                           "Abcdefgh1234!", "1qaz2wsx1QAZ2WSX", "aaaaaaaaaaaaaaaaaaaaaaaa", "Zhuanxiang123!"}) {
    INFO(easy);
    CHECK(judged(easy) == "password-easily-guessed");
  }
}

TEST_CASE("first passwords differ and will do") {
  std::set<std::string> all;
  for (int i = 0; i < 200; ++i) {
    const auto password = random_password().value();
    CHECK(judged(password) == "good");
    CHECK(password.find_first_of("0O1lI") == std::string::npos);
    all.insert(password);
  }
  CHECK(all.size() == 200);
}

}  // namespace fundtrail::api
