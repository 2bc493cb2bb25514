#include "ledger/core/wording.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ledger/core/accounts.h"
#include "ledger/core/documents.h"

namespace fundtrail {
namespace {

struct Words {
  std::string_view token;
  std::string_view zh;
  std::string_view en;
};

constexpr std::size_t kForms = static_cast<std::size_t>(Form::json_other) + 1;
// In the order of Form.
constexpr std::array<Words, kForms> kFormWords = {{
    {"form.money", "两位小数的金额，如“100.00”", "a decimal string with two digits, like \"100.00\""},
    {"form.quantity", "两位小数的数量，如“1.50”", "a decimal string with two digits, like \"1.50\""},
    {"form.date", "年-月-日，如 2009-01-31", "YYYY-MM-DD"},
    {"form.month", "年-月，如 2009-01", "YYYY-MM"},
    {"form.timestamp", "如 2009-01-31T09:00:00+08:00", "YYYY-MM-DDThh:mm:ss+08:00"},
    {"form.region", "6、9 或 12 位数字", "6, 9 or 12 digits"},
    {"form.pseudonym", "16 位十六进制数字", "16 hex digits"},
    {"form.voucher_number", "券号，如 WJ-00000001", "a number like WJ-00000001"},
    {"form.policy", "政策名@版本，如 wujin-2008@1", "name@version"},
    {"form.text", "1 至 500 字节的文字，首尾无空格，不含控制字符",
     "text of 1 to 500 bytes without control characters and without blanks at its ends"},
    {"form.reference", "1 至 64 个可打印的 ASCII 字符，首尾无空格",
     "1 to 64 printable ASCII characters without blanks at the ends"},
    {"form.normalized", "规范编码（Unicode NFC）的文字，请重新键入该文字",
     "text in Unicode Normalization Form C; type it anew"},
    {"form.plain_text", "不超过 500 字节的文字", "text of up to 500 bytes"},
    {"form.id", "1 至 64 个英文字母、数字或 . _ -，不以 . 或 - 开头",
     "1 to 64 of A-Z a-z 0-9 . _ -, not beginning with . or -"},
    {"form.boolean", "true 或 false", "true or false"},
    {"form.integer", "0 至 2^53-1 的整数（不加引号，不含小数点和指数）",
     "an integer from 0 to 2^53-1 (without quotes, point or exponent)"},
    {"form.string", "加引号的文字", "text in quotation marks"},
    {"form.object", "JSON 对象", "an object"},
    {"form.not_null", "一个值；没有就不写该字段", "a value; leave the field out where there is none"},
    {"form.array", "JSON 数组", "an array"},
    {"form.hex_digest", "64 位小写十六进制数字", "64 lower-case hex digits"},
    {"form.no_identity", "不含公民身份号码、手机号等个人号码的内容（个人信息不得上链）",
     "something without a person's number, as of an identity card or a phone (personal data stay off the chain)"},
    {"form.not_personal", "非个人信息的列（姓名、证件号、电话、住址不得上链）",
     "a column without personal data (names, identity numbers, phones, addresses stay off the chain)"},
    {"form.json_structure", "JSON 结构不完整或括号、逗号有误", "its JSON structure is broken or cut short"},
    {"form.json_string", "JSON 字符串有误或没有结束", "a JSON string is malformed or does not end"},
    {"form.json_utf8", "不是 UTF-8 编码（若以 GBK 保存，请另存为 UTF-8）", "it is not UTF-8 (saved as GBK? save it as UTF-8)"},
    {"form.json_number", "JSON 数字有误或过大", "a JSON number is malformed or too large"},
    {"form.json_literal", "true、false 或 null 拼写有误", "true, false or null is misspelt"},
    {"form.json_empty", "内容为空", "it is empty"},
    {"form.json_size", "内容太大", "it is too large"},
    {"form.json_depth", "JSON 嵌套太深", "it is nested too deeply"},
    {"form.json_not_object", "应为一个 JSON 对象", "it is not a JSON object"},
    {"form.json_not_commands", "应为一条命令（JSON 对象）或命令数组",
     "expected one command (a JSON object) or an array of them"},
    {"form.json_comment", "JSON 不能有注释", "JSON knows no comments"},
    {"form.json_chinese", "此处须用英文的引号、逗号、冒号（\" , :），不是中文标点",
     "quotation marks, commas and colons must be the plain ones (\" , :), not Chinese ones"},
    {"form.json_comma", "多了一个逗号，其后没有内容", "a comma too many: nothing follows it"},
    {"form.json_no_comma", "前面缺少逗号或冒号", "a comma or colon is missing before it"},
    {"form.json_end", "内容到此中断，缺少 } 或 ] 或引号", "it ends here: a } or ] or a quotation mark is missing"},
    {"form.json_character", "此处不应有该字符", "this character does not belong here"},
    {"form.json_other", "不是有效的 JSON", "it is not valid JSON"},
}};

// Names that the rules put into a rejection, and how people call them.
constexpr Words kNames[] = {
    {"registrar", "登记", "registrar"},
    {"preparer", "制单", "preparer"},
    {"reviewer", "审核", "reviewer"},
    {"approver", "批准", "approver"},
    {"cashier", "出纳", "cashier"},
    {"provider", "服务机构", "provider"},
    {"inspector", "检查", "inspector"},
    {"administrator", "系统管理", "administrator"},
    {"prepared", "已制单", "prepared"},
    {"reviewed", "已审核", "reviewed"},
    {"approved", "已批准", "approved"},
    {"returned", "已退回", "returned"},
    {"settlement_return.approved", "已批准结算单的退回（由批准岗办理）",
     "Return of an approved settlement (an approver does)"},
    {"paid", "已付款", "paid"},
    {"bounced", "已退票", "bounced"},
    {"cancelled", "已撤销", "cancelled"},
    {"decided", "已决定", "decided"},
    {"entitled", "仍可享受待遇", "still entitled"},
    {"open", "办理中", "open"},
    {"rejected", "未通过", "rejected"},
    {"withdrawn", "已取消", "withdrawn"},
    {"withdrawal_proposed", "已提出撤销", "proposed to be withdrawn"},
    {"error", "登记有误", "an error"},
    {"red_blue", "红字冲销法", "red and blue"},
    {"difference", "差额更正法", "difference"},
    {"prior_year_blue", "以前年度蓝字更正法", "prior-year blue"},
    {"length", "应为 18 位", "it must have 18 characters"},
    {"characters", "只能是数字，末位可为 X", "only digits, and X at the end"},
    {"birth_date", "出生日期不存在", "the birth date does not exist"},
    {"check_digit", "校验码不符", "the check digit does not fit"},
    {"ascending", "升序", "in ascending order"},
    {"unique", "不得重复", "each only once"},
    {"key_holder", "持有该密钥", "holding the key"},
    {"key_proposal", "提出该项", "proposing it"},
    {"erasure_order", "决定销毁", "ordering the erasure"},
    {"restoration_order", "批准恢复", "ordering the restoration"},
    {"the ledger's signature", "本账套密钥对该检查点的签名（签名行的最后一段）",
     "the signature of this ledger's key under that checkpoint: the last word of its line"},
    {"a user in service", "用户簿中未停用的用户", "a user of the book who is not disabled"},
    {"smaller", "须小于外部检查点的条数", "it must be less than the size of the checkpoint held outside"},
    {"a checkpoint not stated before", "另一检查点：该检查点的恢复已记入本账套",
     "another one: an entry of this ledger records the restoration behind that checkpoint already"},
    {"the chain itself", "与链上现状不符：须为本记录之前的条数和根",
     "it must be the size and root of the chain before this entry"},
    {"public key", "Ed25519 或 SM2 公钥（SubjectPublicKeyInfo，base64）",
     "an Ed25519 or SM2 public key (SubjectPublicKeyInfo in base64)"},
    {"atomic", "签名的命令须整单办理（mode 为 atomic）", "a signed command is recorded whole: mode atomic"},
    {"6-32 digits", "6 至 32 位数字", "6 to 32 digits"},
    {"1-16 digits", "1 至 16 位数字", "1 to 16 digits"},
    {">= 1", "至少一项", "at least one"},
    {">= from", "不早于 from 的日期", "a day not before \"from\""},
    {"1 to 100 texts", "至多 100 项文字的数组", "an array of at most 100 texts"},
    {"up to 200 bytes", "不超过 200 字节的文字", "a text of up to 200 bytes"},
    {"1 to 1000 commands", "1 至 1000 条命令", "1 to 1,000 commands"},
    {"a rule such as R-BEN-01", "规则编号，如 R-BEN-01", "a rule such as R-BEN-01"},
    {"the Idempotency-Key", "与 Idempotency-Key 相同", "what the Idempotency-Key is"},
    {"anything", "任何单据", "anything"},
    {"<> 0.00", "不为零", "not zero"},
    {"< 1000000000000000.00", "小于一千万亿元", "less than 10^15 yuan"},
    {"an array of commands", "命令数组", "an array of commands"},
    // Of the policy check (ledger/core/policy_check.h).
    {"policy.transition_without_end", "没有失效日期（in_force_to）就没有过渡期",
     "a transition needs an end of force (in_force_to)"},
    {"policy.transition_not_after_end", "须晚于失效日期（in_force_to）",
     "it must lie after the end of force (in_force_to)"},
    {"policy.definition_of_definition", "定义只能由事实构成，不能引用另一定义",
     "a definition is made of facts, not of definitions"},
    {"policy.only_notice", "只有公示（notice）步骤才有此项",
     "only a step of kind notice has this"},
    {"policy.last_step_approves", "最后一步必须是批准（approval）",
     "the last step must be of kind approval"},
    {"policy.only_last_step_approves", "只有最后一步可以是批准（approval）",
     "only the last step may be of kind approval"},
    {"policy.category_not_eligible", "不在 eligibility.categories 之内",
     "it is not among eligibility.categories"},
    {"policy.workday_on_weekday", "调休上班日只能是周六或周日",
     "only a Saturday or Sunday can be made a working day"},
    {"policy.workday_and_holiday", "同一天不能既放假又上班",
     "a day cannot be holiday and working day"},
    {"policy.only_complaint", "只有投诉类（complaint）职责才有此项",
     "only a duty of kind complaint has this"},
    {"policy.only_recurring", "只有定期类（recurring）职责才有此项",
     "only a duty of kind recurring has this"},
    {"policy.every_or_window", "投诉类职责须在 every 与 window_days 中恰有一项",
     "a duty of kind complaint has either every or window_days"},
    {"policy.divides_face", "须能整除面额（voucher.face）",
     "it must divide the face value (voucher.face)"},
    {"policy.multiple_of_smallest", "须是最小面值的整数倍",
     "it must be a multiple of the smallest denomination"},
    {"policy.too_many_items", "政策的各个列表合计不得超过 5000 项",
     "the lists of a policy may hold 5,000 items together"},
    {"policy.too_many_units", "最小面值过小：每月张数上限为 255",
     "too small: 255 vouchers a month are the limit"},
    {"policy.not_this_instrument", "本待遇形式没有此项",
     "this instrument does not use the field"},
    {"policy.provider_has_none", "待遇属于机构，没有年龄、类别、区划等个人条件",
     "what a provider receives knows no age, category, care level or place of a person"},
    {"policy.band_over", "“{0}”档永远不会适用：它止于 {1}，早于政策生效（in_force_from），应删去",
     "Band \"{0}\" can never apply: it ended on {1}, before in_force_from; leave it out"},
    {"policy.band_too_late", "“{0}”档永远不会适用：它始于 {1}，晚于政策失效（in_force_to）",
     "Band \"{0}\" can never apply: it begins on {1}, after in_force_to"},
    {"policy.band_too_young", "“{0}”档永远不会适用：对象条件（eligibility）的最低年龄 min_age 为 {1}",
     "Band \"{0}\" can never apply: the eligibility lets in nobody below min_age {1}"},
    {"policy.band_too_old", "“{0}”档永远不会适用：对象条件（eligibility）的最高年龄 max_age 为 {1}",
     "Band \"{0}\" can never apply: the eligibility lets in nobody above max_age {1}"},
    {"policy.band_not_let_in", "“{0}”档永远不会适用：其 {1} 不在 eligibility.{1} 之内：{2}",
     "Band \"{0}\" can never apply: its {1} are not among eligibility.{1}: {2}"},
    {"policy.band_taken", "“{0}”档永远不会适用：前面的“{1}”档已包含其全部对象；较窄的档应写在前面",
     "Band \"{0}\" can never apply: \"{1}\" before it takes everybody whom it fits; the narrower band stands first"},
    {"policy.payee_claimant", "床位补助和奖补的收款方须为 claimant",
     "bed subsidies and awards are paid to the claimant"},
    {"policy.payee_not_claimant", "只有床位补助和奖补的收款方为 claimant",
     "only bed subsidies and awards are paid to the claimant"},
    {"policy.basis_approved", "本待遇形式只能按核定（approved）计算",
     "this instrument is paid as approved"},
    {"policy.serving_needs_delivery", "按实际服务机构付款须以服务记录为依据（basis 须为 delivered）",
     "whoever delivered is known from service records only: the basis must be delivered"},
    {"policy.only_assessed", "只有床位补助和奖补才有此项",
     "only bed subsidies and awards have this"},
    {"policy.weights_sum", "分担权重之和须大于零",
     "the weights must add up to more than zero"},
    {"policy.share_never_applies", "前面的分担规则已包含该地区",
     "an earlier rule already takes these regions"},
    {"policy.region_digits", "应为区划代码的前几位数字",
     "it must be the first digits of a region code"},
    {"policy.tariff_of_voucher", "服务券的面额写在 voucher，不用 tariff",
     "the value of vouchers stands in voucher, not in a tariff"},
    {"policy.no_entitlement", "项目补助（grant）和积分（points）没有 entitlement",
     "grants and points have no entitlement"},
    {"policy.from_earlier", "不得早于上一版本的生效日期",
     "it must not be earlier than the day from which the version before is in force"},
    {"policy.voucher_unused", "没有服务券项目，voucher 不起作用",
     "no programme gives vouchers, so the voucher terms have no effect"},
    {"policy.calendar_absent", "没有节假日表，工作日只按周末推算",
     "without a calendar, working days know weekends only"},
    {"policy.calendar_begins_late", "节假日表晚于政策生效日期，此前只按周末推算，表始于",
     "the calendar begins after the policy; before, only weekends are known; it begins on"},
    {"policy.calendar_ends_early", "节假日表早于政策失效，此后只按周末推算，请逐年续表，表止于",
     "the calendar ends before the policy; after that only weekends are known: add each year as it is decreed; it ends on"},
    {"policy.attachment_missing", "附件缺失",
     "an attachment is missing"},
    {"policy.amount_absent", "文件未给出金额，设定前不能核定",
     "the document names no amount; nothing can be calculated before one is set"},
    {"policy.bands_overlap", "两档都可能适用，以前者为准",
     "both bands may fit; the first of them counts"},
    {"policy.basis_delivered", "按账单比例补贴只能按实际服务（delivered）计算",
     "a share of the bill is paid as delivered"},
    {"policy.award_once", "奖补只给付一次（once）", "an award is given once"},
    {"policy.assigned_by_approval", "指定的服务机构由批准给出，本项目没有审批：只能付给已记录服务的机构",
     "the approval names the assigned provider, and this programme has none: only whoever delivered can be paid"},
    {"policy.not_for_persons", "该项目不面向个人，无须审批", "the programme is not for persons, and needs no approval"},
    {"policy.field_unused", "本待遇形式不用此项，不起作用", "this instrument does not use the field; it decides nothing"},
    {"policy.definition_unused", "没有条件（conditions）使用该定义", "no condition names this definition"},
    {"policy.calendar_unused", "没有按工作日计的时限，calendar 不起作用",
     "nothing is counted in working days, so the calendar has no effect"},
    {"policy.ratio_not_required", "未要求配套（required 为 false），比例不起作用",
     "no counterpart funding is required, so the ratio has no effect"},
    {"policy.age_gap", "“{0}”档：自 {1} 周岁起没有适用的档（下一档自 {2} 周岁起）；确是如此的，该档写明 nothing_after: true",
     "Band \"{0}\": nobody is served from age {1} (the next band starts at {2}); where that is meant, the band says nothing_after: true"},
    {"policy.age_end", "“{0}”档：自 {1} 周岁起没有适用的档；确是如此的，该档写明 nothing_after: true",
     "Band \"{0}\": nobody is served from age {1} on; where that is meant, the band says nothing_after: true"},
    {"policy.date_gap", "“{0}”档：{1} 没有标准（下一个自 {2} 起）；确是如此的，该档写明 nothing_after: true",
     "Band \"{0}\": no rate on {1} (the next one starts on {2}); where that is meant, the band says nothing_after: true"},
    {"policy.date_end", "“{0}”档：自 {1} 起没有标准；确是如此的，该档写明 nothing_after: true",
     "Band \"{0}\": no rate from {1} on; where that is meant, the band says nothing_after: true"},
    {"policy.starts_late", "“{0}”档：{1} 以前没有标准，自政策生效（in_force_from {2}）至此不给付",
     "Band \"{0}\": no rate before {1}; from in_force_from ({2}) until then its people get nothing"},
    {"policy.too_young", "没有 {1} 周岁以下的档（首档为“{0}”）：对象条件放入的 {2} 至 {3} 周岁的人没有给付",
     "No band below age {1} (\"{0}\" is the first): people of {2} to {3}, whom the eligibility lets in, get nothing"},
    {"policy.no_band", "没有适用于“{0}”的档：对象条件放入的这些人没有给付",
     "No band for \"{0}\": these people, whom the eligibility lets in, get nothing"},
    {"policy.no_band_pair", "没有适用于类别“{0}”、失能等级“{1}”的档：对象条件放入的这些人没有给付",
     "No band for the category \"{0}\" at the care level \"{1}\": these people, whom the eligibility lets in, get nothing"},
    {"policy.not_hundred", "权重之和为 {0}，不是 100：各占 {0} 分之几；若为百分比，请核对",
     "The weights add up to {0}, not 100: each bears its part of {0}; where percentages are meant, check them"},
    {"policy.age_order", "age_to（{0}）不得小于 age_from（{1}）", "age_to ({0}) must be at least age_from ({1})"},
    {"policy.max_age_order", "max_age（{0}）不得小于 min_age（{1}）", "max_age ({0}) must be at least min_age ({1})"},
    {"policy.integer", "整数（不加引号，不含小数点和指数），且在该字段的范围内",
     "an integer without quotation marks, point or exponent, in the range of the field"},
    {"policy.something_after", "该档之后仍有给付，nothing_after 不起作用",
     "something is paid after this band, so nothing_after has no effect"},
    {"policy.remainder_level", "须是本规则 parts 中的一个级次", "it must be one of the levels in parts"},
    {"policy.percent", "1 至 100 的整数：40 即 40%", "an integer from 1 to 100: 40 means 40 %"},
    {"policy.once_of_persons", "一次性：每人终身只按登记的那一个月给付一次",
     "given once in a person's life, for the month that is run first"},
    {"policy.age_below_min", "低于对象条件的最低年龄，此前无人可享受",
     "nobody of this age is let in: the eligibility begins later"},
    {"policy.group_of_one", "本政策中该互斥组只有这一个项目（其他政策有同名组时才起作用）",
     "the only programme of this group in the policy: it keeps nothing apart unless another policy has the group"},
    {"policy.codes_alike", "两个代码很相近，是否同一代码的笔误", "two codes that are nearly the same: a slip of one of them?"},
    {"policy.denomination_is_face", "面额（voucher.face）本来就可发放，不必列入",
     "the face value itself (voucher.face) may be handed out anyway"},
    {"policy.codes.assessment", "机构核定类型", "kinds of assessment"},
    {"policy.codes.care_level", "失能等级", "care levels"},
    {"policy.codes.category", "人员类别", "categories"},
    {"policy.codes.certificate", "证书", "certificates"},
    {"policy.codes.condition", "条件、事实", "conditions and facts"},
    {"policy.codes.group", "互斥组", "exclusive groups"},
    {"policy.codes.item", "服务项目", "service items"},
    {"policy.codes.level", "分担级次", "levels that bear"},
    {"policy.codes.paper", "申请材料", "papers"},
    {"policy.codes.rating", "等级", "ratings"},
    {"policy.no_catch_all", "没有适用于其余地区的分担规则",
     "no rule of cost shares for all other regions"},
};

// Where money still stands, or what something is part of, before its name: "accrued f1/aid/320412001/bank",
// "in_recovery v1", "disbursement D1". In English the words are ours already.
std::string what_stands_open(std::string_view text, bool chinese) {
  const auto end = text.find(' ');
  if (!chinese || end == text.npos) return masked(text);
  const auto word = text.substr(0, end);
  const auto account = parse_name<FundAccount>(word);
  if (!account && word != "disbursement") return masked(text);
  return (account ? std::string(info(*account).name_zh) : "已列入拨付单") + masked(text.substr(end));
}

std::string_view pick(const Words& words, bool chinese) { return chinese ? words.zh : words.en; }

// The length of the digit, X or full-width form of one at the beginning of `text`; 0: none.
std::size_t digit_length(std::string_view text) {
  const char c = text[0];
  if ((c >= '0' && c <= '9') || c == 'X' || c == 'x') return 1;
  if (text.size() < 3 || c != '\xEF') return 0;
  const unsigned char third = static_cast<unsigned char>(text[2]);
  if (text[1] == '\xBC') return (third >= 0x90 && third <= 0x99) || third == 0xB8 ? 3 : 0;
  return text[1] == '\xBD' && third == 0x98 ? 3 : 0;
}

// Of a value that would do but for its quotation marks (ledger/chain/field_reader.h).
constexpr std::string_view kQuoted = "quoted ", kUnquoted = "unquoted ";

const Words* find(std::string_view name) {
  for (const auto& words : kFormWords) {
    if (words.token == name) return &words;
  }
  for (const auto& words : kNames) {
    if (words.token == name) return &words;
  }
  return nullptr;
}

}  // namespace

std::string token(Form form) {
  return std::string(kFormWords[static_cast<std::size_t>(form)].token);
}

std::string masked(std::string_view text) {
  constexpr std::size_t kShort = 15;
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t digits = 0, end = at;
    while (end < text.size()) {
      const std::size_t length = digit_length(text.substr(end));
      if (length == 0) break;
      ++digits;
      end += length;
    }
    if (digits == 0) {
      result += text[at++];
      continue;
    }
    result += digits >= kShort ? std::string_view("***") : text.substr(at, end - at);
    at = end;
  }
  return result;
}

std::string in_words(std::string_view text, bool chinese) {
  if (const Words* words = find(text)) return std::string(pick(*words, chinese));
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (kKindNames[kind] != text) continue;
    const auto title = title_of_kind(kind);
    return std::string(chinese ? title.zh : title.en);
  }
  // A value that only lacks its quotation marks, or has some too many.
  if (text.starts_with(kQuoted)) {
    const std::string value = masked(text.substr(kQuoted.size()));
    return chinese ? "加引号的“" + value + "”" : "\"" + value + "\" in quotation marks";
  }
  if (text.starts_with(kUnquoted)) {
    const std::string value = masked(text.substr(kUnquoted.size()));
    return chinese ? "不加引号的 " + value : value + " without quotation marks";
  }
  return what_stands_open(text, chinese);
}

std::optional<std::string> sentence_in_words(std::string_view name, std::string_view subject, bool chinese) {
  const Words* words = find(name);
  if (!words || words->en.find("{0}") == words->en.npos) return std::nullopt;
  std::size_t places = 1;
  while (words->en.find("{" + std::to_string(places) + "}") != words->en.npos) ++places;
  std::vector<std::string> parts;
  while (parts.size() + 1 < places && subject.find(", ") != subject.npos) {
    parts.push_back(masked(subject.substr(0, subject.find(", "))));
    subject.remove_prefix(subject.find(", ") + 2);
  }
  parts.push_back(masked(subject));
  std::string sentence;
  const std::string_view text = pick(*words, chinese);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      sentence += text[i];
      continue;
    }
    const auto place = static_cast<std::size_t>(text[i + 1] - '0');
    if (place < parts.size()) sentence += parts[place];
    i += 2;
  }
  return sentence;
}

namespace {

bool is_amount(std::string_view text) {
  return !text.empty() && text.size() < 16 && text.find_first_not_of("0123456789.") == text.npos && text.front() != '.';
}
// 2008-04 is a month and no range.
bool is_range(std::string_view first, std::string_view last) {
  return is_amount(first) && is_amount(last) && std::stod(std::string(first)) <= std::stod(std::string(last));
}
bool is_day(std::string_view text) { return text.size() >= 7 && text[4] == '-'; }  // or a month

std::string joined(std::string_view names, std::string_view between) {
  std::string list;
  for (std::size_t at = 0; at < names.size();) {
    const auto end = std::min(names.find(" | ", at), names.size());
    if (at > 0) list += between;
    list += names.substr(at, end - at);
    at = end + 3;
  }
  return masked(list);
}

}  // namespace

std::string one_of_in_words(std::string_view names, bool chinese) {
  return joined(names, chinese ? "”或“" : "\" or \"");
}

std::string limit_in_words(std::string_view text, bool chinese) {
  if (find(text)) return in_words(text, chinese);
  const auto said = [&](std::string_view zh, std::string_view en, std::string_view value) {
    return std::string(chinese ? zh : en) + masked(value);
  };
  const auto after = [&](std::size_t length) { return text.substr(length); };
  if (text.starts_with(">= ")) {
    return is_day(after(3)) ? said("不得早于 ", "not before ", after(3)) : said("不得小于 ", "at least ", after(3));
  }
  if (text.starts_with("<= ")) {
    return is_day(after(3)) ? said("不得晚于 ", "not after ", after(3)) : said("不得大于 ", "at most ", after(3));
  }
  const auto range = [&](std::size_t at, std::size_t length) {
    const std::string first = masked(text.substr(0, at)), last = masked(text.substr(at + length));
    return chinese ? "须为 " + first + " 至 " + last : "it must be " + first + " to " + last;
  };
  if (const auto dots = text.find(".."); dots != text.npos) return range(dots, 2);
  const auto dash = std::min(text.find('-'), text.size());
  if (dash < text.size() && is_range(text.substr(0, dash), text.substr(dash + 1))) return range(dash, 1);
  if (text.find(" | ") != text.npos) {
    return chinese ? "须为 " + joined(text, "、") + " 之一" : "it must be one of " + joined(text, ", ");
  }
  return in_words(text, chinese);
}

std::string account_in_words(std::string_view text, bool chinese) {
  const auto account = parse_name<FundAccount>(text.substr(0, text.find('/')));
  if (!chinese || !account || text.find('/') == text.npos) return masked(text);
  return std::string(info(*account).name_zh) + masked(text.substr(text.find('/')));
}

}  // namespace fundtrail
