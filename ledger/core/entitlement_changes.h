// The documents that set right what was delivered and calculated, or say what was paid elsewhere before.
// Same conventions as documents.h, which includes this file and holds the closed set of kinds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/names.h"

namespace fundtrail {

// Why an end of entitlement is taken back: it was an error, or the person came back.
enum class ReinstatementReason : std::uint8_t { error, returned };
template <>
struct Names<ReinstatementReason> {
  static constexpr std::string_view list[] = {"error", "returned"};
};

// By how much one share goes down of what was calculated for a person (without beneficiary: for the
// payee itself) and a period.
struct ReducedEntitlement {
  Money amount;  // positive
  std::optional<Pseudonym> beneficiary;
  FundId fund;   // that bore it
  Code level;
  Month period;  // first month of the cycle

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("beneficiary", d.beneficiary);
    v("fund", d.fund);
    v("level", d.level);
    v("period", d.period);
  }
};

// Lowers a calculation that is in no settlement yet (核定调减): what accrued to its payee is allotted
// again. What was calculated for a person goes down with it, so a later calculation pays what is due
// after all. A line may take back what an earlier calculation brought the same payee too much.
struct CalculationReduction {
  using Line = ReducedEntitlement;
  std::uint64_t calculation = 0;  // index of the entry
  Month period;  // first month of the cycle in which it is found out: earlier ones become final
  Text reason;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("calculation", d.calculation);
    v("period", d.period);
    v("reason", d.reason);
  }
};

// A service as its record names it: no provider records the same one twice.
struct WithdrawnService {
  Pseudonym beneficiary;
  Date date;
  Code item;
  std::optional<Code> worker;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("date", d.date);
    v("item", d.item);
    v("worker", d.worker);
  }
};

// Service records that were wrong (服务记录撤销), before or after they were calculated: later
// calculations follow.
struct ServiceWithdrawal {
  using Line = WithdrawnService;
  ProgrammeId programme;
  ProviderId provider;
  Text reason;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("programme", d.programme);
    v("provider", d.provider);
    v("reason", d.reason);
  }
};

// Through which day a programme was paid before this ledger (启用前已发): nothing is due here for
// that day and those before it.
struct ProgrammeCutover {
  Text evidence;
  std::optional<Money> paid;  // in all; for the reader
  Date paid_through;
  ProgrammeId programme;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("evidence", d.evidence);
    v("paid", d.paid);
    v("paid_through", d.paid_through);
    v("programme", d.programme);
  }
};

struct PaidBefore {
  Pseudonym beneficiary;
  std::optional<Money> paid;
  Date paid_through;  // the day before the first one that counts, of somebody who got nothing

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("paid", d.paid);
    v("paid_through", d.paid_through);
  }
};

// The same of single people: it takes the place of what is said about the whole programme.
struct BeneficiaryCutover {
  using Line = PaidBefore;
  Text evidence;
  ProgrammeId programme;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("evidence", d.evidence);
    v("programme", d.programme);
  }
};

}  // namespace fundtrail
