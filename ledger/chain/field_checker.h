// FieldChecker: a visitor for fields() that reads the canonical spelling of a document in place and
// keeps nothing: neither a parse tree nor the values. The counterpart of FieldReader for those who
// only need to know that a document is well-formed. Private to ledger/chain.
//
// It may be ignorant but not wrong: what it accepts is canonical and FieldReader accepts it; what it
// does not accept may still be fine (a string with an escape, say), and the others have to be asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ledger/chain/canonical.h"
#include "ledger/core/documents.h"

namespace fundtrail::chain {

// Moves over canonical bytes. All functions return false, and leave the cursor anywhere, when
// something else stands there.
class CanonicalCursor {
 public:
  CanonicalCursor(const char* begin, const char* end) : p_(begin), end_(end) {}
  explicit CanonicalCursor(std::string_view bytes)
      : CanonicalCursor(bytes.data(), bytes.data() + bytes.size()) {}

  const char* place() const { return p_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - p_); }
  std::string_view rest() const { return {p_, left()}; }
  void skip(std::size_t bytes) { p_ += bytes; }
  bool at(char c) const { return p_ != end_ && *p_ == c; }
  bool take(char c) {
    if (!at(c)) return false;
    ++p_;
    return true;
  }
  bool take(std::string_view literal) {
    if (!rest().starts_with(literal)) return false;
    p_ += literal.size();
    return true;
  }
  // The inside of a string without escapes and control characters, cursor behind its closing
  // quotation mark. `ascii`: it has nothing else. Says nothing about UTF-8.
  bool string(std::string_view& text, bool& ascii) {
    if (!take('"')) return false;
    const char* const begin = p_;
    unsigned char all = 0;
    for (; p_ != end_ && *p_ != '"'; ++p_) {
      const auto byte = static_cast<unsigned char>(*p_);
      if (byte < 0x20 || byte == '\\') return false;
      all |= byte;
    }
    text = {begin, static_cast<std::size_t>(p_ - begin)};
    ascii = all < 0x80;
    return take('"');
  }
  // A canonical integer that is not negative.
  bool integer(std::uint64_t& value) {
    const char* const begin = p_;
    value = 0;
    for (; p_ != end_ && *p_ >= '0' && *p_ <= '9' && p_ - begin < 16; ++p_) {
      value = value * 10 + static_cast<std::uint64_t>(*p_ - '0');
    }
    const auto digits = p_ - begin;
    return digits > 0 && (digits == 1 || *begin != '0') &&
           value <= static_cast<std::uint64_t>(max_integer);
  }

 private:
  const char* p_;
  const char* end_;
};

// Whether FieldReader would take the text for a T. `text` as it stands, without escapes.
template <class T>
bool is_text_of(std::string_view text, bool ascii) {
  if constexpr (requires { Names<T>::list; }) {
    return parse_name<T>(text).has_value();
  } else if constexpr (std::is_same_v<T, std::string>) {
    return text.size() <= Text::kMaxBytes && (ascii || is_text(text));
  } else if constexpr (std::is_same_v<T, Text>) {
    return T::parse(text).has_value() && (ascii || is_text(text));
  } else if constexpr (requires { []<class Tag>(const Id<Tag>&) {}(std::declval<T>()); }) {
    return is_well_formed_id(text);
  } else {
    return T::parse(text).has_value();
  }
}

class FieldChecker {
 public:
  // Behind the object's opening brace.
  explicit FieldChecker(CanonicalCursor& cursor) : cursor_(cursor) {}

  // A whole object; the cursor stands at its opening brace.
  template <class T>
  static bool object(CanonicalCursor& cursor) {
    static const T empty{};  // fields() wants an object to name its members
    if (!cursor.take('{')) return false;
    FieldChecker fields(cursor);
    T::fields(empty, fields);
    return fields.ok_ && cursor.take('}');
  }

  template <class T>
  void operator()(std::string_view key, const T&) {
    if (ok_ && take_key(key)) ok_ = value<T>();
    else ok_ = false;
  }
  template <class T>
  void operator()(std::string_view key, const std::optional<T>&) {
    if (ok_ && take_key(key)) ok_ = value<T>();
  }

 private:
  bool take_key(std::string_view key) {
    const std::string_view rest = cursor_.rest();
    const std::size_t comma = first_ ? 0 : 1;
    if (rest.size() < comma + key.size() + 3 || (comma != 0 && rest[0] != ',') ||
        rest[comma] != '"' || rest.compare(comma + 1, key.size(), key) != 0 ||
        rest[comma + 1 + key.size()] != '"' || rest[comma + 2 + key.size()] != ':') {
      return false;
    }
    cursor_.skip(comma + key.size() + 3);
    first_ = false;
    return true;
  }

  template <class T>
  bool value() {
    if constexpr (std::is_same_v<T, bool>) {
      return cursor_.take("true") || cursor_.take("false");
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      std::uint64_t ignored = 0;
      return cursor_.integer(ignored);
    } else if constexpr (requires { []<class E>(const std::vector<E>&) {}(std::declval<T>()); }) {
      return array<typename T::value_type>();
    } else if constexpr (requires(const T& t, FieldChecker& v) { T::fields(t, v); }) {
      return object<T>(cursor_);
    } else {
      std::string_view text;
      bool ascii = true;
      return cursor_.string(text, ascii) && is_text_of<T>(text, ascii);
    }
  }
  template <class T>
  bool array() {
    if (!cursor_.take('[')) return false;
    if (cursor_.take(']')) return true;
    do {
      if (!value<T>()) return false;
    } while (cursor_.take(','));
    return cursor_.take(']');
  }

  CanonicalCursor& cursor_;
  bool first_ = true;
  bool ok_ = true;
};

}  // namespace fundtrail::chain
