// 券守恒表: by the month they were issued for and by region, every voucher is redeemed, returned,
// voided, expired or still out; in pieces and in yuan.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reports/making.h"
#include "reports/voucher_blocks.h"

namespace fundtrail::reports {
namespace {

Result<VoucherBlocks> follow(const View& view, const Request& request, const Period& period) {
  Kinds kinds{};
  kinds[kind_index<VoucherIssue>()] = true;
  kinds[kind_index<Redemption>()] = true;
  kinds[kind_index<RedemptionWithdrawal>()] = true;
  kinds[kind_index<VoucherReturn>()] = true;
  kinds[kind_index<VoucherVoid>()] = true;
  kinds[kind_index<VoucherExpiry>()] = true;
  VoucherBlocks blocks;
  const auto read = scan_entries<VoucherBlocks::Events>(
      view, kinds, View::Lines::with, [] { return VoucherBlocks::Events(); },
      [&](VoucherBlocks::Events& events, const Glance& entry) -> Status {
        // A document moves vouchers of one fund: the first posting tells which.
        if (request.fund && !entry.postings.empty() &&
            entry.postings.front().fund != request.fund->str()) {
          return success();
        }
        return VoucherBlocks::read(entry, entry.date <= period.last, events);
      },
      [&](VoucherBlocks::Events events) { return blocks.take(std::move(events)); });
  if (!read.ok()) return read.error();
  return blocks;
}

struct Columns {
  const char* key;
  Words words;
};
const std::vector<Columns>& figures() {
  static const std::vector<Columns> list = {
      {"issued", {"发放", "Issued"}},     {"redeemed", {"核销", "Redeemed"}},
      {"returned", {"退回", "Returned"}}, {"voided", {"作废", "Voided"}},
      {"expired", {"过期", "Expired"}},   {"outstanding", {"在外", "Outstanding"}}};
  return list;
}

Label check_label(bool holds) {
  return holds ? Label{"balanced", {"平", "OK"}} : Label{"unbalanced", {"不平", "OFF"}};
}

// The six sums of a row, in the order of figures().
std::vector<VoucherSum> sums_of(const VoucherTally& tally) {
  return {tally.issued,
          tally.became[std::size_t(VoucherFate::redeemed)],
          tally.became[std::size_t(VoucherFate::returned)],
          tally.became[std::size_t(VoucherFate::voided)],
          tally.became[std::size_t(VoucherFate::expired)],
          tally.still_out};
}

Money as_money(const Cell& cell) {
  if (const auto* money = std::get_if<Money>(&cell)) return *money;
  return Money::of_fen(std::int64_t(std::get<std::uint64_t>(cell)));
}

// Whether the first figure equals the sum of the others, in their own unit.
bool adds_up(const std::vector<Cell>& cells, std::size_t first) {
  Money rest;
  for (std::size_t i = first + 1; i < cells.size(); ++i) rest += as_money(cells[i]);
  return as_money(cells[first]) == rest;
}

Row row_of(Cell month, Cell region, const std::vector<VoucherSum>& sums, ColumnType unit) {
  Row row{{std::move(month), std::move(region)}};
  for (const auto& sum : sums) {
    row.cells.push_back(unit == ColumnType::money ? Cell(sum.amount) : Cell(sum.count));
  }
  row.cells.emplace_back(check_label(adds_up(row.cells, 2)));
  return row;
}

void add_to(std::vector<VoucherSum>& total, const std::vector<VoucherSum>& more) {
  total.resize(more.size());
  for (std::size_t i = 0; i < more.size(); ++i) {
    total[i].count += more[i].count;
    total[i].amount += more[i].amount;
  }
}

using Tallies = std::map<VoucherBlocks::Place, VoucherTally>;

Section section_of(const char* key, Words title, ColumnType unit, const Tallies& tallies,
                   const NameBook& names) {
  Section section{key, std::move(title), {}, {}, {}};
  section.columns = {{"month", {"券所属月份", "Month of the vouchers"}},
                     {"region", {"区划", "Region"}}};
  for (const auto& figure : figures()) section.columns.push_back({figure.key, figure.words, unit});
  section.columns.push_back({"check", {"核对", "Check"}});
  std::vector<VoucherSum> all(figures().size());
  std::map<Month, std::vector<VoucherSum>> months;
  for (const auto& [place, tally] : tallies) {
    const auto sums = sums_of(tally);
    section.rows.push_back(row_of(place.month.str(), names.label(NameOf::region, place.region),
                                  sums, unit));
    add_to(months[place.month], sums);
    add_to(all, sums);
  }
  for (const auto& [month, sums] : months) {
    const std::string text = month.str();
    section.totals.push_back(
        row_of(Label{text, {text + " 小计", text + " subtotal"}}, {}, sums, unit));
  }
  section.totals.push_back(row_of(Label{"total", total_words()}, {}, all, unit));
  return section;
}

// The balance of committed money under the programmes of vouchers.
Result<Money> committed_money(const View& view, const Request& request, const Period& period,
                              const VoucherBlocks& blocks) {
  Money sum;
  const auto seen = view.turnovers(
      first_date(), period.last,
      [&](Date, FundAccount account, const Dimensions& at, const store::Turnover& turnover) {
        if (account != FundAccount::committed) return;
        if (request.fund && at.fund != *request.fund) return;
        if (!in_region(request, at.region.str())) return;
        if (!blocks.programmes().contains(at.programme.str())) return;
        sum += turnover.debit - turnover.credit;
      });
  if (!seen.ok()) return seen.error();
  return sum;
}

Status add_checks(const View& view, const Request& request, const Period& period,
                  const VoucherBlocks& blocks, const Tallies& tallies, Report& report) {
  std::vector<VoucherSum> all(figures().size());
  for (const auto& [place, tally] : tallies) add_to(all, sums_of(tally));
  Money ended;
  for (std::size_t i = 1; i < all.size(); ++i) ended += all[i].amount;
  report.checks.push_back(
      {"issued_equals_fates",
       {"发放 = 核销 + 退回 + 作废 + 过期 + 在外",
        "Issued = redeemed + returned + voided + expired + outstanding"},
       all.front().amount, ended});
  // Months left out by --from still hold committed money.
  if (request.from) return success();
  const auto committed = committed_money(view, request, period, blocks);
  if (!committed.ok()) return committed.error();
  report.checks.push_back({"outstanding_equals_committed",
                           {"在外券面额 = 已承诺（券在外）余额",
                            "Face value outstanding = balance of committed"},
                           all.back().amount, committed.value()});
  return success();
}

}  // namespace

Result<Report> make_vouchers(const View& view, const Request& request) {
  const auto period = period_of(view, request);
  if (!period.ok()) return period.error();
  const auto names = NameBook::read(view);
  if (!names.ok()) return names.error();
  Report report = report_head(view, request, period.value());
  if (auto named = name_fund(names.value(), request, report); !named.ok()) return named.error();
  if (auto named = name_region(names.value(), request, report); !named.ok()) return named.error();
  const auto blocks = follow(view, request, period.value());
  if (!blocks.ok()) return blocks.error();

  Tallies tallies = blocks.value().tallies();
  std::erase_if(tallies, [&](const auto& item) {
    const auto& place = item.first;
    return !in_region(request, place.region) ||
           (request.from && place.month < Month::of(*request.from));
  });
  if (!request.from && !tallies.empty()) {
    report.from = std::min(tallies.begin()->first.month.first_day(), report.as_of);
  }
  report.sections.push_back(section_of("counts", {"张数", "Number of vouchers"},
                                       ColumnType::count, tallies, names.value()));
  report.sections.push_back(section_of("amounts", {"面额（元）", "Face value (yuan)"},
                                       ColumnType::money, tallies, names.value()));
  const auto checked =
      add_checks(view, request, period.value(), blocks.value(), tallies, report);
  if (!checked.ok()) return checked.error();
  return report;
}

}  // namespace fundtrail::reports
