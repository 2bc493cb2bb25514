#include "audit/indicators.h"

#include <algorithm>
#include <array>

#include "audit/indicators/facts.h"
#include "audit/indicators/rules.h"

namespace fundtrail::audit {
namespace {

using K = MisuseKind;
using S = Severity;

// Definitions and legal bases after the project's table of misuse rules.
constexpr std::array<RuleInfo, kRules> kTable = {{
    {RuleId::ben_01, "R-BEN-01", "死亡后继续享受", "Benefit after death",
     "财政违法行为处罚处分条例（国令427号）第六条（一）；预算法第九十五条（二）；社会救助暂行办法第六十八条",
     "State Council Order 427 art. 6(1); Budget Law art. 95(2); Interim Measures for Social "
     "Assistance art. 68",
     K::fraudulent_claim, S::high},
    {RuleId::ben_08, "R-BEN-08", "身份号码异常", "Irregular identity number", "GB 11643 公民身份号码",
     "GB 11643 citizen identification number", K::fraudulent_claim, S::medium},
    {RuleId::vch_01, "R-VCH-01", "重复核销", "Voucher redeemed twice",
     "财会〔2024〕12号第二十一条（二）", "Caikuai [2024] No. 12 art. 21(2)", K::fraudulent_claim,
     S::high},
    {RuleId::vch_03, "R-VCH-03", "套现/倒卖", "Vouchers turned into cash",
     "财政违法行为处罚处分条例（国令427号）第十四条（三）；刑法第二百六十六条",
     "State Council Order 427 art. 14(3); Criminal Law art. 266", K::fraudulent_claim, S::high},
    {RuleId::vch_05, "R-VCH-05", "券守恒不平", "Vouchers do not add up", "会计法第十七条",
     "Accounting Law art. 17", K::bookkeeping, S::high},
    {RuleId::fnd_02, "R-FND-02", "截留", "Withholding",
     "财政违法行为处罚处分条例（国令427号）第六条（二）；预算法第九十三条（三）；老年人权益保障法第三十四条",
     "State Council Order 427 art. 6(2); Budget Law art. 93(3); Law on the Rights of the Elderly "
     "art. 34",
     K::withholding, S::high},
    {RuleId::fnd_03, "R-FND-03", "配套不到位", "Counterpart funding missing",
     "本级方案的承诺；预算法第十六条（上级不得要求配套，不到位不等于违法）",
     "the authority's own plan; Budget Law art. 16 (a miss of it is no offence)", K::plan, S::medium},
    {RuleId::fnd_06, "R-FND-06", "挪用（用途不符）", "Spent on another purpose",
     "预算法第九十三条（四）（五）；财政违法行为处罚处分条例（国令427号）第六条（二）；彩票管理条例第四十三条",
     "Budget Law art. 93(4)(5); State Council Order 427 art. 6(2); Lottery Regulations art. 43",
     K::misappropriation, S::high},
    {RuleId::fnd_14, "R-FND-14", "无依据分配", "Allotted without an assessment",
     "预算法第五十七条（绩效评价）；本级方案", "Budget Law art. 57 (performance); the authority's own plan", K::plan,
     S::medium},
    {RuleId::fnd_16, "R-FND-16", "超计划奖补", "Awards beyond the plan",
     "预算法第五十七条（支出按预算执行）；本级方案",
     "Budget Law art. 57 (spending as budgeted); the authority's own plan", K::plan, S::medium},
    {RuleId::pay_03, "R-PAY-03", "重复付款", "Paid twice",
     "财会〔2024〕12号第二十一条（二）；会计法第四十条（三）",
     "Caikuai [2024] No. 12 art. 21(2); Accounting Law art. 40(3)", K::fraudulent_claim, S::high},
    {RuleId::acc_02, "R-ACC-02", "不相容岗位同一人", "Incompatible duties in one hand",
     "会计法第二十五条（一）、第三十五条；财会〔2024〕11号第十六条",
     "Accounting Law arts. 25(1), 35; Caikuai [2024] No. 11 art. 16", K::bookkeeping, S::high},
    {RuleId::acc_07, "R-ACC-07", "账实不符", "Ledger and bank disagree",
     "会计法第十七条；会计基础工作规范第六十二条（三）；财会〔2024〕12号第二十三条",
     "Accounting Law art. 17; Basic Accounting Norms art. 62(3); Caikuai [2024] No. 12 art. 23",
     K::bookkeeping, S::high},
    {RuleId::bil_01, "R-BIL-01", "一单两人", "One bill for two people",
     "财政违法行为处罚处分条例（国令427号）第六条（一）", "State Council Order 427 art. 6(1)",
     K::fraudulent_claim, S::medium},
    {RuleId::rec_01, "R-REC-01", "追回早于付款", "Recovered before it was paid",
     "会计法第九条（根据实际发生的经济业务事项核算）",
     "Accounting Law art. 9 (accounts rest on what has happened)", K::bookkeeping, S::medium},
}};

constexpr std::array<Rule, kRules> kFunctions = {
    after_death,         identity_numbers,       redeemed_twice,       cashed_vouchers,
    lots_out_of_balance, withheld_money,         counterpart_missing,  foreign_purposes,
    allotted_unassessed, awards_beyond_the_plan, paid_twice,           one_person_two_duties,
    bank_differs,        bills_moved,            recovered_too_early};

}  // namespace

const RuleInfo& info(RuleId rule) { return kTable[static_cast<std::size_t>(rule)]; }

std::optional<RuleId> rule_from_code(std::string_view code) {
  for (const auto& row : kTable) {
    if (row.code == code) return row.id;
  }
  return std::nullopt;
}

Rule function_of(RuleId rule) { return kFunctions[static_cast<std::size_t>(rule)]; }

Result<std::vector<Indicator>> find_indicators(const View& view, const IndicatorOptions& options) {
  auto facts = gather_facts(view);
  if (!facts.ok()) return facts.error();
  if (facts->policies.empty() && options.policy) facts->policies.push_back(*options.policy);
  std::vector<Indicator> found;
  for (const auto& row : kTable) {
    const auto& wanted = options.rules;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), row.id) == wanted.end()) continue;
    function_of(row.id)(*facts, options, found);
  }
  for (auto& indicator : found) std::sort(indicator.evidence.begin(), indicator.evidence.end());
  std::stable_sort(found.begin(), found.end(), [](const Indicator& a, const Indicator& b) {
    return a.rule != b.rule ? a.rule < b.rule : a.evidence < b.evidence;
  });
  return found;
}

}  // namespace fundtrail::audit
