#include "ledger/chain/field_reader.h"

#include "ledger/chain/as_sent.h"
#include "ledger/core/nearest.h"
#include "ledger/core/personal_number.h"

namespace fundtrail::chain {
namespace {

bool is_identity(std::string_view path) { return path.substr(0, 8) == "identity"; }

constexpr std::size_t kLongestShown = 10;  // digits; more may be a number of somebody's

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

Form form_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::TAPE_ERROR: return Form::json_structure;
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING: return Form::json_string;
    case simdjson::UTF8_ERROR: return Form::json_utf8;
    case simdjson::NUMBER_ERROR: return Form::json_number;
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR: return Form::json_literal;
    case simdjson::EMPTY: return Form::json_empty;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return Form::json_size;
    case simdjson::DEPTH_ERROR: return Form::json_depth;
    case simdjson::INCORRECT_TYPE: return Form::json_not_object;
    default: return Form::json_other;
  }
}

void FieldReader::reject(Reason reason, std::string field, std::string subject,
                         std::string detail) {
  if (enough()) return;
  // The path may hold a key that somebody typed.
  reject(Rejection{reason, masked(field), masked(subject), std::move(detail)});
}

void FieldReader::malformed(Element element, const std::string& path, std::string expected) {
  if (enough()) return;
  std::string shown = is_identity(path) ? "***" : as_sent(element);
  shown = masked(shown);  // before it is cut, so that no run is cut below the limit
  // A whole document pasted into one field would fill a log; and a cut may not split a character.
  constexpr std::size_t kShown = 60;
  if (shown.size() > kShown && holds_personal_number(shown)) {
    shown = "***";  // in groups, which a cut may part
  } else if (shown.size() > kShown) {
    std::size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
    shown.resize(end);
    shown += "...";
  }
  reject(Reason::malformed_field, path, std::move(shown), std::move(expected));
}

void FieldReader::miss(std::string_view key) {
  Rejection missing{Reason::missing_field, path_ + std::string(key), std::string(key)};
  if (all_) return reject(std::move(missing));
  if (!missing_) missing_ = std::move(missing);
}

void FieldReader::refuse_unknown(const std::vector<std::string_view>& names) {
  if (enough() || known_.size() == object_.size()) return;
  std::vector<std::string_view> seen;
  for (const auto field : object_) {
    // The first of two equal keys uses the name up, so the second one is left over.
    const auto name = std::find(known_.begin(), known_.end(), field.key);
    if (name == known_.end()) {
      const std::string shown = is_identity(path_) ? "***" : std::string(field.key);
      const bool again = std::find(seen.begin(), seen.end(), field.key) != seen.end();
      const std::string_view meant = is_identity(path_) ? std::string_view() : nearest(field.key, names);
      reject(Reason::unknown_field, path_ + shown, shown, std::string(again ? kRepeatedField : meant));
      if (enough()) return;
      continue;
    }
    seen.push_back(*name);
    known_.erase(name);
  }
}

std::optional<std::string> FieldReader::with_decimals(Element element) {
  if (!element.is_number()) return std::nullopt;
  std::string text = as_sent(element);
  if (text.find('.') == text.npos) text += ".";
  const std::size_t decimals = text.size() - text.find('.') - 1;
  std::string digits = text;
  digits.erase(text.find('.'), 1);
  if (decimals > 2 || !is_digits(digits) || digits.size() > kLongestShown) return std::nullopt;
  return "quoted " + text + std::string(2 - decimals, '0');
}

std::optional<std::string> FieldReader::unquoted_integer(Element element) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS || !is_digits(text) || text.size() > kLongestShown) return std::nullopt;
  return "unquoted " + std::string(text);
}

std::optional<std::string> FieldReader::unquoted_boolean(Element element) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS || (text != "true" && text != "false")) return std::nullopt;
  return "unquoted " + std::string(text);
}

void FieldReader::read_row(Element element, ImportedRow& row, const std::string& path) {
  Object object;
  if (element.get(object) != simdjson::SUCCESS) return malformed(element, path, Form::object);
  row.values.clear();
  for (const auto field : object) {
    std::string_view text;
    const std::string at = path + "." + std::string(field.key);
    if (field.value.get(text) != simdjson::SUCCESS) return malformed(field.value, at, Form::string);
    if (text.size() > Text::kMaxBytes) return malformed(field.value, at, Form::plain_text);
    if (!is_text(text)) return malformed(field.value, at, Form::normalized);
    const bool again = row.values.contains(std::string(field.key));
    if (again || !is_well_formed_id(field.key)) {
      return reject(Reason::unknown_field, at, std::string(field.key), std::string(again ? kRepeatedField : ""));
    }
    row.values.emplace(field.key, text);
  }
}

}  // namespace fundtrail::chain
