#include "ledger/rules/balances.h"

#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/rules/packing.h"
#include "ledger/store/layout.h"

namespace fundtrail::rules {
namespace {

struct NetChange {
  const Posting* first;  // names the account and the dimensions
  Money change;
};

// One net change for each account and its dimensions, in the order in which they come up.
std::vector<NetChange> net_changes(const std::vector<Posting>& postings) {
  std::vector<NetChange> changes;
  for (const auto& posting : postings) {
    const auto same = [&](const NetChange& c) {
      return c.first->account == posting.account && c.first->at == posting.at;
    };
    const auto found = std::find_if(changes.begin(), changes.end(), same);
    if (found == changes.end()) {
      changes.push_back({&posting, posting.effect()});
    } else {
      found->change += posting.effect();
    }
  }
  return changes;
}

std::string describe(const Posting& posting) {
  std::string text(name_of(posting.account));
  for (const std::string* part : {&posting.at.fund.str(), &posting.at.programme.str(),
                                  &posting.at.region.str(), &posting.at.counterparty}) {
    if (!part->empty()) text.append("/").append(*part);
  }
  return text;
}

Money read_balance(const std::string* row) {
  if (!row || row->empty()) return Money();
  const auto value = store::decode_balance(*row);
  if (!value.ok()) throw StateUnreadable{value.error()};
  return *value;
}

store::Turnover read_turnover(const std::string* row) {
  if (!row || row->empty()) return {};
  const auto value = store::decode_turnover(*row);
  if (!value.ok()) throw StateUnreadable{value.error()};
  return *value;
}

bool at_limit(const Money& amount) { return amount >= money_limit() || -amount >= money_limit(); }

void add(store::Turnover& turnover, const Posting& posting) {
  (posting.side == Side::debit ? turnover.debit : turnover.credit) += posting.amount;
}

struct FundOf {
  FundId fund;
  Money debits_minus_credits;
};

// Σ states = Σ source, and for the memorandum likewise.
void check_totals(const FundTotals& totals) {
  const auto total = [&](FundAccount account) {
    return totals.by_account[static_cast<std::size_t>(account)];
  };
  Money states;
  for (const auto& account : fund_accounts()) {
    if (is_state(account.account)) states += total(account.account);
  }
  FT_CHECK(states == total(FundAccount::source));
  FT_CHECK(total(FundAccount::pledged) == total(FundAccount::pledge_source));
}

// The days on which a balance moved and which a document may still be dated before: ascending, four
// bytes each. Their turnovers are rows of their own.
std::string days_key(const Posting& posting) {
  std::string key = store::balance_key(posting.account, posting.at);
  key[0] = 'b';
  return key;
}
Date day_at(std::string_view row, std::size_t at) {
  return Date::from_days(static_cast<std::int32_t>(get_big_endian(row.data() + at, 4)));
}

void remember_day(Overlay& state, const Posting& posting, Date date, std::optional<Month> closed) {
  const std::string key = days_key(posting);
  const std::string* before = state.find(key);
  std::size_t at = before ? before->size() : 0;
  while (at > 0 && date <= day_at(*before, at - 4)) at -= 4;
  if (before && at < before->size() && day_at(*before, at) == date) return;
  std::string& row = state.edit(key);
  std::string day;
  put_big_endian(day, static_cast<std::uint32_t>(date.days()), 4);
  row.insert(at, day);
  std::size_t past = 0;
  while (closed && past < row.size() && Month::of(day_at(row, past)) <= *closed) past += 4;
  row.erase(0, past);
}

// The lowest balance from `date` on, up to the latest day, and that day.
struct Lowest {
  Money balance;
  Date day;
};
Lowest lowest_from(const StateSource& state, const Posting& posting, Date date) {
  Lowest lowest{balance(state, posting.account, posting.at), date};
  const std::string* row = state.find(days_key(posting));
  if (!row) return lowest;
  Money at_end_of_day = lowest.balance;
  const std::string days = *row;
  for (std::size_t at = days.size(); at > 0; at -= 4) {
    const Date day = day_at(days, at - 4);
    if (day <= date) break;
    // The balance before that day is the one after the day before it.
    const auto moved =
        read_turnover(state.find(store::turnover_key(day, posting.account, posting.at)));
    const Money net = moved.debit - moved.credit;
    at_end_of_day -= is_debit_account(posting.account) ? net : -net;
    const Date before = at >= 8 ? std::max(date, day_at(days, at - 8)) : date;
    if (at_end_of_day < lowest.balance) lowest = {at_end_of_day, before};
  }
  return lowest;
}

}  // namespace

Money money_limit() {
  std::int64_t fen = 100;
  for (int digit = 0; digit < Money::kMaxYuanDigits; ++digit) fen *= 10;
  return Money::of_fen(fen);
}

Money balance(const StateSource& state, FundAccount account, const Dimensions& at) {
  return read_balance(state.find(store::balance_key(account, at)));
}

Money balance_after(const StateSource& state, const std::vector<Posting>& postings,
                    FundAccount account, const Dimensions& at) {
  Money result = balance(state, account, at);
  for (const auto& posting : postings) {
    if (posting.account == account && posting.at == at) result += posting.effect();
  }
  return result;
}

void move(std::vector<Posting>& postings, const Money& amount, FundAccount debit,
          const Dimensions& debit_at, FundAccount credit, const Dimensions& credit_at) {
  if (amount.is_zero()) return;
  postings.push_back({debit, Side::debit, amount, debit_at});
  postings.push_back({credit, Side::credit, amount, credit_at});
}

std::optional<Rejection> check_postings(const StateSource& state, Date date,
                                        const std::vector<Posting>& postings) {
  const auto too_large = [](const Money& amount) {
    return Rejection{Reason::invalid_value, {}, amount.str(), "< " + money_limit().str(), {}};
  };
  std::vector<std::pair<std::string, store::Turnover>> turnovers;
  for (const auto& posting : postings) {
    if (at_limit(posting.amount)) return too_large(posting.amount);
    auto key = store::turnover_key(date, posting.account, posting.at);
    auto found = std::find_if(turnovers.begin(), turnovers.end(),
                              [&](const auto& t) { return t.first == key; });
    if (found == turnovers.end()) {
      auto before = read_turnover(state.find(key));
      found = turnovers.insert(turnovers.end(), {std::move(key), std::move(before)});
    }
    add(found->second, posting);
    if (at_limit(found->second.debit)) return too_large(found->second.debit);
    if (at_limit(found->second.credit)) return too_large(found->second.credit);
  }
  for (const auto& [posting, change] : net_changes(postings)) {
    const Money after = balance(state, posting->account, posting->at) + change;
    if (at_limit(after)) return too_large(after);
    if (after.is_negative()) {
      return Rejection{Reason::insufficient_balance, {}, describe(*posting), (-after).str(), {}};
    }
    if (!change.is_negative()) continue;
    // Not before it was there, and not what was used since.
    const Lowest lowest = lowest_from(state, *posting, date);
    const Money left = lowest.balance + change;
    if (left.is_negative()) {
      return Rejection{Reason::insufficient_balance, {},
                       describe(*posting) + " " + lowest.day.str(), (-left).str(), {}};
    }
  }
  return std::nullopt;
}

void apply_postings(Overlay& state, Date date, const std::vector<Posting>& postings,
                    std::optional<Month> closed) {
  if (postings.empty()) return;
  std::vector<FundOf> funds;
  for (const auto& posting : postings) {
    auto& row = state.edit(store::turnover_key(date, posting.account, posting.at));
    auto turnover = read_turnover(&row);
    add(turnover, posting);
    row = store::encode_turnover(turnover);
    auto found = std::find_if(funds.begin(), funds.end(),
                              [&](const FundOf& f) { return f.fund == posting.at.fund; });
    if (found == funds.end()) found = funds.insert(funds.end(), {posting.at.fund, Money()});
    found->debits_minus_credits += posting.side == Side::debit ? posting.amount : -posting.amount;
  }
  for (const auto& [posting, change] : net_changes(postings)) {
    auto& row = state.edit(store::balance_key(posting->account, posting->at));
    const Money after = read_balance(&row) + change;
    FT_CHECK(!after.is_negative());
    row = store::encode_balance(after);
    remember_day(state, *posting, date, closed);
  }
  for (const auto& [fund, difference] : funds) {
    FT_CHECK(difference.is_zero());
    std::string& row = state.edit(fund_totals_key(fund));
    auto totals = FundTotals::decode(&row);
    for (const auto& posting : postings) {
      if (posting.at.fund != fund) continue;
      totals.by_account[static_cast<std::size_t>(posting.account)] += posting.effect();
    }
    check_totals(totals);
    totals.encode(row);
  }
}

void count_vouchers(Overlay& state, const FundId& fund, VoucherStatus from, VoucherStatus to,
                    std::uint64_t count, const Money& amount) {
  std::string& row = state.edit(fund_totals_key(fund));
  auto totals = FundTotals::decode(&row);
  const auto from_at = static_cast<std::size_t>(from), to_at = static_cast<std::size_t>(to);
  if (from == VoucherStatus::none) {
    totals.vouchers[from_at] += count;  // issued so far, never less
    totals.voucher_amounts[from_at] += amount;
  } else {
    FT_CHECK(totals.vouchers[from_at] >= count);
    totals.vouchers[from_at] -= count;
    totals.voucher_amounts[from_at] -= amount;
  }
  totals.vouchers[to_at] += count;
  totals.voucher_amounts[to_at] += amount;

  std::uint64_t elsewhere = 0;
  Money elsewhere_amount;
  for (std::size_t i = 1; i < totals.vouchers.size(); ++i) {
    elsewhere += totals.vouchers[i];
    elsewhere_amount += totals.voucher_amounts[i];
  }
  FT_CHECK(totals.vouchers[0] == elsewhere);
  FT_CHECK(totals.voucher_amounts[0] == elsewhere_amount);
  totals.encode(row);
}

void check_vouchers(const StateSource& state, const FundId& fund) {
  const auto totals = FundTotals::decode(state.find(fund_totals_key(fund)));
  FT_CHECK(totals.by_account[static_cast<std::size_t>(FundAccount::committed)] ==
           totals.voucher_amounts[static_cast<std::size_t>(VoucherStatus::outstanding)]);
}

}  // namespace fundtrail::rules
