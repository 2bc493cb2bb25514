// What a valid identity number (GB 11643, ledger/core/ids.h) says.
#pragma once

#include <string_view>

#include "ledger/core/date.h"

namespace fundtrail {

// The birth date: digits 7 to 14. Precondition: check_id_number() found no fault.
inline Date birth_date_in(std::string_view id_number) {
  std::string text(id_number.substr(6, 8));
  text.insert(6, "-").insert(4, "-");
  return Date::parse(text).value_or(Date());
}

}  // namespace fundtrail
