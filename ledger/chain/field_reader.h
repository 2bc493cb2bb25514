// FieldReader: the decoding half of the document codec. A visitor for fields() over one parsed JSON
// object; it stops at the first violation and keeps it as a Rejection with the path of the field. Given
// a list it goes on and puts the violations there, kMaxPolicyFindings of them; values that could not be read stay as
// they were.
// Private to ledger/chain.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "ledger/chain/canonical.h"
#include "ledger/core/entry.h"
#include "ledger/core/policy_check.h"
#include "ledger/core/rejection.h"
#include "ledger/core/wording.h"

namespace fundtrail::chain {

// Why simdjson could not read a text.
Form form_of(simdjson::error_code code);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// What a type's text must look like.
template <class T>
constexpr Form form_of() {
  if constexpr (std::is_same_v<T, Money>) return Form::money;
  else if constexpr (std::is_same_v<T, Quantity>) return Form::quantity;
  else if constexpr (std::is_same_v<T, Date>) return Form::date;
  else if constexpr (std::is_same_v<T, Month>) return Form::month;
  else if constexpr (std::is_same_v<T, Timestamp>) return Form::timestamp;
  else if constexpr (std::is_same_v<T, RegionCode>) return Form::region;
  else if constexpr (std::is_same_v<T, Pseudonym>) return Form::pseudonym;
  else if constexpr (std::is_same_v<T, VoucherNumber>) return Form::voucher_number;
  else if constexpr (std::is_same_v<T, PolicyRef>) return Form::policy;
  else if constexpr (std::is_same_v<T, Reference>) return Form::reference;
  else if constexpr (std::is_same_v<T, Text>) return Form::text;
  else return Form::id;
}

class FieldReader {
 public:
  using Element = simdjson::dom::element;
  using Object = simdjson::dom::object;

  FieldReader(Object object, std::string path, std::vector<Rejection>* all = nullptr)
      : object_(object), path_(std::move(path)), all_(all) {}

  template <class T>
  void operator()(std::string_view key, T& value) {
    if (enough()) return;
    const auto found = take(key);
    if (!found) {
      const bool filled_later = std::find(may_lack_.begin(), may_lack_.end(), key) != may_lack_.end();
      if (!IsOptional<T>::value && !filled_later) miss(key);
      return;
    }
    if (!missing_) read(*found, value, path_ + std::string(key));
  }

  // A key that must be there is not. It may be misspelt: what is unknown then says more (refuse_unknown).
  void miss(std::string_view key);

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
      if (element.is_null()) return malformed(element, path, Form::not_null);
      value.emplace();
      read(element, *value, path);
    } else if constexpr (IsVector<T>::value) {
      read_array(element, value, path);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (element.get(value) != simdjson::SUCCESS) malformed(element, path, unquoted_boolean(element).value_or(token(Form::boolean)));
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      if (element.get(value) != simdjson::SUCCESS || value > std::uint64_t(max_integer)) {
        malformed(element, path, unquoted_integer(element).value_or(token(Form::integer)));
      }
    } else if constexpr (std::is_same_v<T, ImportedRow>) {
      read_row(element, value, path);
    } else if constexpr (requires(FieldReader& v) { T::fields(value, v); }) {
      Object object;
      if (element.get(object) != simdjson::SUCCESS) return malformed(element, path, Form::object);
      FieldReader inner(object, path + ".", all_);
      T::fields(value, inner);
      inner.refuse_unknown_of(value);
      if (inner.fault()) fault_ = inner.fault();
    } else {
      read_text(element, value, path);
    }
  }

  // Call after fields(): a key that nobody asked for, or one that stands twice, is refused. Of a `value`, whose
  // fields() it was, a misspelt one is told as what may have been meant.
  void refuse_unknown(const std::vector<std::string_view>& names = {});
  template <class T>
  void refuse_unknown_of(T& value) {
    if (enough() || known_.size() == object_.size()) return;
    NameList names;
    T::fields(value, names);
    refuse_unknown(names.list);
  }

  const std::optional<Rejection>& fault() const { return fault_ ? fault_ : missing_; }
  void reject(Reason reason, std::string field, std::string subject, std::string detail);
  void reject(Rejection fault) {
    if (enough()) return;
    if (all_) all_->push_back(std::move(fault));
    else fault_ = std::move(fault);
  }
  void malformed(Element element, const std::string& path, Form expected) {
    malformed(element, path, token(expected));
  }
  // Shows the value, but nothing of what stands under `identity`.
  void malformed(Element element, const std::string& path, std::string expected);

  // Keys of this object that may be absent although the document needs them: somebody else fills
  // them in.
  void may_lack(std::vector<std::string_view> keys) { may_lack_ = std::move(keys); }

 private:
  bool enough() const { return fault_ || (all_ && all_->size() >= kMaxPolicyFindings); }
  template <class T>
  void read_array(Element element, std::vector<T>& values, const std::string& path) {
    simdjson::dom::array array;
    if (element.get(array) != simdjson::SUCCESS) return malformed(element, path, Form::array);
    values.clear();
    for (Element item : array) {
      if (enough()) return;
      values.emplace_back();
      read(item, values.back(), path + "[" + std::to_string(values.size() - 1) + "]");
    }
  }
  template <class T>
  void read_text(Element element, T& value, const std::string& path) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) {
      std::optional<std::string> quoted;  // what was meant by a number, where that is plain
      if constexpr (std::is_same_v<T, Money> || std::is_same_v<T, Quantity>) quoted = with_decimals(element);
      return malformed(element, path, quoted.value_or(token(Form::string)));
    }
    if constexpr (std::is_same_v<T, std::string>) {
      if (text.size() > Text::kMaxBytes) return malformed(element, path, Form::plain_text);
      if (!is_text(text)) return malformed(element, path, Form::normalized);
      value = text;
    } else {
      std::optional<T> parsed;
      if constexpr (Written<T>) {
        parsed = parse_name<T>(text);
      } else {
        parsed = T::parse(text);
      }
      if constexpr (std::is_same_v<T, Text>) {
        if (parsed && !is_text(text)) return malformed(element, path, Form::normalized);
      }
      if (!parsed) {
        if constexpr (Written<T>) return malformed(element, path, list_of<T>());
        return malformed(element, path, form_of<T>());
      }
      value = std::move(*parsed);
    }
  }
  // 30 and 30.5 where "30.00" and "30.50" were meant; "5" and "true" where 5 and true were.
  static std::optional<std::string> with_decimals(Element element);
  static std::optional<std::string> unquoted_integer(Element element);
  static std::optional<std::string> unquoted_boolean(Element element);
  struct NameList {
    std::vector<std::string_view> list;
    template <class T>
    void operator()(std::string_view key, T&) {
      list.push_back(key);
    }
  };
  // The names that an enumeration has, which are the same in every language.
  template <class T>
  static std::string list_of() {
    std::string list;
    for (const auto candidate : Names<T>::list) {
      if (!list.empty()) list += " | ";
      list += candidate;
    }
    return list;
  }
  void read_row(Element element, ImportedRow& row, const std::string& path);

  template <class T>
  static constexpr bool Written = requires { Names<T>::list; };

  Object object_;
  std::string path_;
  std::vector<std::string_view> known_;  // literals: they outlive the reader
  std::vector<std::string_view> may_lack_;
  std::optional<Rejection> fault_;
  std::optional<Rejection> missing_;  // the first that is not there; nothing is read behind it
  std::vector<Rejection>* all_;
};

}  // namespace fundtrail::chain
