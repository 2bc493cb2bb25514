// Visits, inspections and complaints, recorded as they are: which were missed, and which call for
// action, reports/duties.cpp tells. Nothing is left in the state.
#include <algorithm>

#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

bool fits(DutyKind kind, DutyOutcome outcome) {
  // A visit is done; whoever is asked about a service is satisfied or not, or complains.
  return kind == DutyKind::recurring ? outcome != DutyOutcome::complaint
                                     : outcome != DutyOutcome::done;
}

void check_duty(Context& c, const DutyRecord& d, const Policy& policy) {
  const auto& duties = items(policy.duties);
  const auto duty = std::find_if(duties.begin(), duties.end(),
                                 [&](const Duty& candidate) { return candidate.id == d.duty; });
  if (duty == duties.end()) {
    return c.no.add(Reason::unknown_duty, "doc.duty", d.duty.str(), policy.ref().str());
  }
  if (!fits(duty->kind, d.outcome)) {
    c.no.add(Reason::invalid_value, "doc.outcome", std::string(name_of(d.outcome)),
             duty->kind == DutyKind::recurring ? "done | satisfied | unsatisfied"
                                               : "satisfied | unsatisfied | complaint");
  }
  if (duty->kind == DutyKind::complaint && !d.provider) {
    c.no.add(Reason::missing_field, "doc.provider", "provider");
  }
  if (!duty->region_digits) return;
  if (!d.region) return c.no.add(Reason::missing_field, "doc.region", "region");
  if (d.region->str().size() != *duty->region_digits) {
    c.no.add(Reason::invalid_value, "doc.region", d.region->str(),
             std::to_string(*duty->region_digits));
  }
}

}  // namespace

void check(Context& c, const DutyRecord& d) {
  if (const Policy* policy = c.need_policy()) check_duty(c, d, *policy);
  if (d.beneficiary) {
    c.need(beneficiary_key(*d.beneficiary), Reason::unknown_beneficiary, "doc.beneficiary",
           d.beneficiary->str());
  }
  if (d.provider) c.need_provider(*d.provider);
  if (d.region) c.need_region(*d.region);
}

void record(Overlay&, const Entry&, const DutyRecord&) {}

}  // namespace fundtrail::rules
