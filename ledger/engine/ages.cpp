#include "ledger/engine/ages.h"

#include <variant>

#include "ledger/rules/entitlement.h"

namespace fundtrail {
namespace {

// The person that the document speaks of at `at`, counted as in Command::births.
std::optional<Pseudonym> person_at(const Document& document, std::size_t at) {
  if (const auto* application = std::get_if<EntitlementApplication>(&document)) {
    return application->beneficiary;
  }
  return std::get<EntitlementCalculation>(document).lines[at].beneficiary;
}

}  // namespace

void make_room_for_births(const rules::StateSource& state, Command& command) {
  command.births.clear();
  if (std::holds_alternative<EntitlementApplication>(command.document)) command.births.resize(1);
  const auto* calculation = std::get_if<EntitlementCalculation>(&command.document);
  if (calculation == nullptr || !command.policy) return;
  // Terms that are not there yet may come with the commands before this one.
  const rules::EntitlementRules rules(state, *command.policy, calculation->programme);
  if (rules.problem() || rules.needs_ages()) command.births.resize(calculation->lines.size());
}

Status find_births(const Vault& vault, const SealedOf& sealed_of, Command& command) {
  for (std::size_t i = 0; i < command.births.size(); ++i) {
    if (command.births[i]) continue;
    const auto person = person_at(command.document, i);
    if (!person) continue;
    const auto sealed = sealed_of(*person);
    if (!sealed.ok()) return sealed.error();
    if (!*sealed) continue;
    const auto birth = vault.birth_date(*person, **sealed);
    if (!birth.ok()) return birth.error();
    command.births[i] = *birth;
  }
  return success();
}

}  // namespace fundtrail
