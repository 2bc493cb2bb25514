// What goes wrong is said in Chinese, too: nobody who reads Chinese gets a sentence without a Chinese character.
#include <algorithm>

#include "api/access_log/verify.h"
#include "api/http/problem.h"
#include "api/http/tls.h"
#include "api/identity/certificate.h"
#include "ledger/core/bilingual.h"
#include "tests/identity/support.h"

namespace fundtrail::api {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128; });
}
bool in_two_languages(const Error& error) {
  INFO(error.message);
  const auto zh = chinese_of(error.message), en = english_of(error.message);
  CHECK(!is_ascii(zh));
  CHECK(is_ascii(en));
  return !is_ascii(zh) && is_ascii(en);
}

}  // namespace

TEST_CASE("faults of the book of users are said in both languages") {
  Place place;
  CHECK(in_two_languages(UserBook::load(place.file).error()));
  CHECK(in_two_languages(UserBook::load(place.file / "below").error()));
  const auto nothing = [](std::vector<User>&) { return std::optional<UserRefusal>(); };
  CHECK(in_two_languages(alter(place.directory / "none" / "users.json", nothing).error()));
  for (const char* text : {"{", R"({"users":[]})", R"({"v":2,"users":[]})", R"({"v":1,"users":[1]})"}) {
    place.write("users.json", text);
    CHECK(in_two_languages(UserBook::load(place.file).error()));
  }
  std::filesystem::permissions(place.file, std::filesystem::perms(0644));
  CHECK(in_two_languages(UserBook::load(place.file).error()));
  CHECK(in_two_languages(decode_old_tokens("{", 1).error()));
  CHECK(in_two_languages(decode_old_tokens(R"({"tokens":[1]})", 1).error()));
}

TEST_CASE("faults of certificates and of TLS are said in both languages") {
  Place place;
  place.write("text", "no certificate", 0640);
  place.write("open", "no key", 0644);
  const auto text = place.directory / "text", open = place.directory / "open", none = place.directory / "none";
  CHECK(in_two_languages(fingerprint_of_pem(none).error()));
  CHECK(in_two_languages(fingerprint_of_pem(text).error()));
  const std::vector<TlsFiles> wrong = {{.certificate = none, .key = text, .client_ca = {}},
                                       {.certificate = text, .key = open, .client_ca = {}},
                                       {.certificate = text, .key = text, .client_ca = {}}};
  for (const auto& files : wrong) CHECK(in_two_languages(TlsContext::load(files).error()));
}

TEST_CASE("a fault over HTTP has its own words in each language") {
  const auto problem = problem_of(Error{Fault::invalid_argument, in_both("编号有误", "the id is wrong")});
  CHECK(problem.detail_en.find("the id is wrong") != std::string::npos);
  CHECK(problem.detail_zh.find("编号有误") != std::string::npos);
  CHECK(problem.detail_zh.find("the id") == std::string::npos);
  CHECK(problem.detail_en.find('\n') == std::string::npos);
  for (std::size_t i = 0; i < kUserNos; ++i) {
    const UserRefusal refusal{static_cast<UserNo>(i), "x"};
    CHECK((is_ascii(refusal.en()) && !is_ascii(refusal.zh())));
  }
  for (std::size_t i = 0; i < kProtocols; ++i) {
    const auto each = problem_of(static_cast<Protocol>(i), "x");
    CHECK((is_ascii(each.detail_en) && !is_ascii(each.detail_zh)));
  }
}

}  // namespace fundtrail::api
