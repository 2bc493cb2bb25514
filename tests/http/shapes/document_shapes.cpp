// Prints, as JSON, the shape of every kind of document as fields() has it, who may record it, and that
// of a command's own parts. tests/http/test_documents.py compares api/openapi.yaml with it.
#include <iostream>
#include <nlohmann/json.hpp>

#include "ledger/core/entry.h"
#include "ledger/rules/authority.h"

namespace fundtrail {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
struct Inside {
  static constexpr bool optional = false, list = false;
  using type = T;
};
template <class T>
struct Inside<std::optional<T>> {
  static constexpr bool optional = true, list = false;
  using type = T;
};
template <class T>
struct Inside<std::vector<T>> {
  static constexpr bool optional = false, list = true;
  using type = T;
};

template <class T>
Json shape_of();

class Shapes {
 public:
  template <class T>
  void operator()(std::string_view key, const T&) {
    if (!Inside<T>::optional) required_.push_back(key);
    fields_[std::string(key)] = shape_of<T>();
  }
  Json take() { return {{"required", required_}, {"fields", fields_}}; }

 private:
  Json required_ = Json::array();
  Json fields_ = Json::object();
};

// The name of the schema that a value's text has in api/openapi.yaml.
template <class T>
constexpr std::string_view text_of() {
  if constexpr (std::is_same_v<T, Money>) return "Money";
  else if constexpr (std::is_same_v<T, Quantity>) return "Quantity";
  else if constexpr (std::is_same_v<T, Date>) return "Date";
  else if constexpr (std::is_same_v<T, Month>) return "Month";
  else if constexpr (std::is_same_v<T, RegionCode>) return "Region";
  else if constexpr (std::is_same_v<T, Pseudonym>) return "Pseudonym";
  else if constexpr (std::is_same_v<T, VoucherNumber>) return "VoucherNumber";
  else if constexpr (std::is_same_v<T, Reference>) return "Reference";
  else if constexpr (std::is_same_v<T, Text>) return "Text";
  else if constexpr (std::is_same_v<T, std::string>) return "string";
  else return "Id";
}

template <class T>
Json shape_of() {
  if constexpr (Inside<T>::optional) {
    return shape_of<typename Inside<T>::type>();
  } else if constexpr (Inside<T>::list) {
    return Json::array({shape_of<typename Inside<T>::type>()});
  } else if constexpr (std::is_same_v<T, bool>) {
    return "boolean";
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return "Index";
  } else if constexpr (std::is_same_v<T, Policy>) {
    return "Policy";  // docs/policy.schema.json
  } else if constexpr (std::is_same_v<T, ImportedRow>) {
    return "ImportedRow";
  } else if constexpr (requires { Names<T>::list; }) {
    return {{"enum", Names<T>::list}};
  } else if constexpr (requires(const T& value, Shapes& v) { T::fields(value, v); }) {
    Shapes shapes;
    const T empty;
    T::fields(empty, shapes);
    return shapes.take();
  } else {
    return text_of<T>();
  }
}

template <std::size_t I = 0>
void add_kinds(Json& out) {
  if constexpr (I < kKinds) {
    using D = DocumentOfKind<I>;
    Json kind;
    for (std::size_t role = 0; role < std::size(Names<Role>::list); ++role) {
      if (rules::may_record(static_cast<Role>(role), I)) kind["roles"].push_back(Names<Role>::list[role]);
    }
    const auto title = title_of_kind(I);
    kind["title"] = {{"zh", title.zh}, {"en", title.en}};
    kind["doc"] = shape_of<D>();
    if constexpr (HasLines<D>) kind["line"] = shape_of<typename D::Line>();
    out[std::string(kKindNames[I])] = std::move(kind);
    add_kinds<I + 1>(out);
  }
}

}  // namespace
}  // namespace fundtrail

int main() {
  using namespace fundtrail;
  Json kinds = Json::object();
  add_kinds(kinds);
  std::cout << Json{{"kinds", kinds},
                    {"identity", shape_of<Identity>()},
                    {"signature", shape_of<CommandSignature>()}}
                   .dump(1)
            << '\n';
}
