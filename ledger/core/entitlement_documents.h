// The documents of applying, approving, delivering and calculating: what happens under a policy
// between the registration of a person and a settlement. Same conventions as documents.h, which
// includes this file and holds the closed set of kinds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/core/approval_terms.h"
#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/names.h"

namespace fundtrail {

using ApplicationId = Id<struct ApplicationTag>;

// Somebody asks to be served by a programme. A change of the service is a new application (HC-17);
// once approved it takes the place of the earlier one from its own effective day.
struct EntitlementApplication {
  ApplicationId application;
  Pseudonym beneficiary;
  std::optional<Code> care_level;
  Code category;
  Channel channel = Channel::home;
  std::vector<Code> documents;  // that came with it
  OptionalList<Code> facts;     // that were shown to be true
  ProgrammeId programme;
  std::optional<ProviderId> provider;  // who is to serve: an organisation or the institution

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("application", d.application);
    v("beneficiary", d.beneficiary);
    v("care_level", d.care_level);
    v("category", d.category);
    v("channel", d.channel);
    v("documents", d.documents);
    v("facts", d.facts);
    v("programme", d.programme);
    v("provider", d.provider);
  }
};

enum class StepOutcome : std::uint8_t { passed, rejected };
template <>
struct Names<StepOutcome> {
  static constexpr std::string_view list[] = {"passed", "rejected"};
};

// One step of the approval that the policy describes, done on the document's business date. Each
// step of an application is recorded by a different person; limits that were overrun are not
// refused but stay visible (reports/applications).
struct ApplicationStep {
  ApplicationId application;
  std::optional<Date> from;  // of a public notice
  StepOutcome outcome = StepOutcome::passed;
  std::optional<Text> reason;  // of a rejection: the applicant reads it
  OptionalList<ActorId> signers;
  Code step;
  std::optional<Date> to;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("application", d.application);
    v("from", d.from);
    v("outcome", d.outcome);
    v("reason", d.reason);
    v("signers", d.signers);
    v("step", d.step);
    v("to", d.to);
  }
};

// A delivered service (服务记录). What of it is paid follows from the policy, never from the record.
struct ServiceRecord {
  Pseudonym beneficiary;
  std::optional<Money> bill;       // price of the service, where the programme pays a part of it
  std::optional<Text> bill_no;     // of the provider's bill: one programme's and one person's
  Date date;
  Quantity hours;
  std::optional<Money> insurance;  // paid by long-term-care insurance before anything else
  Code item;
  std::optional<Code> worker;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("bill", d.bill);
    v("bill_no", d.bill_no);
    v("date", d.date);
    v("hours", d.hours);
    v("insurance", d.insurance);
    v("item", d.item);
    v("worker", d.worker);
  }
};

// A provider's upload of delivered services of one programme.
struct ServiceRecords {
  using Line = ServiceRecord;
  Text claim_no;
  ProgrammeId programme;
  ProviderId provider;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("claim_no", d.claim_no);
    v("programme", d.programme);
    v("provider", d.provider);
  }
};

// A certificate of somebody who delivers services (HC-19).
struct WorkerCertificate {
  Code certificate;
  Date from;
  Reference number;
  ProviderId provider;
  Date to;
  Code worker;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("certificate", d.certificate);
    v("from", d.from);
    v("number", d.number);
    v("provider", d.provider);
    v("to", d.to);
    v("worker", d.worker);
  }
};

// What somebody competent found about a provider: verified or occupied beds, a rating, an
// acceptance, a score. It counts from `effective` until the next one of the same kind.
struct ProviderAssessment {
  Code assessment;      // kind: "verified_beds", "occupied_beds", "rating", ...
  Text document_no;
  Date effective;
  ProviderId provider;
  std::optional<Code> rating;       // of a rating or acceptance
  std::optional<Quantity> value;    // beds, points of a score

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("assessment", d.assessment);
    v("document_no", d.document_no);
    v("effective", d.effective);
    v("provider", d.provider);
    v("rating", d.rating);
    v("value", d.value);
  }
};

// Which fund bears the share of a level. A programme without cost shares has one, of level "all".
struct ShareFund {
  FundId fund;
  Code level;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("fund", d.fund);
    v("level", d.level);
  }
};

// Brings what was calculated for a person (or, without beneficiary, for the payee itself) and a
// period up to what is due: `amount` is the difference, negative when too much was calculated
// before. Without `period` it is that of the document; an earlier one is arrears or a true-up.
struct CalculatedEntitlement {
  Money amount;
  std::optional<Pseudonym> beneficiary;
  std::optional<Month> period;  // first month of the cycle
  std::vector<Money> shares;    // of `amount`, in the order of the document's funds; adds up to it
  Quantity units;               // due in the whole period: months, hours, beds; 0.00 of a bill share

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("beneficiary", d.beneficiary);
    v("period", d.period);
    v("shares", d.shares);
    v("units", d.units);
  }
};

// What is due under a programme to the beneficiaries of one region through one payee (待遇核定).
// Money that was allotted is accrued to the payee; settlement and disbursement follow as for
// redemptions.
struct EntitlementCalculation {
  using Line = CalculatedEntitlement;
  std::vector<ShareFund> funds;
  ProviderId payee;
  Month period;  // first month of the cycle
  ProgrammeId programme;
  RegionCode region;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("funds", d.funds);
    v("payee", d.payee);
    v("period", d.period);
    v("programme", d.programme);
    v("region", d.region);
  }
};

enum class PointsDirection : std::uint8_t { earned, spent };
template <>
struct Names<PointsDirection> {
  static constexpr std::string_view list[] = {"earned", "spent"};
};

struct PointsLine {
  Pseudonym beneficiary;  // whose account: a volunteer's, or an elder's who spends
  Date date;
  PointsDirection direction = PointsDirection::earned;
  Code item;
  Quantity points;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("date", d.date);
    v("direction", d.direction);
    v("item", d.item);
    v("points", d.points);
  }
};

// The journal of service points (时间银行, 为老服务积分). It moves no money, and nothing turns points
// into money.
struct PointsJournal {
  using Line = PointsLine;
  ProgrammeId programme;
  Text reference;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("programme", d.programme);
    v("reference", d.reference);
  }
};

enum class DutyOutcome : std::uint8_t { done, satisfied, unsatisfied, complaint };
template <>
struct Names<DutyOutcome> {
  static constexpr std::string_view list[] = {"done", "satisfied", "unsatisfied", "complaint"};
};

// A visit, an inspection, a complaint, a filing: done on the business date.
struct DutyRecord {
  std::optional<Pseudonym> beneficiary;
  Code duty;  // of the policy
  Text evidence;
  DutyOutcome outcome = DutyOutcome::done;
  std::optional<ProviderId> provider;
  std::optional<RegionCode> region;
  std::optional<Code> worker;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("duty", d.duty);
    v("evidence", d.evidence);
    v("outcome", d.outcome);
    v("provider", d.provider);
    v("region", d.region);
    v("worker", d.worker);
  }
};

}  // namespace fundtrail
