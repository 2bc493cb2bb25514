// The row of an application: what was applied for, and which steps of its policy were done by whom and when.
// What a step may do stands in application.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/documents.h"
#include "ledger/core/names.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {

// `withdrawal_proposed`: it was approved, and somebody proposed to take that back.
enum class Progress : std::uint8_t { open, rejected, approved, withdrawn, withdrawal_proposed };

struct DoneStep {
  ActorId actor;
  Date date;
  Date ended;  // the last day of a public notice; of other steps their date
  std::uint64_t entry = 0;
};

struct ApplicationRow {
  Progress progress = Progress::open;
  PolicyRef policy;
  Date date;
  ActorId actor;
  std::uint64_t entry = 0;
  std::vector<DoneStep> steps;  // in the order of the policy
  // `withdrawal_proposed` or `withdrawn`: the step that did it; `ended` is the last day that counts.
  DoneStep withdrawal;
  EntitlementApplication application;

  bool has_withdrawal() const { return progress == Progress::withdrawal_proposed || progress == Progress::withdrawn; }
  bool granted() const { return progress == Progress::approved || progress == Progress::withdrawal_proposed; }
  // When the step before the one that is due was done.
  Date since() const { return steps.empty() ? date : steps.back().ended; }

  std::string encode() const;
  static ApplicationRow decode(std::string_view row);
};

// Until when a policy wants a step done that could begin after `since`: the last of its working days by the policy's
// calendar. Nothing: it has no limit.
std::optional<Date> limit_of(const Policy& policy, const ApprovalStepTerms& terms, Date since);

// The step that an application waits for.
struct DueStep {
  const ApprovalStepTerms& terms;  // of the policy
  Date since;
  std::optional<Date> limit = {};
};
// After `done` steps; nothing: that were all.
std::optional<DueStep> due_after(const Policy& policy, std::size_t done, Date since);
// Of an application; nothing: it is decided.
std::optional<DueStep> due_of(const ApplicationRow& row, const Policy& policy);

inline std::string application_key(const ApplicationId& id) { return key_of('a', id.str()); }

}  // namespace fundtrail::rules

namespace fundtrail {
template <>
struct Names<rules::Progress> {
  static constexpr std::string_view list[] = {"open", "rejected", "approved", "withdrawn", "withdrawal_proposed"};
};
}  // namespace fundtrail
