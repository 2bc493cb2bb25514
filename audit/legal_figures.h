// Figures that the law attaches to a finding: what an inspector is shown beside it, never a decision.
// Which one applies, and how much of a range, people decide.
//
// Pure functions; amounts are rounded half up to the fen.
#pragma once

#include <cstdint>

#include "ledger/core/date.h"
#include "ledger/core/money.h"
#include "ledger/core/policy.h"

namespace fundtrail::audit {

// 保障中小企业款项支付条例 §9, §17: without another agreement a small enterprise is paid within 30 days
// of delivery; later payment bears 0.05 % a day.
struct LatePayment {
  Date due;
  std::int64_t days_late = 0;  // 0: in time
  Money interest;
};
LatePayment late_payment(const Money& invoice, Date delivered, Date paid);

struct FineRange {
  Money from;
  Money to;
};
// 财政违法行为处罚处分条例 §14, of a unit that obtained money by fraud: 10 % to 50 % of it.
FineRange unit_fine(const Money& defrauded);
// The same article, of whoever is directly responsible.
FineRange responsible_person_fine();
// 社会救助暂行办法 §68, of a person who obtained social assistance by fraud: one to three times as much,
// which the authority may impose or not.
FineRange assistance_fine(const Money& defrauded);

// Counterpart funding that is missing from what the policy's ratio asks for of the money that came from
// above (YZ-01): the level's own plan, not an offence (预算法 §16). Zero when the policy names no ratio.
Money counterpart_short(const CounterpartTerms& terms, const Money& received, const Money& matched);

}  // namespace fundtrail::audit
