// What a family of rules works with while it decides one command: the state, the command, the
// findings so far, and what every family asks for. Lives for one decide().
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/core/check.h"
#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"
#include "ledger/rules/balances.h"
#include "ledger/rules/rows.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// Keeps the finding that stands first by precedence, so that checks may come in any order.
class Findings {
 public:
  void add(Rejection found) {
    if (!first_ || found.reason < first_->reason) first_ = std::move(found);
  }
  void add(Reason reason, std::string field, std::string subject = {}, std::string detail = {}) {
    if (first_ && first_->reason <= reason) return;
    first_ = Rejection{reason, std::move(field), std::move(subject), std::move(detail), {}};
  }
  bool none() const { return !first_; }
  const std::optional<Rejection>& first() const { return first_; }

 private:
  std::optional<Rejection> first_;
};

// Ids that differ in case only are one person's. (The verifier has a fold of its own: audit/.)
inline std::string folded(const ActorId& actor) {
  std::string id = actor.str();
  for (char& c : id) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return id;
}
inline bool same_actor(const ActorId& a, const ActorId& b) { return folded(a) == folded(b); }

class Context {
 public:
  Context(const StateSource& s, const Command& c) : state(s), command(c) {}

  const StateSource& state;
  const Command& command;
  std::optional<LedgerRow> ledger;        // nothing before the opening
  Findings no;                            // about the document as a whole
  std::vector<Posting> postings;          // what it would move
  std::vector<Rejection> refused_lines;   // ascending by line

  void refuse_line(std::size_t line, const std::string& field, Rejection found) {
    found.line = line;
    found.field = "lines[" + std::to_string(line) + "]." + field;
    refused_lines.push_back(std::move(found));
  }

  // The row under a key, or a finding that the thing is unknown.
  const std::string* need(std::string_view key, Reason unknown, const std::string& field,
                          const std::string& id, const std::string& detail = {}) {
    const std::string* row = state.find(key);
    if (!row) no.add(unknown, field, id, detail);
    return row;
  }
  void need_fund(const FundId& id, const std::string& field = "doc.fund") {
    need(fund_key(id), Reason::unknown_fund, field, id.str());
  }
  // A provider records for itself only.
  const std::string* need_own_provider(const ProviderId& id) {
    if (command.actor.role == Role::provider && command.actor.id.str() != id.str()) {
      no.add(Reason::not_own_provider, "doc.provider", id.str());
    }
    return need_provider(id);
  }
  const std::string* need_provider(const ProviderId& id) {
    return need(provider_key(id), Reason::unknown_provider, "doc.provider", id.str());
  }
  void need_account(const DesignatedAccountId& id, const std::string& field = "doc.account") {
    need(account_key(id), Reason::unknown_account, field, id.str());
  }
  // The region of the ledger itself counts as registered.
  void need_region(const RegionCode& code, const std::string& field = "doc.region") {
    if (ledger && ledger->region == code) return;
    need(region_key(code), Reason::unknown_region, field, code.str());
  }
  void refuse_registered(std::string_view key, const std::string& field, const std::string& id) {
    if (state.find(key)) no.add(Reason::already_registered, field, id);
  }
  void need_positive(const Money& amount, const std::string& field = "doc.amount") {
    if (!amount.is_positive()) no.add(Reason::amount_not_positive, field, amount.str());
  }
  // A step is not dated before what it follows from.
  void need_not_before(Date earlier, const std::string& field = "date") {
    if (command.date < earlier) {
      no.add(Reason::date_too_early, field, command.date.str(), earlier.str());
    }
  }
  // What a settlement claims is no other's; once that one is returned, it is free from that day on.
  void need_free(const SettlementId& claimed_by, Reason taken, const std::string& field,
                 const std::string& subject) {
    if (claimed_by.empty()) return;
    const std::string* row = state.find(settlement_key(claimed_by));
    FT_CHECK(row != nullptr);
    if (const auto free = returned_on(*row)) return need_not_before(*free, field);
    no.add(taken, field, subject, claimed_by.str());
  }
  // Incompatible duties: whoever did `duty` (a kind of document) may not act now.
  void separate_from(const ActorId& earlier, std::string_view duty) {
    if (same_actor(earlier, command.actor.id)) {
      no.add(Reason::same_person, "actor", earlier.str(), std::string(duty));
    }
  }

  // The policy that the command names, decoded once; a finding when it names none. Whether a named
  // policy is known and in force has been checked for every command already.
  const Policy* need_policy() {
    if (!command.policy) no.add(Reason::policy_required, "policy");
    return policy();
  }
  const Policy* policy() {
    if (!policy_ && command.policy) {
      if (const auto* row = state.find(policy_key(*command.policy))) policy_ = decode_policy(*row);
    }
    return policy_ ? &*policy_ : nullptr;
  }

 private:
  std::optional<Policy> policy_;
};

// A programme of the policy, or a finding.
inline const Programme* need_programme(Context& c, const Policy& policy, const ProgrammeId& id,
                                       const std::string& field) {
  const Programme* programme = policy.programme(id);
  if (!programme) c.no.add(Reason::unknown_programme, field, id.str(), policy.ref().str());
  return programme;
}

}  // namespace fundtrail::rules
