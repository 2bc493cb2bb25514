// Not written yet on this branch.
#include "ledger/rules/families.h"

namespace fundtrail::rules {

void check(Context& c, const EntitlementApplication&) { c.no.add(Reason::invalid_value, "kind"); }
void record(Overlay&, const Entry&, const EntitlementApplication&) {}
void check(Context& c, const ApplicationStep&) { c.no.add(Reason::invalid_value, "kind"); }
void record(Overlay&, const Entry&, const ApplicationStep&) {}

}  // namespace fundtrail::rules
