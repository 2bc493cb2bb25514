#include "ledger/engine/prepared.h"

#include <utility>
#include <variant>

#include "ledger/chain/canonical.h"
#include "ledger/core/wording.h"
#include "ledger/engine/ages.h"
#include "ledger/engine/personal_data.h"
#include "ledger/engine/signing.h"

namespace fundtrail {
namespace {

// What the rules cannot see: the id, and whether an identity is there when and only when it must.
std::optional<Rejection> check_envelope(const Command& command) {
  if (command.id.empty()) return Rejection{Reason::missing_field, "id", "id"};
  const bool registers = std::holds_alternative<BeneficiaryRegistration>(command.document);
  if (registers && !command.identity) return Rejection{Reason::missing_field, "identity", "identity"};
  if (!registers && command.identity) return Rejection{Reason::unknown_field, "identity", "identity"};
  if (registers) {
    const auto& identity = *command.identity;
    const auto malformed = [](const char* field) {
      return Rejection{Reason::malformed_field, field, "***", token(Form::normalized)};
    };
    if (!chain::is_text(identity.id_number)) return malformed("identity.id_number");
    if (!chain::is_text(identity.name)) return malformed("identity.name");
    if (identity.address && !chain::is_text(*identity.address)) return malformed("identity.address");
    if (identity.phone && !chain::is_text(*identity.phone)) return malformed("identity.phone");
  }
  return std::nullopt;
}

// A hasher of this thread: threads submit again and again, and a context costs as much as a line.
chain::Hasher& hasher_of_thread(chain::Suite suite) {
  thread_local chain::Hasher sha256(chain::Suite::sha256_ed25519), sm3(chain::Suite::sm3_sm2);
  return suite == chain::Suite::sm3_sm2 ? sm3 : sha256;
}

void seal(const Vault& vault, Prepared& p, BeneficiaryRegistration& registration) {
  auto sealed = vault.seal(*p.command.identity);
  if (!sealed.ok()) {
    p.fault = sealed.error();
    return;
  }
  registration.commitment = std::move(sealed->commitment);
  p.document = chain::encode_document(p.command.document);
  p.sealed = std::move(sealed->record);
}

}  // namespace

Prepared prepare(const Vault& vault, chain::Suite suite, Command command) {
  Prepared p{std::move(command)};
  p.refused = check_envelope(p.command);
  if (p.refused) return p;
  auto* registration = std::get_if<BeneficiaryRegistration>(&p.command.document);
  if (registration != nullptr) {
    p.fault = vault.locked();
    if (p.fault) return p;
    // The commitment is salted anew each time, so the content is digested without it
    // (docs/FORMAT.md, "Content").
    registration->beneficiary = vault.pseudonym_of(p.command.identity->id_number);
    registration->commitment.clear();
  }
  auto& hasher = hasher_of_thread(suite);
  p.document = chain::encode_document(p.command.document);
  chain::encode_lines(hasher, p.command.document, p.lines);
  if (!p.lines.leaves.empty()) p.summary = p.lines.summary(hasher);
  p.content = chain::content_digest(hasher, p.command, p.document, p.summary);
  p.refused = find_personal_data(p.command.document);
  if (registration != nullptr && !p.refused) seal(vault, p, *registration);
  return p;
}

void look_up_facts(const rules::StateSource& state, const Stored& stored, const Vault& vault,
                   const chain::SignedLedger& ledger, Prepared& p) {
  make_room_for_births(state, p.command);
  forget_signers(p.command);
  if (p.refused || p.fault) return;
  if (!p.command.births.empty()) {
    const auto found = find_births(vault, [&](const Pseudonym& person) {
      return stored(store::Table::vault, person.str());
    }, p.command);
    if (!found.ok()) p.fault = found.error();
  }
  if (!p.fault && bears_signatures(p.command)) check_signatures_fit(state, ledger, p.content, p.command);
}

}  // namespace fundtrail
