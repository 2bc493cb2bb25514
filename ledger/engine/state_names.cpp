// What the rows of the state are called, for people who are told that one differs. The keys:
// ledger/rules/rows.h, ledger/store/layout.h.
#include "ledger/engine/state_check.h"

namespace fundtrail {
namespace {

struct Named {
  char kind;
  RowName name;
};
constexpr Named kRows[] = {
    {'A', {"专户", "designated account"}},
    {'B', {"余额", "balance"}},
    {'C', {"可更正的资金单据", "money document that may be corrected"}},
    {'D', {"拨付单的步骤", "steps of a disbursement"}},
    {'E', {"各记录的类型", "kinds of the entries"}},
    {'F', {"资金", "fund"}},
    {'G', {"追回", "recovery"}},
    {'H', {"券的持有人", "holders of vouchers"}},
    {'I', {"一次发券的条件", "terms of a voucher issue"}},
    {'J', {"已结算的发票", "settled invoice"}},
    {'K', {"待结算的服务与申领", "claim to be settled"}},
    {'L', {"账套", "ledger"}},
    {'M', {"办理中的结算", "settlements under way"}},
    {'N', {"服务对象", "beneficiary"}},
    {'O', {"服务机构", "provider"}},
    {'P', {"政策", "policy"}},
    {'Q', {"已用的银行流水号", "bank reference that was used"}},
    {'R', {"地区", "region"}},
    {'S', {"结算单的步骤", "steps of a settlement"}},
    {'T', {"发生额", "turnover"}},
    {'U', {"统一社会信用代码", "social credit code"}},
    {'V', {"券的状态（是否已用）", "status of vouchers: whether they were redeemed"}},
    {'W', {"专户现金", "cash of an account"}},
    {'X', {"资金合计", "totals of a fund"}},
    {'Y', {"项目所依政策", "policy of an allotment"}},
    {'Z', {"银行对账单", "bank statement"}},
    {'a', {"申请的步骤", "steps of an application"}},
    {'b', {"余额变动日", "days on which a balance moved"}},
    {'c', {"启用前已发（个人）", "paid to a person before this ledger"}},
    {'d', {"启用前已发（项目）", "paid by a programme before this ledger"}},
    {'e', {"已核定的待遇", "what was calculated"}},
    {'f', {"服务对象的情况", "facts about a beneficiary"}},
    {'g', {"核准的待遇", "grants of a beneficiary"}},
    {'h', {"已提供的服务", "services delivered"}},
    {'i', {"个人签名密钥", "person's signing key"}},
    {'j', {"须签名的人", "who has to sign"}},
    {'k', {"已登记的公钥", "registered public key"}},
    {'l', {"券的挂失日", "day on which a voucher was lost"}},
    {'m', {"项目核定合计", "total calculated for a programme"}},
    {'n', {"服务对象的离开", "absences of a beneficiary"}},
    {'o', {"个人的追回", "recoveries of a person"}},
    {'p', {"项目所属政策", "policy of a programme"}},
    {'q', {"积分", "points"}},
    {'r', {"一次核定各人所得", "what a calculation brought each person"}},
    {'s', {"券的撤回核销日", "day on which a redemption was withdrawn"}},
    {'t', {"账单所计项目", "programme that a bill counts for"}},
    {'u', {"待遇终止的登记人", "who recorded an end of entitlement"}},
    {'v', {"机构评估", "assessments of a provider"}},
    {'w', {"人员证书", "certificates of a worker"}},
    {'x', {"互斥待遇的核定", "calculated in an exclusive group"}},
    {'y', {"个人的核定项目与收款方", "programmes and payees of a person"}},
    {'z', {"身份销毁记录", "erasure of an identity"}},
};

std::string said(const StateDifference& d, bool zh) {
  const bool command = d.table == store::Table::commands;
  RowName name = d.key.empty() || command ? RowName{} : name_of_row(d.key[0]);
  if (command) name = {"命令编号", "id of a command"};
  if (name.en.empty()) name = {"未知的行", "row of an unknown kind"};
  const std::string row = std::string(zh ? name.zh : name.en) + " " + store::printable(d.key);
  if (!d.stored) return row + (zh ? "：库中没有，而记录推出此行" : ": the entries lead to it, and the store has none");
  if (!d.replayed) return row + (zh ? "：库中有，而没有记录推出此行" : ": the store has it, and no entry leads to it");
  return row + (zh ? "：与记录推出的不同" : ": not what the entries lead to");
}

}  // namespace

RowName name_of_row(char kind) {
  for (const auto& row : kRows) {
    if (row.kind == kind) return row.name;
  }
  return {};
}

std::string StateDifference::zh() const { return said(*this, true); }
std::string StateDifference::en() const { return said(*this, false); }

}  // namespace fundtrail
