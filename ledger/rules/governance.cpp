// What is recorded about the ledger itself: that it was restored, that an identity was erased.
#include "ledger/chain/digest.h"
#include "ledger/core/wording.h"
#include "ledger/rules/families.h"
#include "ledger/rules/identity_need.h"

namespace fundtrail::rules {
namespace {

void need_hash(Context& c, const std::string& hex, const std::string& field) {
  if (!chain::hash_from_hex(hex)) {
    c.no.add(Reason::malformed_field, field, "***", token(Form::hex_digest));
  }
}

// Whoever invented a beneficiary must not remove the evidence alone: one ends the entitlement, another
// erases, which are two entries by two actors and no name that is typed in. What is ordered by a court or
// supervisor does not wait for money.
void check_needed(Context& c, const PersonErasure& d, const BeneficiaryView& person) {
  const std::string id = d.beneficiary.str();
  if (!person.end_reason()) return c.no.add(Reason::wrong_step, "doc.beneficiary", id, "entitled");
  if (const auto actor = ended_by(c.state, d.beneficiary)) c.separate_from(*actor, "entitlement_end");
  if (d.ground == ErasureGround::ordered) return;
  if (auto open = open_money(c.state, d.beneficiary)) {
    c.no.add(Reason::wrong_step, "doc.beneficiary", id, std::move(*open));
  }
}

}  // namespace

// That it tells the truth about the restored entries the engine compares with its own tree, and that the
// checkpoint is the ledger's own with the ledger's key.
void check(Context& c, const LedgerRestoration& d) {
  c.separate_from(d.ordered_by, "restoration_order");
  if (!d.known_signature) c.no.add(Reason::missing_field, "doc.known_signature", "known_signature");
  need_hash(c, d.known_root, "doc.known_root");
  need_hash(c, d.restored_root, "doc.restored_root");
  if (d.known_size <= d.restored_size) {
    c.no.add(Reason::invalid_value, "doc.restored_size", std::to_string(d.restored_size),
             "smaller");
  }
}
void record(Overlay&, const Entry&, const LedgerRestoration&) {}

void check(Context& c, const PersonErasure& d) {
  const std::string* person = c.need(beneficiary_key(d.beneficiary), Reason::unknown_beneficiary,
                                     "doc.beneficiary", d.beneficiary.str());
  c.separate_from(d.ordered_by, "erasure_order");
  if (person) {
    const std::string row = *person;
    check_needed(c, d, BeneficiaryView(row));
  }
  if (auto entry = erased_by(c.state, d.beneficiary)) {
    c.no.add(Reason::already_erased, "doc.beneficiary", d.beneficiary.str(), std::move(*entry));
  }
}
void record(Overlay& state, const Entry& entry, const PersonErasure& d) {
  note_erasure(state, d.beneficiary, entry.index);
}

}  // namespace fundtrail::rules
