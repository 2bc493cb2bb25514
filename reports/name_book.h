// What people call the funds, programmes, regions and providers of a ledger, as registered. Private
// to reports/.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "ledger/ledger.h"
#include "reports/report.h"

namespace fundtrail::reports {

enum class NameOf : std::uint8_t { fund, programme, region, provider };

class NameBook {
 public:
  // Reads every registration; the latest name of a code counts.
  static Result<NameBook> read(const View& view);

  // The code itself when it was never registered; Label of an empty code says that there is none.
  Label label(NameOf what, std::string_view code) const;
  // A posting's counterparty: a provider, or the level of government of a source.
  Label counterparty(std::string_view code) const;
  bool knows(NameOf what, std::string_view code) const;
  // Whether the region or one that lies in it is registered.
  bool knows_region(const RegionCode& region) const;
  std::size_t count(NameOf what) const { return of(what).size(); }
  // The first registered code in the order of codes; empty when there is none.
  std::string first(NameOf what) const {
    return of(what).empty() ? std::string() : of(what).begin()->first;
  }

 private:
  using Names = std::map<std::string, std::string, std::less<>>;
  const Names& of(NameOf what) const { return names_[static_cast<std::size_t>(what)]; }
  Names& of(NameOf what) { return names_[static_cast<std::size_t>(what)]; }
  std::array<Names, 4> names_;
};

}  // namespace fundtrail::reports
