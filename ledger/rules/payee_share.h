// The share of one payee in what is due, and of each level in that. Private to the files of
// entitlement*.cpp.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ledger/rules/entitlement.h"

namespace fundtrail::rules {

// Fills one Assessment, whose region is known: what was calculated so far through the payee, and its
// part of the pieces. A piece that is nobody's in particular goes to whoever asks, less what others
// were given of such pieces before: it cannot be paid through two.
class PayeeShare {
 public:
  using Piece = EntitlementRules::Piece;

  PayeeShare(const EntitlementRules& rules, std::string_view payee, Assessment& result);
  // What was calculated for the period; nothing: at any time. The row must stay where it is.
  void read(std::string_view row, std::optional<Month> period);
  void add_up(const std::vector<Piece>& pieces);

 private:
  struct Other {
    std::string_view payee;
    std::int64_t fen;
  };
  void add_so_far(const SourceAmount& amount);
  std::int64_t excess_of_others(const std::vector<Piece>& pieces) const;
  void share(std::int64_t fen, const ShareRule* rule);
  void give(const Code& level, const Money& amount);
  void unknown_level(const Code& level);

  const EntitlementRules& rules_;
  std::string_view payee_;
  Assessment& result_;
  const std::vector<Code>& levels_;
  std::vector<Other> others_;
};

}  // namespace fundtrail::rules
