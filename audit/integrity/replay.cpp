#include "audit/integrity/replay.h"

#include <algorithm>
#include <map>
#include <span>

#include "ledger/core/bilingual.h"

namespace fundtrail::audit {
namespace {

// `stored`: nothing when there is no such row.
Finding not_reproducible(std::string subject, const std::optional<std::string>& stored,
                         const std::string& replayed) {
  Finding finding{Flaw::balance_not_reproducible};
  finding.subject = std::move(subject);
  finding.detail = in_both((stored ? "库中为 " + *stored : "库中没有") + "，重算为 " + replayed,
                           "stored " + stored.value_or("nothing") + ", replayed " + replayed);
  return finding;
}

// A row's value as it stands, unless it is damaged.
template <class T>
std::string value_in_words(std::string_view value, const Result<T>& decoded) {
  return decoded.ok() ? std::string(value) : store::printable(value);
}

std::string describe_turnover(std::string_view key) {
  const auto parsed = store::parse_turnover_key(key);
  if (!parsed.ok()) return store::printable(key);
  return parsed->date.str() + " " + describe(parsed->account, parsed->at);
}

std::string describe_balance(std::string_view key) {
  const auto parsed = store::parse_balance_key(key);
  if (!parsed.ok()) return store::printable(key);
  return describe(parsed->account, parsed->at);
}

std::string end_of_rows(char kind) { return std::string(1, static_cast<char>(kind + 1)); }

}  // namespace

std::string describe(FundAccount account, const Dimensions& at) {
  return std::string(name_of(account)) + "/" + at.fund.str() + "/" + at.programme.str() + "/" +
         at.region.str() + "/" + at.counterparty;
}

void FundReplay::learn(const Examination& examination) {
  if (rows_of_examiners_.size() <= examination.examiner) {
    rows_of_examiners_.resize(examination.examiner + 1);
  }
  auto& known = rows_of_examiners_[examination.examiner];
  for (const auto& cell : examination.new_cells) {
    const auto [row, added] = row_numbers_.try_emplace(store::balance_key(cell.account, cell.at),
                                                       static_cast<std::uint32_t>(rows_.size()));
    if (added) rows_.push_back({cell, {}});
    known.push_back(row->second);
  }
}

std::optional<Finding> FundReplay::add(Examined& record, const Examination& examination) {
  const auto& known = rows_of_examiners_[examination.examiner];
  const std::span postings(examination.postings.data() + record.first_posting,
                           record.posting_count);
  for (const auto& posting : postings) {
    const std::uint32_t number = known[posting.cell];
    Row& row = rows_[number];
    row.balance += Money::of_fen(posting.effect(row.cell.account));
    auto& turnover = turnovers_[day_and_row(record.date, number)];
    (posting.side == Side::debit ? turnover.debit : turnover.credit) += Money::of_fen(posting.fen);
  }
  if (record.unbalanced) return std::move(*record.unbalanced);
  for (const auto& posting : postings) {
    const Row& row = rows_[known[posting.cell]];
    if (!row.balance.is_negative() || !is_state(row.cell.account)) continue;
    Finding finding{Flaw::negative_balance, record.index};
    finding.subject = describe(row.cell.account, row.cell.at);
    return finding;
  }
  return std::nullopt;
}

Money FundReplay::sum_of(bool states) const {
  Money sum;
  for (const auto& row : rows_) {
    const auto account = row.cell.account;
    if (states ? is_state(account) : account == FundAccount::source) sum += row.balance;
  }
  return sum;
}

Money FundReplay::states() const { return sum_of(true); }
Money FundReplay::sources() const { return sum_of(false); }

std::optional<std::uint32_t> FundReplay::row_of(const std::string& balance_key) const {
  const auto found = row_numbers_.find(balance_key);
  if (found == row_numbers_.end()) return std::nullopt;
  return found->second;
}

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
        const auto row = row_of(std::string(key));
        const Money expected = row ? rows_[*row].balance : Money();
        const auto stored = store::decode_balance(value);
        if (!stored.ok() || *stored != expected) {
          first = not_reproducible(describe_balance(key), value_in_words(value, stored), expected.str());
          return false;
        }
        if (!expected.is_zero()) ++stored_rows;
        return true;
      });
  if (!status.ok()) return status.error();
  if (first) return first;
  const auto not_zero = [](const Row& row) { return !row.balance.is_zero(); };
  if (stored_rows == static_cast<std::size_t>(std::count_if(rows_.begin(), rows_.end(), not_zero))) {
    return first;
  }
  // A row is absent: name the first such, by its key.
  std::map<std::string, Money> expected;
  for (const auto& row : rows_) {
    if (not_zero(row)) expected[store::balance_key(row.cell.account, row.cell.at)] = row.balance;
  }
  for (const auto& [key, balance] : expected) {
    const auto stored = snapshot.get(store::Table::state, key);
    if (!stored.ok()) return stored.error();
    if (*stored) continue;
    first = not_reproducible(describe_balance(key), std::nullopt, balance.str());
    break;
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
        store::Turnover expected;
        if (const auto parsed = store::parse_turnover_key(key); parsed.ok()) {
          // Behind the date it is spelled as the key of the balance.
          const auto row = row_of(store::kBalanceRow + std::string(key.substr(5)));
          const auto found =
              row ? turnovers_.find(day_and_row(parsed->date, *row)) : turnovers_.end();
          if (found != turnovers_.end()) expected = found->second;
        }
        const auto stored = store::decode_turnover(value);
        if (!stored.ok() || stored->debit != expected.debit || stored->credit != expected.credit) {
          first = not_reproducible(describe_turnover(key), value_in_words(value, stored),
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
  std::map<std::string, const store::Turnover*> expected;
  for (const auto& [day_and_row, turnover] : turnovers_) {
    const auto& cell = rows_[static_cast<std::uint32_t>(day_and_row)].cell;
    const auto date = Date::from_days(static_cast<std::int32_t>(day_and_row >> 32));
    if (!is_zero(turnover)) expected[store::turnover_key(date, cell.account, cell.at)] = &turnover;
  }
  for (const auto& [key, turnover] : expected) {
    const auto stored = snapshot.get(store::Table::state, key);
    if (!stored.ok()) return stored.error();
    if (*stored) continue;
    first = not_reproducible(describe_turnover(key), std::nullopt, store::encode_turnover(*turnover));
    break;
  }
  return first;
}

}  // namespace fundtrail::audit
