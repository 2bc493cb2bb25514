// FieldWriter: the encoding half of the document codec. A visitor for fields() that appends
// canonical JSON. Private to ledger/chain.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "ledger/chain/canonical.h"
#include "ledger/core/entry.h"

namespace fundtrail::chain {

template <class T>
concept Written = requires { Names<T>::list; };

class FieldWriter {
 public:
  explicit FieldWriter(CanonicalWriter& writer) : w_(writer) {}

  template <class T>
  void operator()(std::string_view key, const T& value) {
    w_.key(key);
    write(value);
  }
  template <class T>
  void operator()(std::string_view key, const std::optional<T>& value) {
    if (value) (*this)(key, *value);
  }

  template <class T>
  void write(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      w_.string(value);
    } else if constexpr (std::is_same_v<T, bool>) {
      w_.boolean(value);
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      w_.integer(value);
    } else if constexpr (Written<T>) {
      w_.string(name_of(value));
    } else if constexpr (std::is_same_v<T, ImportedRow>) {
      w_.begin_object();
      for (const auto& [key, text] : value.values) w_.key(key).string(text);
      w_.end_object();
    } else if constexpr (requires(FieldWriter& v) { T::fields(value, v); }) {
      w_.begin_object();
      T::fields(value, *this);
      w_.end_object();
    } else {
      w_.string(value.str());  // ids, money, quantities, dates, months, texts
    }
  }
  template <class T>
  void write(const std::vector<T>& values) {
    w_.begin_array();
    for (const auto& value : values) write(value);
    w_.end_array();
  }

 private:
  CanonicalWriter& w_;
};

}  // namespace fundtrail::chain
