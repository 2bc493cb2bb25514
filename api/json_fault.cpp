#include "api/json_fault.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace fundtrail::api {
namespace {

// Where in the text the byte lies, both counted from 1.
JsonFault place_in(std::string_view text, std::size_t byte) {
  JsonFault place;
  for (std::size_t i = 0; i < std::min(byte, text.size()); ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

// Keeps nothing of what is read but where it had to stop: somebody's text may be nested a million times.
struct Reading {
  using Json = nlohmann::json;
  std::optional<std::size_t> stopped;  // behind the byte that does not fit
  bool number = false;                 // one that no machine can hold

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const Json::string_t&) { return true; }
  bool string(Json::string_t&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool start_object(std::size_t) { return true; }
  bool key(Json::string_t&) { return true; }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return true; }
  bool end_array() { return true; }
  // Of a number that no machine can hold (1e999), too.
  bool parse_error(std::size_t position, const std::string&, const Json::exception& why) {
    stopped = position;
    number = dynamic_cast<const Json::out_of_range*>(&why) != nullptr;
    return false;
  }
};

// Quotation marks, commas and colons of a Chinese keyboard.
constexpr std::string_view kChineseMarks[] = {"“", "”", "‘", "’", "＂", "，", "：", "「", "」", "、"};

bool holds_chinese_quote(std::string_view line) {
  return line.find("“") != line.npos || line.find("”") != line.npos;
}

// What is wrong at the byte where reading stopped, as far as that byte and its neighbours tell.
Form why_at(std::string_view text, std::size_t byte) {
  const auto rest = text.substr(std::min(byte, text.size()));
  if (rest.empty()) return Form::json_end;
  for (const auto mark : kChineseMarks) {
    if (rest.starts_with(mark)) return Form::json_chinese;
  }
  const auto line_begin = byte == 0 ? 0 : text.rfind('\n', byte - 1) + 1;  // npos + 1 is the beginning
  if (holds_chinese_quote(text.substr(line_begin, text.find('\n', byte) - line_begin))) return Form::json_chinese;
  if (rest.starts_with("/") || rest.starts_with("#")) return Form::json_comment;
  const auto before = text.substr(0, byte).find_last_not_of(" \t\r\n");
  const char last = before == text.npos ? '\0' : text[before];
  if ((rest[0] == '}' || rest[0] == ']' || rest[0] == ',') && last == ',') return Form::json_comma;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool goes_on = byte > 0 && is_digit(text[byte - 1]) && std::isalnum(static_cast<unsigned char>(rest[0])) != 0;
  if (goes_on || (is_digit(rest[0]) && std::string_view("[:").find(last) != std::string_view::npos)) return Form::json_number;
  const bool begins = rest[0] == '"' || rest[0] == '{' || rest[0] == '[' || is_digit(rest[0]);
  if (begins && (last == '"' || last == '}' || last == ']' || is_digit(last) || last == 'e' || last == 'l')) {
    return Form::json_no_comma;
  }
  return Form::json_character;
}

// Reading stops at the last byte of a text or number that does not belong where it stands; people look at its first.
std::size_t begin_of_token(std::string_view text, std::size_t byte) {
  if (byte >= text.size()) return byte;
  const auto of_number = [](char c) { return (c >= '0' && c <= '9') || std::string_view("eE+-.").find(c) != std::string_view::npos; };
  while (of_number(text[byte]) && byte > 0 && of_number(text[byte - 1])) --byte;
  if (text[byte] != '"' || byte == 0) return byte;
  const auto quotes = std::count(text.begin() + static_cast<std::ptrdiff_t>(text.rfind('\n', byte) + 1),
                                 text.begin() + static_cast<std::ptrdiff_t>(byte), '"');
  return quotes % 2 == 1 ? text.rfind('"', byte - 1) : byte;
}

}  // namespace

std::optional<JsonFault> find_json_fault(std::string_view text) {
  Reading reading;
  if (Reading::Json::sax_parse(text, &reading)) return std::nullopt;
  const auto behind = reading.stopped.value_or(1);
  const std::size_t byte = begin_of_token(text, behind > 0 ? behind - 1 : 0);
  const auto good = simdjson::validate_utf8(text.data(), text.size());
  auto place = place_in(text, byte);
  place.why = !good                                                    ? Form::json_utf8
              : text.find_first_not_of(" \t\r\n") == text.npos ? Form::json_empty
              : reading.number                                         ? Form::json_number
                                                                       : why_at(text, byte);
  return place;
}

std::string JsonFault::zh() const {
  return "第 " + std::to_string(line) + " 行第 " + std::to_string(column) + " 列附近：" + in_words(token(why), true);
}
std::string JsonFault::en() const {
  return "near line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + in_words(token(why), false);
}

}  // namespace fundtrail::api
