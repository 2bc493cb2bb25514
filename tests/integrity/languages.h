// What a verification answered, as tests compare it, and what every answer has in common: Chinese to one reader and
// English to the other.
#pragma once

#include <optional>
#include <string>

#include "audit/integrity/finding.h"

namespace fundtrail::integrity_test {

// No words of one language stand in the text of the other.
void check_languages(const std::string& zh, const std::string& en);
// The sentence, and the detail where there is one.
void check_languages(const audit::Finding& finding);

// "fine", or "altered 30": what is wrong, and with which entry. The words are looked at.
std::string answer(const std::optional<audit::Finding>& finding);

}  // namespace fundtrail::integrity_test
