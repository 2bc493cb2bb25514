// One cell of a bureau's spreadsheet, from what people type to the one spelling that documents use.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/import/findings.h"

namespace fundtrail::api::import {

// What a column holds.
enum class Value : std::uint8_t {
  id,             // ASCII id, 1 to 64 characters
  region,         // administrative division code
  text,           // anything people write
  personal,       // text about a person: never shown in a message, never on the chain
  id_number,      // 公民身份号码: never shown
  uscc,           // 统一社会信用代码
  bank_number,    // digits of a bank account
  amount,         // not negative
  signed_amount,  // a difference
  quantity,       // hours
  date,
  month,
  year,
  count,          // digits
  voucher,        // SERIES-NNNNNNNN
  policy,         // name@version
  word,           // one of a closed list
  id_list,        // ids separated by ';'
};

// A Chinese word of a closed list and its code. English codes are accepted as they are, too.
struct Word {
  std::string_view zh;
  std::string_view code;
};

struct CellTrouble {
  Trouble trouble;
  Expected expected;
};

// Without blanks at the ends: ASCII ones, no-break and ideographic space.
std::string_view trimmed(std::string_view cell);

// `cell` (trimmed, not empty, UTF-8) becomes its normal spelling: "1,234.5" → "1234.50",
// "2008年4月1日" → "2008-04-01", "居家" → "home". Or what is wrong with it.
std::optional<CellTrouble> normalise(Value kind, std::span<const Word> words, std::string& cell);

// Whether messages may show it.
bool is_personal(Value kind);

}  // namespace fundtrail::api::import
