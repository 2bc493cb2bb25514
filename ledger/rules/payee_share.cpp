#include "ledger/rules/payee_share.h"

#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/rules/entitlement_amounts.h"

namespace fundtrail::rules {
namespace {

using Era = EntitlementRules::Era;

const ShareRule* rule_of(const Era& era, const RegionCode& region) {
  for (const auto& rule : items(era.terms->cost_shares)) {
    const auto& regions = items(rule.regions);
    if (regions.empty() || std::any_of(regions.begin(), regions.end(), [&](const Code& first) {
          return region.str().starts_with(first.str());
        })) {
      return &rule;
    }
  }
  return nullptr;
}

bool same_split(const ShareRule* a, const ShareRule* b) {
  if (a == b) return true;
  return a && b && a->remainder == b->remainder &&
         std::equal(a->parts.begin(), a->parts.end(), b->parts.begin(), b->parts.end(),
                    [](const SharePart& x, const SharePart& y) {
                      return x.level == y.level && x.weight == y.weight;
                    });
}

std::size_t place_of(const std::vector<Code>& levels, const Code& level) {
  return static_cast<std::size_t>(std::find(levels.begin(), levels.end(), level) -
                                  levels.begin());
}

const Code& all_levels() {
  static const Code all = *Code::parse("all");
  return all;
}

}  // namespace

PayeeShare::PayeeShare(const EntitlementRules& rules, std::string_view payee, Assessment& result)
    : rules_(rules), payee_(payee), result_(result), levels_(rules.levels(result.region)) {
  result.so_far.assign(levels_.size(), Money());
  result.due.shares.assign(levels_.size(), Money());
}

void PayeeShare::read(std::string_view row, std::optional<Month> period) {
  CalculatedRow rows(row);
  for (CalculatedRow::Item item; rows.next(item);) {
    if (period && item.period != *period) continue;
    result_.final_basis = result_.final_basis || item.final_basis;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < item.size(); ++i) {
      const auto amount = item.at(i);
      sum = plus(sum, amount.fen);
      if (item.payee == payee_ && amount.fen != 0) add_so_far(amount);
    }
    if (item.payee != payee_) others_.push_back({item.payee, sum});
  }
}

void PayeeShare::add_up(const std::vector<Piece>& pieces) {
  std::int64_t excess = excess_of_others(pieces);
  std::int64_t units = 0, total = 0, group = 0;
  const ShareRule* rule = nullptr;
  for (const auto& piece : pieces) {
    if (!piece.payee.empty() && piece.payee != payee_) continue;
    std::int64_t fen = piece.fen;
    if (piece.payee.empty()) {
      const std::int64_t taken = std::min(excess, fen);
      excess -= taken;
      fen -= taken;
    }
    units = plus(units, piece.units);
    total = plus(total, fen);
    const auto* of_piece = rule_of(*piece.era, result_.region);
    if (group != 0 && !same_split(rule, of_piece)) {
      share(group, rule);
      group = 0;
    }
    rule = of_piece;
    group = plus(group, fen);
  }
  share(group, rule);
  result_.due.amount = Money::of_fen(total);
  result_.due.units = Quantity(units);
}

void PayeeShare::add_so_far(const SourceAmount& amount) {
  const auto& known = rules_.known_sources(amount.source + 1);
  FT_CHECK(amount.source < known.size());
  const std::size_t place = place_of(levels_, known[amount.source].level);
  if (place == levels_.size()) return unknown_level(known[amount.source].level);
  result_.so_far[place] += Money::of_fen(amount.fen);
  // What is given once may have come, and gone back, in several periods: it has one sum.
  for (auto& borne : result_.borne) {
    if (borne.level != place || borne.source != amount.source) continue;
    borne.amount += Money::of_fen(amount.fen);
    return;
  }
  result_.borne.push_back({place, amount.source, Money::of_fen(amount.fen)});
}

// What others were given beyond what is theirs by name was taken from what is nobody's.
std::int64_t PayeeShare::excess_of_others(const std::vector<Piece>& pieces) const {
  std::int64_t excess = 0;
  for (const auto& other : others_) {
    std::int64_t named = 0;
    for (const auto& piece : pieces) {
      if (piece.payee == other.payee) named = plus(named, piece.fen);
    }
    excess = plus(excess, std::max<std::int64_t>(0, other.fen - named));
  }
  return excess;
}

void PayeeShare::share(std::int64_t fen, const ShareRule* rule) {
  if (fen == 0) return;
  if (!rule) return give(all_levels(), Money::of_fen(fen));
  std::vector<std::int64_t> weights;
  std::optional<std::size_t> remainder;
  for (const auto& part : rule->parts) {
    if (part.level == rule->remainder) remainder = weights.size();
    weights.push_back(static_cast<std::int64_t>(part.weight));
  }
  const auto amounts = split(Money::of_fen(fen), weights, remainder);
  for (std::size_t i = 0; i < amounts.size(); ++i) give(rule->parts[i].level, amounts[i]);
}

void PayeeShare::give(const Code& level, const Money& amount) {
  const std::size_t place = place_of(levels_, level);
  if (place == levels_.size()) return unknown_level(level);
  result_.due.shares[place] += amount;
}

// Another version shared the cost with a level that the named version does not know.
void PayeeShare::unknown_level(const Code& level) {
  if (result_.unknown) return;
  result_.unknown = true;
  result_.why = Rejection{Reason::share_mismatch, "shares", level.str(),
                          rules_.versions().named().ref().str(), {}};
}

}  // namespace fundtrail::rules
