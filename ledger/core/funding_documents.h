// The documents of money that comes in and authority that goes down. Same conventions as documents.h,
// which includes this file and holds the closed set of kinds.
#pragma once

#include <optional>

#include "ledger/core/accounts.h"
#include "ledger/core/date.h"
#include "ledger/core/document_fields.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"

namespace fundtrail {

struct FundReceipt {
  DesignatedAccountId account;
  Money amount;
  Reference bank_reference;
  Text document_no;  // 指标文号
  FundId fund;
  SourceLevel source = SourceLevel::district;
  // Until when its performance targets are to be filed, where the policy that the command names sets
  // a limit (YA-02).
  std::optional<Date> performance_due = {};
  std::optional<Reference> project_code = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("bank_reference", d.bank_reference);
    v("document_no", d.document_no);
    v("fund", d.fund);
    v("performance_due", d.performance_due);
    v("project_code", d.project_code);
    v("source", d.source);
  }
};

// Authority to spend (下达); no cash moves. Takes from what the fund has available for nobody in
// particular, or, with from_counterpart, from the receiving region's own counterpart funding.
struct Allotment {
  Money amount;
  Text document_no;
  std::optional<Text> evaluation;  // the assessment the allocation rests on (预算法 §57)
  bool from_counterpart = false;
  FundId fund;
  ProgrammeId programme;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("document_no", d.document_no);
    v("evaluation", d.evaluation);
    v("from_counterpart", d.from_counterpart);
    v("fund", d.fund);
    v("programme", d.programme);
    v("region", d.region);
  }
};

struct CounterpartPledge {
  Money amount;
  Text document_no;
  Date due;
  FundId fund;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("document_no", d.document_no);
    v("due", d.due);
    v("fund", d.fund);
    v("region", d.region);
  }
};

struct CounterpartReceipt {
  DesignatedAccountId account;
  Money amount;
  Reference bank_reference;
  Text document_no;
  FundId fund;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("bank_reference", d.bank_reference);
    v("document_no", d.document_no);
    v("fund", d.fund);
    v("region", d.region);
  }
};

}  // namespace fundtrail
