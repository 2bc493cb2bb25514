#include "tests/reports/sample_duties.h"

#include "tests/reports/sample_year.h"

namespace fundtrail::tests {
namespace {

Duty recurring(std::string_view id, std::string_view title, DutyPeriod every, std::uint64_t digits) {
  Duty duty;
  duty.id = *Code::parse(id);
  duty.title = words(title);
  duty.every = every;
  if (digits > 0) duty.region_digits = digits;
  return duty;
}

Policy policy(std::uint64_t version, std::string_view from) {
  Policy policy;
  policy.name = *PolicyName::parse("hc");
  policy.version = version;
  policy.document_no = words("民发5号");
  policy.issuer = words("某区民政局");
  policy.title = words("独居老年人居家养老服务办法");
  policy.in_force_from = day(from);
  Duty complaint = recurring("complaint", "一月三次投诉", DutyPeriod::month, 0);
  complaint.kind = DutyKind::complaint;
  complaint.count = 3;
  Duty satisfaction = complaint;
  satisfaction.id = *Code::parse("satisfaction");
  satisfaction.title = words("一周内连续两次不满意");
  satisfaction.every.reset();
  satisfaction.window_days = 7;
  satisfaction.count = 2;
  satisfaction.consecutive = true;
  policy.duties.emplace({recurring("spot", "区每季抽查", DutyPeriod::quarter, 6),
                         recurring("visit", "街道每月走访", DutyPeriod::month, 9),
                         recurring("week", "社区每周走访", DutyPeriod::week, 12),
                         complaint, satisfaction});
  // From the second version on, somebody reports every month.
  if (version > 1) policy.duties->push_back(recurring("report", "每月报告", DutyPeriod::month, 0));
  policy.programmes = {{*ProgrammeId::parse("CARE"), Instrument::grant, words("服务"), words("服务")}};
  return policy;
}

class Records {
 public:
  explicit Records(FakeView& view) : view_(view) {}
  void visit(std::string_view duty, std::string_view date, std::string_view region) {
    DutyRecord d = record(duty, DutyOutcome::done);
    if (!region.empty()) d.region = *RegionCode::parse(region);
    add(date, d);
  }
  void said(std::string_view duty, std::string_view date, DutyOutcome outcome,
            std::string_view worker = "w1") {
    DutyRecord d = record(duty, outcome);
    d.provider = *ProviderId::parse("P1");
    d.worker = *Code::parse(worker);
    add(date, d);
  }

 private:
  static DutyRecord record(std::string_view duty, DutyOutcome outcome) {
    DutyRecord d;
    d.duty = *Code::parse(duty);
    d.outcome = outcome;
    d.evidence = words("记录");
    return d;
  }
  void add(std::string_view date, const DutyRecord& d) {
    view_.add(day(date), d, {}, "xu", PolicyRef{*PolicyName::parse("hc"), 1});
  }
  FakeView& view_;
};

}  // namespace

std::unique_ptr<FakeView> sample_duties() {
  auto view = std::make_unique<FakeView>("district");
  LedgerOpening opening;
  opening.name = words("某区养老服务资金");
  opening.region = *RegionCode::parse("320412");
  opening.suite = "sha256-ed25519";
  opening.public_key = "test";
  view->add(day("2025-01-02"), opening);
  for (const auto& [code, name] : {std::pair("320412001", "东街"), std::pair("320412002", "西街")}) {
    view->add(day("2025-01-02"), RegionRegistration{words(name), {}, *RegionCode::parse(code)});
  }
  view->add(day("2025-01-02"), PolicyRegistration{policy(1, "2025-01-15")});
  view->add(day("2025-01-02"), PolicyRegistration{policy(2, "2025-04-01")});
  Records records(*view);
  // The first quarter and January begin before the policy; the second quarter is over on the last day.
  for (const auto* date : {"2025-02-03", "2025-03-31", "2025-04-01", "2025-05-31"}) {
    records.visit("visit", date, "320412001");
  }
  records.visit("visit", "2025-02-28", "320412002");
  records.visit("visit", "2025-06-30", "320412002");
  records.visit("report", "2025-04-30", "");
  // Three complaints in a month call for action, three within 30 days of two months do not.
  for (const auto* date : {"2025-05-01", "2025-05-14", "2025-05-31"}) {
    records.said("complaint", date, DutyOutcome::complaint);
  }
  for (const auto* date : {"2025-02-20", "2025-02-27", "2025-03-01"}) {
    records.said("complaint", date, DutyOutcome::complaint);
  }
  records.said("complaint", "2025-02-28", DutyOutcome::complaint, "w2");
  // Two in seven days, the first and the seventh; not with eight, not with a satisfied one between.
  records.said("satisfaction", "2025-02-01", DutyOutcome::unsatisfied);
  records.said("satisfaction", "2025-02-07", DutyOutcome::unsatisfied);
  records.said("satisfaction", "2025-03-01", DutyOutcome::unsatisfied);
  records.said("satisfaction", "2025-03-08", DutyOutcome::unsatisfied);
  records.said("satisfaction", "2025-04-01", DutyOutcome::unsatisfied);
  records.said("satisfaction", "2025-04-02", DutyOutcome::satisfied);
  records.said("satisfaction", "2025-04-03", DutyOutcome::unsatisfied);
  return view;
}

}  // namespace fundtrail::tests
