#include "api/identity/refusal.h"

#include <array>

#include "api/words.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

using N = UserNo;
constexpr std::array<UserNoInfo, kUserNos> kTable = {{
    {N::unknown_user, "unknown-user", 404, "There is no user \"{0}\".", "没有用户“{0}”。"},
    {N::user_exists, "user-exists", 409, "There is a user \"{0}\" already.", "已有用户“{0}”。"},
    {N::roles_do_not_fit, "roles-do-not-fit", 422,
     "One person may not hold the roles {0}: provider, inspector, administrator and cashier are "
     "nothing else, and no role is named twice.",
     "一人不得兼任角色 {0}：服务机构、检查、管理员、出纳各自单独，且角色不得重复。"},
    {N::provider_needed, "provider-needed", 422,
     "A user of role provider acts for a provider; name it.", "服务机构用户必须指明所属机构。"},
    {N::provider_not_needed, "provider-not-needed", 422,
     "Only a user of role provider acts for a provider.", "只有服务机构用户才有所属机构。"},
    {N::own_account, "own-account", 403,
     "Nobody does this to the account that they are using: another administrator has to.",
     "不得对自己正在使用的账户办理此事，须由另一位管理员办理。"},
    {N::last_administrator, "last-administrator", 409,
     "\"{0}\" is the last administrator of a ledger; make another one first.",
     "“{0}”是某账套最后一位管理员，请先设立另一位。"},
    {N::role_not_held, "role-not-held", 403, "The user does not hold the role \"{0}\".",
     "该用户没有角色“{0}”。"},
    {N::unknown_token, "unknown-token", 404, "There is no token \"{0}\".", "没有令牌“{0}”。"},
    {N::token_ended, "token-ended", 409, "The token \"{0}\" is revoked, has expired or was replaced already. If you did not replace it, "
     "somebody else has it: revoke it, which ends its replacements, too.",
     "令牌“{0}”已撤销、已过期或已换发过。若不是您换发的，说明他人持有该令牌：请撤销它，由它换发的一并失效。"},
    {N::certificate_taken, "certificate-taken", 409,
     "The certificate belongs to the user \"{0}\" already.", "该证书已属于用户“{0}”。"},
    {N::unknown_certificate, "unknown-certificate", 404,
     "The user has no certificate \"{0}\".", "该用户没有证书“{0}”。"},
    {N::password_too_short, "password-too-short", 422,
     "The password needs at least {0} characters.", "口令至少 {0} 个字符。"},
    {N::password_too_long, "password-too-long", 422,
     "The password may have at most {0} bytes.", "口令最多 {0} 字节。"},
    {N::password_too_plain, "password-too-plain", 422,
     "The password needs three of: lower case, upper case, digits, other characters; or at least "
     "{0} characters.",
     "口令须含小写字母、大写字母、数字、其他字符中的三类，或至少 {0} 个字符。"},
    {N::password_easily_guessed, "password-easily-guessed", 422,
     "The password is easily guessed: without the user's name, common words and runs such as 1234 "
     "or aaaa too little of it is left.",
     "口令太容易猜到：去掉用户名、常用词以及 1234、aaaa 之类的连续字符后所剩太少。"},
    {N::password_not_new, "password-not-new", 422, "The new password is the old one.",
     "新口令与原口令相同。"},
    {N::password_wrong, "password-wrong", 403, "The present password is not the one given.",
     "原口令不正确。"},
    {N::personal_number, "personal-number", 422,
     "Ids, names and labels hold no number of a person, as of an identity card, a phone or a bank card: they stay "
     "in entries and logs for ever.",
     "编号、姓名和备注不得含公民身份号码、手机号、银行卡号等个人号码：它们会永远留在账套记录和日志中。"},
    {N::password_unprintable, "password-unprintable", 422,
     "The password has a character that cannot be seen, such as a tab or the end of a line: leave it out.",
     "口令含有制表符、换行等不可见的控制字符，请去掉。"},
    {N::not_a_machine, "not-a-machine", 403,
     "\"{0}\" is not marked as a machine: a person makes tokens in a session of their own, and who has neither password nor "
     "mark gets tokens and certificates at the command line only.",
     "用户“{0}”未标明为机器用户：人员的令牌由本人登录后签发；既无口令又未标明的，只能在服务器上用命令行签发令牌、登记证书。"},
    {N::machine_password, "machine-password", 409, "A machine has no password, and who has one is none: \"{0}\".",
     "机器用户不设口令，有口令的人员也不能标明为机器用户：“{0}”。"},
    {N::beyond_own_ledgers, "beyond-own-ledgers", 403,
     "An administrator of some ledgers looks after users of these only: name ledgers of yours.",
     "仅管理部分账套的管理员只能管理这些账套的用户，请指明您所管的账套。"},
}};

// The same without a subject.
struct Unnamed {
  UserNo no;
  std::string_view en;
  std::string_view zh;
};
constexpr Unnamed kUnnamedTable[] = {
    {N::unknown_user, "There is no such user.", "没有这样的用户。"},
    {N::role_not_held, "The user does not hold such a role.", "该用户没有这样的角色。"},
    {N::unknown_token, "There is no such token.", "没有这样的令牌。"},
    {N::certificate_taken, "The certificate belongs to another user already.", "该证书已属于其他用户。"},
    {N::unknown_certificate, "The user has no such certificate.", "该用户没有这样的证书。"},
};

// A role is said in each language; an id stays as it is, unless it looks like a person's number.
std::string said(const UserRefusal& refusal, bool chinese) {
  const auto& row = info(refusal.no);
  if (refusal.subject == kUnnamed || masked(refusal.subject) != refusal.subject) {
    for (const auto& one : kUnnamedTable) {
      if (one.no == refusal.no) return std::string(chinese ? one.zh : one.en);
    }
  }
  return fill(chinese ? row.zh : row.en, in_words(refusal.subject, chinese));
}

constexpr bool in_order() {
  for (std::size_t i = 0; i < kUserNos; ++i) {
    if (kTable[i].no != static_cast<UserNo>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "the table follows the enumeration");

}  // namespace

const UserNoInfo& info(UserNo no) { return kTable[static_cast<std::size_t>(no)]; }
std::string UserRefusal::en() const { return said(*this, false); }
std::string UserRefusal::zh() const { return said(*this, true); }

}  // namespace fundtrail::api
