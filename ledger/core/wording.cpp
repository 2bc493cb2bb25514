#include "ledger/core/wording.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ledger/core/accounts.h"
#include "ledger/core/documents.h"
#include "ledger/core/policy_words.h"

namespace fundtrail {

using wording::kPolicyWords;
using wording::Words;

namespace {

constexpr std::size_t kForms = static_cast<std::size_t>(Form::json_other) + 1;
// In the order of Form.
constexpr std::array<Words, kForms> kFormWords = {{
    {"form.money", "两位小数的金额，如“100.00”", "a decimal string with two digits, like \"100.00\""},
    {"form.quantity", "两位小数的数量，如“1.50”", "a decimal string with two digits, like \"1.50\""},
    {"form.date", "实有的日期，年-月-日，如 2009-01-31", "an existing day as YYYY-MM-DD"},
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
    {"form.own_id", "自行选定的编号：不以导入的表名加点（如 “redemptions.”）、run-、erase- 等开头，这些编号由系统在导入、批量核定、销毁时使用；"
     "宜用 UUID",
     "an id of your own: not one that begins with the name of a file of an import and a point, such as \"redemptions.\", nor with "
     "run-, erase- and the like, which imports, runs and erasures make themselves; a UUID is best"},
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
    {"whole_document", "本类单据须整单办理（mode 为 atomic）", "documents of this kind are recorded whole: mode atomic"},
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
    {"<> 0.00", "不为零", "not zero"},
    {"< 1000000000000000.00", "小于一千万亿元", "less than 10^15 yuan"},
    {"an array of commands", "命令数组", "an array of commands"},
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
  for (const auto& words : kPolicyWords) {
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
  return !text.empty() && text.find_first_not_of("0123456789.") == text.npos && text.front() != '.';
}
// 2008-04 is a month and no range.
bool is_range(std::string_view first, std::string_view last) {
  const auto whole = [](std::string_view amount) { return std::min(amount.find('.'), amount.size()); };
  if (!is_amount(first) || !is_amount(last)) return false;
  return whole(first) != whole(last) ? whole(first) < whole(last) : first <= last;
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
  if (text.starts_with("= ")) return said("须为 ", "it must be ", after(2));
  if (text.starts_with(kAsBefore)) {
    return said("须与此前各版本相同，即 ", "it must stay what it was in the versions before, ", after(kAsBefore.size()));
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
