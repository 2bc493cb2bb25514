// What somebody competent found about a provider: verified beds, a rating, an acceptance.
#include "ledger/rules/entitlement_rows.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {

void check(Context& c, const ProviderAssessment& d) {
  c.need_provider(d.provider);
  if (!d.value && !d.rating) c.no.add(Reason::missing_field, "doc.value", "value | rating");
}
void record(Overlay& state, const Entry&, const ProviderAssessment& d) {
  add_assessment(state, d.provider, d.assessment, {d.effective, d.value, d.rating});
}

}  // namespace fundtrail::rules
