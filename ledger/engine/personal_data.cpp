#include "ledger/engine/personal_data.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>

#include "ledger/core/ids.h"
#include "ledger/core/personal_number.h"
#include "ledger/core/wording.h"

namespace fundtrail {
namespace {

constexpr std::string_view kNotText[] = {"number", "counterparty_account", "commitment",
                                         "file_digest", "known_root", "known_signature", "public_key", "restored_root", "uscc"};
// Numbers and words that a bank or an office made up: eleven digits there are no phone.
constexpr std::string_view kOfOthers[] = {"bill_no", "claim_no", "counterparty", "document_no", "invoice_no",
                                          "number", "reference", "summary"};
constexpr std::string_view kPersonal[] = {"name", "id_number", "phone", "address"};
// Tables of a past year whose `name` is that of a body, not of a person.
constexpr std::string_view kNamedBodies[] = {"funds", "regions", "providers"};

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view key) {
  return std::find(std::begin(list), std::end(list), key) != std::end(list);
}

bool holds_number_of_person(std::string_view text) {
  return holds_identity_number(text) || holds_mobile_number(text);
}

// Whether what stands there is named here for the first time. Every id of a policy counts: it is where
// programmes and codes come from.
template <class D>
bool introduces(std::string_view key) {
  const auto is = [&](auto... keys) { return ((key == keys) || ...); };
  if constexpr (std::is_same_v<D, PolicyRegistration>) return true;
  if constexpr (std::is_same_v<D, FundRegistration>) return is("fund");
  if constexpr (std::is_same_v<D, ProviderRegistration>) return is("provider");
  if constexpr (std::is_same_v<D, DesignatedAccountRegistration>) return is("account");
  if constexpr (std::is_same_v<D, EntitlementApplication>) return is("application");
  if constexpr (std::is_same_v<D, WorkerCertificate>) return is("certificate", "worker");
  if constexpr (std::is_same_v<D, SettlementPreparation>) return is("settlement");
  if constexpr (std::is_same_v<D, DisbursementPreparation>) return is("disbursement");
  if constexpr (std::is_same_v<D, RecoveryDecision>) return is("recovery");
  if constexpr (std::is_same_v<D, ActorKeyRegistration>) return is("key");
  return false;
}

// A visitor for fields() that looks at every text of a document. The path is put together only when
// something is found, from the inside out: nearly all documents are fine.
class Search {
 public:
  explicit Search(bool (*introduces)(std::string_view key)) : introduces_(introduces) {}
  template <class T>
  void operator()(std::string_view key, const T& value) {
    // The number of a bank account is a plain string; those of contracts and certificates are not.
    const bool passes = among(kNotText, key) && (key != "number" || std::is_same_v<T, std::string>);
    if (found_ || passes) return;
    of_others_ = among(kOfOthers, key);
    introduced_ = introduces_(key);
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
  void look(const Reference& reference) { look(reference.str()); }
  void look(const Text& text) {
    found_ = of_others_ ? holds_identity_number(text.str()) : holds_number_of_person(text.str());
  }
  // Whoever names a thing after a person names it so in every later entry, in addresses and in logs.
  template <class Tag>
  void look(const Id<Tag>& id) {
    if (introduced_) found_ = holds_number_of_person(id.str());
    else if (std::is_same_v<Id<Tag>, Code>) found_ = holds_identity_number(id.str());
  }
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

  bool (*const introduces_)(std::string_view key);
  bool found_ = false, of_others_ = false, introduced_ = false;
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
      Search search(introduces<Doc>);
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
        using Doc = std::decay_t<decltype(d)>;
        Search search(introduces<Doc>);
        Doc::fields(d, search);
        return search.found() ? std::optional(search.rejection("doc")) : find_in_lines(d);
      },
      document);
}

}  // namespace fundtrail
