// R-BEN-01 benefit after death, R-BEN-08 irregular identity numbers.
#include <map>

#include "audit/indicators/rules.h"

namespace fundtrail::audit {

void after_death(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  std::map<std::string, const EndFact*> deaths;
  for (const auto& end : facts.ends) {
    if (end.reason == "death" && end.ended_on) deaths.emplace(end.beneficiary, &end);
  }
  // The day of death itself still counts; whether it is payable is the policy's business.
  const auto died_before = [&](const std::string& person, std::optional<Date> day) {
    const auto death = deaths.find(person);
    return death != deaths.end() && day && *day > *death->second->ended_on ? death->second : nullptr;
  };
  std::map<std::string, const IssueFact*> holders;
  for (const auto& issue : facts.issues) {
    holders.emplace(issue.voucher, &issue);
    if (const auto* death = died_before(issue.beneficiary, issue.date)) {
      const auto day = death->ended_on->str(), then = issue.date->str();
      found.push_back({RuleId::ben_01,
                       "受益人" + issue.beneficiary + "于" + day + "死亡，" + then + "仍发券" +
                           issue.voucher + "。",
                       "Beneficiary " + issue.beneficiary + " died on " + day + "; voucher " +
                           issue.voucher + " was issued on " + then + ".",
                       issue.voucher, issue.face, {death->at, issue.at}});
    }
  }
  for (const auto& redemption : facts.redemptions) {
    const auto holder = holders.find(redemption.voucher);
    if (holder == holders.end()) continue;
    const auto& issue = *holder->second;
    if (const auto* death = died_before(issue.beneficiary, redemption.service_date)) {
      const auto day = death->ended_on->str(), then = redemption.service_date->str();
      found.push_back({RuleId::ben_01,
                       "受益人" + issue.beneficiary + "于" + day + "死亡，券" + redemption.voucher +
                           "仍以" + then + "的服务核销。",
                       "Beneficiary " + issue.beneficiary + " died on " + day + "; voucher " +
                           redemption.voucher + " was redeemed for a service on " + then + ".",
                       redemption.voucher, issue.face, {death->at, issue.at, redemption.at}});
    }
  }
}

void identity_numbers(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  static const std::map<std::string, std::pair<const char*, const char*>> faults = {
      {"length", {"位数不对", "wrong length"}},
      {"characters", {"含非法字符", "illegal characters"}},
      {"birth_date", {"出生日期不存在", "impossible birth date"}},
      {"check_digit", {"校验码错误", "wrong check digit"}}};
  std::map<std::string, std::map<std::string, const PersonFact*>> numbers_of;  // person → pseudonyms
  for (const auto& person : facts.persons) {
    if (const auto fault = faults.find(person.id_check); fault != faults.end()) {
      found.push_back({RuleId::ben_08,
                       "受益人" + person.beneficiary + "的公民身份号码" + fault->second.first + "。",
                       "The identity number of beneficiary " + person.beneficiary + " has a " +
                           fault->second.second + ".",
                       person.beneficiary, std::nullopt, {person.at}});
    }
    if (!person.person.empty()) numbers_of[person.person].emplace(person.beneficiary, &person);
  }
  for (const auto& [digest, numbers] : numbers_of) {
    if (numbers.size() < 2) continue;
    Indicator indicator{RuleId::ben_08, "", "", numbers.begin()->first, std::nullopt, {}};
    std::string list;
    for (const auto& [pseudonym, person] : numbers) {
      list += (list.empty() ? "" : ", ") + pseudonym;
      indicator.evidence.push_back(person->at);
    }
    const auto count = std::to_string(numbers.size());
    indicator.zh = "姓名、出生日期和住址相同的一人使用了" + count + "个身份号码（" + list + "）。";
    indicator.en = "One person (same name, birth date and address) appears under " + count +
                   " identity numbers (" + list + ").";
    found.push_back(std::move(indicator));
  }
}

}  // namespace fundtrail::audit
