#include "tests/integrity/languages.h"

#include <catch2/catch.hpp>
#include <regex>

namespace fundtrail::integrity_test {

void check_languages(const std::string& zh, const std::string& en) {
  // The lead bytes E3 to E9 and EF: Chinese characters and punctuation of their width.
  static const std::regex chinese("[\xE3-\xE9\xEF]"), words("[A-Za-z]{2,} [a-z]{2,}");
  INFO("zh: " << zh << "\nen: " << en);
  CHECK(std::regex_search(zh, chinese));
  CHECK_FALSE(std::regex_search(zh, words));
  CHECK_FALSE(en.empty());
  CHECK_FALSE(std::regex_search(en, chinese));
}

void check_languages(const audit::Finding& finding) {
  check_languages(finding.zh(), finding.en());
  if (finding.detail.empty()) return;
  check_languages(std::string(finding.detail_zh()), std::string(finding.detail_en()));
}

std::string answer(const std::optional<audit::Finding>& finding) {
  if (!finding) return "fine";
  check_languages(*finding);
  return std::string(audit::code(finding->flaw)) + (finding->entry ? " " + std::to_string(*finding->entry) : "");
}

}  // namespace fundtrail::integrity_test
