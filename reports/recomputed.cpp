#include "reports/recomputed.h"

#include <map>
#include <tuple>
#include <unordered_map>

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
  static std::size_t hash_of(Date date, const GlancedPosting& p) {
    const std::hash<std::string_view> hash;
    std::size_t value = static_cast<std::size_t>(date.days()) * 31 + std::size_t(p.account);
    for (const auto part : {p.fund, p.programme, p.region, p.counterparty}) {
      value = value * 1'000'003 + hash(part);
    }
    return value;
  }
  store::Turnover& of(Date date, const GlancedPosting& p) {
    const auto is = [&](const Row& row) {
      return row.date == date && row.account == p.account && row.fund == p.fund &&
             row.programme == p.programme && row.region == p.region &&
             row.counterparty == p.counterparty;
    };
    auto [at, end] = numbers_.equal_range(hash_of(date, p));
    for (; at != end; ++at) {
      if (is(rows_[at->second])) return rows_[at->second].sum;
    }
    numbers_.emplace(hash_of(date, p), rows_.size());
    rows_.push_back({date, p.account, std::string(p.fund), std::string(p.programme),
                     std::string(p.region), std::string(p.counterparty), {}});
    return rows_.back().sum;
  }

  std::vector<Row> rows_;
  std::unordered_multimap<std::size_t, std::size_t> numbers_;
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
