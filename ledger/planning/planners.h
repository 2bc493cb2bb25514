// The parts of a plan. Private to ledger/planning.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ledger/planning/plan.h"

namespace fundtrail::planning {

Result<Plan> plan_vouchers(const View& view, const Vault& vault, const Policy& policy,
                           const Run& run, const Progress& progress);
Result<Plan> plan_entitlements(const View& view, const Vault& vault, const Run& run,
                               const Progress& progress);

// The series of a month's vouchers when none is named: the programme's letters and digits, the month.
std::string series_of(const ProgrammeId& programme, Month month);
// The level of a programme whose cost is not shared.
const Code& run_level();
// What a document takes from the allotment of its region, by fund.
std::vector<std::pair<FundId, Money>> money_needed(const Document& document);
// What the rules would answer to each document today, but for the money: PlannedDocument::refusal.
void judge_documents(const View& view, const Vault& vault, Plan& plan);
// A command of the run, complete but for its id.
Command command_of(const Run& run, Document document);

// The key space of pseudonyms in equal parts: they are keyed digests, so each part has about the same
// number of people.
struct KeyRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
};
inline constexpr std::uint64_t kRanges = 1024;
KeyRange range_of(std::uint64_t number);
// Keys of kind `kind` of the people in a range, [from, to): binary, or as text, which some tables use.
std::pair<std::string, std::string> binary_keys(std::string_view kind, const KeyRange& range);
std::pair<std::string, std::string> text_keys(std::string_view kind, const KeyRange& range);

}  // namespace fundtrail::planning
