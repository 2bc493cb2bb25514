// R-VCH-01 redeemed twice, R-VCH-03 turned into cash, R-VCH-05 out of balance.
#include <algorithm>
#include <map>

#include "audit/indicators/rules.h"

namespace fundtrail::audit {
namespace {

bool no_service_record(const RedemptionFact& r) {
  return r.item.empty() || r.hours.empty() || r.hours == "0" || r.hours == "0.00";
}

// How many of a provider's redemptions of one month lie in its last days.
struct MonthEnd {
  std::size_t total = 0, late = 0;
  std::vector<Evidence> late_at;
};

void month_end_peaks(const Facts& facts, const IndicatorOptions& options,
                     std::vector<Indicator>& found) {
  std::map<std::pair<std::string, Month>, MonthEnd> months;
  for (const auto& r : facts.redemptions) {
    if (!r.service_date) continue;
    const auto month = Month::of(*r.service_date);
    auto& cell = months[{r.provider, month}];
    ++cell.total;
    if (month.last_day() - *r.service_date < options.month_end_days) {
      ++cell.late;
      cell.late_at.push_back(r.at);
    }
  }
  for (auto& [key, cell] : months) {
    if (cell.total < options.month_end_minimum ||
        std::int64_t(cell.late) * 100 <= std::int64_t(cell.total) * options.month_end_percent) {
      continue;
    }
    const auto late = std::to_string(cell.late), total = std::to_string(cell.total);
    const auto days = std::to_string(options.month_end_days), month = key.second.str();
    found.push_back({RuleId::vch_03,
                     "服务机构" + key.first + "在" + month + "的" + total + "笔核销中有" + late +
                         "笔集中在月末" + days + "天。",
                     "Of the " + total + " redemptions of provider " + key.first + " in " + month +
                         ", " + late + " lie in the last " + days + " days of the month.",
                     key.first, std::nullopt, std::move(cell.late_at)});
  }
}

}  // namespace

void redeemed_twice(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  std::map<std::string, std::vector<const RedemptionFact*>> by_voucher;
  for (const auto& r : facts.redemptions) by_voucher[r.voucher].push_back(&r);
  for (const auto& [voucher, redemptions] : by_voucher) {
    if (redemptions.size() < 2 || voucher.empty()) continue;
    Indicator indicator{RuleId::vch_01, "", "", voucher, std::nullopt, {}};
    for (const auto* r : redemptions) indicator.evidence.push_back(r->at);
    const auto times = std::to_string(redemptions.size());
    indicator.zh = "券" + voucher + "被核销" + times + "次。";
    indicator.en = "Voucher " + voucher + " was redeemed " + times + " times.";
    found.push_back(std::move(indicator));
  }
}

void cashed_vouchers(const Facts& facts, const IndicatorOptions& options,
                     std::vector<Indicator>& found) {
  for (const auto& r : facts.redemptions) {
    if (!no_service_record(r)) continue;
    found.push_back({RuleId::vch_03, "券" + r.voucher + "按面额核销，但没有服务记录。",
                     "Voucher " + r.voucher + " was redeemed at face value without a service record.",
                     r.voucher, std::nullopt, {r.at}});
  }
  month_end_peaks(facts, options, found);
}

void lots_out_of_balance(const Facts& facts, const IndicatorOptions&,
                         std::vector<Indicator>& found) {
  for (const auto& lot : facts.lots) {
    if (!lot.issued) continue;
    const std::uint64_t parts = lot.redeemed.value_or(0) + lot.returned.value_or(0) +
                                lot.voided.value_or(0) + lot.expired.value_or(0) +
                                lot.outstanding.value_or(0);
    if (parts == *lot.issued) continue;
    const auto issued = std::to_string(*lot.issued), sum = std::to_string(parts);
    found.push_back({RuleId::vch_05,
                     "批次" + lot.doc + "发行" + issued + "张，核销、退回、作废、过期、在外合计" + sum +
                         "张，不相等。",
                     "Lot " + lot.doc + " issued " + issued +
                         " vouchers, but redeemed, returned, voided, expired and outstanding add up "
                         "to " + sum + ".",
                     lot.doc, std::nullopt, {lot.at}});
  }
}

}  // namespace fundtrail::audit
