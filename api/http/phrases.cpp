#include "api/http/phrases.h"

#include <array>

#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

struct Phrase {
  std::string_view en;
  std::string_view zh;
};

constexpr Phrase kPhrases[] = {
    // What is not there.
    {"access log", "访问日志"},
    {"account", "专户"},
    {"address", "地址"},
    {"application", "申请"},
    {"beneficiary", "受益人"},
    {"disbursement", "拨付单"},
    {"entry", "记录"},
    {"entry, report or id", "记录、报表或编号"},
    {"file", "文件"},
    {"fund", "资金"},
    {"job", "作业"},
    {"ledger", "账套"},
    {"line", "明细行"},
    {"policy", "政策"},
    {"provider", "服务机构"},
    {"recovery", "追回"},
    {"region", "区划"},
    {"report", "报表"},
    {"settlement", "结算单"},
    {"voucher", "服务券"},
    // What was expected.
    {"1 to 16 of A-Z 0-9", "1 至 16 个字符（A-Z 0-9）"},
    {"1 to 200 bytes", "1 至 200 字节"},
    {"1 to 500 bytes of text", "1 至 500 字节的文字"},
    {"1 to 64 of A-Z a-z 0-9 . _ -", "1 至 64 个字符（A-Z a-z 0-9 . _ -）"},
    {"2 to 200 characters that say what for, without numbers of identity cards, bank cards or phones",
     "2 至 200 个字符，说明用途，不含身份证号、银行卡号、电话号码"},
    {"6, 9 or 12 digits", "6、9 或 12 位数字"},
    {"64 lower-case hex digits", "64 位小写十六进制数字"},
    {"YYYY-MM", "年-月，如 2009-01"},
    {"YYYY-MM-DD from 1900 to 2999", "年-月-日，如 2009-01-31（1900 至 2999 年）"},
    {"false, or dry_run: true", "false，或 dry_run 为 true"},
    {"a day not before \"from\"", "不早于 from 的日期"},
    {"a fund of this ledger", "本账套的资金"},
    {"a kind of document", "单据种类"},
    {"a number such as WJ0804-00000001", "券号，如 WJ0804-00000001"},
    {"a pseudonym of 16 hex digits", "16 位十六进制的假名"},
    {"a provider of this ledger", "本账套的服务机构"},
    {"a purpose that does not name the person", "不指名道姓的用途"},
    {"a region of this ledger, or one that contains some", "本账套的区划，或含有本账套区划的上级区划"},
    {"a role", "角色"},
    {"a rule such as R-BEN-01", "规则编号，如 R-BEN-01"},
    {"a size above the index", "大于记录序号的规模"},
    {"a size of at most \"new\"", "不超过 new 的规模"},
    {"a step", "办理环节"},
    {"an account of the fund view", "资金科目"},
    {"an amount not below \"min_amount\"", "不低于 min_amount 的金额"},
    {"an amount such as 100.00", "金额，如 100.00"},
    {"an id", "编号（A-Z a-z 0-9 . _ -）"},
    {"an identity number", "公民身份号码"},
    {"codes of 6, 9 or 12 digits", "6、9 或 12 位数字的区划代码"},
    {"fund, programme, region, counterparty, separated by commas",
     "fund、programme、region、counterparty，以逗号分隔"},
    {"given once", "只出现一次"},
    {"ids of ledgers", "账套编号"},
    {"masked or full", "masked 或 full"},
    {"no condition, but for a run", "不附条件（只有批量核定可用）"},
    {"none", "无参数"},
    {"none for this report", "该报表不用此参数"},
    {"one of your regions", "您所辖的区划"},
    {"outstanding, redeemed, returned, voided or expired",
     "outstanding、redeemed、returned、voided 或 expired"},
    {"one role or more", "一个或多个角色"},
    {"open, rejected, approved, withdrawn or withdrawal_proposed",
     "open、rejected、approved、withdrawn 或 withdrawal_proposed"},
    {"text", "文字"},
    {"text, json, csv or xlsx", "text、json、csv 或 xlsx"},
    {"the \"next\" of a page", "某一页的 next"},
    {"the \"next\" of a page with the same filter", "相同条件的某一页的 next"},
    {"true or false", "true 或 false"},
    {"utf-8 or gb18030", "utf-8 或 gb18030"},
    {"zh or en", "zh 或 en"},
    // What a change with a session lacks.
    {"Origin with the address of this server, or Sec-Fetch-Site: same-origin",
     "“Origin”（本服务器的地址）或“Sec-Fetch-Site: same-origin”"},
    {"X-CSRF-Token with the csrf of the session", "X-CSRF-Token（会话的 csrf）"},
    // What is malformed.
    {"expected one object", "应为一个 JSON 对象"},
    {"one Host field, and a target without a fragment", "Host 首部（须恰有一个）或请求目标（不得含 #）"},
    {"header lines, Content-Length or Transfer-Encoding", "请求头、Content-Length 或 Transfer-Encoding"},
    {"request line, a header or the framing, or a line over 8 KiB, or a head over 64 KiB",
     "请求行、请求头或请求体的边界有误，或单行超过 8 KiB，或请求头合计超过 64 KiB"},
    {"the body ends too early, or the size of a chunk is not acceptable", "请求体不完整，或分块长度有误"},
    // Of files packed for an import.
    {"a ZIP file", "ZIP 文件"},
    {"a ZIP file with the files of an import", "含有导入文件的 ZIP 文件"},
    {"all files in one folder", "所有文件在同一文件夹内"},
    {"an archive that can be read", "可以读取的压缩文件"},
    {"each name once", "文件名不得重复"},
    {"files of at most 512 MiB together, unpacked", "解压后合计不超过 512 MiB 的文件"},
    {"no folder but policies", "除 policies 外不含其他文件夹"},
    {"up to 1,000 files with names such as elders.csv or policies/p.json",
     "至多 1000 个文件，文件名如“elders.csv”“policies/p.json”"},
    // How a job stands.
    {"queued", "排队中"},
    {"running", "正在执行"},
    {"failed", "已失败"},
    {"done", "已完成"},
};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// "1 to 500", "an integer from 0 to 17"; empty when it is neither.
std::string range_of(std::string_view phrase) {
  constexpr std::string_view kInteger = "an integer from ", kTo = " to ";
  const bool integer = phrase.starts_with(kInteger);
  if (integer) phrase.remove_prefix(kInteger.size());
  const auto to = phrase.find(kTo);
  if (to == phrase.npos) return {};
  const auto least = phrase.substr(0, to), most = phrase.substr(to + kTo.size());
  if (!is_number(least) || !is_number(most)) return {};
  return std::string(least) + " 至 " + std::string(most) + (integer ? " 的整数" : "");
}

}  // namespace

std::string in_chinese(std::string_view phrase) {
  for (const auto& one : kPhrases) {
    if (one.en == phrase) return std::string(one.zh);
  }
  constexpr std::string_view kObject = "expected one object of: ";
  if (phrase.starts_with(kObject)) {
    return "应为一个 JSON 对象，成员：" + std::string(phrase.substr(kObject.size()));
  }
  auto range = range_of(phrase);
  return range.empty() ? in_words(phrase, true) : range;
}

}  // namespace fundtrail::api
