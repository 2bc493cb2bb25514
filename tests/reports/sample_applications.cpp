#include "tests/reports/sample_applications.h"

#include "tests/reports/sample_year.h"

namespace fundtrail::tests {
namespace {

Code code(std::string_view text) { return *Code::parse(text); }

Policy policy() {
  Policy policy;
  policy.name = *PolicyName::parse("hc");
  policy.document_no = words("民发5号");
  policy.issuer = words("某区民政局");
  policy.title = words("独居老年人居家养老服务办法");
  policy.in_force_from = day("2025-01-01");
  WorkCalendar calendar;
  calendar.from = day("2025-01-01");
  calendar.to = day("2025-12-31");
  calendar.holidays = {day("2025-04-04")};
  policy.calendar = calendar;
  ApprovalTerms approval;
  const auto step = [&](std::string_view id, StepKind kind, std::string_view title,
                        std::optional<std::uint64_t> limit) {
    ApprovalStepTerms terms;
    terms.id = code(id);
    terms.kind = kind;
    terms.title = words(title);
    terms.working_days = limit;
    if (kind == StepKind::notice) terms.min_days = 5;
    approval.steps.push_back(terms);
  };
  step("visit", StepKind::visit, "入户调查", 3);
  step("notice", StepKind::notice, "公示", std::nullopt);
  step("street", StepKind::review, "街道审核", 10);
  step("bureau", StepKind::approval, "区民政局核准", 10);
  policy.approval = approval;
  policy.programmes = {{*ProgrammeId::parse("CARE"), Instrument::service_hours,
                        words("居家养老服务"), words("服务")},
                       {*ProgrammeId::parse("MEALS"), Instrument::allowance, words("助餐"),
                        words("助餐")}};
  return policy;
}

class Desk {
 public:
  explicit Desk(FakeView& view) : view_(view) {}
  void apply(std::string_view id, std::string_view date, std::uint64_t person,
             std::string_view programme = "CARE") {
    EntitlementApplication d;
    d.application = *ApplicationId::parse(id);
    d.beneficiary = Pseudonym(person);
    d.category = code("low-income");
    d.documents = {code("form")};
    d.programme = *ProgrammeId::parse(programme);
    view_.add(day(date), d, {}, "xu", PolicyRef{*PolicyName::parse("hc"), 1});
    id_ = d.application;
  }
  void step(std::string_view id, std::string_view date, std::string_view who,
            std::string_view from = {}, std::string_view to = {},
            StepOutcome outcome = StepOutcome::passed) {
    ApplicationStep d;
    d.application = id_;
    d.step = code(id);
    d.outcome = outcome;
    if (!from.empty()) d.from = day(from);
    if (!to.empty()) d.to = day(to);
    if (outcome == StepOutcome::rejected) d.reason = words("不符合条件");
    if (id == "street") d.signers.emplace({*ActorId::parse("d1"), *ActorId::parse("d2")});
    const Role role = who == "cora" ? Role::approver : Role::reviewer;
    view_.add(day(date), d, {}, who, {}, role);
  }

 private:
  FakeView& view_;
  ApplicationId id_;
};

}  // namespace

std::unique_ptr<FakeView> sample_applications() {
  auto view = std::make_unique<FakeView>("district");
  LedgerOpening opening;
  opening.name = words("某区养老服务资金");
  opening.region = *RegionCode::parse("320412");
  opening.suite = "sha256-ed25519";
  opening.public_key = "test";
  view->add(day("2025-01-02"), opening);
  view->add(day("2025-01-02"), PolicyRegistration{policy()});
  Desk desk(*view);
  desk.apply("A1", "2025-02-10", 1);  // HC-SLA-1, to the last day of each limit
  desk.step("visit", "2025-02-13", "vera");
  desk.step("notice", "2025-02-18", "nora", "2025-02-14", "2025-02-18");
  desk.step("street", "2025-03-04", "sam");
  desk.step("bureau", "2025-03-18", "cora");
  desk.apply("A2", "2025-03-03", 2);  // HC-SLA-2; the review is three working days late
  desk.step("visit", "2025-03-06", "vera");
  desk.step("notice", "2025-03-12", "nora", "2025-03-07", "2025-03-11");
  desk.step("street", "2025-03-28", "sam");
  desk.step("bureau", "2025-04-11", "cora");
  desk.apply("A3", "2025-03-04", 3, "MEALS");
  desk.step("visit", "2025-03-10", "vera", {}, {}, StepOutcome::rejected);  // one day late
  desk.apply("A4", "2025-03-05", 4);
  desk.step("visit", "2025-03-06", "vera");
  desk.step("notice", "2025-03-11", "nora", "2025-03-07", "2025-03-11");
  desk.step("street", "2025-03-12", "sam");
  desk.step("bureau", "2025-03-13", "cora");
  desk.step("bureau", "2025-05-05", "sam", {}, "2025-04-30", StepOutcome::rejected);  // proposed
  desk.step("bureau", "2025-05-06", "cora", {}, "2025-04-30", StepOutcome::rejected);
  desk.apply("A5", "2025-03-24", 5);
  desk.step("visit", "2025-03-25", "vera");
  desk.step("notice", "2025-03-31", "nora", "2025-03-26", "2025-03-31");
  desk.apply("A6", "2025-12-29", 6);  // due on 2026-01-01 by weekends alone
  return view;
}

}  // namespace fundtrail::tests
