// docs/FORMAT.md names every kind of document with exactly its fields, and every reason.
#include <catch2/catch.hpp>
#include <optional>
#include <sstream>

#include "audit/integrity/finding.h"
#include "ledger/core/documents.h"
#include "tests/integrity/sample.h"

namespace fundtrail::integrity_test {
namespace {

// "`name`" and "`name`?", as the table has them.
struct FieldNames {
  std::vector<std::string> names;
  template <class T>
  void operator()(std::string_view key, const T&) {
    names.push_back("`" + std::string(key) + "` ");
  }
  template <class T>
  void operator()(std::string_view key, const std::optional<T>&) {
    names.push_back("`" + std::string(key) + "`? ");
  }
};

template <class T>
std::vector<std::string> fields_of() {
  FieldNames visitor;
  if constexpr (requires(const T& value) { T::fields(value, visitor); }) {
    const T value;
    T::fields(value, visitor);
  }
  return visitor.names;
}

std::vector<std::string> split(const std::string& cell) {
  std::vector<std::string> names;
  std::istringstream in(cell);
  for (std::string part; std::getline(in, part, ',');) {
    const auto begin = part.find('`');
    if (begin == part.npos) continue;
    const auto end = part.find(' ', begin);
    names.push_back(part.substr(begin, end == part.npos ? end : end - begin + 1));
  }
  return names;
}

template <std::size_t I = 0>
void check_kinds(const std::string& page) {
  if constexpr (I < kKinds) {
    using D = DocumentOfKind<I>;
    const std::string begin = "| `" + std::string(kKindNames[I]) + "` | ";
    const auto at = page.find(begin);
    INFO(begin);
    REQUIRE(at != std::string::npos);
    const std::string row = page.substr(at + begin.size(), page.find('\n', at) - at - begin.size());
    const auto bar = row.find(" |");
    CHECK(split(row.substr(0, bar) + " ") == fields_of<D>());
    if constexpr (HasLines<D>) {
      if (fields_of<typename D::Line>() != std::vector<std::string>{}) {
        const std::string cell = row.substr(bar + 2, row.rfind(" |") - bar - 2);
        CHECK(split(cell + " ") == fields_of<typename D::Line>());
      }
    }
    check_kinds<I + 1>(page);
  }
}

}  // namespace

TEST_CASE("the format page has every document with its fields") {
  check_kinds(slurp(SOURCE_DIR "/docs/FORMAT.md"));
}

TEST_CASE("the format page has every reason") {
  const std::string page = slurp(SOURCE_DIR "/docs/FORMAT.md");
  for (std::size_t i = 0; i < audit::kFlaws; ++i) {
    const auto reason = "`" + std::string(audit::code(static_cast<audit::Flaw>(i))) + "`";
    INFO(reason);
    CHECK(page.find(reason) != std::string::npos);
  }
}

}  // namespace fundtrail::integrity_test
