#include "api/cli/policy_page.h"

#include <nlohmann/json.hpp>

#include "ledger/rules/entitlement.h"

namespace fundtrail::api::cli {
namespace {

// The words of the page. What an enumerator means is said by the schema, its one place.
constexpr Message kTitle{"{0}（{1}）", "{0} ({1})"};
constexpr Message kIssuer{"发文机关：{0}　文号：{1}", "Issued by: {0}  document: {1}"};
constexpr Message kForce{"生效：{0} 至 {1}", "In force: {0} to {1}"};
constexpr Message kOpen{"长期", "further notice"};
constexpr Message kTransition{"过渡：原有对象服务至 {0}。{1}",
                              "Transition: those taken before are served until {0}. {1}"};
constexpr Message kDeathDay{"死亡当日的服务可付", "A service on the day of death is payable"};
constexpr Message kNoDeathDay{"死亡当日的服务不付", "A service on the day of death is not payable"};
constexpr Message kEligible{"对象：{0}", "Who: {0}"};
constexpr Message kEverybody{"不限", "everybody"};
constexpr Message kFromAge{"满 {0} 周岁", "{0} years or older"};
constexpr Message kToAge{"不超过 {0} 周岁", "at most {0} years old"};
constexpr Message kOneOf{"{0} 之一", "one of {0}"};
constexpr Message kAll{"满足 {0}", "{0} shown"};
constexpr Message kDefinition{"　{0}（{1}）＝ {2} 任一", "  {0} ({1}) = any of {2}"};
constexpr Message kProgramme{"\n项目 {0}　{1}（用途：{2}）\n　{3}", "\nProgramme {0}  {1} (purpose: {2})\n  {3}"};
constexpr Message kLimitedTo{"　对象另须：{0}", "  beside: {0}"};
constexpr Message kBasis{"　依据：{0}；周期：{1}；收款方：{2}", "  Basis: {0}; cycle: {1}; payee: {2}"};
constexpr Message kParts{"　不足整月：{0}；起算：{1}；终止：{2}",
                         "  Part of a month: {0}; begins {1}; ends {2}"};
constexpr Message kAwarded{"　一次性：评定当日起，按当日的标准", "  Once, from the day of the assessment, at the rate of that day"};
constexpr Message kNewBeds{"　每张床位一次：核定起算：{0}", "  Each bed once: an assessment counts {0}"};
constexpr Message kBedsByDays{"　周期内有变化：按周期天数分段，每段四舍五入到分；核定起算：{0}；计到机构协议最后一天",
                              "  Within a cycle: by the days of the cycle, each part rounded half up to the fen; an "
                              "assessment counts {0}; to the last day of the provider's contract"};
constexpr Message kBedsByMonths{"　周期内有变化：按月分段（各月占周期的等份），每段四舍五入到分；核定起算：{0}；机构协议期内有一天的月份计整月；政策月中失效的计到{1}",
                                "  Within a cycle: by months, each the same part of the cycle, each part rounded half up "
                                "to the fen; an assessment counts {0}; every month that the provider's contract touches; "
                                "a policy that ends within a month {1}"};
constexpr Message kThatDay{"当日", "from the day itself"};
constexpr Message kRates{"　新标准起算：{0}", "  A new rate counts {0}"};
constexpr Message kAssessment{"　依据的机构核定：{0}", "  Paid for the assessment: {0}"};
constexpr Message kItems{"　服务项目：仅限 {0}", "  Service items: {0} only"};
constexpr Message kCertificates{"　服务人员须持证：{0}", "  Whoever serves must hold: {0}"};
constexpr Message kBand{"　标准 {0}　{1}：{2}", "  Band {0}  {1}: {2}"};
constexpr Message kAmount{"{0} 元", "{0} yuan"};
constexpr Message kNoAmount{"金额未定（文件未给出，设定前不能核定）",
                            "no amount (the document names none; nothing is calculated before it is set)"};
constexpr Message kADay{"每天 {0} 小时", "{0} hours a day"};
constexpr Message kAMonth{"每月最多 {0} 小时", "at most {0} hours a month"};
constexpr Message kAnHour{"每小时 {0}", "{0} an hour"};
constexpr Message kInRegions{"区划 {0}", "regions {0}"};
constexpr Message kPercent{"账单的 {0}%，每月最多 {1}", "{0}% of the bill, at most {1} a month"};
constexpr Message kAges{"{0}–{1} 周岁", "ages {0}-{1}"};
constexpr Message kAgesFrom{"{0} 周岁及以上", "age {0} and above"};
constexpr Message kAgesTo{"{0} 周岁及以下", "up to age {0}"};
constexpr Message kDates{"{0} 起至 {1}", "from {0} to {1}"};
constexpr Message kFrom{"{0} 起", "from {0}"};
constexpr Message kUntil{"至 {0}", "until {0}"};
constexpr Message kNothingAfter{"此后不再给付", "nothing after it"};
constexpr Message kShares{"　分担（{0}）：{1}{2}", "  Shares ({0}): {1}{2}"};
constexpr Message kRemainder{"；除不尽的分归 {0}", "; fen left over: {0}"};
constexpr Message kEverywhere{"各地", "everywhere"};
constexpr Message kTotal{"　总额上限 {0} 元", "  At most {0} yuan in all"};
constexpr Message kPlanned{"　计划 {0} 个", "  {0} planned"};
constexpr Message kGroup{"　互斥组 {0}：同一人只能享受其中一项", "  Exclusive group {0}: one of it a person"};
constexpr Message kVoucher{"\n服务券（{3}）：面额 {0} 元，每月最多 {1} 张，有效 {2} 个月",
                           "\nVouchers ({3}): {0} yuan, at most {1} a month, valid for {2} ‹month|months›"};
constexpr Message kBatch{"　{0} 至 {1} 的券有效至 {2}", "  Those of {0} to {1} are valid until {2}"};
constexpr Message kDenominations{"　可拆面值：{0}", "  Denominations: {0}"};
constexpr Message kReplaced{"　挂失作废后 {0} 个工作日补发", "  A lost one is replaced after {0} working days"};
constexpr Message kApproval{"\n审批（自批准{0}起享受）", "\nApproval (counts {0})"};
constexpr Message kApproved{"　需要审批的项目：{0}", "  Programmes that need it: {0}"};
constexpr Message kStep{"　{0}. {1} {4}（{2}）{3}", "  {0}. {1} {4} ({2}){3}"};
constexpr Message kStepLimit{"　{0} 个工作日内", ", within {0} working days"};
constexpr Message kStepNotice{"　至少 {0} 天（自然日）", ", at least {0} calendar days"};
constexpr Message kStepNoticeWorking{"　至少 {0} 个工作日", ", at least {0} working days"};
constexpr Message kStepSigners{"　另有 {0} 人签字", ", signed by {0} more"};
constexpr Message kPapers{"　{0} 的材料：{1}", "  Papers of {0}: {1}"};
constexpr Message kCalendar{"\n节假日表 {0} 至 {1}：放假 {2}；调休上班 {3}",
                            "\nWorking days {0} to {1}: off {2}; worked weekend days {3}"};
constexpr Message kNoDay{"无", "none"};
constexpr Message kCounterpart{"\n配套：{0}", "\nCounterpart funding: {0}"};
constexpr Message kNotAsked{"不要求", "not asked for"};
constexpr Message kNoRatio{"要求，未定比例", "asked for, no ratio named"};
constexpr Message kRatio{"不少于上级资金的 {0}%", "at least {0}% of the money from above"};
constexpr Message kBanned{"禁列支出：{0}", "Banned economic codes: {0}"};
constexpr Message kRecovered{"追回资金：{0}", "Recovered money: {0}"};
constexpr Message kDuties{"\n职责", "\nDuties"};
constexpr Message kDuty{"　{0}　{1}：{2}", "  {0}  {1}: {2}"};
constexpr Message kByRegions{"{0} 位区划各自负责", "by each region of {0} digits"};
constexpr Message kTimes{"达到 {0} 次", "{0} times"};
constexpr Message kWithin{"{0} 天内", "within {0} days"};
constexpr Message kConsecutive{"须连续", "one after the other"};
constexpr Message kTargets{"\n绩效目标", "\nTargets"};
constexpr Message kTarget{"　{4}　{0}　{1} {2}{3}", "  {4}  {0}  {1} {2} {3}"};
constexpr Message kAssessed{"　资金按考核结果分配", "  money is passed down by assessment"};
constexpr Message kFiling{"　资金到账后 {0} 日内报备", "  filed within {0} days after money arrives"};
constexpr Message kSettings{"\n文件未写明之处", "\nWhat the document leaves open"};
constexpr Message kSetting{"　{0}：{1}（默认 {2}）\n　　{3}", "  {0}: {1} (default {2})\n    {3}"};
constexpr Message kAnnex{"\n附件：{0}", "\nAnnex: {0}"};
constexpr Message kAbsent{"\n缺附件：{0}", "\nMissing annex: {0}"};

class Page {
 public:
  explicit Page(Language language)
      : language_(language), defs_(nlohmann::json::parse(policy_schema())["$defs"]) {}

  template <class... Args>
  void line(const Message& message, const Args&... args) {
    text_ += say(message, args...) + "\n";
  }
  template <class... Args>
  std::string say(const Message& message, const Args&... args) const {
    return message.in(language_, args...);
  }
  template <class E>
  std::string word(const char* type, E value) const {
    for (const auto& item : defs_[type]["oneOf"]) {
      if (item["const"] != name_of(value)) continue;
      const std::string both = item["description"];
      const auto end = both.find('\n');
      return language_ == Language::zh ? both.substr(0, end) : both.substr(end + 1);
    }
    return std::string(name_of(value));
  }
  void join(std::string& list, const std::string& more) const {
    if (!list.empty()) list += language_ == Language::zh ? "，" : ", ";
    list += more;
  }
  template <class T, class F>
  std::string list(const std::vector<T>& values, F&& f) const {
    std::string text;
    for (const auto& value : values) join(text, f(value));
    return text;
  }
  std::string codes(const std::vector<Code>& values) const {
    return list(values, [](const Code& code) { return code.str(); });
  }
  std::string days(const std::vector<Date>& values) const {
    return values.empty() ? say(kNoDay) : list(values, [](Date day) { return day.str(); });
  }
  bool zh() const { return language_ == Language::zh; }
  std::string take() { return std::move(text_); }

 private:
  Language language_;
  nlohmann::json defs_;
  std::string text_;
};

std::string who(const Page& page, const Eligibility& rule) {
  std::string text;
  if (rule.min_age > 0) page.join(text, page.say(kFromAge, rule.min_age));
  if (rule.max_age) page.join(text, page.say(kToAge, *rule.max_age));
  if (!rule.categories.empty()) page.join(text, page.say(kOneOf, page.codes(rule.categories)));
  if (rule.care_levels) page.join(text, page.say(kOneOf, page.codes(*rule.care_levels)));
  for (const auto channel : items(rule.channels)) page.join(text, page.word("Channel", channel));
  if (rule.conditions) page.join(text, page.say(kAll, page.codes(*rule.conditions)));
  return text.empty() ? page.say(kEverybody) : text;
}

std::string value_of(const Page& page, Instrument instrument, const TariffBand& band) {
  const std::string amount =
      band.amount ? page.say(kAmount, band.amount->grouped()) : page.say(kNoAmount);
  if (instrument == Instrument::bill_share) {
    return page.say(kPercent, band.percent.value_or(0),
                    page.say(kAmount, band.cap.value_or(Money()).grouped()));
  }
  if (instrument == Instrument::service_hours) {
    std::string text;
    if (band.per_day) page.join(text, page.say(kADay, band.per_day->str()));
    if (band.per_month) page.join(text, page.say(kAMonth, band.per_month->str()));
    page.join(text, page.say(kAnHour, amount));
    return text;
  }
  return amount;
}

std::string conditions_of(const Page& page, const TariffBand& band) {
  std::string text = band.title.str();
  // A code that is its band's name, or its title, is not said again.
  const auto say_code = [&](const std::string& code) {
    if (code != band.title.str() && code != band.id.str()) page.join(text, code);
  };
  if (band.age_from && band.age_to) page.join(text, page.say(kAges, *band.age_from, *band.age_to));
  else if (band.age_from) page.join(text, page.say(kAgesFrom, *band.age_from));
  else if (band.age_to) page.join(text, page.say(kAgesTo, *band.age_to));
  if (band.categories) say_code(page.codes(*band.categories));
  if (band.care_levels) say_code(page.codes(*band.care_levels));
  for (const auto channel : items(band.channels)) page.join(text, page.word("Channel", channel));
  if (band.conditions) page.join(text, page.say(kAll, page.codes(*band.conditions)));
  if (band.regions) page.join(text, page.say(kInRegions, page.codes(*band.regions)));
  if (band.rating) say_code(band.rating->str());
  if (band.from && band.to) {
    page.join(text, page.say(kDates, band.from->str(), band.to->str()));
  } else if (band.from) {
    page.join(text, page.say(kFrom, band.from->str()));
  } else if (band.to) {
    page.join(text, page.say(kUntil, band.to->str()));
  }
  if (band.nothing_after.value_or(false)) page.join(text, page.say(kNothingAfter));
  return text;
}

// What is given to providers is parted otherwise than a person's months, or not at all.
void add_counting(Page& page, Instrument instrument, const EntitlementTerms& terms) {
  const std::string begins = page.word("StartRule", terms.start);
  const bool beds = instrument == Instrument::bed_subsidy, by_days = terms.proration == Proration::days;
  const bool new_beds = beds && terms.cycle == Cycle::once;
  if (instrument == Instrument::award) return page.line(kAwarded);
  if (new_beds) {
    page.line(kNewBeds, begins);
  } else if (beds) {
    const StopRule stop = terms.stop == StopRule::same_day ? StopRule::same_month : terms.stop;
    page.line(by_days ? kBedsByDays : kBedsByMonths, begins, page.word("StopRule", stop));
  } else {
    page.line(kParts, page.word("Proration", terms.proration), begins, page.word("StopRule", terms.stop));
  }
  const RateRule rule = rules::rate_rule(terms);
  const bool cuts_no_month = rule == RateRule::same_day && (new_beds || (beds && by_days));
  page.line(kRates, cuts_no_month ? page.say(kThatDay) : page.word("RateRule", rule));
}

void add_terms(Page& page, const Programme& programme, const EntitlementTerms& terms) {
  if (terms.eligibility) page.line(kLimitedTo, who(page, *terms.eligibility));
  if (terms.exclusive_group) page.line(kGroup, terms.exclusive_group->str());
  if (programme.instrument == Instrument::voucher) return;
  page.line(kBasis, page.word("QuantityBasis", terms.basis), page.word("Cycle", terms.cycle),
            page.word("PayeeKind", terms.payee));
  add_counting(page, programme.instrument, terms);
  if (terms.assessment) page.line(kAssessment, terms.assessment->str());
  if (terms.items) page.line(kItems, page.codes(*terms.items));
  if (terms.worker_certificates) page.line(kCertificates, page.codes(*terms.worker_certificates));
  for (const auto& band : terms.tariff) {
    page.line(kBand, band.id.str(), conditions_of(page, band),
              value_of(page, programme.instrument, band));
  }
  for (const auto& rule : items(terms.cost_shares)) {
    page.line(kShares, rule.regions ? page.codes(*rule.regions) : page.say(kEverywhere),
              page.list(rule.parts, [](const SharePart& part) {
                return part.level.str() + " " + std::to_string(part.weight);
              }),
              rule.remainder ? page.say(kRemainder, rule.remainder->str()) : std::string());
  }
  if (terms.max_total) page.line(kTotal, terms.max_total->grouped());
  if (terms.planned_count) page.line(kPlanned, *terms.planned_count);
}

void add_voucher(Page& page, const VoucherTerms& terms) {
  page.line(kVoucher, terms.face.grouped(), terms.max_per_month, terms.validity_months,
            page.word("Channel", terms.channel));
  for (const auto& batch : items(terms.batches)) {
    page.line(kBatch, batch.first.str(), batch.last.str(), batch.valid_to.str());
  }
  if (terms.denominations) {
    page.line(kDenominations,
              page.list(*terms.denominations, [](const Money& face) { return face.grouped(); }));
  }
  if (terms.replaced_after_working_days) page.line(kReplaced, *terms.replaced_after_working_days);
}

void add_approval(Page& page, const ApprovalTerms& terms) {
  page.line(kApproval, page.word("StartRule", terms.effective));
  if (terms.programmes) {
    page.line(kApproved, page.list(*terms.programmes, [](const ProgrammeId& id) { return id.str(); }));
  }
  for (std::size_t i = 0; i < terms.steps.size(); ++i) {
    const auto& step = terms.steps[i];
    std::string more;
    if (step.working_days) more += page.say(kStepLimit, *step.working_days);
    const bool working = step.notice_in_working_days.value_or(false);
    if (step.min_days) more += page.say(working ? kStepNoticeWorking : kStepNotice, *step.min_days);
    if (step.min_signers) more += page.say(kStepSigners, *step.min_signers);
    page.line(kStep, i + 1, step.title.str(), page.word("StepKind", step.kind), more,
              step.id.str());
  }
  for (const auto& papers : items(terms.documents)) {
    page.line(kPapers, papers.category.str(), page.codes(papers.documents));
  }
}

std::string duty_of(const Page& page, const Duty& duty) {
  std::string text = page.word("DutyKind", duty.kind);
  if (duty.count) page.join(text, page.say(kTimes, *duty.count));
  if (duty.every) page.join(text, page.word("DutyPeriod", *duty.every));
  if (duty.window_days) page.join(text, page.say(kWithin, *duty.window_days));
  if (duty.consecutive.value_or(false)) page.join(text, page.say(kConsecutive));
  if (duty.region_digits) page.join(text, page.say(kByRegions, *duty.region_digits));
  return text;
}

void add_rest(Page& page, const Policy& policy) {
  const auto& counterpart = policy.counterpart;
  page.line(kCounterpart, !counterpart.required        ? page.say(kNotAsked)
                          : counterpart.ratio_percent ? page.say(kRatio, *counterpart.ratio_percent)
                                                      : page.say(kNoRatio));
  if (!policy.banned_economic_codes.empty()) {
    page.line(kBanned, page.codes(policy.banned_economic_codes));
  }
  page.line(kRecovered, page.word("RecoveryDisposition", policy.recovery_disposition));
  if (policy.duties) page.line(kDuties);
  for (const auto& duty : items(policy.duties)) {
    page.line(kDuty, duty.id.str(), duty.title.str(), duty_of(page, duty));
  }
  if (policy.performance) {
    page.line(kTargets);
    if (policy.performance->allotment_by_assessment.value_or(false)) page.line(kAssessed);
    if (policy.performance->filing_days) page.line(kFiling, *policy.performance->filing_days);
    for (const auto& target : items(policy.performance->targets)) {
      page.line(kTarget, target.title.str(), target.value.str(), target.unit.str(),
                target.by ? " " + target.by->str() : std::string(), target.id.str());
    }
  }
  if (!policy.settings.empty()) page.line(kSettings);
  for (const auto& setting : policy.settings) {
    page.line(kSetting, setting.id, setting.value, setting.default_value,
              page.zh() ? setting.note_zh.str() : setting.note_en.str());
  }
  for (const auto& attachment : policy.attachments) {
    page.line(attachment.present ? kAnnex : kAbsent, attachment.title.str());
  }
}

}  // namespace

std::string page_of(const Policy& policy, Language language) {
  Page page(language);
  page.line(kTitle, policy.title.str(), policy.ref().str());
  page.line(kIssuer, policy.issuer.str(), policy.document_no.str());
  page.line(kForce, policy.in_force_from.str(),
            policy.in_force_to ? policy.in_force_to->str() : page.say(kOpen));
  if (policy.transition) {
    page.line(kTransition, policy.transition->serves_until.str(),
              page.zh() ? policy.transition->note_zh.str() : policy.transition->note_en.str());
  }
  page.line(policy.death_day_payable ? kDeathDay : kNoDeathDay);
  page.line(kEligible, who(page, policy.eligibility));
  for (const auto& definition : items(policy.definitions)) {
    page.line(kDefinition, definition.id.str(), definition.title.str(),
              page.codes(definition.any_of));
  }
  for (const auto& programme : policy.programmes) {
    page.line(kProgramme, programme.id.str(), programme.name.str(), programme.purpose.str(),
              page.word("Instrument", programme.instrument));
    if (programme.entitlement) add_terms(page, programme, *programme.entitlement);
  }
  if (policy.voucher) add_voucher(page, *policy.voucher);
  if (policy.approval) add_approval(page, *policy.approval);
  if (policy.calendar) {
    page.line(kCalendar, policy.calendar->from.str(), policy.calendar->to.str(),
              page.days(policy.calendar->holidays), page.days(policy.calendar->workdays));
  }
  add_rest(page, policy);
  return page.take();
}

}  // namespace fundtrail::api::cli
