// 科目余额表: every account of the fund view with its opening balance, turnovers and closing balance.
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "reports/making.h"
#include "reports/recomputed.h"

namespace fundtrail::reports {
namespace {

struct Sums {
  Money opening;  // debit − credit, whatever the account's normal side
  Money debit;
  Money credit;
  Money closing() const { return opening + debit - credit; }
  void add(const Sums& other) {
    opening += other.opening;
    debit += other.debit;
    credit += other.credit;
  }
};

// The account, then what it is broken down by, in the order of the request.
struct Key {
  FundAccount account = FundAccount::source;
  std::vector<std::string> parts;
  friend auto operator<=>(const Key&, const Key&) = default;
};
using Table = std::map<Key, Sums>;

std::string part_of(Breakdown by, const Dimensions& at) {
  switch (by) {
    case Breakdown::fund: return at.fund.str();
    case Breakdown::programme: return at.programme.str();
    case Breakdown::region: return at.region.str();
    case Breakdown::counterparty: return at.counterparty;
  }
  return {};
}

Column column_of(Breakdown by) {
  switch (by) {
    case Breakdown::fund: return {"fund", {"资金", "Fund"}};
    case Breakdown::programme: return {"programme", {"项目", "Programme"}};
    case Breakdown::region: return {"region", {"区划", "Region"}};
    case Breakdown::counterparty: return {"counterparty", {"往来单位", "Counterparty"}};
  }
  return {};
}

Label part_label(Breakdown by, const std::string& code, const NameBook& names) {
  switch (by) {
    case Breakdown::fund: return names.label(NameOf::fund, code);
    case Breakdown::programme: return names.label(NameOf::programme, code);
    case Breakdown::region: return names.label(NameOf::region, code);
    case Breakdown::counterparty: return names.counterparty(code);
  }
  return {};
}

// 借/贷/平 of a debit-minus-credit balance.
Label direction_of(const Money& balance) {
  if (balance.is_zero()) return {"even", {"平", "Even"}};
  if (balance.is_negative()) return {"credit", {"贷", "Cr"}};
  return {"debit", {"借", "Dr"}};
}

Money magnitude(const Money& balance) { return balance.is_negative() ? -balance : balance; }

Result<Table> collect(const View& view, const Request& request, const Period& period) {
  Table table;
  const View::VisitTurnover take = [&](Date date, FundAccount account, const Dimensions& at,
                                       const store::Turnover& turnover) {
    if (request.fund && at.fund != *request.fund) return;
    Key key{account, {}};
    for (const auto by : request.breakdown) key.parts.push_back(part_of(by, at));
    Sums& sums = table[std::move(key)];
    if (date < period.from) {
      sums.opening += turnover.debit - turnover.credit;
    } else {
      sums.debit += turnover.debit;
      sums.credit += turnover.credit;
    }
  };
  const auto seen = request.recompute
                        ? recomputed_turnovers(view, first_date(), period.last, take)
                        : view.turnovers(first_date(), period.last, take);
  if (!seen.ok()) return seen.error();
  // An account that never moved still has its line, so that its absence is not a question.
  if (request.breakdown.empty()) {
    for (const auto& about : fund_accounts()) table.try_emplace(Key{about.account, {}});
  }
  return table;
}

void append_figures(Row& row, const Sums& sums) {
  row.cells.emplace_back(magnitude(sums.opening));
  row.cells.emplace_back(direction_of(sums.opening));
  row.cells.emplace_back(sums.debit);
  row.cells.emplace_back(sums.credit);
  row.cells.emplace_back(magnitude(sums.closing()));
  row.cells.emplace_back(direction_of(sums.closing()));
}

std::vector<Column> columns_of(const Request& request) {
  std::vector<Column> columns = {{"account", {"科目", "Account"}}};
  for (const auto by : request.breakdown) columns.push_back(column_of(by));
  columns.push_back({"opening", {"期初余额", "Opening balance"}, ColumnType::money});
  columns.push_back({"opening_direction", {"方向", "Dr/Cr"}});
  columns.push_back({"debit", {"本期借方", "Debit in period"}, ColumnType::money});
  columns.push_back({"credit", {"本期贷方", "Credit in period"}, ColumnType::money});
  columns.push_back({"closing", {"期末余额", "Closing balance"}, ColumnType::money});
  columns.push_back({"direction", {"方向", "Dr/Cr"}});
  return columns;
}

Row total_row(Label label, const Sums& sums, const Request& request) {
  Row row{{std::move(label)}};
  row.cells.resize(1 + request.breakdown.size());
  append_figures(row, sums);
  return row;
}

struct ClassTotals {
  Sums cash, spent, source, memorandum;
  Sums states() const {
    Sums sums = cash;
    sums.add(spent);
    return sums;
  }
  Sums all() const {
    Sums sums = states();
    sums.add(source);
    return sums;
  }
};

ClassTotals fill_sections(const Table& table, const Request& request, const NameBook& names,
                          Section& states, Section& memorandum) {
  ClassTotals totals;
  for (const auto& [key, sums] : table) {
    Row row{{label_of(key.account)}};
    for (std::size_t i = 0; i < request.breakdown.size(); ++i) {
      row.cells.emplace_back(part_label(request.breakdown[i], key.parts[i], names));
    }
    append_figures(row, sums);
    switch (info(key.account).account_class) {
      case AccountClass::source: totals.source.add(sums); break;
      case AccountClass::cash_state: totals.cash.add(sums); break;
      case AccountClass::spent_state: totals.spent.add(sums); break;
      case AccountClass::memorandum_debit:
      case AccountClass::memorandum_credit:
        totals.memorandum.add(sums);
        memorandum.rows.push_back(std::move(row));
        continue;
    }
    states.rows.push_back(std::move(row));
  }
  return totals;
}

void add_totals(const ClassTotals& totals, const Request& request, Section& states,
                Section& memorandum) {
  const auto add = [&](Section& section, const char* code, Words words, const Sums& sums) {
    section.totals.push_back(total_row({code, std::move(words)}, sums, request));
  };
  add(states, "cash_states", {"小计：账户内资金", "Subtotal: in the account"}, totals.cash);
  add(states, "spent_states", {"小计：已出账户", "Subtotal: gone out"}, totals.spent);
  add(states, "states", {"小计：各状态合计", "Subtotal: all states"}, totals.states());
  add(states, "total", total_words(), totals.all());
  add(memorandum, "total", total_words(), totals.memorandum);
}

// What the balance rows, kept beside the turnovers, say of all states.
Result<Money> states_by_balances(const View& view, const Request& request) {
  Money sum;
  const auto seen = view.balances(
      [&](FundAccount account, const Dimensions& at, const Money& balance) {
        if (request.fund && at.fund != *request.fund) return;
        if (is_state(account)) sum += balance;
      });
  if (!seen.ok()) return seen.error();
  return sum;
}

// The first account for which the ledger keeps other turnovers than its entries add up to, or, when
// there is none, the sum of all turnovers, twice.
Result<Check> against_kept(const View& view, const Request& request, const Period& period,
                           const Table& recomputed) {
  Request kept_request = request;
  kept_request.recompute = false;
  const auto kept = collect(view, kept_request, period);
  if (!kept.ok()) return kept.error();
  Check check{"recomputed_equals_kept",
              {"按记录重新计算的发生额 = 账上发生额",
               "Turnovers computed again from the entries = turnovers on the books"},
              {}, {}};
  const auto volume = [](const Table& table, const Key& key) {
    const auto found = table.find(key);
    return found == table.end() ? Sums() : found->second;
  };
  Table all = recomputed;
  for (const auto& [key, sums] : *kept) all.try_emplace(key);
  for (const auto& [key, unused] : all) {
    const Sums left = volume(recomputed, key), right = volume(*kept, key);
    for (const auto part : {&Sums::opening, &Sums::debit, &Sums::credit}) {
      if (left.*part != right.*part) {
        check.left = left.*part;
        check.right = right.*part;
        return check;
      }
    }
    check.left += left.debit;
    check.right += right.debit;
  }
  return check;
}

Status add_checks(const View& view, const Request& request, const Period& period,
                  const ClassTotals& totals, Report& report) {
  const Money sources = -totals.source.closing();
  report.checks.push_back({"states_equal_sources",
                           {"各状态余额合计 = 资金来源", "Sum of all states = sum of sources"},
                           totals.states().closing(), sources});
  report.checks.push_back(
      {"cash_equals_cash_states",
       {"账户应有现金（来源 - 已出账户）= 账户内各状态余额合计",
        "Cash that must be in the account (sources - gone out) = sum of the states in the account"},
       sources - totals.spent.closing(), totals.cash.closing()});
  report.checks.push_back({"debits_equal_credits",
                           {"本期借方合计 = 本期贷方合计", "Debits in period = credits in period"},
                           totals.all().debit, totals.all().credit});
  report.checks.push_back({"memorandum_even",
                           {"备查科目借贷相等", "Memorandum accounts are even"},
                           totals.memorandum.closing(), Money()});
  if (!period.everything) return success();
  const auto balances = states_by_balances(view, request);
  if (!balances.ok()) return balances.error();
  report.checks.push_back(
      {"turnovers_equal_balances",
       {"按发生额计算的余额 = 账上余额", "Balances from turnovers = balances on the books"},
       totals.states().closing(), balances.value()});
  return success();
}

Result<NameBook> names_for(const View& view, const Request& request) {
  if (request.breakdown.empty() && !request.fund) return NameBook();
  return NameBook::read(view);
}

}  // namespace

Result<Report> make_trial_balance(const View& view, const Request& request) {
  const auto period = period_of(view, request);
  if (!period.ok()) return period.error();
  const auto names = names_for(view, request);
  if (!names.ok()) return names.error();
  Report report = report_head(view, request, period.value());
  if (auto named = name_fund(names.value(), request, report); !named.ok()) return named.error();
  const auto table = collect(view, request, period.value());
  if (!table.ok()) return table.error();

  Section states{"accounts", {"资金科目", "Accounts of the fund view"}, columns_of(request), {}, {}};
  Section memorandum{"memorandum", {"备查科目", "Memorandum accounts"}, columns_of(request), {}, {}};
  const auto totals = fill_sections(table.value(), request, names.value(), states, memorandum);
  add_totals(totals, request, states, memorandum);
  states.notes.push_back({"资金来源为贷方科目，其余为借方科目；红字冲销以负数列在原方向。",
                          "Source is a credit account, all others are debit accounts; a red "
                          "reversal stands as a negative amount on its original side."});
  memorandum.notes.push_back({"配套承诺不是资金，不计入上表。",
                              "A pledge of counterpart funding is not money and not part of the "
                              "table above."});
  report.sections.push_back(std::move(states));
  report.sections.push_back(std::move(memorandum));
  const auto checked = add_checks(view, request, period.value(), totals, report);
  if (!checked.ok()) return checked.error();
  if (request.recompute) {
    auto check = against_kept(view, request, period.value(), table.value());
    if (!check.ok()) return check.error();
    report.checks.push_back(std::move(check).value());
  }
  return report;
}

}  // namespace fundtrail::reports
