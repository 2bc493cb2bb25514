// Registering a version of a policy: it must make sense in itself, because everything after it is
// judged by it, and follow the version before it without a gap, because from its first day it takes
// that one's place.
//
// What was calculated and delivered is known by the programme's id alone. So the id of a programme
// that is calculated belongs to the policy that registered it first (row p), and it keeps in every
// version what those rows rest on: instrument, cycle and payee. Whoever changes one of them gives the
// programme a new id.
#include "ledger/core/check.h"
#include "ledger/core/policy_check.h"
#include "ledger/core/wording.h"
#include "ledger/rules/authority.h"
#include "ledger/rules/entitlement.h"
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

bool is_calculated(const Programme& programme) {
  switch (programme.instrument) {
    case Instrument::allowance:
    case Instrument::service_hours:
    case Instrument::bill_share:
    case Instrument::bed_subsidy:
    case Instrument::award: return true;
    case Instrument::voucher:
    case Instrument::grant:
    case Instrument::points: return false;
  }
  FT_CHECK(false);
}

std::string owner_key(const ProgrammeId& programme) { return key_of('p', programme.str()); }

// Policies that were registered before ids had owners have none; their next version takes what is
// free.
void check_owners(Context& c, const Policy& policy) {
  for (std::size_t i = 0; i < policy.programmes.size(); ++i) {
    const ProgrammeId& id = policy.programmes[i].id;
    if (!is_calculated(policy.programmes[i])) continue;
    const std::string* owner = c.state.find(owner_key(id));
    if (!owner || *owner == policy.name.str()) continue;
    c.no.add(Reason::already_registered, "doc.policy.programmes[" + std::to_string(i) + "].id",
             id.str(), *owner);
  }
}

void check_kept(Context& c, const Programme& now, const Programme& before, const std::string& at) {
  const auto keep = [&](const std::string& field, std::string_view value, std::string_view old) {
    if (value != old) {
      c.no.add(Reason::invalid_value, at + field, std::string(value), std::string(kAsBefore) + std::string(old));
    }
  };
  keep("instrument", name_of(now.instrument), name_of(before.instrument));
  if (!now.entitlement || !before.entitlement) return;
  keep("entitlement.cycle", name_of(now.entitlement->cycle), name_of(before.entitlement->cycle));
  keep("entitlement.payee", name_of(now.entitlement->payee), name_of(before.entitlement->payee));
}

void check_earlier_versions(Context& c, const Policy& policy) {
  if (policy.version <= 1 || policy.version > UINT32_MAX) return;
  const PolicyVersions versions(c.state,
                                {policy.name, static_cast<std::uint32_t>(policy.version - 1)});
  for (std::size_t i = 0; i < policy.programmes.size(); ++i) {
    const Programme* last = nullptr;
    for (const auto& version : versions.all()) {
      if (const Programme* same = version.programme(policy.programmes[i].id)) last = same;
    }
    const std::string at = "doc.policy.programmes[" + std::to_string(i) + "].";
    if (last) check_kept(c, policy.programmes[i], *last, at);
  }
}

}  // namespace

void check(Context& c, const PolicyRegistration& d) {
  // Judging a policy takes longer than anything else that is decided, and everybody waits for it: whoever may not
  // record one is told so (decide.cpp), and one that is too large is not gone through.
  if (!may_record(c.command.actor.role, c.command.document.index())) return;
  if (auto large = policy_too_large(d.policy, "doc.policy.")) return c.no.add(std::move(*large));
  c.refuse_registered(policy_key(d.policy.ref()), "doc.policy.version", d.policy.ref().str());
  check_order(c, d.policy);
  check_owners(c, d.policy);
  check_earlier_versions(c, d.policy);
  for (auto& fault : check_policy(d.policy, "doc.policy.").faults) c.no.add(std::move(fault));
}

void record(Overlay& state, const Entry&, const PolicyRegistration& d) {
  state.put(policy_key(d.policy.ref()), encode_policy(d.policy));
  for (const auto& programme : d.policy.programmes) {
    if (is_calculated(programme)) state.put(owner_key(programme.id), d.policy.name.str());
  }
}

}  // namespace fundtrail::rules
