#include "api/run/picture.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/chain/digest.h"
#include "reports/name_book.h"

namespace fundtrail::api::run {
namespace {

using planning::Plan;
using planning::Sum;
using reports::Cell;
using reports::Column;
using reports::ColumnType;
using reports::Label;
using reports::NameBook;
using reports::NameOf;
using reports::Report;
using reports::Row;
using reports::Section;
using reports::Words;

const Words kTotal{"合计", "Total"};

// Vouchers of a quarter follow the version of each month.
std::string policies_of(const planning::Run& run, const Plan& plan) {
  std::vector<std::string> refs{run.policy.str()};
  for (const auto& document : plan.documents) {
    if (!std::holds_alternative<VoucherIssue>(document.command.document)) continue;
    auto ref = document.command.policy->str();
    if (std::find(refs.begin(), refs.end(), ref) == refs.end()) refs.push_back(std::move(ref));
  }
  return fmt::format("{}", fmt::join(refs, ", "));
}

Label plain(const std::string& text) { return {text, {text, text}}; }

std::vector<Column> sum_columns(Column first) {
  return {std::move(first),
          {"documents", {"单据", "Documents"}, ColumnType::count},
          {"lines", {"明细", "Lines"}, ColumnType::count},
          {"amount", {"金额", "Amount"}, ColumnType::money},
          {"earlier", {"其中补（扣）以前各期", "Of which for earlier periods"}, ColumnType::money, true}};
}

Row sum_row(Label label, const Sum& sum) {
  return {{std::move(label), sum.documents, sum.lines, sum.amount, sum.earlier}};
}

Section regions(const Plan& plan, const NameBook& names) {
  Section section{"regions", {"分区划", "By region"},
                  sum_columns({"region", {"区划", "Region"}}), {}, {}};
  for (const auto& [region, sum] : plan.by_region) {
    section.rows.push_back(sum_row(names.label(NameOf::region, region.str()), sum));
  }
  section.totals.push_back(sum_row({"total", kTotal}, plan.all));
  return section;
}

Section payees(const Plan& plan, const NameBook& names) {
  Section section{"payees", {"分收款方", "By payee"}, sum_columns({"payee", {"收款方", "Payee"}}), {}, {}};
  for (const auto& [payee, sum] : plan.by_payee) {
    section.rows.push_back(sum_row(names.label(NameOf::provider, payee.str()), sum));
  }
  return section;
}

Section shares(const Plan& plan, const NameBook& names) {
  Section section{"shares", {"分承担方", "By who bears it"},
                  {{"level", {"层级", "Level"}},
                   {"fund", {"资金", "Fund"}},
                   {"amount", {"金额", "Amount"}, ColumnType::money}},
                  {}, {}};
  for (const auto& [at, amount] : plan.by_share) {
    section.rows.push_back({{plain(at.first.str()), names.label(NameOf::fund, at.second.str()), amount}});
  }
  return section;
}

Section comparison(const Plan& plan) {
  const auto& c = plan.comparison;
  const Words title = c.once ? Words{"与此前已给付的比较", "Compared with what was given before"}
                             : Words{"与上期（" + c.before.str() + " 起）比较", "Compared with the period from " + c.before.str()};
  Section section{"comparison", title,
                  {{"change", {"变化", "Change"}},
                   {"subjects", {"人（户、机构）数", "Subjects"}, ColumnType::count},
                   {"before", c.once ? Words{"此前", "Before"} : Words{"上期", "Before"}, ColumnType::money},
                   {"now", c.once ? Words{"现在", "Now"} : Words{"本期", "Now"}, ColumnType::money},
                   {"difference", {"增减", "Difference"}, ColumnType::money}},
                  {}, {}};
  planning::Comparison::Part all;
  const auto add = [&](const char* code, Words words, const planning::Comparison::Part& part) {
    section.rows.push_back({{Label{code, std::move(words)}, part.subjects, part.before, part.now,
                             part.now - part.before}});
    all.subjects += part.subjects;
    all.before += part.before;
    all.now += part.now;
  };
  add("joined", {"新增", "Joined"}, c.joined);
  add("left", {"退出", "Left"}, c.left);
  add("changed", {"变动", "Changed"}, c.changed);
  add("unchanged", {"不变", "Unchanged"}, c.unchanged);
  section.totals.push_back({{Label{"total", kTotal}, all.subjects, all.before, all.now, all.now - all.before}});
  return section;
}

// What would come back if it were recorded now: no sum above counts it.
std::optional<Section> refusals(const Plan& plan, const NameBook& names) {
  Section section{"refusals", {"将被拒绝（未计入以上各数）", "Would be refused (in none of the sums above)"},
                  {{"region", {"区划", "Region"}},
                   {"payee", {"收款方", "Payee"}},
                   {"amount", {"金额", "Amount"}, ColumnType::money},
                   {"reason", {"原因", "Reason"}},
                   {"text", {"说明", "In words"}}},
                  {}, {}};
  for (const auto& document : plan.documents) {
    if (!document.refusal) continue;
    const std::string code(info(document.refusal->reason).code);
    section.rows.push_back({{names.label(NameOf::region, document.region.str()),
                             names.label(NameOf::provider, document.payee.str()), document.sum.amount,
                             plain(code), Label{code, {document.refusal->zh(), document.refusal->en()}}}});
  }
  if (section.rows.empty()) return std::nullopt;
  return section;
}

Section shortfalls(const Plan& plan, const NameBook& names) {
  Section section{"shortfalls", {"指标不足（该区划暂不入账）", "Allotment insufficient (these regions wait)"},
                  {{"region", {"区划", "Region"}},
                   {"fund", {"资金", "Fund"}},
                   {"needed", {"需要", "Needed"}, ColumnType::money},
                   {"allotted", {"指标余额", "Allotted"}, ColumnType::money},
                   {"short_by", {"不足", "Short by"}, ColumnType::money}},
                  {}, {}};
  for (const auto& s : plan.shortfalls) {
    section.rows.push_back({{names.label(NameOf::region, s.region.str()),
                             names.label(NameOf::fund, s.fund.str()), s.needed, s.allotted, s.by()}});
  }
  return section;
}

const Label& label_of(planning::Treatment treatment) {
  static const Label labels[] = {{"offset", {"本次抵扣", "Taken off in this run"}},
                                 {"lowered", {"付款前调减", "Taken off what is not settled yet"}},
                                 {"recover", {"须另行追回", "To be recovered"}},
                                 {"unpaid", {"列在未付款的结算单中：退回结算单后再运行，即予调减",
                                             "In a settlement that is not paid: have it returned and run again"}}};
  return labels[static_cast<std::size_t>(treatment)];
}

Section recoveries(const Plan& plan, const NameBook& names) {
  Section section{"recoveries", {"以前多算", "Calculated too much before"},
                  {{"subject", {"对象", "Subject"}},
                   {"period", {"期间", "Period"}},
                   {"region", {"区划", "Region"}},
                   {"payee", {"收款方", "Payee"}},
                   {"level", {"层级", "Level"}},
                   {"fund", {"资金", "Fund"}},
                   {"amount", {"金额", "Amount"}, ColumnType::money},
                   {"treatment", {"处理", "Treatment"}}},
                  {}, {}};
  Money left;
  for (const auto& r : plan.recoveries) {
    // A row for each fund that bore it, with all that a recovery_decision names: one is decided for each.
    for (const auto& [fund, amount] : r.shares) {
      section.rows.push_back({{plain(r.subject), r.given.value_or(r.period).str(),
                               names.label(NameOf::region, r.region.str()),
                               names.label(NameOf::provider, r.payee.str()), plain(fund.level.str()),
                               names.label(NameOf::fund, fund.fund.str()), amount, label_of(r.treatment)}});
    }
    if (r.treatment == planning::Treatment::recover) left += r.amount;
  }
  if (!plan.follows.is_zero()) {
    section.notes.push_back({"调减入账后，本次运行随即补记改由其他级次、资金承担的 " + plan.follows.grouped() + " 元",
                             plan.follows.grouped() + " yuan are borne by other levels or funds now: recorded by the "
                             "same run, once that is lowered"});
  }
  if (!left.is_zero()) {
    section.notes.push_back({"须另行追回合计 " + left.grouped() + " 元", left.grouped() + " yuan to be recovered"});
  }
  return section;
}

// An exception of nobody in particular.
const Label kWhole{"", {"（整批）", "(the whole document)"}};

const char kBeyondPlan[] = "beyond-plan";
Words beyond_words(const planning::BeyondPlan& beyond, std::size_t at) {
  const auto place = beyond.before > beyond.planned ? beyond.before : beyond.planned;
  return {fmt::format("第 {} 个奖补，超过计划的 {} 个", place + at + 1, beyond.planned),
          fmt::format("award number {}, more than the {} planned", place + at + 1, beyond.planned)};
}

const char kNotOver[] = "period-not-over";
Words not_over_words(const planning::Run& run) {
  return {fmt::format("期间在业务日期 {} 尚未结束（至 {}）：此后的服务由下一次核定补足", run.date.str(),
                      run.last().last_day().str()),
          fmt::format("the period is not over on the business date {} (until {}): the next run adds what is served "
                      "after it", run.date.str(), run.last().last_day().str())};
}

Section exception_counts(const Plan& plan, const planning::Run& run) {
  Section section{"exception_counts", {"例外（分原因）", "Exceptions by reason"},
                  {{"reason", {"原因", "Reason"}},
                   {"subjects", {"数目", "Number"}, ColumnType::count},
                   {"example", {"例", "Example"}}},
                  {}, {}};
  for (const auto& [reason, count] : plan.exceptions.counts) {
    Label example;
    for (const auto& e : plan.exceptions.listed) {
      if (e.why.reason != reason) continue;
      example = {e.subject, {e.why.zh(), e.why.en()}};
      break;
    }
    section.rows.push_back({{plain(std::string(info(reason).code)), count, example}});
  }
  if (const auto& beyond = plan.beyond_plan) {
    section.rows.push_back({{plain(kBeyondPlan), std::uint64_t(beyond->subjects.size()),
                             Label{beyond->subjects.front(), beyond_words(*beyond, 0)}}});
  }
  if (plan.not_over) {
    section.rows.push_back({{plain(kNotOver), std::uint64_t(1), Label{kNotOver, not_over_words(run)}}});
  }
  return section;
}

// Why somebody is none of a programme's people, without saying who.
Words words_of(Reason reason) {
  switch (reason) {
    case Reason::under_age: return {"未到年龄", "too young"};
    case Reason::over_age: return {"超过年龄", "too old"};
    case Reason::category_not_eligible: return {"人员类别不符", "of another category"};
    case Reason::care_level_not_eligible: return {"失能等级不符", "of another care level"};
    case Reason::condition_not_met: return {"条件不符", "a condition is not met"};
    case Reason::channel_not_voucher: return {"服务方式不符", "served in another channel"};
    case Reason::not_granted: return {"未申请或未获批准", "not applied for, or not approved"};
    case Reason::paid_before: return {"本账套启用前已发放", "paid before this ledger"};
    case Reason::not_yet_entitled: return {"尚未开始享受", "not entitled yet"};
    case Reason::entitlement_ended: return {"资格已终止", "no longer entitled"};
    case Reason::policy_closed: return {"政策已失效，不再新增", "too late: the policy takes nobody new"};
    case Reason::policy_not_in_force: return {"该期间政策不生效", "the policy is not in force in the period"};
    case Reason::exclusive_scheme: return {"享受同组其他待遇", "served by another scheme of the group"};
    case Reason::assessment_missing: return {"未经核定", "not assessed"};
    default: return {std::string(info(reason).code), std::string(info(reason).code)};
  }
}

// Those whom the programme is not for: how many, for what reason, and no names.
Section outside(const Plan& plan) {
  Section section{"outside", {"不属本项目对象（只计数，不列名）", "Not for this programme (counted, not named)"},
                  {{"reason", {"原因", "Reason"}},
                   {"subjects", {"数目", "Number"}, ColumnType::count},
                   {"text", {"说明", "In words"}}},
                  {}, {}};
  for (const auto& [reason, count] : plan.outside) {
    const std::string code(info(reason).code);
    section.rows.push_back({{plain(code), count, Label{code, words_of(reason)}}});
  }
  return section;
}

Section exceptions(const Plan& plan, const NameBook& names, const planning::Run& run) {
  Section section{"exceptions", {"例外", "Exceptions"},
                  {{"subject", {"对象", "Subject"}},
                   {"region", {"区划", "Region"}},
                   {"period", {"期间", "Period"}},
                   {"reason", {"原因", "Reason"}},
                   {"text", {"说明", "In words"}}},
                  {}, {}};
  for (const auto& e : plan.exceptions.listed) {
    const std::string code(info(e.why.reason).code);
    section.rows.push_back({{e.subject.empty() ? kWhole : plain(e.subject), names.label(NameOf::region, e.region.str()),
                             e.period.str(), plain(code), Label{code, {e.why.zh(), e.why.en()}}}});
  }
  if (const auto& beyond = plan.beyond_plan) {
    for (std::size_t i = 0; i < beyond->subjects.size(); ++i) {
      section.rows.push_back({{plain(beyond->subjects[i]), Label{}, run.from.str(), plain(kBeyondPlan),
                               Label{kBeyondPlan, beyond_words(*beyond, i)}}});
    }
  }
  if (plan.not_over) {
    section.rows.push_back({{kWhole, Label{}, run.from.str(), plain(kNotOver), Label{kNotOver, not_over_words(run)}}});
  }
  std::uint64_t all = 0;
  for (const auto& [reason, count] : plan.exceptions.counts) all += count;
  if (const auto left_out = all - plan.exceptions.listed.size(); left_out != 0) {
    section.notes.push_back({fmt::format("同一原因只列前 {} 个，另有 {} 个未列", planning::kMaxListed, left_out),
                             fmt::format("The first {} of each reason are listed; {} more are not",
                                         planning::kMaxListed, left_out)});
  }
  return section;
}

}  // namespace

Result<Report> picture_of(const View& view, const planning::Run& run, const std::string& period,
                          const Plan& plan) {
  const auto names = NameBook::read(view);
  if (!names.ok()) return names.error();
  Report report;
  report.name = "run";
  report.title = {"批量核定 " + run.programme.str() + " " + period, "Run of " + run.programme.str() + " for " + period};
  report.ledger = view.id().str();
  report.size = view.size();
  report.root = chain::to_hex(view.root());
  report.from = run.from.first_day();
  report.as_of = run.last().last_day();
  report.parameters = {
      {"programme", {"项目", "Programme"}, names->label(NameOf::programme, run.programme.str())},
      {"period", {"期间", "Period"}, plain(period)},
      {"policy", {"政策", "Policy"}, plain(policies_of(run, plan))},
      {"date", {"业务日期", "Business date"}, plain(run.date.str())},
      {"subjects", {"核对人（机构）数", "Subjects looked at"}, plain(std::to_string(plan.subjects))}};
  report.sections = {regions(plan, *names)};
  if (!plan.by_payee.empty()) report.sections.push_back(payees(plan, *names));
  report.sections.push_back(shares(plan, *names));
  report.sections.push_back(comparison(plan));
  if (auto refused = refusals(plan, *names)) report.sections.push_back(std::move(*refused));
  if (!plan.shortfalls.empty()) report.sections.push_back(shortfalls(plan, *names));
  if (!plan.recoveries.empty()) report.sections.push_back(recoveries(plan, *names));
  if (!plan.exceptions.counts.empty() || plan.beyond_plan || plan.not_over) {
    report.sections.push_back(exception_counts(plan, run));
    report.sections.push_back(exceptions(plan, *names, run));
  }
  if (!plan.outside.empty()) report.sections.push_back(outside(plan));
  Money shared;
  for (const auto& [at, amount] : plan.by_share) shared += amount;
  report.checks.push_back({"shares", {"各级分担之和等于总额", "The shares add up to the whole"},
                           shared, plan.all.amount});
  return report;
}

Report shortened(const Report& picture) {
  Report report = picture;
  for (auto& section : report.sections) {
    if (section.key != "exceptions" && section.key != "recoveries" && section.key != "refusals") continue;
    const std::size_t all = section.rows.size();
    if (all <= kShown) continue;
    section.rows.resize(kShown);
    section.notes.push_back({fmt::format("此处列出前 {} 条，共 {} 条；全部见 --csv 或 --json", kShown, all),
                             fmt::format("The first {} of {}; all of them: --csv or --json", kShown, all)});
  }
  return report;
}

}  // namespace fundtrail::api::run
