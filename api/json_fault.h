// Where a text that somebody wrote stops being JSON, and why: of a policy file, of commands. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/core/wording.h"

namespace fundtrail::api {

struct JsonFault {
  std::size_t line = 1;    // both counted from 1
  std::size_t column = 1;  // in characters
  Form why = Form::json_other;

  // "near line 3, column 7: a comma too many", without a stop. Nothing of the text.
  std::string zh() const;
  std::string en() const;
};
std::optional<JsonFault> find_json_fault(std::string_view text);

}  // namespace fundtrail::api
