#include "ledger/rules/decide.h"

#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/rules/authority.h"
#include "ledger/rules/bank_lines.h"
#include "ledger/rules/families.h"
#include "ledger/rules/policy_force.h"
#include "ledger/rules/signatures.h"

namespace fundtrail::rules {
namespace {

template <class T>
bool is(const Document& document) {
  return std::holds_alternative<T>(document);
}

// Facts from outside keep their own dates, also in a period that is closed here.
bool is_outside_fact(const Document& document) {
  return is<BankStatement>(document) || is<ImportedRecord>(document);
}

void check_size(Context& c) {
  const bool has_lines = std::visit(
      [](const auto& d) { return HasLines<std::decay_t<decltype(d)>>; }, c.command.document);
  if (!has_lines) return;
  const std::size_t lines = line_count(c.command.document);
  if (lines == 0) c.no.add(Reason::no_lines, "lines");
  if (lines > kMaxLines) {
    c.no.add(Reason::too_many_lines, "lines", std::to_string(lines), std::to_string(kMaxLines));
  }
}

void check_mode(Context& c) {
  if (c.command.mode == LineMode::atomic || can_leave_lines_out(c.command.document)) return;
  c.no.add(Reason::invalid_value, "mode", std::string(name_of(c.command.mode)), "whole_document");
}

void check_dates(Context& c) {
  const Command& command = c.command;
  if (command.time.date() < command.date) {
    c.no.add(Reason::date_in_future, "date", command.date.str(), command.time.date().str());
  }
  if (c.ledger->closed && !is_outside_fact(command.document) &&
      Month::of(command.date) <= *c.ledger->closed) {
    c.no.add(Reason::period_closed, "date", command.date.str(), c.ledger->closed->str());
  }
}

// Points never become money: no document that moves money may name a programme of points (for
// allotments, also corrected ones: funding.cpp).
template <class T>
const ProgrammeId* programme_of(const T& d) {
  if constexpr (std::is_same_v<T, SettlementPreparation>) {
    return d.grant ? &d.grant->programme : nullptr;
  } else if constexpr (std::is_same_v<T, VoucherIssue> ||
                       std::is_same_v<T, EntitlementCalculation> ||
                       std::is_same_v<T, RecoveryDecision>) {
    return &d.programme;
  } else {
    return nullptr;
  }
}
void refuse_points_as_money(Context& c) {
  const ProgrammeId* id =
      std::visit([](const auto& d) { return programme_of(d); }, c.command.document);
  const Policy* policy = id ? c.policy() : nullptr;
  const Programme* programme = policy ? policy->programme(*id) : nullptr;
  if (programme && programme->instrument == Instrument::points) {
    c.no.add(Reason::points_not_money, "doc.programme", id->str());
  }
}

// Whom a refusal of lines may be shown to: somebody who may not record the document at all, or does
// not prove who he is, learns nothing about vouchers and people from it.
bool is_stranger(Reason reason) {
  switch (reason) {
    case Reason::role_not_permitted:
    case Reason::not_own_provider:
    case Reason::signature_required:
    case Reason::signature_wrong:
    case Reason::key_of_another:
    case Reason::key_not_valid:
    case Reason::key_not_confirmed:
    case Reason::signature_expired:
    case Reason::unknown_key:
      return true;
    default:
      return false;
  }
}
void hide_lines_from_strangers(Context& c) {
  const auto& first = c.no.first();
  if (!first || !is_stranger(first->reason)) return;
  std::erase_if(c.refused_lines, [](const Rejection& r) { return r.reason > Reason::duplicate_line; });
}

std::string amount_field(const Document& document) {
  return std::visit(
      [](const auto& d) -> std::string {
        using T = std::decay_t<decltype(d)>;
        if constexpr (requires { d.amount; }) return "doc.amount";
        else if constexpr (std::is_same_v<T, SettlementPreparation>) return "doc.total";
        else if constexpr (HasLines<T>) return "lines";
        else return "doc";
      },
      document);
}

void check_money(Context& c, const BankLines& lines) {
  auto found = check_postings(c.state, c.command.date, c.postings);
  if (!found) found = check_cash(c.state, c.command.date, lines);
  if (!found) return;
  found->field = amount_field(c.command.document);
  c.no.add(std::move(*found));
}

Decision conclude(Context& c) {
  const bool leave_out = c.command.mode == LineMode::line_by_line &&
                         c.refused_lines.size() < line_count(c.command.document);
  if (c.no.none() && (c.refused_lines.empty() || leave_out)) {
    return Accepted{std::move(c.postings), std::move(c.refused_lines)};
  }
  if (!c.no.first() || !leave_out) {
    for (const auto& line : c.refused_lines) c.no.add(line);
  }
  return Refused{*c.no.first(), std::move(c.refused_lines)};
}

}  // namespace

// Issued vouchers are consecutive and a bank statement adds up: they stand or fall as a whole.
bool can_leave_lines_out(const Document& document) {
  return is<Redemption>(document) || is<VoucherReturn>(document) || is<VoucherVoid>(document) ||
         is<VoucherExpiry>(document) || is<ServiceRecords>(document);
}

Decision decide(const StateSource& state, const Command& command) {
  Context c(state, command);
  c.ledger = LedgerRow::find(state);
  const std::size_t kind = command.document.index();
  check_size(c);
  check_mode(c);
  if (!may_record(command.actor.role, kind)) {
    c.no.add(Reason::role_not_permitted, "actor", std::string(name_of(command.actor.role)),
             std::string(kKindNames[kind]));
  }
  if (!c.ledger && !is<LedgerOpening>(command.document)) {
    c.no.add(Reason::not_open, "");
    return Refused{*c.no.first(), {}};
  }
  if (c.ledger) {
    check_dates(c);
    check_signature(c);
  } else if (command.time.date() < command.date) {
    c.no.add(Reason::date_in_future, "date", command.date.str(), command.time.date().str());
  }
  check_policy_named(c);
  refuse_points_as_money(c);
  std::visit([&](const auto& d) { check(c, d); }, command.document);
  const BankLines lines = bank_lines(state, command.document);
  check_references(c, lines);
  hide_lines_from_strangers(c);
  // Money comes last by precedence: a shortfall matters only when nothing else is wrong. Amounts
  // that lines were refused for are not among the postings.
  if (c.no.none()) check_money(c, lines);
  return conclude(c);
}

void apply(Overlay& state, const Entry& entry) {
  auto ledger = LedgerRow::find(state);
  const auto closed = ledger ? ledger->closed : std::nullopt;
  const BankLines lines = bank_lines(state, entry.document);
  apply_postings(state, entry.date, entry.postings, closed);
  record_bank_lines(state, entry, lines, closed);
  std::visit([&](const auto& d) { record(state, entry, d); }, entry.document);
  append_entry_kind(state, entry.index, entry.document.index());
  if (is_outside_fact(entry.document)) return;
  ledger = LedgerRow::find(state);
  FT_CHECK(ledger.has_value());
  const Month month = Month::of(entry.date);
  if (!ledger->first || month < *ledger->first) {
    ledger->first = month;
    state.put(kLedgerKey, ledger->encode());
  }
}

}  // namespace fundtrail::rules
