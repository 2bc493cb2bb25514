// Indicators of misuse: software suspects, people decide.
//
// Each indicator names its rule, the legal basis, the entries it rests on and one sentence in each
// language, and can be reproduced from those entries. The rules look at facts, and facts come from
// controlled entries and from an imported past alike (audit/indicators/facts.h), so there is one
// version of each rule. docs/COMPLIANCE.md lists the rules with their thresholds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/money.h"
#include "ledger/core/names.h"
#include "ledger/core/policy.h"
#include "ledger/ledger.h"

namespace fundtrail::audit {

// The four verbs of the law (截留 挤占 挪用 骗取) and, beside them, breaches of book-keeping and of the
// authority's own plan.
enum class MisuseKind : std::uint8_t {
  withholding, encroachment, misappropriation, fraudulent_claim, bookkeeping, plan,
};

enum class Severity : std::uint8_t { low, medium, high };

}  // namespace fundtrail::audit

namespace fundtrail {
template <>
struct Names<audit::MisuseKind> {
  static constexpr std::string_view list[] = {"withholding", "encroachment", "misappropriation",
                                              "fraudulent_claim", "bookkeeping", "plan"};
};
template <>
struct Names<audit::Severity> {
  static constexpr std::string_view list[] = {"low", "medium", "high"};
};
}  // namespace fundtrail

namespace fundtrail::audit {

enum class RuleId : std::uint8_t {
  ben_01, ben_08, vch_01, vch_03, vch_05, fnd_02, fnd_03, fnd_06, fnd_14, fnd_16, pay_03, acc_02, acc_07,
  bil_01, rec_01,
};
inline constexpr std::size_t kRules = 15;

struct RuleInfo {
  RuleId id;
  std::string_view code;  // "R-BEN-01"
  std::string_view name_zh, name_en;
  std::string_view basis_zh, basis_en;  // legal basis
  MisuseKind kind;
  Severity severity;
};
const RuleInfo& info(RuleId rule);
std::optional<RuleId> rule_from_code(std::string_view code);

// Where a fact stands: an entry, its line, and for an imported past the file and row.
struct Evidence {
  std::uint64_t entry = 0;
  std::optional<std::uint64_t> line = {};
  std::string file = {};
  std::uint64_t row = 0;  // as a spreadsheet counts; 0 when not imported
  friend auto operator<=>(const Evidence&, const Evidence&) = default;
};

struct Indicator {
  RuleId rule = RuleId::ben_01;
  std::string zh, en;        // one sentence each, without personal data
  std::string subject;       // what it is about: a voucher, pseudonym, document, account
  std::optional<Money> amount;
  std::vector<Evidence> evidence;  // ascending
};

// Thresholds of domain practice; each is configuration.
struct IndicatorOptions {
  std::vector<RuleId> rules;           // empty: all
  std::int64_t month_end_percent = 60;  // R-VCH-03: share of redemptions in the last days
  std::int32_t month_end_days = 2;
  std::size_t month_end_minimum = 30;
  std::int32_t transit_days = 31;       // R-ACC-07: how long an item may be under way
  std::optional<Policy> policy;         // the yardstick when the ledger has none registered
};

// Ascending by rule, then by first evidence. Errors are faults of reading, never findings.
Result<std::vector<Indicator>> find_indicators(const View& view, const IndicatorOptions& options);

}  // namespace fundtrail::audit
