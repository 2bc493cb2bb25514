// Registering a version of a policy: it must make sense in itself, because everything after it is
// judged by it, and follow the version before it without a gap, because from its first day it takes
// that one's place.
#include "ledger/core/policy_check.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

void check_order(Context& c, const Policy& policy) {
  if (policy.version <= 1 || policy.version > UINT32_MAX) return;
  const PolicyRef before{policy.name, static_cast<std::uint32_t>(policy.version - 1)};
  const std::string* row = c.need(policy_key(before), Reason::unknown_policy, "doc.policy.version",
                                  before.str());
  if (row && policy.in_force_from < policy_first_day(*row)) {
    c.no.add(Reason::invalid_value, "doc.policy.in_force_from", policy.in_force_from.str(),
             "policy.from_earlier");
  }
}

}  // namespace

void check(Context& c, const PolicyRegistration& d) {
  c.refuse_registered(policy_key(d.policy.ref()), "doc.policy.version", d.policy.ref().str());
  check_order(c, d.policy);
  for (auto& fault : check_policy(d.policy, "doc.policy.").faults) c.no.add(std::move(fault));
}

void record(Overlay& state, const Entry&, const PolicyRegistration& d) {
  state.put(policy_key(d.policy.ref()), encode_policy(d.policy));
}

}  // namespace fundtrail::rules
