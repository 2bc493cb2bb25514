// The documents of the life of vouchers. Same conventions as documents.h,
// which includes this file and holds the closed set of kinds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/core/date.h"
#include "ledger/core/document_fields.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"

namespace fundtrail {

struct IssuedVoucher {
  Pseudonym beneficiary;
  Money face;
  VoucherNumber voucher;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("face", d.face);
    v("voucher", d.voucher);
  }
};

// Vouchers of one month for one region. Numbers are consecutive within one series.
struct VoucherIssue {
  using Line = IssuedVoucher;
  FundId fund;
  Month month;
  ProgrammeId programme;
  RegionCode region;
  Date valid_from;
  Date valid_to;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("fund", d.fund);
    v("month", d.month);
    v("programme", d.programme);
    v("region", d.region);
    v("valid_from", d.valid_from);
    v("valid_to", d.valid_to);
  }
};

// One voucher given for one delivered service (服务记录).
struct RedeemedVoucher {
  std::optional<Pseudonym> beneficiary;  // who was served; must be the holder when stated
  Quantity hours;
  Code item;
  Date service_date;
  VoucherNumber voucher;
  std::optional<Code> worker;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("hours", d.hours);
    v("item", d.item);
    v("service_date", d.service_date);
    v("voucher", d.voucher);
    v("worker", d.worker);
  }
};

// A provider's upload of redeemed vouchers (核销).
struct Redemption {
  using Line = RedeemedVoucher;
  Text claim_no;
  ProviderId provider;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("claim_no", d.claim_no);
    v("provider", d.provider);
  }
};

struct VoucherLine {
  VoucherNumber voucher;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("voucher", d.voucher);
  }
};

// Redeemed by mistake (撤回核销): the vouchers are outstanding again, as if that redemption had not taken them.
struct RedemptionWithdrawal {
  using Line = VoucherLine;
  ProviderId provider;
  Text reason;
  std::uint64_t redemption = 0;  // entry index
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("provider", d.provider);
    v("reason", d.reason);
    v("redemption", d.redemption);
  }
};

struct VoucherReturn {
  using Line = VoucherLine;
  Text reason;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("reason", d.reason);
  }
};

struct VoucherVoid {
  using Line = VoucherLine;
  VoidReason reason = VoidReason::lost;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("reason", d.reason);
  }
};

struct VoucherExpiry {
  using Line = VoucherLine;
  Month month;  // that all of its vouchers were issued for
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("month", d.month);
  }
};

}  // namespace fundtrail
