#include "api/import/cells.h"

#include <algorithm>
#include <array>

#include "ledger/chain/canonical.h"
#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/policy.h"

namespace fundtrail::api::import {
namespace {

const Expected kAmountForm = {"1234.50 或 1,234.50", "1234.50 or 1,234.50"};
const Expected kDateForm = {"2008-04-10、2008/4/10 或 2008年4月10日",
                            "2008-04-10, 2008/4/10 or 2008年4月10日"};
const Expected kMonthForm = {"2008-04、2008/4 或 2008年4月", "2008-04, 2008/4 or 2008年4月"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// 3.2E+17, 1E10: what a spreadsheet makes of a long number.
bool is_scientific(std::string_view cell) {
  const auto e = cell.find_first_of("Ee");
  if (e == 0 || e == std::string_view::npos) return false;
  const auto mantissa = cell.substr(0, e);
  auto exponent = cell.substr(e + 1);
  const bool sign = !exponent.empty() && (exponent[0] == '+' || exponent[0] == '-');
  if (sign) exponent.remove_prefix(1);
  const bool number = std::all_of(mantissa.begin(), mantissa.end(),
                                  [](char c) { return is_digit(c) || c == '.' || c == '-'; });
  // "320E12" may be an id; with a point or a sign it is a number.
  return number && all_digits(exponent) &&
         (sign || mantissa.find('.') != std::string_view::npos);
}

// =A1+B2, #REF!, ####: what is left of a formula or of a column that was too narrow.
bool is_formula(std::string_view cell) {
  static constexpr std::string_view kErrors[] = {"#REF!", "#N/A", "#VALUE!", "#DIV/0!",
                                                 "#NAME?", "#NUM!", "#NULL!"};
  if (cell[0] == '=') return true;
  if (cell.find_first_not_of('#') == std::string_view::npos) return true;
  return std::find(std::begin(kErrors), std::end(kErrors), cell) != std::end(kErrors);
}

// U+FF01..U+FF5E, the wide twins of ASCII.
bool has_full_width(std::string_view cell) {
  for (std::size_t i = 0; i + 2 < cell.size(); ++i) {
    if (static_cast<unsigned char>(cell[i]) != 0xEF) continue;
    const unsigned b = static_cast<unsigned char>(cell[i + 1]);
    const unsigned c = static_cast<unsigned char>(cell[i + 2]);
    if ((b == 0xBC && c >= 0x81) || (b == 0xBD && c <= 0x9E)) return true;
  }
  return false;
}

// Takes the separators of thousands out; false when they do not stand where they belong.
bool remove_grouping(std::string& digits) {
  if (digits.find(',') == std::string::npos) return true;
  const std::size_t first = digits.find(',');
  if (first == 0 || first > 3 || (digits.size() - first) % 4 != 0) return false;
  for (std::size_t i = first; i < digits.size(); ++i) {
    if ((digits[i] == ',') != ((i - first) % 4 == 0)) return false;
  }
  std::erase(digits, ',');
  return true;
}

std::optional<CellTrouble> amount(std::string& cell, bool may_be_negative) {
  const CellTrouble malformed = {Trouble::malformed_amount, kAmountForm};
  if (has_full_width(cell)) return CellTrouble{Trouble::full_width, kAmountForm};
  const bool negative = cell[0] == '-';
  std::string whole = cell.substr(negative ? 1 : 0), decimals = "00";
  if (const auto point = whole.find('.'); point != std::string::npos) {
    decimals = whole.substr(point + 1);
    whole.resize(point);
    if (!all_digits(decimals)) return malformed;
    if (decimals.size() > 2) return CellTrouble{Trouble::too_precise, {}};
    decimals.resize(2, '0');
  }
  if (!remove_grouping(whole) || !all_digits(whole)) return malformed;
  if (negative && !may_be_negative) return CellTrouble{Trouble::negative_amount, {}};
  const auto money = Money::parse((negative ? "-" : "") + whole + "." + decimals);
  if (!money) return malformed;
  cell = money->str();
  return std::nullopt;
}

// "2008-4-1", "2008/04/01", "2008年4月1日" (or without the day) → numbers.
std::optional<std::array<int, 3>> split_date(std::string_view cell, bool with_day) {
  static constexpr std::string_view kMarks[2][3] = {{"-", "-", ""}, {"年", "月", "日"}};
  std::array<int, 3> parts = {0, 0, 1};
  const std::size_t count = with_day ? 3 : 2;
  const bool chinese = cell.find("年") != std::string_view::npos;
  const bool slashes = cell.find('/') != std::string_view::npos;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t digits = 0;
    while (digits < cell.size() && is_digit(cell[digits])) ++digits;
    if (digits == 0 || digits > (i == 0 ? 4u : 2u) || (i == 0 && digits != 4)) return std::nullopt;
    parts[i] = std::stoi(std::string(cell.substr(0, digits)));
    cell.remove_prefix(digits);
    std::string_view mark = chinese ? kMarks[1][i] : kMarks[0][i];
    if (!chinese && i + 1 == count) mark = "";
    if (slashes && mark == "-") mark = "/";
    if (cell.substr(0, mark.size()) != mark) return std::nullopt;
    cell.remove_prefix(mark.size());
  }
  if (!cell.empty()) return std::nullopt;
  return parts;
}

std::optional<CellTrouble> date(std::string& cell) {
  if (cell.size() == 5 && all_digits(cell)) return CellTrouble{Trouble::date_serial, kDateForm};
  const auto parts = split_date(cell, true);
  const auto day = parts ? Date::from_ymd((*parts)[0], unsigned((*parts)[1]), unsigned((*parts)[2]))
                         : std::nullopt;
  if (!day) return CellTrouble{Trouble::malformed_date, kDateForm};
  cell = day->str();
  return std::nullopt;
}

std::optional<CellTrouble> month(std::string& cell) {
  const auto parts = split_date(cell, false);
  const auto day = parts ? Date::from_ymd((*parts)[0], unsigned((*parts)[1]), 1) : std::nullopt;
  if (!day) return CellTrouble{Trouble::malformed_month, kMonthForm};
  cell = Month::of(*day).str();
  return std::nullopt;
}

std::optional<CellTrouble> word(std::span<const Word> words, std::string& cell) {
  Expected list;
  for (const auto& candidate : words) {
    if (cell == candidate.zh || cell == candidate.code) {
      cell = candidate.code;
      return std::nullopt;
    }
    list.zh += (list.zh.empty() ? "" : "、") + std::string(candidate.zh);
    list.en += (list.en.empty() ? "" : ", ") + std::string(candidate.zh) + " (" +
               std::string(candidate.code) + ")";
  }
  return CellTrouble{Trouble::unknown_word, list};
}

std::optional<CellTrouble> check(bool fine, const char* zh, const char* en) {
  if (fine) return std::nullopt;
  return CellTrouble{Trouble::malformed_value, {zh, en}};
}

std::optional<CellTrouble> id_list(std::string& cell) {
  std::string_view rest = cell;
  bool fine = true;
  while (fine && !rest.empty()) {
    const auto end = rest.find(';');
    fine = is_well_formed_id(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return check(fine, "用英文分号隔开的单号", "document numbers separated by ';'");
}

std::optional<CellTrouble> text(const std::string& cell) {
  if (Text::parse(cell) && chain::is_text(cell)) return std::nullopt;
  return CellTrouble{Trouble::not_plain_text, {}};
}

std::optional<CellTrouble> coded(Value kind, std::string& cell) {
  switch (kind) {
    case Value::region:
      return check(RegionCode::parse(cell).has_value(), "6、9 或 12 位数字", "6, 9 or 12 digits");
    case Value::id_number:
      for (char& c : cell) c = c == 'x' ? 'X' : c;
      return check(cell.size() <= 64, "18 位公民身份号码", "an 18-character identity number");
    case Value::uscc:
      return check(is_well_formed_id(cell), "18 位统一社会信用代码",
                   "an 18-character unified social credit code");
    case Value::bank_number:
      return check(all_digits(cell) && cell.size() >= 6 && cell.size() <= 32, "6 至 32 位数字",
                   "6 to 32 digits");
    case Value::year:
      return check(cell.size() == 4 && all_digits(cell), "四位年份", "a year of four digits");
    case Value::count:
      return check(all_digits(cell) && cell.size() <= 15, "整数", "a whole number");
    case Value::voucher:
      return check(VoucherNumber::parse(cell).has_value(), "系列-8位序号，如 WJ2008-00000001",
                   "SERIES-NNNNNNNN, like WJ2008-00000001");
    case Value::policy:
      return check(PolicyRef::parse(cell).has_value(), "政策名@版本，如 wujin-2008@1",
                   "name@version, like wujin-2008@1");
    default:
      return check(is_well_formed_id(cell), "1 至 64 个英文字母、数字或 . _ -",
                   "1 to 64 of A-Z a-z 0-9 . _ -");
  }
}

}  // namespace

std::string_view trimmed(std::string_view cell) {
  static constexpr std::string_view kBlanks[] = {" ", "\t", "\r", "\n", "\xC2\xA0", "\xE3\x80\x80"};
  for (bool again = true; again;) {
    again = false;
    for (const auto blank : kBlanks) {
      if (cell.starts_with(blank)) {
        cell.remove_prefix(blank.size());
        again = true;
      } else if (cell.ends_with(blank)) {
        cell.remove_suffix(blank.size());
        again = true;
      }
    }
  }
  return cell;
}

std::optional<CellTrouble> normalise(Value kind, std::span<const Word> words, std::string& cell) {
  if (is_formula(cell)) return CellTrouble{Trouble::spreadsheet_error, {}};
  if (is_scientific(cell)) return CellTrouble{Trouble::scientific_number, {}};
  switch (kind) {
    case Value::text:
    case Value::personal:
      return text(cell);
    case Value::amount:
      return amount(cell, false);
    case Value::signed_amount:
      return amount(cell, true);
    case Value::quantity: {
      auto trouble = amount(cell, false);
      if (!trouble && !Quantity::parse(cell)) trouble = CellTrouble{Trouble::malformed_amount, kAmountForm};
      return trouble;
    }
    case Value::date:
      return date(cell);
    case Value::month:
      return month(cell);
    case Value::word:
      return word(words, cell);
    case Value::id_list:
      return id_list(cell);
    default:
      break;
  }
  if (cell.size() > Text::kMaxBytes) return CellTrouble{Trouble::not_plain_text, {}};
  if (has_full_width(cell)) {
    auto expected = coded(kind, cell);
    if (expected) expected->trouble = Trouble::full_width;
    return expected;
  }
  return coded(kind, cell);
}

bool is_personal(Value kind) { return kind == Value::personal || kind == Value::id_number; }

}  // namespace fundtrail::api::import
