// How a policy lets somebody in, and what it asks of those who run it: the steps of an approval with
// their limits, the working days they are counted in, documents, duties and targets.
// docs/POLICY.md explains every field.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/core/entitlement_terms.h"

namespace fundtrail {

// Working days: Monday to Friday but for `holidays`, and the weekend days that `workdays` names
// (调休). Dates outside `from`..`to` are judged by weekends alone, which reports point out.
struct WorkCalendar {
  Date from;
  std::vector<Date> holidays;  // ascending
  Date to;
  std::vector<Date> workdays;  // ascending

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("from", d.from);
    v("holidays", d.holidays);
    v("to", d.to);
    v("workdays", d.workdays);
  }
};

enum class StepKind : std::uint8_t {
  visit,     // somebody went and looked (入户调查)
  notice,    // public notice (公示), from one day to another
  review,
  approval,  // the last one: grants
};
template <>
struct Names<StepKind> {
  static constexpr std::string_view list[] = {"visit", "notice", "review", "approval"};
};

struct ApprovalStepTerms {
  Code id;
  StepKind kind = StepKind::review;
  std::optional<std::uint64_t> min_days;      // of a notice, both ends counted
  std::optional<std::uint64_t> min_signers;   // people who sign beside the actor who records it
  std::optional<bool> notice_in_working_days;  // min_days are working days
  Text title;
  std::optional<std::uint64_t> working_days;  // limit, counted from the day after the step before

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("id", d.id);
    v("kind", d.kind);
    v("min_days", d.min_days);
    v("min_signers", d.min_signers);
    v("notice_in_working_days", d.notice_in_working_days);
    v("title", d.title);
    v("working_days", d.working_days);
  }
};

// The papers that an application of a category must come with (HC-07).
struct RequiredDocuments {
  Code category;
  std::vector<Code> documents;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("category", d.category);
    v("documents", d.documents);
  }
};

struct ApprovalTerms {
  OptionalList<RequiredDocuments> documents;
  StartRule effective = StartRule::next_quarter;
  OptionalList<ProgrammeId> programmes;  // that need an approval; absent: every one for persons
  std::vector<ApprovalStepTerms> steps;  // in their order; the last one is the approval

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("documents", d.documents);
    v("effective", d.effective);
    v("programmes", d.programmes);
    v("steps", d.steps);
  }
};

// An expired policy takes nobody new; those it took before are served until this day.
struct Transition {
  Text note_en;
  Text note_zh;
  Date serves_until;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("note_en", d.note_en);
    v("note_zh", d.note_zh);
    v("serves_until", d.serves_until);
  }
};

enum class DutyKind : std::uint8_t {
  recurring,  // at least once in each period of `every`
  complaint,  // `count` records of it within `window_days` (or a calendar month) call for action
};
template <>
struct Names<DutyKind> {
  static constexpr std::string_view list[] = {"recurring", "complaint"};
};
enum class DutyPeriod : std::uint8_t { week, month, quarter };
template <>
struct Names<DutyPeriod> {
  static constexpr std::string_view list[] = {"week", "month", "quarter"};
};

// Inspections and complaints (HC-20, HC-21): recorded by duty records, watched by the duties report.
struct Duty {
  std::optional<bool> consecutive;            // complaint: one after the other without another record
  std::optional<std::uint64_t> count;         // complaint
  std::optional<DutyPeriod> every;            // recurring; complaint: the calendar period counted in
  Code id;
  DutyKind kind = DutyKind::recurring;
  // recurring: owed by each registered region whose code has so many digits (6 district, 9 street or
  // town, 12 community); absent: owed once by everybody together.
  std::optional<std::uint64_t> region_digits;
  Text title;
  std::optional<std::uint64_t> window_days;   // complaint: rolling days instead of `every`

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("consecutive", d.consecutive);
    v("count", d.count);
    v("every", d.every);
    v("id", d.id);
    v("kind", d.kind);
    v("region_digits", d.region_digits);
    v("title", d.title);
    v("window_days", d.window_days);
  }
};

// A target of the policy (绩效目标): reported against, decides no payment.
struct Target {
  std::optional<Date> by;
  Code id;
  Text title;
  Text unit;
  Quantity value;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("by", d.by);
    v("id", d.id);
    v("title", d.title);
    v("unit", d.unit);
    v("value", d.value);
  }
};

struct Performance {
  // Money is passed down by assessment (YZ-04): an allotment that names none is pointed out (R-FND-14).
  std::optional<bool> allotment_by_assessment;
  std::optional<std::uint64_t> filing_days;  // targets are filed so many days after money arrives
  OptionalList<Target> targets;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("allotment_by_assessment", d.allotment_by_assessment);
    v("filing_days", d.filing_days);
    v("targets", d.targets);
  }
};

}  // namespace fundtrail
