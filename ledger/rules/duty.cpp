// Not written yet on this branch.
#include "ledger/rules/families.h"

namespace fundtrail::rules {

void check(Context& c, const DutyRecord&) { c.no.add(Reason::invalid_value, "kind"); }
void record(Overlay&, const Entry&, const DutyRecord&) {}

}  // namespace fundtrail::rules
