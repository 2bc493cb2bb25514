// Applications and their steps as the entries tell them. Private to reports/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/rules/application_row.h"
#include "reports/making.h"

namespace fundtrail::reports {

struct DoneStep {
  const ApprovalStepTerms* terms = nullptr;
  std::uint64_t entry = 0;
  std::string who;
  Date since;  // the day before the limit begins: when the step before was done
  Date done;   // of a notice its last day
  ApplicationStep step;
  bool proposal = false;  // of a withdrawal: it decides nothing
};

struct Application {
  std::uint64_t entry = 0;
  Date date;
  std::string who;
  const Policy* policy = nullptr;
  EntitlementApplication document;
  std::vector<DoneStep> steps;
  rules::Progress state = rules::Progress::open;  // a withdrawal that is proposed leaves it approved

  Date since() const { return steps.empty() ? date : steps.back().done; }
  // The step that it waits for. Precondition: it is open.
  rules::DueStep due() const { return rules::due_after(*policy, steps.size(), since()).value(); }
};

// Cannot be copied: the applications point at the policies.
struct Applications {
  Applications() = default;
  Applications(Applications&&) = default;
  std::map<std::string, Policy> policies;  // by "name@version"
  std::vector<Application> all;  // in the order of the chain
  std::map<std::string, std::size_t> by_id;
  Date latest = first_date();  // of what was read
};

// Everything dated up to the period's last day. Faults: those of View::scan; unreadable.
Result<Applications> read_applications(const View& view, const Period& period);

}  // namespace fundtrail::reports
