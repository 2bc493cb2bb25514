#include "reports/name_book.h"

#include "ledger/core/region_tree.h"

#include <optional>

#include "ledger/chain/document_codec.h"
#include "ledger/engine/kinds.h"
#include "reports/entry_scan.h"

namespace fundtrail::reports {
namespace {

constexpr std::size_t kFund = kind_index<FundRegistration>();
constexpr std::size_t kPolicy = kind_index<PolicyRegistration>();
constexpr std::size_t kRegion = kind_index<RegionRegistration>();
constexpr std::size_t kProvider = kind_index<ProviderRegistration>();

const Words& nobody(NameOf what) {
  static const Words words[] = {{"（无资金）", "(no fund)"},
                                {"（未定项目）", "(no programme yet)"},
                                {"（未分配）", "(no region yet)"},
                                {"（无对方）", "(no counterparty)"}};
  return words[static_cast<std::size_t>(what)];
}

// In the order of SourceLevel.
constexpr std::array<std::pair<const char*, const char*>, 8> kSourceLevels = {{
    {"中央", "Central"}, {"省级", "Provincial"}, {"市级", "Municipal"}, {"区级", "District"},
    {"镇街", "Town"}, {"福彩", "Lottery"}, {"捐赠", "Donation"}, {"利息", "Interest"},
}};

}  // namespace

Result<NameBook> NameBook::read(const View& view) {
  NameBook book;
  Kinds wanted{};
  for (const auto kind : {kFund, kPolicy, kRegion, kProvider}) wanted[kind] = true;
  const auto found = entries_of_kinds(view.raw(), view.size(), wanted);
  if (!found.ok()) return found.error();
  for (const auto index : *found) {
    const auto entry = view.decoded(index);
    if (!entry.ok()) return entry.error();
    const Document& document = entry.value().document;
    if (const auto* fund = std::get_if<FundRegistration>(&document)) {
      book.of(NameOf::fund)[fund->fund.str()] = fund->name.str();
    } else if (const auto* policy = std::get_if<PolicyRegistration>(&document)) {
      for (const auto& programme : policy->policy.programmes) {
        book.of(NameOf::programme)[programme.id.str()] = programme.name.str();
      }
    } else if (const auto* region = std::get_if<RegionRegistration>(&document)) {
      book.of(NameOf::region)[region->region.str()] = region->name.str();
    } else if (const auto* provider = std::get_if<ProviderRegistration>(&document)) {
      book.of(NameOf::provider)[provider->provider.str()] = provider->name.str();
    }
  }
  return book;
}

Label NameBook::label(NameOf what, std::string_view code) const {
  if (code.empty()) return {"", nobody(what)};
  const auto found = of(what).find(code);
  std::string name = std::string(code);
  if (found != of(what).end()) name += " " + found->second;
  return {std::string(code), {name, name}};
}

Label NameBook::counterparty(std::string_view code) const {
  // The source of counterpart funding is the region itself.
  if (code == "counterpart") return {"counterpart", {"配套", "Counterpart"}};
  const auto level = parse_name<SourceLevel>(code);
  if (!level || knows(NameOf::provider, code)) return label(NameOf::provider, code);
  const auto& words = kSourceLevels[static_cast<std::size_t>(*level)];
  return {std::string(code), {words.first, words.second}};
}

bool NameBook::knows(NameOf what, std::string_view code) const {
  return of(what).find(code) != of(what).end();
}

bool NameBook::knows_region(const RegionCode& region) const {
  // What lies in a region follows it in the order of codes.
  const auto next = of(NameOf::region).lower_bound(region.str());
  return next != of(NameOf::region).end() && lies_in(next->first, region);
}

}  // namespace fundtrail::reports
