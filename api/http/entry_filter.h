// What GET .../entries may be asked for, and what an entry says about it. A filter by a name (fund,
// programme, region, provider, beneficiary, voucher) is met by every entry that names it anywhere: in
// its document, a line of it, or a posting; a region also by one that lies in it, a provider also by what
// concerns it without naming it (provider_index.h; list.cpp asks there). Thread-safety: a reader belongs to one thread.
#pragma once

#include <httplib.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/problem.h"
#include "ledger/chain/entry_scanner.h"
#include "ledger/core/date.h"

namespace fundtrail::api {

enum class Term : std::uint8_t {
  kind, actor, fund, programme, region, provider, beneficiary, voucher,
};
inline constexpr std::size_t kTerms = 8;

// Amounts in fen. An entry's amount is the sum of its debits (借方合计); one without postings has none.
struct EntryFilter {
  std::array<std::string, kTerms> terms;  // empty: any
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;

  // By a name that stands in lines too.
  bool looks_at_lines() const;
  bool empty() const;
  // One spelling a filter, for cursors.
  std::string text() const;
};

std::optional<Problem> read_filter(const httplib::Request& request, EntryFilter& out);

// What an entry says besides its terms.
struct EntryFacts {
  Date date;
  std::optional<std::int64_t> amount;
};

class EntryReader {
 public:
  // Calls visit(Term, value) for every term of the entry and, where given, of its lines; a term may
  // come more than once. Faults: unreadable.
  template <class Visit>
  Result<EntryFacts> read(std::string_view entry, std::string_view lines, const Visit& visit) {
    auto facts = read_facts(entry);
    if (!facts) return facts;
    visit(Term::kind, kind_);
    visit(Term::actor, actor_of(entry));
    visit_names(entry, visit);
    visit_names(lines, visit);
    if (kind_ == "policy_registration") {
      const auto programmes = programmes_of(entry);
      if (!programmes) return programmes.error();
      for (const auto& programme : *programmes) visit(Term::programme, programme);
    }
    return facts;
  }
  // Faults: unreadable.
  Result<bool> fits(const EntryFilter& filter, std::string_view entry, std::string_view lines);

 private:
  Result<EntryFacts> read_facts(std::string_view entry);
  static std::string_view actor_of(std::string_view entry);
  static std::optional<Term> term_of(std::string_view key);
  // Every string member with the key of a term. In canonical JSON a quote within a string is escaped,
  // so "\":\"" stands between a key and its string and nowhere else.
  template <class Visit>
  static void visit_names(std::string_view json, const Visit& visit) {
    constexpr std::string_view kBetween = "\":\"";
    for (std::size_t at = json.find(kBetween); at != std::string_view::npos;
         at = json.find(kBetween, at)) {
      const auto key = json.rfind('"', at - 1);
      const auto begin = at + kBetween.size();
      at = json.find('"', begin);
      if (at == std::string_view::npos || key == std::string_view::npos) return;
      const auto term = term_of(json.substr(key + 1, begin - kBetween.size() - key - 1));
      if (!term) continue;
      const auto value = json.substr(begin, at - begin);
      visit(*term, value);
      if (*term == Term::region) visit_around(value, visit);
    }
  }
  // A region stands for those it lies in, too (ledger/core/region_tree.h): codes have 6, 9 or 12 digits.
  template <class Visit>
  static void visit_around(std::string_view region, const Visit& visit) {
    for (const std::size_t digits : {6, 9}) {
      if (digits < region.size()) visit(Term::region, region.substr(0, digits));
    }
  }
  // The programmes of a policy, which stand under other keys there.
  static Result<std::vector<std::string>> programmes_of(std::string_view entry);

  chain::EntryScanner scanner_;
  chain::ScannedEntry scanned_;
  std::string_view kind_;
};

}  // namespace fundtrail::api
