#include "audit/integrity/replay.h"

#include <algorithm>
#include <map>

namespace fundtrail::audit {
namespace {

Finding not_reproducible(std::string subject, const std::string& stored,
                         const std::string& replayed) {
  Finding finding{Flaw::balance_not_reproducible};
  finding.subject = std::move(subject);
  finding.detail = "stored " + stored + ", replayed " + replayed;
  return finding;
}

bool is_memorandum(FundAccount account) {
  const auto account_class = info(account).account_class;
  return account_class == AccountClass::memorandum_debit ||
         account_class == AccountClass::memorandum_credit;
}

// The row of `keys` that stands first, so that the answer does not depend on a hash table's order.
template <class Rows, class Wanted>
const std::string* first_key(const Rows& rows, Wanted&& wanted) {
  const std::string* first = nullptr;
  for (const auto& [key, value] : rows) {
    if (wanted(key, value) && (first == nullptr || key < *first)) first = &key;
  }
  return first;
}

std::string describe_turnover(std::string_view key) {
  const auto parsed = store::parse_turnover_key(key);
  if (!parsed.ok()) return parsed.error().message;
  return parsed->date.str() + " " + describe(parsed->account, parsed->at);
}

std::string describe_balance(std::string_view key) {
  const auto parsed = store::parse_balance_key(key);
  if (!parsed.ok()) return parsed.error().message;
  return describe(parsed->account, parsed->at);
}

std::string end_of_rows(char kind) { return std::string(1, static_cast<char>(kind + 1)); }

}  // namespace

std::string describe(FundAccount account, const Dimensions& at) {
  return std::string(name_of(account)) + "/" + at.fund.str() + "/" + at.programme.str() + "/" +
         at.region.str() + "/" + at.counterparty;
}

std::optional<Finding> FundReplay::add(const Entry& entry) {
  std::optional<Finding> first;
  // Debits less credits of each fund, money and promises apart. A document touches few funds.
  std::map<std::pair<std::string_view, bool>, Money> difference;
  for (const auto& posting : entry.postings) {
    const bool debit = posting.side == Side::debit;
    difference[{posting.at.fund.str(), is_memorandum(posting.account)}] +=
        debit ? posting.amount : -posting.amount;
    balances_[store::balance_key(posting.account, posting.at)] += posting.effect();
    auto& turnover = turnovers_[store::turnover_key(entry.date, posting.account, posting.at)];
    (debit ? turnover.debit : turnover.credit) += posting.amount;
  }
  for (const auto& [fund, rest] : difference) {
    if (!rest.is_zero() && !first) {
      first = Finding{Flaw::unbalanced, entry.index};
      first->detail = "debits exceed credits by " + rest.str();
    }
  }
  for (const auto& posting : entry.postings) {
    if (first || !is_state(posting.account)) continue;
    if (balances_[store::balance_key(posting.account, posting.at)].is_negative()) {
      first = Finding{Flaw::negative_balance, entry.index};
      first->subject = describe(posting.account, posting.at);
    }
  }
  return first;
}

namespace {

Money sum_of(const std::unordered_map<std::string, Money>& balances, bool states) {
  Money sum;
  for (const auto& [key, balance] : balances) {
    const auto account = static_cast<FundAccount>(key[1]);  // as balance_key() wrote it
    if (states ? is_state(account) : account == FundAccount::source) sum += balance;
  }
  return sum;
}

}  // namespace

Money FundReplay::states() const { return sum_of(balances_, true); }
Money FundReplay::sources() const { return sum_of(balances_, false); }

Result<std::optional<Finding>> FundReplay::compare(const store::Snapshot& snapshot) const {
  auto balances = compare_balances(snapshot);
  if (!balances.ok() || *balances) return balances;
  return compare_turnovers(snapshot);
}

Result<std::optional<Finding>> FundReplay::compare_balances(
    const store::Snapshot& snapshot) const {
  std::optional<Finding> first;
  std::size_t stored_rows = 0;  // of those that are replayed and not zero
  const auto status = snapshot.scan(
      store::Table::state, std::string(1, store::kBalanceRow), end_of_rows(store::kBalanceRow),
      [&](std::string_view key, std::string_view value) {
        const auto replayed = balances_.find(std::string(key));
        const Money expected = replayed == balances_.end() ? Money() : replayed->second;
        const auto stored = store::decode_balance(value);
        if (!stored.ok() || *stored != expected) {
          first = not_reproducible(describe_balance(key), std::string(value), expected.str());
          return false;
        }
        if (!expected.is_zero()) ++stored_rows;
        return true;
      });
  if (!status.ok()) return status.error();
  if (first) return first;
  const auto not_zero = [](const auto&, const Money& m) { return !m.is_zero(); };
  const auto expected_rows = static_cast<std::size_t>(std::count_if(
      balances_.begin(), balances_.end(), [](const auto& row) { return !row.second.is_zero(); }));
  if (stored_rows == expected_rows) return first;
  // A row is absent: find the first such.
  std::optional<Error> fault;
  const auto* key = first_key(balances_, [&](const std::string& k, const Money& m) {
    auto row = snapshot.get(store::Table::state, k);
    if (!row.ok()) fault = row.error();
    return not_zero(k, m) && row.ok() && !*row;
  });
  if (fault) return *fault;
  if (key) {
    first = not_reproducible(describe_balance(*key), "nothing", balances_.at(*key).str());
  }
  return first;
}

Result<std::optional<Finding>> FundReplay::compare_turnovers(
    const store::Snapshot& snapshot) const {
  std::optional<Finding> first;
  const auto is_zero = [](const store::Turnover& t) {
    return t.debit.is_zero() && t.credit.is_zero();
  };
  std::size_t stored_rows = 0;
  const auto status = snapshot.scan(
      store::Table::state, std::string(1, store::kTurnoverRow), end_of_rows(store::kTurnoverRow),
      [&](std::string_view key, std::string_view value) {
        const auto replayed = turnovers_.find(std::string(key));
        const auto expected = replayed == turnovers_.end() ? store::Turnover{} : replayed->second;
        const auto stored = store::decode_turnover(value);
        if (!stored.ok() || stored->debit != expected.debit || stored->credit != expected.credit) {
          first = not_reproducible(describe_turnover(key), std::string(value),
                                   store::encode_turnover(expected));
          return false;
        }
        if (!is_zero(expected)) ++stored_rows;
        return true;
      });
  if (!status.ok()) return status.error();
  if (first) return first;
  const auto expected_rows = static_cast<std::size_t>(std::count_if(
      turnovers_.begin(), turnovers_.end(), [&](const auto& row) { return !is_zero(row.second); }));
  if (stored_rows == expected_rows) return first;
  std::optional<Error> fault;
  const auto* key = first_key(turnovers_, [&](const std::string& k, const store::Turnover& t) {
    auto row = snapshot.get(store::Table::state, k);
    if (!row.ok()) fault = row.error();
    return !is_zero(t) && row.ok() && !*row;
  });
  if (fault) return *fault;
  if (key) {
    first = not_reproducible(describe_turnover(*key), "nothing",
                             store::encode_turnover(turnovers_.at(*key)));
  }
  return first;
}

}  // namespace fundtrail::audit
