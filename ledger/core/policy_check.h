// What is wrong with a policy in itself, all of it at once, each with the path of the field. The one
// place for these rules: registration refuses with the first fault, `fundtrail policy check` shows
// them all with the warnings, and docs/POLICY.md explains them. What only the state can tell (a
// version that is missing, one that is there already) is ledger/rules/policy_registration.cpp.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/core/policy.h"
#include "ledger/core/rejection.h"

namespace fundtrail {

// People write policies and read what is said of them. What is larger is refused unread: the parts of a policy are
// compared with one another, which takes the square of their number, while nobody else's entry is recorded.
inline constexpr std::size_t kMaxPolicyBytes = 1 << 20;    // of its text
inline constexpr std::size_t kMaxPolicyItems = 5'000;      // of all its lists together
inline constexpr std::size_t kMaxProgrammes = 200;
inline constexpr std::size_t kMaxPolicyFindings = 200;     // faults that are told, and warnings

// Nothing to refuse, but somebody should know: an amount that the source document does not name.
struct PolicyWarning {
  std::string field;    // path
  std::string subject;  // the id, code or date in question
  std::string token;    // of the sentence (ledger/core/wording.h)

  std::string zh() const;
  std::string en() const;
};

// The first kMaxPolicyFindings of each.
struct PolicyFindings {
  std::vector<Rejection> faults;
  std::vector<PolicyWarning> warnings;
};

// Whether a policy is larger than kMaxProgrammes or kMaxPolicyItems: takes as long as the limits are, whatever the
// policy is like. Nothing else can be said of such a one.
std::optional<Rejection> policy_too_large(const Policy& policy, const std::string& at = {});

// `at` stands before every path: "doc.policy." for a registration, nothing for a file.
PolicyFindings check_policy(const Policy& policy, const std::string& at = {});

// Vouchers of one month are counted in units of the smallest face value that may be handed out.
Money voucher_unit(const VoucherTerms& terms);

}  // namespace fundtrail
