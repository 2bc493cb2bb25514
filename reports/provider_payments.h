// What became of a provider's claims: the one source of the provider statement and of the provider's
// own page (GET /v1/ledgers/{ledger}/providers/{id}/payments). It holds nothing about beneficiaries
// and nothing about other providers.
//
// Thread-safety: as reports/reports.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/documents.h"
#include "ledger/core/names.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail::reports {

// How far a claim, settlement or payment has come.
enum class PaymentStage : std::uint8_t {
  received,           // 已核销: redeemed, waiting for a settlement
  settling,           // 结算制单
  reviewed,           // 结算已审核
  payable,            // 结算已批准, waiting for a payment
  paying,             // 拨付制单
  payment_approved,   // 拨付已批准
  paid,               // 已拨付
  bounced,            // 退票: sent back by the bank, payable again
  cancelled,          // 拨付已撤销: given up before it was paid, payable again
  returned,           // 已退回: sent back, may be settled again
  taken_back,         // 已全部撤回: nothing is left of it
};

// A recorded step: which entry, on which business date.
struct Step {
  std::uint64_t entry = 0;
  Date date;
};

// One upload of redeemed vouchers (核销单), or one calculation of what is due through the provider
// (待遇核定): its number is programme and period then, and it has no vouchers.
struct ProviderClaim {
  Step recorded;
  std::string claim_no;
  std::uint64_t vouchers = 0;
  Money amount;                                // that counts: less what it was reduced by
  Money reduced;                               // taken off by reductions and withdrawals before it was settled
  // What took it off, in the order of the chain.
  struct Reduction {
    Step recorded;
    Money amount;
    std::string reason;
  };
  std::vector<Reduction> reductions;
  std::optional<std::string> settlement;       // the latest that took it
  // What follows, but for the reason, only of a settlement that was not returned.
  std::optional<std::string> disbursement;     // the latest of that settlement
  std::optional<Step> settled;                 // approval
  std::optional<Step> paid;
  std::optional<std::string> bank_reference;   // of the payment
  std::optional<std::string> reason;           // why it was returned or bounced
  PaymentStage stage = PaymentStage::received;
};

// One upload of service records (服务记录). It is no money yet: what it comes to is calculated by the
// programme's rules, and stands among the claims then.
struct ProviderServices {
  Step recorded;
  std::string claim_no;
  std::string programme;
  std::uint64_t records = 0;
};

struct ProviderSettlement {
  std::string settlement;
  SettlementBasis basis = SettlementBasis::redemptions;
  std::optional<std::string> invoice_no;        // of a grant
  std::vector<std::uint64_t> redemptions;       // entries of claims
  Money total;
  Step prepared;
  std::optional<Step> reviewed;
  std::optional<Step> approved;
  std::optional<Step> returned;
  std::optional<std::string> return_reason;
  PaymentStage stage = PaymentStage::settling;
};

struct ProviderDisbursement {
  std::string disbursement;
  std::string settlement;
  Money amount;
  Step prepared;
  std::optional<Step> approved;
  std::optional<Step> paid;
  std::optional<Step> bounced;
  std::optional<std::string> bank_reference;    // of the payment
  std::optional<std::string> bounce_reference;  // of the money sent back
  std::optional<std::string> bounce_reason;
  std::optional<Step> cancelled;
  std::optional<std::string> cancellation_reason;
  PaymentStage stage = PaymentStage::paying;
};

// Money that came back for a recovery: all of it, or a part.
struct ProviderReceipt {
  Step recorded;
  Money amount;
  std::string bank_reference;
};

struct ProviderRecovery {
  std::string recovery;
  std::string reason;
  Money amount;
  Step decided;
  Money open;                             // of the amount, what has not come back
  std::vector<ProviderReceipt> receipts;  // by entry
};

struct ProviderPayments {
  std::string ledger;
  std::uint64_t size = 0;
  std::string root;
  Date as_of;
  std::string provider;
  std::string name;
  std::vector<ProviderClaim> claims;                // by entry
  std::vector<ProviderServices> services;           // by entry
  std::vector<ProviderSettlement> settlements;      // by the entry that prepared them
  std::vector<ProviderDisbursement> disbursements;  // likewise
  std::vector<ProviderRecovery> recoveries;         // likewise
  // Where the provider's money is, from the postings.
  Money accrued;      // redeemed, not settled yet
  Money payable;      // due now: settled, not paid
  Money paid;
  Money in_recovery;  // owed back
};

// As of a business date; absent: everything recorded. Errors: not_found (no such provider),
// unreadable, io.
Result<ProviderPayments> provider_payments(const View& view, const ProviderId& provider,
                                           std::optional<Date> as_of = {});

// One JSON object, indented by two, ends with a line feed; amounts are decimal strings, stages have
// their code and both languages.
std::string to_json(const ProviderPayments& payments);

}  // namespace fundtrail::reports

namespace fundtrail {
template <>
struct Names<reports::PaymentStage> {
  static constexpr std::string_view list[] = {"received", "settling", "reviewed", "payable",
                                              "paying", "payment_approved", "paid", "bounced",
                                              "cancelled", "returned", "taken_back"};
};
}  // namespace fundtrail
