// The words for what stands in a Rejection's subject and detail: a value stays as it is in both
// languages, a name of ours (a role, a kind, a step, the form a field must have) is said in each.
// Also the one place that keeps identity numbers out of everything that is shown. Lines are counted
// from 1 in these words, and from 0 in data (Rejection::line, paths in Rejection::field).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fundtrail {

// What a value must look like. A Rejection carries token(form) as its detail.
enum class Form : std::uint8_t {
  money, quantity, date, month, timestamp, region, pseudonym, voucher_number, policy, text,
  reference, normalized, plain_text, id, boolean, integer, string, object, not_null, array, hex_digest, no_identity,
  not_personal, own_id,
  // What is wrong with bytes that are no JSON.
  json_structure, json_string, json_utf8, json_number, json_literal, json_empty, json_size,
  json_depth, json_not_object, json_not_commands,
  json_comment, json_chinese, json_comma, json_no_comma, json_end, json_character, json_other,
};

// "form.money": what stands in Rejection::detail.
std::string token(Form form);

// Runs of 15 or more digits (also full-width ones; X counts), which may be an identity number or a
// bank card, replaced by "***".
std::string masked(std::string_view text);

// A name of ours in Chinese or English, a Form's token included; other text masked.
std::string in_words(std::string_view text, bool chinese);

// Of a name of ours whose words are a whole sentence: that, with what stands in `subject` between ", " in its places
// "{0}", "{1}", ... (the last one takes what is left).
std::optional<std::string> sentence_in_words(std::string_view name, std::string_view subject, bool chinese);

// What an unacceptable value must be: "1-100", ">= 89", "2026-01-01..2026-12-31", "a | b", "= 2025-03-31",
// one that stays (kAsBefore and the old one), or a name of ours.
inline constexpr std::string_view kAsBefore = "as before: ";
std::string limit_in_words(std::string_view text, bool chinese);

// "value | rating": one of several names.
std::string one_of_in_words(std::string_view names, bool chinese);

// "available/F1": an account of the fund view, and what it is kept by; other text masked.
std::string account_in_words(std::string_view text, bool chinese);

}  // namespace fundtrail
