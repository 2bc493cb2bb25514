// What is wrong with a policy in itself, all of it at once, each with the path of the field. The one
// place for these rules: registration refuses with the first fault, `fundtrail policy check` shows
// them all with the warnings, and docs/POLICY.md explains them. What only the state can tell (a
// version that is missing, one that is there already) is ledger/rules/policy_registration.cpp.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "ledger/core/policy.h"
#include "ledger/core/rejection.h"

namespace fundtrail {

// Nothing to refuse, but somebody should know: an amount that the source document does not name.
struct PolicyWarning {
  std::string field;    // path
  std::string subject;  // the id, code or date in question
  std::string token;    // of the sentence (ledger/core/wording.h)

  std::string zh() const;
  std::string en() const;
};

struct PolicyFindings {
  std::vector<Rejection> faults;
  std::vector<PolicyWarning> warnings;
};

// `at` stands before every path: "doc.policy." for a registration, nothing for a file.
PolicyFindings check_policy(const Policy& policy, const std::string& at = {});

// Vouchers of one month are counted in units of the smallest face value that may be handed out.
Money voucher_unit(const VoucherTerms& terms);

}  // namespace fundtrail
