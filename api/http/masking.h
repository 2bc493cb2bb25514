// What is shown of a person's data to those who have to recognise it but need not know it.
// Pure functions over UTF-8; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fundtrail::api {

std::string mask_name(std::string_view name);            // 张三丰 → 张**
std::string mask_id_number(std::string_view id_number);  // 3204**********9666
std::string mask_phone(std::string_view phone);          // 138****1234
std::string mask_address(std::string_view address);      // the first six characters, then ****

}  // namespace fundtrail::api
