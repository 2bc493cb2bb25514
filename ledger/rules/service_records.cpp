// Not written yet on this branch.
#include "ledger/rules/families.h"

namespace fundtrail::rules {

void check(Context& c, const ServiceRecords&) { c.no.add(Reason::invalid_value, "kind"); }
void record(Overlay&, const Entry&, const ServiceRecords&) {}
void check(Context& c, const WorkerCertificate&) { c.no.add(Reason::invalid_value, "kind"); }
void record(Overlay&, const Entry&, const WorkerCertificate&) {}

}  // namespace fundtrail::rules
