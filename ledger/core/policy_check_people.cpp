// The parts of the policy check that are about who is let in and how: eligibility, approval, working
// days, duties, vouchers.
#include <algorithm>

#include "ledger/core/policy_findings.h"

namespace fundtrail {

Money voucher_unit(const VoucherTerms& terms) {
  return items(terms.denominations).empty() ? terms.face : terms.denominations->front();
}

namespace policy_findings {

void check_eligibility(const Finder& f, const Policy&, const Eligibility& rule) {
  f.range("min_age", rule.min_age, 0, kMaxAge);
  if (rule.max_age) f.range("max_age", *rule.max_age, 0, kMaxAge);
  if (rule.max_age && *rule.max_age < rule.min_age) {
    f.bad("max_age", std::to_string(*rule.max_age) + ", " + std::to_string(rule.min_age), "policy.max_age_order");
  }
  f.unique_ids("categories", rule.categories);
  f.code_list("care_levels", rule.care_levels);
  f.unique_ids("conditions", items(rule.conditions));  // none is no condition
  f.not_empty("channels", rule.channels);
  f.unique("channels", items(rule.channels), [](Channel c) { return std::string(name_of(c)); });
}

namespace {

void check_step(const Finder& f, const ApprovalStepTerms& step) {
  const bool notice = step.kind == StepKind::notice;
  if (notice && !step.min_days) f.missing("min_days");
  if (!notice) {
    f.absent("min_days", step.min_days, "policy.only_notice");
    f.absent("notice_in_working_days", step.notice_in_working_days, "policy.only_notice");
  }
  if (step.min_days) f.range("min_days", *step.min_days, 1, kMaxDays);
  if (step.min_signers) f.range("min_signers", *step.min_signers, 1, 100);
  if (step.working_days) f.range("working_days", *step.working_days, 1, kMaxDays);
}

bool contains(const std::vector<Code>& list, const Code& code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

bool for_persons(Instrument instrument) {
  switch (instrument) {
    case Instrument::voucher:
    case Instrument::allowance:
    case Instrument::service_hours:
    case Instrument::bill_share: return true;
    case Instrument::grant:
    case Instrument::bed_subsidy:
    case Instrument::award:
    case Instrument::points: return false;
  }
  return false;
}

void check_documents(const Finder& f, const Policy& policy, const ApprovalTerms& terms) {
  f.not_empty("documents", terms.documents);
  const auto& documents = items(terms.documents);
  f.unique("documents", documents, [](const auto& d) { return d.category.str(); }, "category");
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Finder at = f.in("documents", i);
    if (documents[i].documents.empty()) at.bad("documents", "[]", ">= 1");
    at.unique_ids("documents", documents[i].documents);
    const auto& eligible = policy.eligibility.categories;
    if (!eligible.empty() && !contains(eligible, documents[i].category)) {
      at.bad("category", documents[i].category.str(), "policy.category_not_eligible");
    }
  }
}

}  // namespace

void check_approval(const Finder& f, const Policy& policy, const ApprovalTerms& terms) {
  if (terms.steps.empty()) f.bad("steps", "[]", ">= 1");
  f.unique("steps", terms.steps, [](const auto& step) { return step.id.str(); }, "id");
  for (std::size_t i = 0; i < terms.steps.size(); ++i) {
    const auto& step = terms.steps[i];
    check_step(f.in("steps", i), step);
    const bool last = i + 1 == terms.steps.size();
    if ((step.kind == StepKind::approval) != last) {
      f.bad(Finder::element("steps", i) + ".kind", std::string(name_of(step.kind)),
            last ? "policy.last_step_approves" : "policy.only_last_step_approves");
    }
  }
  f.not_empty("programmes", terms.programmes);
  f.unique_ids("programmes", items(terms.programmes));
  for (std::size_t i = 0; i < items(terms.programmes).size(); ++i) {
    const ProgrammeId& id = (*terms.programmes)[i];
    const std::string field = Finder::element("programmes", i);
    if (const Programme* programme = policy.programme(id)) {
      if (!for_persons(programme->instrument)) f.bad(field, id.str(), "policy.not_for_persons");
    } else {
      f.fault(Reason::unknown_programme, field, id.str(), policy.ref().str());
    }
  }
  check_documents(f, policy, terms);
}

namespace {

bool is_weekend(Date day) {
  const int weekday = ((day.days() + 3) % 7 + 7) % 7;  // 0: Monday; 1970-01-01 was a Thursday
  return weekday >= 5;
}

void check_days(const Finder& f, const WorkCalendar& calendar, const std::string& field,
                const std::vector<Date>& days) {
  for (std::size_t i = 0; i < days.size(); ++i) {
    const std::string at = Finder::element(field, i);
    if (i > 0 && days[i] <= days[i - 1]) f.bad(at, days[i].str(), "ascending");
    if (days[i] < calendar.from || calendar.to < days[i]) {
      f.bad(at, days[i].str(), calendar.from.str() + ".." + calendar.to.str());
    }
  }
}

}  // namespace

void check_calendar(const Finder& f, const WorkCalendar& calendar) {
  if (calendar.to < calendar.from) {
    f.fault(Reason::invalid_period, "to", calendar.from.str(), calendar.to.str());
  }
  check_days(f, calendar, "holidays", calendar.holidays);
  check_days(f, calendar, "workdays", calendar.workdays);
  for (std::size_t i = 0; i < calendar.workdays.size(); ++i) {
    const Date day = calendar.workdays[i];
    const std::string at = Finder::element("workdays", i);
    if (!is_weekend(day)) f.bad(at, day.str(), "policy.workday_on_weekday");
    if (std::find(calendar.holidays.begin(), calendar.holidays.end(), day) !=
        calendar.holidays.end()) {
      f.bad(at, day.str(), "policy.workday_and_holiday");
    }
  }
}

void check_duties(const Finder& f, const std::vector<Duty>& duties) {
  f.unique("duties", duties, [](const Duty& d) { return d.id.str(); }, "id");
  for (std::size_t i = 0; i < duties.size(); ++i) {
    const Duty& duty = duties[i];
    const Finder at = f.in("duties", i);
    if (duty.region_digits && *duty.region_digits != 6 && *duty.region_digits != 9 &&
        *duty.region_digits != 12) {
      at.bad("region_digits", std::to_string(*duty.region_digits), "6 | 9 | 12");
    }
    if (duty.kind == DutyKind::recurring) {
      if (!duty.every) at.missing("every");
      at.absent("consecutive", duty.consecutive, "policy.only_complaint");
      at.absent("count", duty.count, "policy.only_complaint");
      at.absent("window_days", duty.window_days, "policy.only_complaint");
      continue;
    }
    at.absent("region_digits", duty.region_digits, "policy.only_recurring");
    if (!duty.count) at.missing("count");
    if (duty.count) at.range("count", *duty.count, 1, 1000);
    if (duty.window_days) at.range("window_days", *duty.window_days, 1, kMaxDays);
    if (duty.every.has_value() == duty.window_days.has_value()) {
      at.bad("window_days", duty.id.str(), "policy.every_or_window");
    }
  }
}

namespace {

void check_batches(const Finder& f, const std::vector<VoucherBatch>& batches) {
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const VoucherBatch& batch = batches[i];
    const Finder at = f.in("batches", i);
    if (batch.last < batch.first) {
      at.fault(Reason::invalid_period, "last", batch.first.str(), batch.last.str());
    }
    if (batch.valid_to < batch.last.last_day()) {
      at.bad("valid_to", batch.valid_to.str(), ">= " + batch.last.last_day().str());
    }
    if (i > 0 && batch.first <= batches[i - 1].last) {
      at.bad("first", batch.first.str(), "policy.batch_after");
    }
  }
}

void check_denominations(const Finder& f, const VoucherTerms& terms) {
  f.not_empty("denominations", terms.denominations);
  const auto& list = items(terms.denominations);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Finder::element("denominations", i);
    f.positive(at, list[i]);
    if (!list[i].is_positive() || !list[0].is_positive()) continue;
    if (i > 0 && list[i] <= list[i - 1]) f.bad(at, list[i].str(), "ascending");
    if (list[i] == terms.face) f.warn(at, list[i].str(), "policy.denomination_is_face");
    if (!(terms.face.fen() % list[i].fen()).is_zero()) {
      f.bad(at, list[i].str(), "policy.divides_face");
    }
    if (!(list[i].fen() % list[0].fen()).is_zero()) {
      f.bad(at, list[i].str(), "policy.multiple_of_smallest");
    }
  }
}

}  // namespace

void check_voucher_terms(const Finder& f, const VoucherTerms& terms) {
  f.positive("face", terms.face);
  f.range("max_per_month", terms.max_per_month, 1, kMaxVouchersAMonth);
  f.range("validity_months", terms.validity_months, 1, kMaxValidityMonths);
  if (terms.replaced_after_working_days) {
    f.range("replaced_after_working_days", *terms.replaced_after_working_days, 1, kMaxDays);
  }
  check_denominations(f, terms);
  f.not_empty("batches", terms.batches);
  check_batches(f, items(terms.batches));
  const Money unit = voucher_unit(terms);
  if (!unit.is_positive() || !terms.face.is_positive() || terms.max_per_month > kMaxVouchersAMonth) {
    return;
  }
  const Money all = terms.face * static_cast<std::int64_t>(terms.max_per_month);
  if (unit * static_cast<std::int64_t>(kMaxVouchersAMonth) < all) {
    f.bad("denominations[0]", unit.str(), "policy.too_many_units");
  }
}

}  // namespace policy_findings
}  // namespace fundtrail
