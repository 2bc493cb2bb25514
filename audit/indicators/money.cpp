// R-FND-02 withholding, R-FND-06 spent on another purpose, R-PAY-03 paid twice.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "audit/indicators/rules.h"

namespace fundtrail::audit {
namespace {

// The yardstick when neither the ledger nor the caller has a policy: travel abroad or at home,
// training, reception, cars, and pay of every kind. A policy's own list takes its place.
constexpr std::string_view kBannedWithoutPolicy[] = {"30201", "30211", "30217", "30231", "301"};

// A code of the classification bans everything below it: 30217 also means 3021701.
bool banned(const Facts& facts, const ExpenditureFact& spent) {
  const auto within = [&](std::string_view code) { return spent.economic_code.starts_with(code); };
  if (facts.policies.empty()) {
    return std::any_of(std::begin(kBannedWithoutPolicy), std::end(kBannedWithoutPolicy), within);
  }
  return std::any_of(facts.policies.begin(), facts.policies.end(), [&](const Policy& policy) {
    if (spent.policy && policy.ref() != *spent.policy) return false;
    const auto& codes = policy.banned_economic_codes;
    return std::any_of(codes.begin(), codes.end(),
                       [&](const Code& code) { return within(code.str()); });
  });
}

bool foreign(const Facts& facts, const std::string& purpose) {
  if (facts.policies.empty() || purpose.empty()) return false;
  for (const auto& policy : facts.policies) {
    for (const auto& programme : policy.programmes) {
      if (programme.purpose.str() == purpose) return false;
    }
  }
  return true;
}

// Groups of two and more claims under one key become one indicator each.
template <class Key, class Sentence>
void report_repeated(const std::map<Key, std::vector<const ClaimFact*>>& groups,
                     const Sentence& sentence, std::set<const ClaimFact*>& reported,
                     std::vector<Indicator>& found) {
  for (const auto& [key, claims] : groups) {
    if (claims.size() < 2) continue;
    // Two claims that were reported for the same invoice are not reported again for the amount.
    if (std::all_of(claims.begin(), claims.end(), [&](auto* c) { return reported.contains(c); })) {
      continue;
    }
    Indicator indicator{RuleId::pay_03, "", "", claims[0]->settlement, claims[0]->total, {}};
    for (const auto* claim : claims) {
      indicator.evidence.push_back(claim->at);
      reported.insert(claim);
    }
    std::tie(indicator.zh, indicator.en) = sentence(claims);
    found.push_back(std::move(indicator));
  }
}

std::string names(const std::vector<const ClaimFact*>& claims, const char* separator) {
  std::string list;
  for (const auto* claim : claims) list += (list.empty() ? "" : separator) + claim->settlement;
  return list;
}

}  // namespace

std::string number_key(std::string_view number) {
  std::string key;
  for (std::size_t i = 0; i < number.size(); ++i) {
    auto c = static_cast<unsigned char>(number[i]);
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(number[i + at]); };
    if (i + 2 < number.size() && c == 0xEF && (byte(1) == 0xBC || byte(1) == 0xBD)) {
      // U+FF01 to U+FF5E are the full-width forms of "!" to "~".
      const unsigned code = 0xF000u | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
      if (code >= 0xFF01 && code <= 0xFF5E) {
        c = static_cast<unsigned char>(code - 0xFF01 + '!');
        i += 2;
      }
    } else if (number.substr(i).starts_with("\u3000")) {
      i += 2;
      continue;
    } else if (number.substr(i).starts_with("\u00A0")) {
      i += 1;
      continue;
    }
    if (c == ' ' || c == '\t') continue;
    key += c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : char(c);
  }
  return key;
}

void withheld_money(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  for (const auto& down : facts.pass_downs) {
    if (!down.due || !down.passed || *down.passed >= *down.due || !down.explanation.empty()) {
      continue;
    }
    const Money kept = *down.due - *down.passed;
    found.push_back({RuleId::fnd_02,
                     "应下达区划" + down.region + " " + down.due->grouped() + "元，实际下达" +
                         down.passed->grouped() + "元，差额" + kept.grouped() + "元无说明。",
                     "Region " + down.region + " was due " + down.due->grouped() +
                         " yuan and was passed " + down.passed->grouped() + "; the difference of " +
                         kept.grouped() + " yuan is not explained.",
                     down.doc, kept, {down.at}});
  }
}

void foreign_purposes(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  std::set<std::string> returned;
  for (const auto& claim : facts.claims) {
    if (claim.returned) returned.insert(claim.settlement);
  }
  for (const auto& spent : facts.expenditures) {
    if (spent.is_settlement && returned.contains(spent.doc)) continue;
    const bool code = banned(facts, spent), purpose = foreign(facts, spent.purpose);
    if (!code && !purpose) continue;
    const auto amount = spent.amount ? spent.amount->grouped() : std::string("?");
    const auto what_zh = code ? "支出经济分类" + spent.economic_code + "属禁列支出"
                              : "用途“" + spent.purpose + "”不在资金允许的用途内";
    const auto what_en = code ? "economic code " + spent.economic_code + " is banned"
                              : "the purpose \"" + spent.purpose + "\" is not one the fund allows";
    found.push_back({RuleId::fnd_06, "支出" + spent.doc + "（" + amount + "元）：" + what_zh + "。",
                     "Expenditure " + spent.doc + " (" + amount + " yuan): " + what_en + ".",
                     spent.doc, spent.amount, {spent.at}});
  }
}

void paid_twice(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  std::map<std::pair<std::string, std::string>, std::vector<const ClaimFact*>> by_invoice;
  std::map<std::tuple<std::string, std::string, Money>, std::vector<const ClaimFact*>> by_amount;
  for (const auto& claim : facts.claims) {
    if (claim.returned) continue;
    if (const auto invoice = number_key(claim.invoice_no); !invoice.empty()) {
      by_invoice[{claim.provider, invoice}].push_back(&claim);
    }
    if (claim.total && !claim.period.empty()) {
      by_amount[{claim.provider, claim.period, *claim.total}].push_back(&claim);
    }
  }
  std::set<const ClaimFact*> reported;
  report_repeated(
      by_invoice,
      [](const auto& claims) {
        const auto& c = *claims[0];
        return std::pair("服务机构" + c.provider + "的发票" + c.invoice_no + "列入多张结算单（" +
                             names(claims, "、") + "）。",
                         "Invoice " + c.invoice_no + " of provider " + c.provider +
                             " is claimed by several settlements (" + names(claims, ", ") + ").");
      },
      reported, found);
  report_repeated(
      by_amount,
      [](const auto& claims) {
        const auto& c = *claims[0];
        return std::pair("服务机构" + c.provider + "在" + c.period + "有金额相同（" +
                             c.total->grouped() + "元）的多张结算单（" + names(claims, "、") + "）。",
                         "Provider " + c.provider + " has several settlements of the same amount (" +
                             c.total->grouped() + " yuan) in " + c.period + " (" +
                             names(claims, ", ") + ").");
      },
      reported, found);

  std::map<std::string, std::vector<const PaymentFact*>> by_settlement;
  for (const auto& payment : facts.payments) {
    if (payment.paid && !payment.bounced) by_settlement[payment.settlement].push_back(&payment);
  }
  for (const auto& [settlement, payments] : by_settlement) {
    if (payments.size() < 2) continue;
    Indicator indicator{RuleId::pay_03, "", "", settlement, payments[0]->amount, {}};
    for (const auto* payment : payments) indicator.evidence.push_back(payment->at);
    const auto times = std::to_string(payments.size());
    indicator.zh = "结算单" + settlement + "付款" + times + "次。";
    indicator.en = "Settlement " + settlement + " was paid " + times + " times.";
    found.push_back(std::move(indicator));
  }
}

}  // namespace fundtrail::audit
