// The stages of 资金来龙去脉: what a posting means on a yuan's way from its source to its payee.
// Private to reports/.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/core/names.h"
#include "reports/entry_scan.h"
#include "reports/report.h"

namespace fundtrail::reports {

enum class FlowStage : std::uint8_t {
  received, counterpart_received, allotted, committed, released, accrued, settled, paid, bounced,
  to_recover, recovered, advanced, carried, lapsed,
};
inline constexpr std::size_t kFlowStages = 14;

// The heading of a stage's column.
const Words& words_of(FlowStage stage);

// What one posting adds to a stage: told by the accounts that the entry moves money between, not by
// its kind, so that corrections (negative amounts on the original sides) count where the original
// did.
struct Staged {
  FlowStage stage;
  Money amount;
};
class StageReader {
 public:
  explicit StageReader(const std::vector<GlancedPosting>& postings);
  // Nothing for a posting that is only the other side of a stage.
  std::optional<Staged> stage_of(const GlancedPosting& posting) const;

 private:
  bool debits(FundAccount account) const { return debited_ >> int(account) & 1u; }
  bool credits(FundAccount account) const { return credited_ >> int(account) & 1u; }
  std::optional<FlowStage> debit_stage(FundAccount account) const;
  std::uint32_t debited_ = 0;
  std::uint32_t credited_ = 0;
};

}  // namespace fundtrail::reports

namespace fundtrail {
template <>
struct Names<reports::FlowStage> {
  static constexpr std::string_view list[] = {
      "received", "counterpart_received", "allotted", "committed", "released", "accrued",
      "settled", "paid", "bounced", "to_recover", "recovered", "advanced", "carried", "lapsed"};
};
}  // namespace fundtrail
