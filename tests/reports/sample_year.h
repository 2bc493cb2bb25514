// A small year in two towns, by hand: every kind of document that a report reads, a bounced
// payment, a returned settlement, corrections, a recovery, and money of the year before.
#pragma once

#include <memory>

#include "tests/reports/fake_view.h"

namespace fundtrail::tests {

inline Date day(std::string_view text) { return *Date::parse(text); }
inline Money yuan(std::string_view text) { return *Money::parse(text); }
inline Text words(std::string_view text) { return *Text::parse(text); }

inline constexpr std::string_view kHome = "HOME";
inline constexpr std::string_view kBuild = "BUILD";
inline constexpr std::string_view kTownA = "320412901";
inline constexpr std::string_view kTownB = "320412902";

// Where money is: fund WJ, and what else is named.
Dimensions at(std::string_view programme = {}, std::string_view region = {},
              std::string_view counterparty = {});
std::vector<Posting> moved(const Money& amount, FundAccount debit, const Dimensions& debit_at,
                           FundAccount credit, const Dimensions& credit_at);

std::unique_ptr<FakeView> sample_year();

}  // namespace fundtrail::tests
