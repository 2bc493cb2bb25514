// FieldReader: the decoding half of the document codec. A visitor for fields() over one parsed JSON
// object; it stops at the first violation and keeps it as a Rejection with the path of the field.
// Private to ledger/chain.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "ledger/chain/canonical.h"
#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"

namespace fundtrail::chain {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// What a type's text must look like, for messages that help.
template <class T>
constexpr std::string_view expected_form() {
  if constexpr (std::is_same_v<T, Money>) return "decimal string with two digits, like \"100.00\"";
  else if constexpr (std::is_same_v<T, Quantity>) return "decimal string with two digits, like \"1.50\"";
  else if constexpr (std::is_same_v<T, Date>) return "YYYY-MM-DD";
  else if constexpr (std::is_same_v<T, Month>) return "YYYY-MM";
  else if constexpr (std::is_same_v<T, Timestamp>) return "YYYY-MM-DDThh:mm:ss+08:00";
  else if constexpr (std::is_same_v<T, RegionCode>) return "6, 9 or 12 digits";
  else if constexpr (std::is_same_v<T, Pseudonym>) return "16 hex digits";
  else if constexpr (std::is_same_v<T, VoucherNumber>) return "SERIES-NNNNNNNN";
  else if constexpr (std::is_same_v<T, PolicyRef>) return "name@version";
  else if constexpr (std::is_same_v<T, Reference>) return "1 to 64 printable ASCII characters";
  else if constexpr (std::is_same_v<T, Text>) return "text of 1 to 500 bytes without control characters";
  else return "1 to 64 of A-Z a-z 0-9 . _ -";
}

class FieldReader {
 public:
  using Element = simdjson::dom::element;
  using Object = simdjson::dom::object;

  FieldReader(Object object, std::string path) : object_(object), path_(std::move(path)) {}

  template <class T>
  void operator()(std::string_view key, T& value) {
    if (fault_) return;
    const auto found = take(key);
    if (!found) {
      if constexpr (!IsOptional<T>::value) {
        reject(Reason::missing_field, path_ + std::string(key), std::string(key), {});
      }
      return;
    }
    read(*found, value, path_ + std::string(key));
  }

  // Marks a key as known without reading it (the caller does).
  std::optional<Element> take(std::string_view key) {
    Element element;
    if (object_.at_key(key).get(element) != simdjson::SUCCESS) return std::nullopt;
    known_.push_back(key);
    return element;
  }

  template <class T>
  void read(Element element, T& value, const std::string& path) {
    if constexpr (IsOptional<T>::value) {
      value.emplace();
      read(element, *value, path);
    } else if constexpr (IsVector<T>::value) {
      read_array(element, value, path);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (element.get(value) != simdjson::SUCCESS) malformed(element, path, "true or false");
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      if (element.get(value) != simdjson::SUCCESS || value > std::uint64_t(max_integer)) {
        malformed(element, path, "an integer from 0 to 2^53-1");
      }
    } else if constexpr (std::is_same_v<T, ImportedRow>) {
      read_row(element, value, path);
    } else if constexpr (requires(FieldReader& v) { T::fields(value, v); }) {
      Object object;
      if (element.get(object) != simdjson::SUCCESS) return malformed(element, path, "an object");
      FieldReader inner(object, path + ".");
      T::fields(value, inner);
      inner.refuse_unknown();
      if (inner.fault_) fault_ = std::move(inner.fault_);
    } else {
      read_text(element, value, path);
    }
  }

  // Call after fields(): a key that nobody asked for, or one that stands twice, is refused.
  void refuse_unknown();

  const std::optional<Rejection>& fault() const { return fault_; }
  void reject(Reason reason, std::string field, std::string subject, std::string detail);
  void malformed(Element element, const std::string& path, std::string_view expected);

 private:
  template <class T>
  void read_array(Element element, std::vector<T>& values, const std::string& path) {
    simdjson::dom::array array;
    if (element.get(array) != simdjson::SUCCESS) return malformed(element, path, "an array");
    values.clear();
    for (Element item : array) {
      if (fault_) return;
      values.emplace_back();
      read(item, values.back(), path + "[" + std::to_string(values.size() - 1) + "]");
    }
  }
  template <class T>
  void read_text(Element element, T& value, const std::string& path) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) return malformed(element, path, "a string");
    if constexpr (std::is_same_v<T, std::string>) {
      if (text.size() > Text::kMaxBytes || !is_text(text)) {
        return malformed(element, path, "text of up to 500 bytes in Normalization Form C");
      }
      value = text;
    } else {
      std::optional<T> parsed;
      if constexpr (Written<T>) {
        parsed = parse_name<T>(text);
      } else {
        parsed = T::parse(text);
      }
      if constexpr (std::is_same_v<T, Text>) {
        if (parsed && !is_text(text)) parsed.reset();
      }
      if (!parsed) return malformed(element, path, form<T>());
      value = std::move(*parsed);
    }
  }
  template <class T>
  static std::string form() {
    if constexpr (Written<T>) {
      std::string list;
      for (const auto candidate : Names<T>::list) {
        if (!list.empty()) list += " | ";
        list += candidate;
      }
      return list;
    } else {
      return std::string(expected_form<T>());
    }
  }
  void read_row(Element element, ImportedRow& row, const std::string& path);

  template <class T>
  static constexpr bool Written = requires { Names<T>::list; };

  Object object_;
  std::string path_;
  std::vector<std::string_view> known_;  // literals: they outlive the reader
  std::optional<Rejection> fault_;
};

}  // namespace fundtrail::chain
