#include "ledger/engine/ages.h"

#include <variant>

#include "ledger/rules/entitlement.h"
#include "ledger/rules/rows.h"

namespace fundtrail {
namespace {

// The person that the document speaks of at `at`, counted as in Command::births.
std::optional<Pseudonym> person_at(const Document& document, std::size_t at) {
  if (const auto* application = std::get_if<EntitlementApplication>(&document)) {
    return application->beneficiary;
  }
  if (const auto* issue = std::get_if<VoucherIssue>(&document)) {
    return issue->lines[at].beneficiary;
  }
  return std::get<EntitlementCalculation>(document).lines[at].beneficiary;
}

// Whether the programme of the vouchers has age limits of its own. Most have none, and then nobody's
// record in the vault is opened.
bool judges_ages(const rules::StateSource& state, const Command& command, const VoucherIssue& d) {
  if (!command.policy) return false;
  const std::string* row = state.find(rules::policy_key(*command.policy));
  if (row == nullptr) return true;  // it may come with the commands before this one
  const Policy policy = rules::decode_policy(*row);
  const Programme* programme = policy.programme(d.programme);
  if (programme == nullptr || !programme->entitlement) return false;
  const auto& rule = programme->entitlement->eligibility;
  return rule && (rule->min_age > 0 || rule->max_age);
}

}  // namespace

void make_room_for_births(const rules::StateSource& state, Command& command) {
  command.births.clear();
  if (std::holds_alternative<EntitlementApplication>(command.document)) command.births.resize(1);
  const auto* calculation = std::get_if<EntitlementCalculation>(&command.document);
  if (const auto* issue = std::get_if<VoucherIssue>(&command.document)) {
    if (judges_ages(state, command, *issue)) command.births.resize(issue->lines.size());
  }
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
