#include "ledger/rules/policy_force.h"

#include <algorithm>

#include "ledger/rules/entitlement.h"

namespace fundtrail::rules {
namespace {

// What a document does under the policy that it names.
enum class Use {
  own_days,    // judges its own days by the versions of those days: corrections, services, calculations, vouchers
  takes,       // lets somebody or something in that was not there before
  serves,      // gives more to those who are in
  follows,     // a fact, or what becomes of what was given before
};

template <class T>
constexpr Use use_of() {
  using D = T;
  constexpr auto is_one_of = []<class... Kinds>() { return (std::is_same_v<D, Kinds> || ...); };
  if constexpr (is_one_of.template operator()<Correction, ServiceRecords, EntitlementCalculation,
                                              CalculationReduction, VoucherIssue>()) {
    return Use::own_days;
  } else if constexpr (is_one_of.template operator()<
                           FundReceipt, CounterpartReceipt, EntitlementEnd,
                           EntitlementReinstatement, BeneficiaryAmendment, Redemption, RedemptionWithdrawal,
                           VoucherReturn, VoucherVoid, VoucherExpiry, WorkerCertificate,
                           ProviderAssessment, PointsJournal, DutyRecord,
                           ServiceWithdrawal, ProgrammeCutover, BeneficiaryCutover,
                           SettlementPreparation, SettlementReview, SettlementApproval,
                           SettlementReturn, DisbursementPreparation, DisbursementApproval,
                           DisbursementPayment, DisbursementBounce, DisbursementCancellation,
                           RecoveryDecision, RecoveryReceipt, PersonErasure>()) {
    return Use::follows;
  }
  return Use::takes;
}

Use use_of(const Document& document) {
  return std::visit(
      [](const auto& d) {
        using T = std::decay_t<decltype(d)>;
        // A new invoice obeys the policy of its day.
        if constexpr (std::is_same_v<T, SettlementPreparation>) {
          if (d.basis == SettlementBasis::grant) return Use::serves;
        }
        if constexpr (std::is_same_v<T, PointsJournal>) {
          const auto earned = [](const PointsLine& line) { return line.direction == PointsDirection::earned; };
          if (std::any_of(d.lines.begin(), d.lines.end(), earned)) return Use::serves;
        }
        return use_of<T>();
      },
      document);
}

}  // namespace

void check_policy_named(Context& c) {
  if (!c.command.policy) return;
  const PolicyRef& ref = *c.command.policy;
  const std::string* row = c.need(policy_key(ref), Reason::unknown_policy, "policy", ref.str());
  const Use use = use_of(c.command.document);
  if (!row || use == Use::own_days) return;
  const Date on = c.command.date;
  const auto not_in_force = [&] {
    c.no.add(Reason::policy_not_in_force, "policy", ref.str(), on.str());
  };
  if (on < policy_first_day(*row)) return not_in_force();
  // What was given is settled, paid and recovered after the policy's end, too.
  if (use == Use::follows) return;
  if (replaced(c.state, ref, on)) return not_in_force();
  if (policy_in_force(*row, on)) return;
  const Policy* policy = c.policy();
  if (!served_on(*policy, on)) return not_in_force();
  if (use == Use::takes) {
    c.no.add(Reason::policy_closed, "policy", ref.str(), policy->in_force_to->str());
  }
}

// Versions follow each other without gaps and none begins before the one before it, so the next one
// tells whether any newer one is in force.
bool replaced(const StateSource& state, const PolicyRef& ref, Date on) {
  const std::string* next = state.find(policy_key({ref.name, ref.version + 1}));
  return next && policy_first_day(*next) <= on;
}

bool served_on(const Policy& policy, Date day) {
  return policy.in_force_on(day) || (policy.transition && policy.in_force_from <= day &&
                                     day <= policy.transition->serves_until);
}

std::optional<PolicyRef> version_of_month(const StateSource& state, const PolicyRef& known, Month month) {
  const PolicyVersions versions(state, known);
  const Policy* found = versions.on(month.first_day());
  for (const auto& version : versions.all()) {
    if (!found && Month::of(version.in_force_from) == month) found = versions.on(version.in_force_from);
  }
  if (!found) return std::nullopt;
  return found->ref();
}

std::vector<ClosedDays> closed_days(const StateSource& state, const Policy& policy, const ProgrammeId& programme) {
  std::vector<ClosedDays> closed;
  const PolicyVersions versions(state, policy.ref());
  const auto& all = versions.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Policy& version = all[i];
    if (version.version < policy.version) continue;
    std::optional<Date> to;
    if (i + 1 < all.size()) to = all[i + 1].in_force_from + -1;
    const Programme* same = version.programme(programme);
    if (same == nullptr) {
      closed.push_back({version.in_force_from, to});
    } else if (version.in_force_to) {
      closed.push_back({*version.in_force_to + 1, to});
    }
  }
  return closed;
}

}  // namespace fundtrail::rules
