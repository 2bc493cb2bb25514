#include "ledger/engine/personal_data.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>

#include "ledger/core/ids.h"
#include "ledger/core/wording.h"

namespace fundtrail {
namespace {

constexpr std::string_view kNotText[] = {"number", "counterparty_account", "commitment",
                                         "file_digest", "known_root", "public_key", "restored_root", "uscc"};
constexpr std::string_view kPersonal[] = {"name", "id_number", "phone", "address"};
// Tables of a past year whose `name` is that of a body, not of a person.
constexpr std::string_view kNamedBodies[] = {"funds", "regions", "providers"};

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view key) {
  return std::find(std::begin(list), std::end(list), key) != std::end(list);
}

// Full-width digits and letters as ASCII, x as X: what a reader sees as a number is one.
std::string folded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 2 < text.size() && text[i] == '\xEF' && (text[i + 1] == '\xBC' || text[i + 1] == '\xBD')) {
      const unsigned char last = static_cast<unsigned char>(text[i + 2]);
      const bool first_row = text[i + 1] == '\xBC';
      if (first_row && last >= 0x90 && last <= 0x99) {
        result += static_cast<char>('0' + (last - 0x90));
        i += 2;
        continue;
      }
      if ((first_row && last == 0xB8) || (!first_row && last == 0x98)) {
        result += 'X';
        i += 2;
        continue;
      }
    }
    result += text[i] == 'x' ? 'X' : text[i];
  }
  return result;
}

// The first two digits of GB/T 2260. Keeps most bank references, which begin with a date, apart.
bool is_province(std::string_view digits) {
  constexpr std::string_view list[] = {
      "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
      "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
      "81", "82", "83"};
  return std::find(std::begin(list), std::end(list), digits) != std::end(list);
}

bool holds_identity_number(std::string_view text) {
  constexpr std::size_t kLength = 18;
  if (text.size() < kLength) return false;
  const std::string plain = folded(text);
  const std::string_view all = plain;
  for (std::size_t i = 0; i + kLength <= all.size(); ++i) {
    if (!is_province(all.substr(i, 2))) continue;
    if (check_id_number(all.substr(i, kLength)) == IdNumberFault::none) return true;
  }
  return false;
}

// A visitor for fields() that looks at every text of a document. The path is put together only when
// something is found, from the inside out: nearly all documents are fine.
class Search {
 public:
  template <class T>
  void operator()(std::string_view key, const T& value) {
    if (found_ || among(kNotText, key)) return;
    look(value);
    if (found_) path_ = "." + std::string(key) + path_;
  }
  // ".amount" of the field, when there is one.
  bool found() const { return found_; }
  Rejection rejection(const std::string& at) const {
    return {Reason::malformed_field, at + path_, "***", token(Form::no_identity)};
  }

 private:
  void look(const std::string& text) { found_ = holds_identity_number(text); }
  void look(const Text& text) { look(text.str()); }
  void look(const Reference& reference) { look(reference.str()); }
  // The code of a care worker is the one code that people are tempted to fill with such a number.
  void look(const Code& code) { look(code.str()); }
  template <class T>
  void look(const std::optional<T>& value) {
    if (value) look(*value);
  }
  template <class T>
  void look(const std::vector<T>& values) {
    for (std::size_t i = 0; i < values.size() && !found_; ++i) {
      look(values[i]);
      if (found_) path_ = "[" + std::to_string(i) + "]" + path_;
    }
  }
  template <class T>
  void look(const T& value) {
    if constexpr (requires(Search& v) { T::fields(value, v); }) T::fields(value, *this);
  }

  bool found_ = false;
  std::string path_;
};

std::optional<Rejection> find_in_row(const ImportedRow& row, bool named_bodies,
                                     const std::string& at) {
  const auto refused = [&](const std::string& key, Form form) {
    return Rejection{Reason::malformed_field, masked(at + "." + key), "***", token(form)};
  };
  for (const auto& [key, value] : row.values) {
    if (among(kPersonal, key) && !(named_bodies && key == "name")) {
      return refused(key, Form::not_personal);
    }
    if (holds_identity_number(key) || (!among(kNotText, key) && holds_identity_number(value))) {
      return refused(key, Form::no_identity);
    }
  }
  return std::nullopt;
}

std::string line_path(std::size_t line) { return "lines[" + std::to_string(line) + "]"; }

bool is_hex_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<Rejection> find_in_lines(const ImportedRecord& record) {
  if (!is_hex_digest(record.file_digest)) {
    return Rejection{Reason::malformed_field, "doc.file_digest", "***", token(Form::hex_digest)};
  }
  const bool named_bodies = among(kNamedBodies, record.table.str());
  for (std::size_t i = 0; i < record.lines.size(); ++i) {
    auto found = find_in_row(record.lines[i], named_bodies, line_path(i));
    if (!found) continue;
    found->line = i;
    return found;
  }
  return std::nullopt;
}

template <class Doc>
std::optional<Rejection> find_in_lines(const Doc& document) {
  if constexpr (HasLines<Doc>) {
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
      Search search;
      Doc::Line::fields(document.lines[i], search);
      if (!search.found()) continue;
      auto found = search.rejection(line_path(i));
      found.line = i;
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Rejection> find_personal_data(const Document& document) {
  return std::visit(
      [](const auto& d) {
        Search search;
        std::decay_t<decltype(d)>::fields(d, search);
        return search.found() ? std::optional(search.rejection("doc")) : find_in_lines(d);
      },
      document);
}

}  // namespace fundtrail
