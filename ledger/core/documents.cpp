#include "ledger/core/documents.h"

#include <utility>

#include "ledger/core/check.h"

namespace fundtrail {
namespace {

template <std::size_t... I>
std::optional<Document> make(std::string_view kind, std::index_sequence<I...>) {
  std::optional<Document> result;
  ((kKindNames[I] == kind ? (result.emplace(std::in_place_index<I>), true) : false) || ...);
  return result;
}

constexpr std::array<KindTitle, kKinds> kTitles = {{
    {"开账", "Ledger opening"},
    {"登记专项资金", "Fund registration"},
    {"登记政策", "Policy registration"},
    {"登记区划", "Region registration"},
    {"登记服务机构", "Provider registration"},
    {"变更服务机构", "Provider amendment"},
    {"登记专户", "Designated account registration"},
    {"登记受益人", "Beneficiary registration"},
    {"变更受益人", "Beneficiary amendment"},
    {"停止资格", "End of entitlement"},
    {"恢复资格", "Reinstatement of entitlement"},
    {"资金到账", "Fund receipt"},
    {"资金下达", "Allotment"},
    {"配套承诺", "Counterpart pledge"},
    {"配套到账", "Counterpart receipt"},
    {"发券", "Voucher issue"},
    {"核销", "Redemption"},
    {"退券", "Voucher return"},
    {"作废", "Voucher void"},
    {"过期", "Voucher expiry"},
    {"结算单制单", "Settlement preparation"},
    {"结算单审核", "Settlement review"},
    {"结算单批准", "Settlement approval"},
    {"结算单退回", "Settlement return"},
    {"拨付制单", "Disbursement preparation"},
    {"拨付批准", "Disbursement approval"},
    {"拨付付款", "Disbursement payment"},
    {"银行退票", "Disbursement bounce"},
    {"拨付撤销", "Disbursement cancellation"},
    {"追回决定", "Recovery decision"},
    {"追回到账", "Recovery receipt"},
    {"更正", "Correction"},
    {"结账", "Period close"},
    {"银行对账单", "Bank statement"},
    {"导入的历史记录", "Imported record"},
    {"待遇申请", "Application"},
    {"申请办理步骤", "Step of an application"},
    {"服务记录", "Service records"},
    {"服务人员证书", "Worker certificate"},
    {"机构核定", "Provider assessment"},
    {"待遇核定", "Entitlement calculation"},
    {"服务积分", "Points journal"},
    {"履职记录", "Duty record"},
    {"核定调减", "Reduction of a calculation"},
    {"服务记录撤销", "Withdrawal of service records"},
    {"项目启用前已发", "Programme paid before this ledger"},
    {"个人启用前已发", "Beneficiaries paid before this ledger"},
    {"账套恢复记录", "Restoration of the ledger"},
    {"登记签名密钥", "Registration of a signing key"},
    {"停用签名密钥", "End of a signing key"},
    {"销毁身份资料", "Erasure of an identity"},
    {"撤回核销", "Withdrawal of a redemption"},
}};

}  // namespace

Document::Document() = default;
Document::Document(const Document&) = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(const Document&) = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

std::optional<Document> document_of_kind(std::string_view kind) {
  return make(kind, std::make_index_sequence<kKinds>());
}

KindTitle title_of_kind(std::size_t kind_index) {
  FT_CHECK(kind_index < kKinds);
  return kTitles[kind_index];
}

std::size_t line_count(const Document& document) {
  return std::visit(
      [](const auto& d) -> std::size_t {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) return d.lines.size();
        return 0;
      },
      document);
}

}  // namespace fundtrail
