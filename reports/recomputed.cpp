#include "reports/recomputed.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "reports/entry_scan.h"

namespace fundtrail::reports {
namespace {

// A day's postings of one account and dimensions.
using Key = std::tuple<Date, FundAccount, Dimensions>;
using Sums = std::map<Key, store::Turnover>;

void add(store::Turnover& sum, const store::Turnover& more) {
  sum.debit += more.debit;
  sum.credit += more.credit;
}

// Sums of one stretch of entries, which know few days and places.
class Part {
 public:
  void take(const Glance& entry) {
    for (const auto& posting : entry.postings) {
      auto& sum = of(entry.date, posting);
      (posting.side == Side::debit ? sum.debit : sum.credit) += posting.amount;
    }
  }
  void append_to(Sums& all) && {
    for (auto& row : rows_) {
      add(all[{row.date, row.account,
               {*FundId::parse(row.fund), ProgrammeId::parse(row.programme).value_or(ProgrammeId()),
                RegionCode::parse(row.region).value_or(RegionCode()), row.counterparty}}],
          row.sum);
    }
  }

 private:
  struct Row {
    Date date;
    FundAccount account;
    std::string fund, programme, region, counterparty;
    store::Turnover sum;
  };
  // A stretch is read by one reader, so a place has one number in it. Days follow each other, so the
  // row that a place was added to last is nearly always the one.
  store::Turnover& of(Date date, const GlancedPosting& p) {
    if (p.place >= latest_.size()) latest_.resize(p.place + 1, kNone);
    auto& latest = latest_[p.place];
    if (latest != kNone && rows_[latest].date == date) return rows_[latest].sum;
    const auto [at, added] = numbers_.try_emplace({date, p.place}, rows_.size());
    if (added) {
      rows_.push_back({date, p.account, std::string(p.fund), std::string(p.programme),
                       std::string(p.region), std::string(p.counterparty), {}});
    }
    latest = at->second;
    return rows_[latest].sum;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<Row> rows_;
  std::vector<std::size_t> latest_;  // of rows_, by place
  std::map<std::pair<Date, std::uint32_t>, std::size_t> numbers_;
};

}  // namespace

Status recomputed_turnovers(const View& view, Date from, Date to,
                            const View::VisitTurnover& visit) {
  Sums all;
  const auto read = scan_entries<Part>(
      view, all_kinds(), View::Lines::without, [] { return Part(); },
      [&](Part& part, const Glance& entry) {
        if (from <= entry.date && entry.date <= to) part.take(entry);
        return success();
      },
      [&](Part part) {
        std::move(part).append_to(all);
        return success();
      });
  if (!read.ok()) return read;
  for (const auto& [key, sum] : all) visit(std::get<0>(key), std::get<1>(key), std::get<2>(key), sum);
  return success();
}

}  // namespace fundtrail::reports
