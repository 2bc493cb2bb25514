#include "tests/model/judge.h"

#include <algorithm>
#include <cctype>

#include "ledger/chain/document_codec.h"

namespace fundtrail::model {

namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Who may record what, as ARCHITECTURE and the roles' names have it.
bool may(Role role, const std::string& kind) {
  const auto one_of = [&](std::initializer_list<const char*> kinds) {
    return std::any_of(kinds.begin(), kinds.end(), [&](const char* k) { return kind == k; });
  };
  switch (role) {
    case Role::registrar:
      return kind.ends_with("_registration") || kind.ends_with("_amendment") ||
             one_of({"entitlement_end", "entitlement_reinstatement", "entitlement_application",
                     "ledger_opening", "imported_record", "person_erasure"});
    case Role::preparer:
      return kind.ends_with("_preparation") || kind.ends_with("_receipt") ||
             kind.starts_with("voucher_") || kind.starts_with("recovery_") ||
             one_of({"allotment", "counterpart_pledge", "redemption", "correction", "bank_statement",
                     "entitlement_application", "application_step", "entitlement_calculation",
                     "calculation_reduction", "service_records", "service_withdrawal",
                     "redemption_withdrawal"});
    case Role::reviewer:
      return one_of({"settlement_review", "settlement_return", "period_close", "application_step"});
    case Role::approver:
      return one_of({"settlement_approval", "settlement_return", "disbursement_approval",
                     "disbursement_cancellation", "recovery_decision", "application_step"});
    case Role::cashier: return one_of({"disbursement_payment", "disbursement_bounce"});
    case Role::provider:
      return one_of({"redemption", "redemption_withdrawal", "service_records", "service_withdrawal"});
    case Role::inspector:
    case Role::administrator: return false;
  }
  return false;
}

bool follows(const Document& document) {
  const auto* settlement = std::get_if<SettlementPreparation>(&document);
  if (settlement) return settlement->basis != SettlementBasis::grant;
  static const std::set<std::string_view> kinds = {
      "fund_receipt", "counterpart_receipt", "entitlement_end", "entitlement_reinstatement",
      "beneficiary_amendment", "redemption", "redemption_withdrawal", "voucher_return", "voucher_void",
      "voucher_expiry", "service_withdrawal", "settlement_review", "settlement_approval", "settlement_return",
      "disbursement_preparation", "disbursement_approval", "disbursement_payment", "disbursement_bounce",
      "disbursement_cancellation", "recovery_decision", "recovery_receipt", "person_erasure"};
  return kinds.contains(kind_of(document));
}

}  // namespace

std::string place(const std::string& fund, const std::string& programme, const std::string& region,
                  const std::string& counterparty) {
  return fund + "/" + programme + "/" + region + "/" + counterparty;
}

bool may_be_recorded_in_part(const Document& document) {
  const auto kind = kind_of(document);
  return kind == "redemption" || kind == "voucher_return" || kind == "voucher_void" || kind == "voucher_expiry" ||
         kind == "service_records";
}

Judge::Judge(NaiveLedger& book, const Command& command)
    : b_(book), c_(command), me_(lower(command.actor.id.str())) {
  const std::string kind(kind_of(c_.document));
  no_if(!may(c_.actor.role, kind), Reason::role_not_permitted);
  no_if(c_.time.date() < c_.date, Reason::date_in_future);
  const bool outside = kind == "bank_statement" || kind == "imported_record";
  no_if(!outside && b_.closed && Month::of(c_.date) <= *b_.closed, Reason::period_closed);
  if (c_.policy) {
    const auto policy = b_.policies.find(c_.policy->str());
    no_if(policy == b_.policies.end(), Reason::unknown_policy);
    const bool of_own_days = kind == "correction" || kind == "entitlement_calculation" ||
                             kind == "calculation_reduction" || kind == "service_records" ||
                             kind == "voucher_issue";
    const bool known = policy != b_.policies.end();
    no_if(!of_own_days && known && c_.date < policy->second.in_force_from, Reason::policy_not_in_force);
    // What was given is settled, paid and recovered after the end as well; facts are facts.
    no_if(!of_own_days && !follows(c_.document) && known && !policy->second.in_force_on(c_.date),
          Reason::policy_not_in_force);
    no_if(replaced(kind), Reason::policy_not_in_force);
  }
  const bool has_lines = std::visit(
      [](const auto& d) { return HasLines<std::decay_t<decltype(d)>>; }, c_.document);
  no_if(has_lines && line_count(c_.document) == 0, Reason::no_lines);
  no_if(c_.mode == LineMode::line_by_line && !may_be_recorded_in_part(c_.document), Reason::invalid_value);
  std::visit([&](const auto& d) { see(d); }, c_.document);
  for (const auto& fact : made_) {
    const auto same = [&](const BankFact& other) {
      return reference_key(other) == reference_key(fact);
    };
    no_if(b_.references.contains(reference_key(fact)) &&
              std::none_of(undone_.begin(), undone_.end(), same),
          Reason::duplicate_bank_reference);
  }
  conclude();
}

void Judge::conclude() {
  const bool stranger = !reasons_.empty() && (*reasons_.begin() == Reason::role_not_permitted ||
                                              *reasons_.begin() == Reason::not_own_provider);
  if (stranger) {  // who may not record it learns nothing about vouchers and people
    std::erase_if(lines_, [](const auto& l) { return *l.second.begin() > Reason::duplicate_line; });
  }
  no_if(reasons_.empty() && too_little_money(), Reason::insufficient_balance);
  const bool leave_out = c_.mode == LineMode::line_by_line && lines_.size() < line_count(c_.document);
  if (!reasons_.empty()) reason_ = *reasons_.begin();
  if (leave_out) return;
  for (const auto& [at, reasons] : lines_) {
    if (!reason_ || *reasons.begin() < *reason_) reason_ = *reasons.begin();
  }
}

std::map<std::size_t, Reason> Judge::refused_lines() const {
  std::map<std::size_t, Reason> result;
  for (const auto& [at, reasons] : lines_) result[at] = *reasons.begin();
  return result;
}

void Judge::record() {
  for (auto& move : moves_) move.date = c_.date;
  b_.moves.insert(b_.moves.end(), moves_.begin(), moves_.end());
  for (auto fact : undone_) {
    b_.references.erase(reference_key(fact));
    fact.amount = -fact.amount;
    fact.date = c_.date;
    b_.bank.push_back(fact);
  }
  for (auto fact : made_) {
    b_.references.insert(reference_key(fact));
    fact.date = c_.date;
    b_.bank.push_back(fact);
  }
  for (const auto& effect : then_) effect(b_.size);
  const bool outside = std::holds_alternative<BankStatement>(c_.document) ||
                       std::holds_alternative<ImportedRecord>(c_.document);
  if (!outside && (!b_.first || Month::of(c_.date) < *b_.first)) b_.first = Month::of(c_.date);
}

// --- money ---------------------------------------------------------------------------------------

void Judge::move(Fen amount, FundAccount debit, const std::string& debit_at, FundAccount credit,
                 const std::string& credit_at) {
  moves_.push_back({c_.date, debit, Side::debit, amount, debit_at});
  moves_.push_back({c_.date, credit, Side::credit, amount, credit_at});
}

namespace {

Fen effect(const Move& m) {
  return (m.side == Side::debit) == is_debit_account(m.account) ? m.amount : -m.amount;
}

// Whether the running sum of what happened day by day is below zero on `from` or later.
bool below_zero(const std::map<Date, Fen>& days, Date from) {
  Fen sum = 0;
  bool below = false;
  for (const auto& [day, change] : days) {
    sum += change;
    below = below || (from <= day && sum < 0);
  }
  return below;
}

}  // namespace

// No balance and no account's cash is short on the day of the document or on any later one.
bool Judge::too_little_money() const {
  std::map<std::pair<FundAccount, std::string>, Fen> changes;
  for (const auto& m : moves_) changes[{m.account, m.at}] += effect(m);
  for (const auto& [key, change] : changes) {
    if (change >= 0) continue;
    std::map<Date, Fen> days{{c_.date, change}};
    for (const auto& m : b_.moves) {
      if (m.account == key.first && m.at == key.second) days[m.date] += effect(m);
    }
    if (below_zero(days, c_.date)) return true;
  }
  std::map<std::string, Fen> cash;
  for (const auto& fact : made_) cash[fact.account] += fact.cash();
  for (const auto& fact : undone_) cash[fact.account] -= fact.cash();
  for (const auto& [account, change] : cash) {
    if (change >= 0) continue;
    std::map<Date, Fen> days{{c_.date, change}};
    for (const auto& fact : b_.bank) {
      if (fact.account == account) days[fact.date] += fact.cash();
    }
    if (below_zero(days, c_.date)) return true;
  }
  return false;
}

Fen Judge::promised(const std::string& at) const {
  Fen sum = b_.balance(FundAccount::pledged, at);
  for (const auto& m : moves_) {
    if (m.account == FundAccount::pledged && m.at == at) sum += effect(m);
  }
  return sum;
}

void Judge::release(Fen amount, const std::string& at) {
  if (amount != 0) move(amount, FundAccount::pledge_source, at, FundAccount::pledged, at);
}

std::string Judge::reference_key(const BankFact& fact) {
  return fact.account + "|" + std::string(name_of(fact.direction)) + "|" + fact.reference;
}

void Judge::bank(const DesignatedAccountId& account, Direction direction,
                 const fundtrail::Reference& reference, Fen amount) {
  made_.push_back({account.str(), direction, lower(reference.str()), amount, c_.date});
}

// --- what many documents ask for -------------------------------------------------------------------

// Whether the command would give something under a version that a newer one has replaced. What follows
// from earlier documents, and facts, may still name it.
bool Judge::replaced(const std::string& kind) const {
  static const std::set<std::string> gives = {
      "beneficiary_registration", "allotment", "fund_registration",
      "policy_registration", "region_registration", "provider_registration", "provider_amendment",
      "designated_account_registration", "counterpart_pledge", "period_close", "bank_statement",
      "imported_record", "entitlement_application", "application_step"};
  const auto* settlement = std::get_if<SettlementPreparation>(&c_.document);
  const bool grant = settlement && settlement->basis == SettlementBasis::grant;
  return (grant || gives.contains(kind)) && replaced_by(c_.date);
}

bool Judge::replaced_by(Date day) const {
  return std::any_of(b_.policies.begin(), b_.policies.end(), [&](const auto& known) {
    const Policy& policy = known.second;
    return policy.name == c_.policy->name && policy.version > c_.policy->version &&
           policy.in_force_from <= day;
  });
}

const Policy* Judge::need_policy() {
  if (!c_.policy) {
    no(Reason::policy_required);
    return nullptr;
  }
  const auto found = b_.policies.find(c_.policy->str());
  return found == b_.policies.end() ? nullptr : &found->second;
}

const Programme* Judge::need_programme(const Policy* policy, const ProgrammeId& id) {
  if (!policy) return nullptr;
  for (const auto& programme : policy->programmes) {
    if (programme.id == id) return &programme;
  }
  no(Reason::unknown_programme);
  return nullptr;
}

void Judge::need_number(const BankAccount& account) {
  const std::string& n = account.number;
  const bool digits = std::all_of(n.begin(), n.end(), [](char c) { return '0' <= c && c <= '9'; });
  no_if(n.size() < 6 || n.size() > 32 || !digits, Reason::invalid_value);
}

// --- registrations ---------------------------------------------------------------------------------

void Judge::see(const FundRegistration& d) {
  no_if(b_.funds.contains(d.fund.str()), Reason::already_registered);
  no_if(d.fiscal_year < 1900 || d.fiscal_year > 2999, Reason::invalid_value);
  then_.push_back([this, d](auto) { b_.funds.insert(d.fund.str()); });
}

void Judge::see(const PolicyRegistration& d) {
  no_if(b_.policies.contains(d.policy.ref().str()), Reason::already_registered);
  no_if(d.policy.in_force_to && *d.policy.in_force_to < d.policy.in_force_from,
        Reason::invalid_period);
  no_if(d.policy.version > 1 && !b_.policies.contains(d.policy.name.str() + "@" +
                                                      std::to_string(d.policy.version - 1)),
        Reason::unknown_policy);
  then_.push_back([this, d](auto) { b_.policies[d.policy.ref().str()] = d.policy; });
}

void Judge::see(const RegionRegistration& d) {
  no_if(b_.regions.contains(d.region.str()), Reason::already_registered);
  if (d.parent) need_region(*d.parent);
  then_.push_back([this, d](auto) { b_.regions.insert(d.region.str()); });
}

void Judge::see(const ProviderRegistration& d) {
  no_if(b_.providers.contains(d.provider.str()) || b_.usccs.contains(d.uscc),
        Reason::already_registered);
  no_if(!is_valid_uscc(d.uscc), Reason::invalid_uscc);
  no_if(d.contract.to < d.contract.from, Reason::invalid_period);
  need_number(d.bank);
  then_.push_back([this, d](auto) {
    b_.usccs.insert(d.uscc);
    b_.providers[d.provider.str()] = {
        d.bank, {{d.contract.number.str(), {d.contract.from, d.contract.to}}}};
  });
}

void Judge::see(const ProviderAmendment& d) {
  no_if(!b_.providers.contains(d.provider.str()), Reason::unknown_provider);
  no_if(!d.bank && !d.contract, Reason::missing_field);
  no_if(d.contract && d.contract->to < d.contract->from, Reason::invalid_period);
  if (d.bank) need_number(*d.bank);
  then_.push_back([this, d](auto) {
    auto& provider = b_.providers.at(d.provider.str());
    if (d.bank) provider.bank = *d.bank;
    if (d.contract) {
      provider.contracts[d.contract->number.str()] = {d.contract->from, d.contract->to};
    }
  });
}

void Judge::see(const DesignatedAccountRegistration& d) {
  no_if(b_.accounts.contains(d.account.str()), Reason::already_registered);
  need_number(d.bank);
  then_.push_back([this, d](auto) { b_.accounts.insert(d.account.str()); });
}

void Judge::see(const PeriodClose& d) {
  const Month next = b_.closed ? b_.closed->plus(1) : b_.first.value_or(Month::of(c_.date));
  no_if(b_.closed ? d.period != next : d.period < next, Reason::period_not_next);
  no_if(c_.date < d.period.last_day(), Reason::invalid_period);
  for (const auto& [id, claim] : b_.claims) {
    const bool draft = claim.step == Step::prepared || claim.step == Step::reviewed;
    const Month month = Month::of(claim.prepared_on);
    no_if(draft && next <= month && month <= d.period, Reason::drafts_open);
  }
  then_.push_back([this, d](auto) { b_.closed = d.period; });
}

void Judge::see(const BankStatement& d) {
  need_account(d.account);
  no_if(b_.statements.contains(d.account.str() + "/" + d.period.str()),
        Reason::duplicate_statement);
  Fen closing = fen(d.opening);
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    closing += d.lines[i].direction == Direction::in ? fen(d.lines[i].amount)
                                                     : -fen(d.lines[i].amount);
    line_if(Month::of(d.lines[i].date) != d.period, i, Reason::invalid_value);
    line_if(fen(d.lines[i].amount) <= 0, i, Reason::amount_not_positive);
  }
  no_if(closing != fen(d.closing), Reason::amount_mismatch);
  then_.push_back([this, d](auto) { b_.statements.insert(d.account.str() + "/" + d.period.str()); });
}

}  // namespace fundtrail::model
