#include "ledger/rules/bills.h"

#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/entitlement_amounts.h"

namespace fundtrail::rules {
namespace {

struct Standing {
  Month period;
  std::int64_t fen = 0;
  std::vector<ProviderId> payees;
};

Standing standing_in(const StateSource& state, const EntitlementRules& rules, const BillRow& bill,
                     const ProviderId& provider, Month month) {
  Standing result;
  const EntitlementTerms& terms = rules.terms_in(month);
  result.period = cycle_start(terms.cycle, month);
  std::string key;
  calculated_key(key, subject_of(bill.person), bill.programme, rules.row_year(result.period));
  const std::string* row = state.find(key);
  if (!row) return result;
  CalculatedRow rows(*row);
  for (CalculatedRow::Item item; rows.next(item);) {
    if (rules.row_period(result.period).value_or(item.period) != item.period) continue;
    if (terms.payee == PayeeKind::serving_provider && item.payee != provider.str()) continue;
    // An advance rests on the approval, whatever was delivered.
    if (!by_delivery(rules.programme(), terms, item.final_basis)) continue;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < item.size(); ++i) sum = plus(sum, item.at(i).fen);
    if (sum == 0) continue;
    result.fen = plus(result.fen, sum);
    result.payees.push_back(ProviderId::parse(item.payee).value_or(ProviderId()));
  }
  return result;
}

bool is_taken_back(const StateSource& state, const EntitlementRules& rules, const BillRow& bill,
                   const ProviderId& provider, const BillRow::Withdrawn& withdrawn) {
  const auto standing = standing_in(state, rules, bill, provider, withdrawn.month);
  bool known = true;
  for (const auto& payee : standing.payees) {
    const Assessment now =
        rules.of_person(bill.person, std::nullopt, standing.period, payee, false);
    known = known && !now.unknown;
    if (!now.unknown && now.difference().is_negative()) return false;
  }
  return known || standing.fen < withdrawn.fen;
}

}  // namespace

bool is_of(const BillRow& bill, const ProgrammeId& programme, Pseudonym person) {
  return bill.programme == programme && bill.person == person;
}

std::int64_t calculated_on(const StateSource& state, const BillRow& bill,
                           const ProviderId& provider, Month month) {
  if (!bill.policy) return 0;
  const EntitlementRules rules(state, *bill.policy, bill.programme);
  return rules.problem() ? 0 : standing_in(state, rules, bill, provider, month).fen;
}

bool is_free(const StateSource& state, const BillRow& bill, const ProviderId& provider) {
  if (bill.services > 0) return false;
  if (bill.withdrawn.empty()) return true;
  const EntitlementRules rules(state, *bill.policy, bill.programme);
  return rules.problem() ||
         std::all_of(bill.withdrawn.begin(), bill.withdrawn.end(), [&](const auto& withdrawn) {
           return is_taken_back(state, rules, bill, provider, withdrawn);
         });
}

void withdraw_from(const StateSource& state, BillRow& bill, const ProviderId& provider,
                   Month month) {
  FT_CHECK(bill.services > 0);
  --bill.services;
  const std::int64_t fen = calculated_on(state, bill, provider, month);
  if (fen <= 0) return;
  const auto same = std::find_if(bill.withdrawn.begin(), bill.withdrawn.end(),
                                 [&](const auto& known) { return known.month == month; });
  if (same != bill.withdrawn.end()) {
    same->fen = fen;
  } else {
    bill.withdrawn.push_back({month, fen});
  }
}

}  // namespace fundtrail::rules
