#include "ledger/engine/ages.h"

#include <variant>

#include "ledger/rules/entitlement.h"
#include "ledger/rules/policy_force.h"
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
  if (const auto* reduction = std::get_if<CalculationReduction>(&document)) {
    return reduction->lines[at].beneficiary;
  }
  if (const auto* recovery = std::get_if<RecoveryDecision>(&document)) {
    return recovery->entitlement->beneficiary;
  }
  return std::get<EntitlementCalculation>(document).lines[at].beneficiary;
}

// Whether a birth date matters for what is due under the programme; unknown terms may come with the
// commands before this one.
bool needs_ages(const rules::StateSource& state, const PolicyRef& policy,
                const ProgrammeId& programme) {
  const rules::EntitlementRules rules(state, policy, programme);
  return rules.problem() || rules.needs_ages();
}

// The programme of a calculation, as far as it is known and anything is left of it.
std::optional<ProgrammeId> programme_of(const rules::StateSource& state, std::uint64_t calculation) {
  const std::string* row = state.find(rules::redemption_key(calculation));
  if (row == nullptr) return std::nullopt;
  const auto groups = rules::RedemptionRow::decode(*row).groups;
  if (groups.empty()) return std::nullopt;
  return groups.front().at.programme;
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
  if (const auto* issue = std::get_if<VoucherIssue>(&command.document)) {
    if (judges_ages(state, command, *issue)) command.births.resize(issue->lines.size());
  }
  if (const auto* recovery = std::get_if<RecoveryDecision>(&command.document)) {
    if (!recovery->entitlement || !recovery->entitlement->beneficiary) return;
    const auto policy = rules::policy_of_recovery(state, command.policy, *recovery);
    if (!policy || needs_ages(state, *policy, recovery->programme)) command.births.resize(1);
  }
  if (!command.policy) return;
  if (const auto* calculation = std::get_if<EntitlementCalculation>(&command.document)) {
    if (needs_ages(state, *command.policy, calculation->programme)) {
      command.births.resize(calculation->lines.size());
    }
  }
  if (const auto* reduction = std::get_if<CalculationReduction>(&command.document)) {
    const auto programme = programme_of(state, reduction->calculation);
    if (!programme || needs_ages(state, *command.policy, *programme)) {
      command.births.resize(reduction->lines.size());
    }
  }
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
