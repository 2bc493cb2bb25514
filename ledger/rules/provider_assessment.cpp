// Not written yet on this branch.
#include "ledger/rules/families.h"

namespace fundtrail::rules {

void check(Context& c, const ProviderAssessment&) { c.no.add(Reason::invalid_value, "kind"); }
void record(Overlay&, const Entry&, const ProviderAssessment&) {}

}  // namespace fundtrail::rules
