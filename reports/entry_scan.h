// Fast reading of entries for reports: date, kind and postings of each, nothing else. The full
// decoder (ledger/chain/document_codec.h) checks every field and copies every string; a report over
// a million documents needs six members of each. Private to reports/.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "ledger/core/accounts.h"
#include "ledger/core/documents.h"
#include "ledger/ledger.h"

namespace fundtrail::reports {

// The position of a kind among Document's alternatives.
template <class Doc, std::size_t I = 0>
constexpr std::size_t kind_index() {
  if constexpr (std::is_same_v<std::variant_alternative_t<I, Document>, Doc>) return I;
  else return kind_index<Doc, I + 1>();
}

// The kind of an entry without parsing it. In a canonical line the member can only be found where
// it stands: inside a string its quotes would be escaped, and no document has such a member. Nothing
// when the line names no known kind.
std::optional<std::size_t> kind_of_line(std::string_view bytes);

struct GlancedPosting {
  FundAccount account = FundAccount::source;
  Side side = Side::debit;
  Money amount;
  std::string_view fund, programme, region, counterparty;  // empty when absent

  Money effect() const {
    return (side == Side::debit) == is_debit_account(account) ? amount : -amount;
  }
};

// Valid until the next entry is read.
struct Glance {
  std::uint64_t index = 0;
  Date date;
  std::size_t kind = 0;
  simdjson::dom::element document;
  std::vector<GlancedPosting> postings;
  std::string_view lines;  // with View::Lines::with
};

// Visits the entries of the wanted kinds, in order. Faults: unreadable, and those of View::scan.
class EntryScan {
 public:
  using Kinds = std::array<bool, kKinds>;
  static Kinds all_kinds();

  explicit EntryScan(const View& view) : view_(view) {}
  // `visit` returns a fault to stop, or success.
  Status run(const Kinds& kinds, View::Lines lines,
             const std::function<Status(const Glance&)>& visit);

 private:
  Status read(std::uint64_t index, std::string_view bytes, Glance& glance);
  const View& view_;
  simdjson::dom::parser parser_;
};

// Visits each line of a document as a JSON object.
Status for_each_line(std::string_view block,
                     const std::function<Status(simdjson::dom::object)>& visit);

}  // namespace fundtrail::reports
