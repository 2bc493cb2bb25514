// Registering a version of a policy: it must make sense in itself, because everything after it is
// judged by it.
#include <set>

#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

constexpr std::uint64_t kMaxVersion = UINT32_MAX;
constexpr std::uint64_t kMaxAge = 150;
constexpr std::uint64_t kMaxVouchersAMonth = 255;  // the count of a month is one byte
constexpr std::uint64_t kMaxValidityMonths = 120;

void check_range(Context& c, const std::string& field, std::uint64_t value, std::uint64_t low,
                 std::uint64_t high) {
  if (value >= low && value <= high) return;
  c.no.add(Reason::invalid_value, field, std::to_string(value),
           std::to_string(low) + "-" + std::to_string(high));
}

void check_voucher_terms(Context& c, const VoucherTerms& terms) {
  c.need_positive(terms.face, "doc.policy.voucher.face");
  check_range(c, "doc.policy.voucher.max_per_month", terms.max_per_month, 1, kMaxVouchersAMonth);
  check_range(c, "doc.policy.voucher.validity_months", terms.validity_months, 1,
              kMaxValidityMonths);
}

void check_programmes(Context& c, const Policy& policy) {
  const std::string field = "doc.policy.programmes";
  if (policy.programmes.empty()) c.no.add(Reason::invalid_value, field, "[]", ">= 1");
  std::set<std::string> ids;
  for (const auto& programme : policy.programmes) {
    if (!ids.insert(programme.id.str()).second) {
      c.no.add(Reason::invalid_value, field, programme.id.str(), "unique");
    }
    if (programme.instrument == Instrument::voucher && !policy.voucher) {
      c.no.add(Reason::missing_field, "doc.policy.voucher", "voucher");
    }
  }
}

}  // namespace

void check(Context& c, const PolicyRegistration& d) {
  const Policy& policy = d.policy;
  c.refuse_registered(policy_key(policy.ref()), "doc.policy.version", policy.ref().str());
  check_range(c, "doc.policy.version", policy.version, 1, kMaxVersion);
  check_range(c, "doc.policy.eligibility.min_age", policy.eligibility.min_age, 0, kMaxAge);
  if (policy.in_force_to && *policy.in_force_to < policy.in_force_from) {
    c.no.add(Reason::invalid_period, "doc.policy.in_force_to", policy.in_force_from.str(),
             policy.in_force_to->str());
  }
  check_programmes(c, policy);
  if (policy.voucher) check_voucher_terms(c, *policy.voucher);
}

void record(Overlay& state, const Entry&, const PolicyRegistration& d) {
  state.put(policy_key(d.policy.ref()), encode_policy(d.policy));
}

}  // namespace fundtrail::rules
