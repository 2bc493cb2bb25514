#include "ledger/core/rejection.h"

#include <array>

#include "ledger/core/check.h"
#include "ledger/core/wording.h"

namespace fundtrail {
namespace {

using R = Reason;
constexpr std::array<ReasonInfo, kReasons> kTable = {{
    {R::malformed_command, "malformed-command", 400, "命令无法读取：{1}。", "The command cannot be read: {1}."},
    {R::unknown_kind, "unknown-kind", 400, "不认识的单据类型“{0}”。", "There is no document kind \"{0}\"."},
    {R::malformed_field, "malformed-field", 400, "字段值“{0}”格式不对，应为：{1}。", "The value \"{0}\" is malformed; expected: {1}."},
    {R::missing_field, "missing-field", 400, "缺少字段“{0}”。", "The field \"{0}\" is missing."},
    {R::unknown_field, "unknown-field", 400, "此处没有字段“{0}”。", "The field \"{0}\" is unknown here."},
    {R::no_lines, "no-lines", 400, "该单据必须有明细行。", "This document needs lines."},
    {R::too_many_lines, "too-many-lines", 400, "明细行 {0} 行，超过上限 {1} 行。", "{0} lines are more than the limit of {1}."},
    {R::duplicate_line, "duplicate-line", 422, "“{0}”在同一单据中重复（首见{1}）。", "\"{0}\" stands twice in one document (first in {1})."},
    {R::role_not_permitted, "role-not-permitted", 403, "角色“{0}”无权办理“{1}”。", "The role \"{0}\" may not record \"{1}\"."},
    {R::not_own_provider, "not-own-provider", 403, "只能为本机构办理，不能代办“{0}”。", "A provider acts only for itself, not for \"{0}\"."},
    {R::same_person, "same-person", 403, "不相容岗位须由不同的人担任：“{0}”已办理“{1}”。", "Incompatible duties need different people: \"{0}\" has already done \"{1}\"."},
    {R::signature_required, "signature-required", 403, "“{0}”办理的命令须用登记的密钥签名。", "Commands of \"{0}\" must be signed with the registered key."},
    {R::signature_wrong, "signature-wrong", 403, "签名与命令内容或密钥“{0}”不符。", "The signature does not fit this command and the key \"{0}\"."},
    {R::key_of_another, "key-of-another", 403, "密钥“{0}”不是“{1}”的密钥。", "The key \"{0}\" is not registered for \"{1}\"."},
    {R::key_not_valid, "key-not-valid", 403, "密钥“{0}”已停用，或在 {1} 不在有效期内。", "The key \"{0}\" was ended, or is not valid on {1}."},
    {R::key_not_confirmed, "key-not-confirmed", 403, "密钥“{0}”尚未生效：须由另一登记岗照样登记一次，或由“{1}”的现有密钥同意。", "The key \"{0}\" does not count yet: another registrar has to record the same registration, or a key that \"{1}\" has already has to consent."},
    {R::signature_expired, "signature-expired", 403, "密钥“{0}”的签名只在 {1} 及以前可入账。", "The signature with the key \"{0}\" could be recorded until {1} only."},
    {R::command_id_reused, "command-id-reused", 422, "命令编号“{0}”已用于另一内容（{1}）。", "The command id \"{0}\" was used for other content ({1}).", true},
    {R::already_open, "already-open", 409, "账套“{0}”已经开账。", "The ledger \"{0}\" is already open."},
    {R::already_registered, "already-registered", 409, "“{0}”已经登记。", "\"{0}\" is already registered."},
    {R::not_open, "not-open", 409, "账套尚未开账。", "The ledger has not been opened."},
    {R::date_in_future, "date-in-future", 422, "日期 {0} 过晚，此处最晚为 {1}。", "The date {0} is too late: the latest possible here is {1}."},
    {R::period_closed, "period-closed", 409, "期间已结账至 {1}，不能再记 {0} 的业务。", "The books are closed through {1}; nothing dated {0} can be recorded."},
    {R::period_not_next, "period-not-next", 409, "应结账期间为 {1}，不是 {0}。", "The next period to close is {1}, not {0}."},
    {R::drafts_open, "drafts-open", 409, "{0} 及以前尚有 {1} 张结算单未批准或退回，不能结账。", "Settlements prepared in or before {0} that are neither approved nor returned: {1}; the period cannot be closed."},
    {R::unknown_fund, "unknown-fund", 404, "没有专项资金“{0}”。", "There is no fund \"{0}\"."},
    {R::unknown_policy, "unknown-policy", 404, "没有政策“{0}”。", "There is no policy \"{0}\"."},
    {R::unknown_programme, "unknown-programme", 404, "政策 {1} 中没有项目“{0}”。", "The policy {1} has no programme \"{0}\"."},
    {R::unknown_region, "unknown-region", 404, "没有区划“{0}”。", "There is no region \"{0}\"."},
    {R::unknown_provider, "unknown-provider", 404, "没有服务机构“{0}”。", "There is no provider \"{0}\"."},
    {R::unknown_account, "unknown-account", 404, "没有专户“{0}”。", "There is no designated account \"{0}\"."},
    {R::unknown_beneficiary, "unknown-beneficiary", 404, "没有受益人“{0}”。", "There is no beneficiary \"{0}\"."},
    {R::unknown_voucher, "unknown-voucher", 404, "没有发过券“{0}”。", "No voucher \"{0}\" has been issued."},
    {R::unknown_redemption, "unknown-redemption", 404, "记录 {0} 不是该机构的核销单。", "Entry {0} is not a redemption of this provider."},
    {R::unknown_settlement, "unknown-settlement", 404, "没有结算单“{0}”。", "There is no settlement \"{0}\"."},
    {R::unknown_disbursement, "unknown-disbursement", 404, "没有拨付单“{0}”。", "There is no disbursement \"{0}\"."},
    {R::unknown_recovery, "unknown-recovery", 404, "没有追回事项“{0}”。", "There is no recovery \"{0}\"."},
    {R::unknown_entry, "unknown-entry", 404, "没有记录 {0}。", "There is no entry {0}."},
    {R::unknown_application, "unknown-application", 404, "没有申请“{0}”。", "There is no application \"{0}\"."},
    {R::unknown_calculation, "unknown-calculation", 404, "记录 {0} 不是付给该机构的待遇核定单。", "Entry {0} is not an entitlement calculation for this payee."},
    {R::unknown_service, "unknown-service", 404, "该机构没有记过服务“{0}”。", "The provider has recorded no service \"{0}\"."},
    {R::unknown_duty, "unknown-duty", 404, "政策 {1} 中没有职责“{0}”。", "The policy {1} has no duty \"{0}\"."},
    {R::unknown_key, "unknown-key", 404, "没有登记过密钥“{0}”。", "There is no registered key \"{0}\"."},
    {R::invalid_id_number, "invalid-id-number", 422, "公民身份号码不正确（{1}）。", "The identity number is not valid ({1})."},
    {R::invalid_uscc, "invalid-uscc", 422, "统一社会信用代码“{0}”不正确。", "\"{0}\" is not a valid unified social credit code."},
    {R::invalid_period, "invalid-period", 422, "起止日期不对：{0} 至 {1}。", "The period is not valid: {0} to {1}."},
    {R::invalid_value, "invalid-value", 422, "“{0}”不可接受：{1}。", "\"{0}\" is not acceptable: {1}."},
    {R::amount_not_positive, "amount-not-positive", 422, "金额 {0} 必须大于零。", "The amount {0} must be positive."},
    {R::approval_missing, "approval-missing", 422, "缺少批准文号。", "The approval number is missing."},
    {R::policy_required, "policy-required", 422, "该单据必须指明所依据的政策。", "This document must name the policy it obeys."},
    {R::policy_not_in_force, "policy-not-in-force", 422, "政策“{0}”在 {1} 不生效。", "The policy \"{0}\" is not in force on {1}."},
    {R::policy_closed, "policy-closed", 422, "政策“{0}”已失效（{1}），只可继续服务此前批准的对象，不得新增。", "The policy \"{0}\" has expired ({1}): those granted before are still served, nobody new is taken."},
    {R::under_age, "under-age", 422, "未满 {0} 周岁，或年龄无法核实。", "Younger than {0}, or of an age that cannot be verified."},
    {R::over_age, "over-age", 422, "超过 {0} 周岁，或年龄无法核实。", "Older than {0}, or of an age that cannot be verified."},
    {R::category_not_eligible, "category-not-eligible", 422, "人员类别不在政策对象内（{0}）。", "The category is not among those that the policy serves ({0})."},
    {R::care_level_not_eligible, "care-level-not-eligible", 422, "失能等级不在政策对象内（{0}）。", "The care level is not among those that the policy serves ({0})."},
    {R::condition_not_met, "condition-not-met", 422, "不满足条件“{0}”。", "The condition \"{0}\" is not met."},
    {R::documents_missing, "documents-missing", 422, "申请材料不齐，缺少“{0}”。", "The application lacks the document \"{0}\"."},
    {R::exclusive_scheme, "exclusive-scheme", 409, "“{0}”已享受互斥的待遇（{1}），不得重复享受。", "\"{0}\" is already served by a scheme that excludes this one ({1})."},
    {R::programme_not_voucher, "programme-not-voucher", 422, "项目“{0}”不是服务券项目。", "The programme \"{0}\" does not use vouchers."},
    {R::programme_not_grant, "programme-not-grant", 422, "项目“{0}”不是项目补助。", "The programme \"{0}\" does not pay grants."},
    {R::instrument_mismatch, "instrument-mismatch", 422, "项目“{0}”的待遇形式不适用本单据。", "The programme \"{0}\" is not of a form that this document serves."},
    {R::points_not_money, "points-not-money", 422, "项目“{0}”是服务积分，不得折算现金。", "The programme \"{0}\" is a journal of points, which never become money."},
    {R::rate_not_set, "rate-not-set", 422, "标准“{0}”在政策 {1} 中没有金额，须先设定。", "The band \"{0}\" of the policy {1} names no amount; it has to be set first."},
    {R::item_out_of_scope, "item-out-of-scope", 422, "服务项目“{0}”不在服务范围内，费用由本人负担。", "The service item \"{0}\" is out of scope; the person bears its cost."},
    {R::notice_too_short, "notice-too-short", 422, "公示 {0} 天，少于规定的 {1} 天（政策按工作日计的，都是工作日）。",
     "A public notice of {0} days is shorter than the {1} days required (working days, where the policy counts these)."},
    {R::signers_missing, "signers-missing", 422, "除经办人外签字 {0} 人，少于规定的 {1} 人。", "{0} people signed beside the one who records the step; {1} are required."},
    {R::withdrawal_not_proposed, "withdrawal-not-proposed", 422, "撤销自 {0} 起追溯（早于录入日 {1}），须先由另一人（制单或审核）提出同一日期的撤销。", "A withdrawal that reaches back to {0}, before the day of recording {1}, must first be proposed with the same date by somebody else (preparer or reviewer)."},
    {R::purpose_not_allowed, "purpose-not-allowed", 422, "用途“{0}”不在资金允许的用途内（{1}）。", "The purpose \"{0}\" is not one the fund allows ({1})."},
    {R::economic_code_banned, "economic-code-banned", 422, "支出经济分类“{0}”属禁列支出。", "The economic code \"{0}\" is banned for this fund."},
    {R::channel_not_voucher, "channel-not-voucher", 422, "“{0}”当月没有一天在享受（批准）期内并属于本券对应的服务方式，不能发券。",
     "\"{0}\" is on no day of the month entitled (and approved) in the channel that the vouchers are for."},
    {R::wrong_face_value, "wrong-face-value", 422, "券面额 {0} 与政策规定 {1} 不符。", "The face value {0} is not the policy's {1}."},
    {R::wrong_validity, "wrong-validity", 422, "有效期 {0} 与政策规定 {1} 不符。", "The validity {0} is not the policy's {1}."},
    {R::payment_in_cash, "payment-in-cash", 422, "只能转账到机构账户，不得付现金。", "Payments go to the provider's account by transfer, never in cash."},
    {R::contract_not_valid, "contract-not-valid", 422, "服务机构“{0}”的协议在 {1} 不在有效期内。", "The contract of provider \"{0}\" is not valid on {1}."},
    {R::certificate_not_valid, "certificate-not-valid", 422, "服务人员“{0}”在服务当日没有有效的“{1}”。", "The worker \"{0}\" held no valid \"{1}\" on the day of the service."},
    {R::assessment_missing, "assessment-missing", 422, "机构“{0}”没有核定记录“{1}”，不得先行核拨。", "The provider \"{0}\" has no assessment \"{1}\"; nothing is paid before it."},
    {R::not_granted, "not-granted", 422, "受益人“{0}”在 {1} 未获批准。", "The beneficiary \"{0}\" held no approval on {1}."},
    {R::more_than_approved, "more-than-approved", 422, "受益人“{0}”{1} 的登记情况超出原批准，须另行申请并获批准后方可按其给付。", "What is recorded of the beneficiary \"{0}\" for {1} is more than was approved; it counts once another application is approved."},
    {R::not_yet_entitled, "not-yet-entitled", 422, "受益人“{0}”自 {1} 起方可享受。", "The beneficiary \"{0}\" is entitled only from {1}."},
    {R::paid_before, "paid-before", 422, "“{0}”至 {1} 的待遇在本账套启用前已发放。", "What is due to \"{0}\" until {1} was paid before this ledger."},
    {R::entitlement_ended, "entitlement-ended", 422, "受益人“{0}”的资格已于 {1} 终止。", "The entitlement of beneficiary \"{0}\" ended on {1}."},
    {R::already_erased, "already-erased", 409, "受益人“{0}”的身份资料已销毁（{1}）。", "The identity of beneficiary \"{0}\" was already erased ({1}).", true},
    {R::already_issued, "already-issued", 409, "受益人“{0}”{1} 的券已发，不得重复。", "The beneficiary \"{0}\" already holds the vouchers of {1}."},
    {R::region_mismatch, "region-mismatch", 422, "受益人“{0}”属于区划 {1}。", "The beneficiary \"{0}\" belongs to region {1}."},
    {R::serial_not_consecutive, "serial-not-consecutive", 422, "券号“{0}”不连续，应为 {1}。", "The voucher number \"{0}\" is not consecutive; expected {1}."},
    {R::serial_taken, "serial-taken", 409, "券号“{0}”已经使用。", "The voucher number \"{0}\" has been used."},
    {R::holder_mismatch, "holder-mismatch", 422, "券“{0}”的持券人不是所填受益人。", "The voucher \"{0}\" is held by somebody else."},
    {R::voucher_already_redeemed, "voucher-already-redeemed", 409, "券“{0}”已核销，不得重复核销。", "The voucher \"{0}\" has already been redeemed."},
    {R::voucher_not_redeemed, "voucher-not-redeemed", 409, "{1} 没有核销券“{0}”，或该券的核销已撤回。", "The voucher \"{0}\" was not redeemed by {1}, or that was withdrawn.", true},
    {R::voucher_returned, "voucher-returned", 409, "券“{0}”已退回。", "The voucher \"{0}\" has been returned."},
    {R::voucher_voided, "voucher-voided", 409, "券“{0}”已作废。", "The voucher \"{0}\" has been voided."},
    {R::voucher_expired, "voucher-expired", 409, "券“{0}”已过期注销。", "The voucher \"{0}\" has been written off as expired."},
    {R::voucher_not_yet_valid, "voucher-not-yet-valid", 422, "券“{0}”自 {1} 起有效。", "The voucher \"{0}\" is valid only from {1}."},
    {R::voucher_past_validity, "voucher-past-validity", 422, "券“{0}”有效期至 {1}。", "The voucher \"{0}\" was valid until {1}."},
    {R::voucher_not_past_validity, "voucher-not-past-validity", 422, "券“{0}”有效期至 {1}，尚未过期。", "The voucher \"{0}\" is valid until {1} and has not expired."},
    {R::wrong_step, "wrong-step", 409, "“{0}”当前状态为“{1}”，不能办理此步骤。", "\"{0}\" is {1}; this step does not fit."},
    {R::date_too_early, "date-too-early", 422, "日期 {0} 早于所依据事项的日期 {1}。", "The date {0} lies before {1}, the date of what it follows from."},
    {R::already_settled, "already-settled", 409, "记录 {0} 已列入结算单“{1}”。", "Entry {0} is already part of settlement \"{1}\"."},
    {R::payee_mismatch, "payee-mismatch", 422, "收款方或收款账户与“{0}”登记的不符。", "The payee or its account is not the one registered for \"{0}\"."},
    {R::amount_mismatch, "amount-mismatch", 422, "金额 {0} 与应有金额 {1} 不符。", "The amount {0} is not the {1} that it must be."},
    {R::share_mismatch, "share-mismatch", 422, "分担金额 {0} 与政策规定的分担 {1} 不符。", "The shares {0} are not the policy's {1}."},
    {R::fund_of_other_level, "fund-of-other-level", 422, "资金“{0}”在本项目承担的是“{1}”的份额，一项资金不能承担两级。", "The fund \"{0}\" bears the share of \"{1}\" in this programme; one fund does not bear two levels."},
    {R::fund_did_not_bear, "fund-did-not-bear", 422, "资金“{0}”对此只承担了 {1}，多算的须从当初承担的资金退回。", "The fund \"{0}\" bore {1} of this; what was too much goes back to the fund that bore it."},
    {R::already_calculated, "already-calculated", 409, "“{0}”在本账套已有核定，不能再记启用前已发。", "Something has been calculated for \"{0}\" in this ledger; what was paid before can no longer be recorded."},
    {R::duplicate_invoice, "duplicate-invoice", 409, "发票“{0}”已由结算单“{1}”列报。", "The invoice \"{0}\" was already claimed by settlement \"{1}\"."},
    {R::duplicate_bill, "duplicate-bill", 409, "账单“{0}”已记入“{1}”，不得重复计算。", "The bill \"{0}\" already counts for \"{1}\"."},
    {R::bill_calculated, "bill-calculated", 409, "账单“{0}”已为“{1}”核定金额：服务记录须由经办撤销，多核定的冲回或追回后方可另记。", "Money stands calculated on the bill \"{0}\" for \"{1}\": a preparer withdraws the service, and the bill is free when that money was taken back."},
    {R::duplicate_bank_reference, "duplicate-bank-reference", 409, "银行流水号“{0}”已由{1} 入账。", "The bank reference \"{0}\" is already recorded in {1}.", true},
    {R::duplicate_statement, "duplicate-statement", 409, "{0} 的对账单已由{1} 入账。", "The statement of {0} is already recorded in {1}.", true},
    {R::not_correctable, "not-correctable", 422, "记录 {0}（{1}）不能用更正单更正。", "Entry {0} ({1}) cannot be corrected by a correction document."},
    {R::already_corrected, "already-corrected", 409, "记录 {0} 已由{1} 更正。", "Entry {0} was already corrected by {1}.", true},
    {R::wrong_correction_method, "wrong-correction-method", 422, "更正方法“{0}”不适用，应为“{1}”。", "The correction method \"{0}\" does not fit; expected \"{1}\"."},
    {R::correction_kind_mismatch, "correction-kind-mismatch", 422, "更正内容的类型应为“{0}”。", "The corrected document must be of kind \"{0}\"."},
    {R::net_negative, "net-negative", 409, "资金“{0}”在本单据中的净额为 {1} 元：须与应付款相抵，或另行办理追回。", "The document would take {1} yuan back from the fund \"{0}\": net it against what is due, or decide a recovery."},
    {R::programme_limit, "programme-limit", 409, "项目“{0}”超过总额上限，超出 {1} 元。", "The programme \"{0}\" exceeds its limit by {1} yuan."},
    {R::points_insufficient, "points-insufficient", 409, "“{0}”积分不足，差 {1}。", "The points of \"{0}\" are short by {1}."},
    {R::insufficient_balance, "insufficient-balance", 409, "“{0}”余额不足，差 {1} 元。", "The balance of \"{0}\" is short by {1} yuan."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (kTable[i].reason != static_cast<Reason>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "the table of reasons follows the enumeration");

// Reasons whose subject or detail is a name of ours and not what somebody typed.
bool subject_is_ours(Reason reason) {
  return reason == R::role_not_permitted || reason == R::wrong_correction_method ||
         reason == R::correction_kind_mismatch;
}
bool detail_is_ours(Reason reason) {
  switch (reason) {
    case R::malformed_command:
    case R::malformed_field:
    case R::invalid_value:
    case R::role_not_permitted:
    case R::same_person:
    case R::invalid_id_number:
    case R::wrong_step:
    case R::not_correctable:
    case R::wrong_correction_method:
      return true;
    default:
      return false;
  }
}

std::string detail_of(const Rejection& rejection, bool chinese) {
  const std::string& detail = rejection.detail;
  if (rejection.batch_command) {
    const std::string id = masked(rejection.batch_command->str());
    return chinese ? "本批命令“" + id + "”" : "the command \"" + id + "\" of this batch";
  }
  if (info(rejection.reason).detail_is_entry) return (chinese ? "记录 " : "entry ") + masked(detail);
  if (rejection.reason == R::invalid_value) return limit_in_words(detail, chinese);
  if (detail_is_ours(rejection.reason)) return in_words(detail, chinese);
  const bool number = !detail.empty() && detail.size() < 10 &&
                      detail.find_first_not_of("0123456789") == std::string::npos;
  // Lines are counted from 0 in data and from 1 by people; beside it stands the path, as in Rejection::field.
  if (rejection.reason == R::duplicate_line && number) {
    const std::string line = std::to_string(std::stoul(detail) + 1), path = "lines[" + detail + "]";
    return chinese ? "第 " + line + " 行，即 " + path : "line " + line + ", which is " + path;
  }
  return masked(detail);
}

// Where there is a limit and not one right amount.
constexpr std::string_view kAtMost = "<= ";

// Only vouchers are issued within limits of their own; other dates that do not fit have reasons of their own.
constexpr std::string_view kDateOfDocument = "date";

// What a reason says beside its own sentence, where the rejection tells more.
struct Sentence {
  std::string_view zh;
  std::string_view en;
};
constexpr Sentence kTooMuch{"金额 {0} 超过最多可以的 {1}。", "The amount {0} is more than the {1} that is possible."};
constexpr Sentence kRepeated{"字段“{0}”重复。", "The field \"{0}\" is repeated."};
constexpr Sentence kMisspelt{"此处没有字段“{0}”，是否应为“{1}”？", "The field \"{0}\" is unknown here; did you mean \"{1}\"?"};
constexpr Sentence kNothingLeft{"记录 {0} 已全部撤回或冲减，没有可结算的金额。",
                                "Entry {0} was taken back in full: nothing is left of it to settle."};
constexpr Sentence kRecordsNothing{"角色“{0}”不办理任何单据。", "The role \"{0}\" records no documents."};
constexpr Sentence kNotIssuedThen{"发券日期 {0} 不可接受：{1}。", "The date of issue {0} is not acceptable: {1}."};
constexpr Sentence kLostLately{"券遗失后须满 {2} 个工作日，自 {1} 起方可补发，{0} 尚早。",
                               "A lost voucher is replaced after {2} working days, from {1} on; {0} is too early."};
constexpr Sentence kPolicyUnreadable{"政策无法读取：{1}。", "The policy cannot be read: {1}."};

Sentence sentence_of(const Rejection& rejection) {
  const ReasonInfo& known = info(rejection.reason);
  switch (rejection.reason) {
    case R::amount_mismatch:
      if (rejection.detail.starts_with(kAtMost)) return kTooMuch;
      break;
    case R::amount_not_positive:
      if (rejection.detail == kTakenBack) return kNothingLeft;
      break;
    case R::role_not_permitted:
      if (rejection.detail == kAnyDocument) return kRecordsNothing;
      break;
    case R::unknown_field:
      if (rejection.detail == kRepeatedField) return kRepeated;
      if (!rejection.detail.empty()) return kMisspelt;
      break;
    case R::malformed_command:
      if (rejection.subject == kWholePolicy) return kPolicyUnreadable;
      break;
    case R::invalid_value:
      if (rejection.field == kDateOfDocument) return kNotIssuedThen;
      break;
    case R::date_too_early:
      if (rejection.detail.find(kWorkingDays) != rejection.detail.npos) return kLostLately;
      break;
    default: break;
  }
  return {known.zh, known.en};
}

std::string fill(std::string_view text, const Rejection& rejection, bool chinese) {
  const std::string subject = subject_is_ours(rejection.reason)                   ? in_words(rejection.subject, chinese)
                              : rejection.reason == R::insufficient_balance ? account_in_words(rejection.subject, chinese)
                              : rejection.reason == R::missing_field        ? one_of_in_words(rejection.subject, chinese)
                                                                            : masked(rejection.subject);
  std::string detail = detail_of(rejection, chinese), days;
  if (const auto at = detail.find(kWorkingDays); rejection.reason == R::date_too_early && at != detail.npos) {
    days = detail.substr(at + kWorkingDays.size());
    detail.erase(at);
  }
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto place = text.substr(i, 3);
    if (place == "{0}" || place == "{1}" || place == "{2}") {
      result += place == "{0}" ? subject : place == "{1}" ? detail : days;
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

const ReasonInfo& info(Reason reason) { return kTable[static_cast<std::size_t>(reason)]; }

std::optional<Reason> reason_from_code(std::string_view code) {
  for (const auto& row : kTable) {
    if (row.code == code) return row.reason;
  }
  return std::nullopt;
}

namespace {

std::string sentence(const Rejection& rejection, bool chinese) {
  if (rejection.reason == R::invalid_value) {
    if (const auto whole = sentence_in_words(rejection.detail, rejection.subject, chinese)) {
      return *whole + (chinese ? "。" : ".");
    }
  }
  const Sentence said = sentence_of(rejection);
  const std::string_view text = chinese ? said.zh : said.en;
  if (said.zh != kTooMuch.zh) return fill(text, rejection, chinese);
  Rejection limited = rejection;
  limited.detail.erase(0, kAtMost.size());
  return fill(text, limited, chinese);
}

}  // namespace

std::string Rejection::zh() const { return sentence(*this, true); }
std::string Rejection::en() const { return sentence(*this, false); }

const Rejection& first_by_precedence(const Rejection& a, const Rejection& b) {
  return b.reason < a.reason ? b : a;
}

}  // namespace fundtrail
