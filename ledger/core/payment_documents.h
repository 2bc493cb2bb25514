// The documents of settlement, disbursement and recovery. Same conventions as documents.h,
// which includes this file and holds the closed set of kinds.
#pragma once

#include <optional>
#include <vector>

#include "ledger/core/date.h"
#include "ledger/core/document_fields.h"
#include "ledger/core/entitlement_terms.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"

namespace fundtrail {

// Project money against an invoice, for instruments of kind `grant`.
struct GrantClaim {
  Code economic_code;  // 部门预算支出经济分类科目
  FundId fund;
  Text invoice_no;
  ProgrammeId programme;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("economic_code", d.economic_code);
    v("fund", d.fund);
    v("invoice_no", d.invoice_no);
    v("programme", d.programme);
    v("region", d.region);
  }
};

struct SettlementPreparation {
  SettlementBasis basis = SettlementBasis::redemptions;
  std::optional<GrantClaim> grant;        // with basis grant
  ProviderId provider;
  std::vector<std::uint64_t> redemptions;  // entry indices, ascending; with basis redemptions
  SettlementId settlement;
  Money total;
  // Entry indices of entitlement calculations, ascending; with basis entitlements.
  OptionalList<std::uint64_t> calculations = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("basis", d.basis);
    v("calculations", d.calculations);
    v("grant", d.grant);
    v("provider", d.provider);
    v("redemptions", d.redemptions);
    v("settlement", d.settlement);
    v("total", d.total);
  }
};

struct SettlementReview {
  SettlementId settlement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("settlement", d.settlement);
  }
};

struct SettlementApproval {
  SettlementId settlement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("settlement", d.settlement);
  }
};

// Sent back, by an approver also after the approval as long as nobody pays; what was in it may be settled again.
struct SettlementReturn {
  Text reason;  // the provider reads it
  SettlementId settlement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("reason", d.reason);
    v("settlement", d.settlement);
  }
};

struct DisbursementPreparation {
  DesignatedAccountId account;
  Money amount;
  DisbursementId disbursement;
  PaymentMethod method = PaymentMethod::transfer;
  BankAccount payee;
  SettlementId settlement;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("disbursement", d.disbursement);
    v("method", d.method);
    v("payee", d.payee);
    v("settlement", d.settlement);
  }
};

struct DisbursementApproval {
  DisbursementId disbursement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("disbursement", d.disbursement);
  }
};

struct DisbursementPayment {
  Reference bank_reference;
  DisbursementId disbursement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank_reference", d.bank_reference);
    v("disbursement", d.disbursement);
  }
};

// The bank sent the money back (退票); it is payable again.
struct DisbursementBounce {
  Reference bank_reference;
  DisbursementId disbursement;
  Text reason;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank_reference", d.bank_reference);
    v("disbursement", d.disbursement);
    v("reason", d.reason);
  }
};

// Given up before it was paid; its settlement may be disbursed again.
struct DisbursementCancellation {
  DisbursementId disbursement;
  Text reason;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("disbursement", d.disbursement);
    v("reason", d.reason);
  }
};

// The calculated share that a recovery takes back: without beneficiary the provider's own.
struct RecoveredEntitlement {
  std::optional<Pseudonym> beneficiary;
  Code level;    // whose share: that of the fund
  Month period;  // first month of the cycle

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("level", d.level);
    v("period", d.period);
  }
};

struct RecoveryDecision {
  Money amount;
  FundId fund;
  ProgrammeId programme;
  ProviderId provider;
  Text reason;
  RecoveryId recovery;
  RegionCode region;
  // What the amount was calculated for, when it is more than what is due: calculated so far goes down
  // with it, so that the next calculation does not ask for it again.
  std::optional<RecoveredEntitlement> entitlement = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("entitlement", d.entitlement);
    v("fund", d.fund);
    v("programme", d.programme);
    v("provider", d.provider);
    v("reason", d.reason);
    v("recovery", d.recovery);
    v("region", d.region);
  }
};

// Recovered money arrives; the policy says whether it is spent again or goes to the treasury.
struct RecoveryReceipt {
  DesignatedAccountId account;
  Money amount;
  Reference bank_reference;
  RecoveryId recovery;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("bank_reference", d.bank_reference);
    v("recovery", d.recovery);
  }
};

}  // namespace fundtrail
