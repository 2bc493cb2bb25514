// From an application to a grant: the steps that the policy asks for, each by somebody else.
//
// Eligibility is judged when somebody applies, with the facts and papers of the application and the
// age of that day (from when a grant would count is not known yet). The approval judges again what may
// have changed in between: the person's entitlement, the policy's force, other schemes. A limit in
// working days that was overrun is not a reason to refuse anybody: it stays visible in the report.
#include <algorithm>

#include "ledger/chain/document_codec.h"
#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/application_row.h"
#include "ledger/rules/entitlement.h"
#include "ledger/rules/families.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/person.h"
#include "ledger/rules/regions.h"

namespace fundtrail::rules {
std::string ApplicationRow::encode() const {
  Packer p;
  p.u8(static_cast<unsigned>(progress)).text(policy.str()).date(date).text(actor.str()).u64(entry);
  const auto put_step = [&](const DoneStep& step) {
    p.text(step.actor.str()).date(step.date).date(step.ended).u64(step.entry);
  };
  p.u32(static_cast<std::uint32_t>(steps.size()));
  for (const auto& step : steps) put_step(step);
  if (has_withdrawal()) put_step(withdrawal);
  return p.take() += chain::encode_document(application);
}

ApplicationRow ApplicationRow::decode(std::string_view row) {
  Unpacker u(row);
  ApplicationRow result;
  result.progress = static_cast<Progress>(u.u8());
  const auto policy = PolicyRef::parse(u.text());
  if (!policy) Unpacker::damaged();
  result.policy = *policy;
  result.date = u.date();
  result.actor = u.id<ActorId>();
  result.entry = u.u64();
  const auto take_step = [&] {
    DoneStep step;
    step.actor = u.id<ActorId>();
    step.date = u.date();
    step.ended = u.date();
    step.entry = u.u64();
    return step;
  };
  for (std::uint32_t n = u.u32(); n > 0; --n) result.steps.push_back(take_step());
  if (result.has_withdrawal()) result.withdrawal = take_step();
  auto document = chain::decode_document("entitlement_application", u.rest());
  if (!document.ok()) Unpacker::damaged();
  result.application = std::get<EntitlementApplication>(std::move(*document));
  return result;
}

std::optional<Date> limit_of(const Policy& policy, const ApprovalStepTerms& terms, Date since) {
  if (!terms.working_days) return std::nullopt;
  return working_days_after(policy.calendar ? &*policy.calendar : nullptr, since, *terms.working_days);
}

std::optional<DueStep> due_after(const Policy& policy, std::size_t done, Date since) {
  if (!policy.approval || done >= policy.approval->steps.size()) return std::nullopt;
  const auto& terms = policy.approval->steps[done];
  return DueStep{terms, since, limit_of(policy, terms, since)};
}

std::optional<DueStep> due_of(const ApplicationRow& row, const Policy& policy) {
  if (row.progress != Progress::open) return std::nullopt;
  return due_after(policy, row.steps.size(), row.since());
}

// Of those that are decided, which only grow in number, nothing but that is read.
std::optional<OpenApplication> open_application(std::string_view row) {
  if (static_cast<Progress>(Unpacker(row).u8()) != Progress::open) return std::nullopt;
  const auto found = ApplicationRow::decode(row);
  return OpenApplication{found.application.beneficiary, found.application.programme};
}

namespace {

// --- applying ------------------------------------------------------------------------------------

// False: nobody is served any more, so nothing else that serves the person is looked at.
bool check_person(Context& c, Pseudonym person) {
  const std::string id = person.str();
  const std::string* row =
      c.need(beneficiary_key(person), Reason::unknown_beneficiary, "doc.beneficiary", id);
  if (!row) return false;
  const BeneficiaryView view(*row);
  if (!view.end_reason()) return true;
  c.no.add(Reason::entitlement_ended, "doc.beneficiary", id, view.ended_on().str());
  return false;
}

void check_in_force(Context& c, const Policy& policy) {
  if (policy.in_force_on(c.command.date)) return;
  const Date last = policy.in_force_to.value_or(policy.in_force_from);
  c.no.add(Reason::policy_closed, "policy", policy.ref().str(), last.str());
}

// An application may name an older version; whether anybody is taken on the day of the approval says the one that is in
// force then.
void check_still_taken(Context& c, const Policy& named, const ProgrammeId& programme) {
  const PolicyVersions versions(c.state, named.ref());
  const Policy* now = versions.begun_by(c.command.date);
  if (!now) return check_in_force(c, named);
  if (!now->in_force_on(c.command.date)) return check_in_force(c, *now);
  if (now->programme(programme)) return;
  c.no.add(Reason::policy_closed, "policy", named.ref().str(), (now->in_force_from + -1).str());
}

// A grant of another programme of the group that counts on or after the day on which this is decided, or
// from which it would count. One that ended before is no obstacle, even when this one reaches back over it:
// a day of both is the earlier one's. One of the same programme is none either: the new one takes its place.
void check_exclusive(Context& c, const Programme& programme, Pseudonym person, Date counts_from) {
  if (!programme.entitlement || !programme.entitlement->exclusive_group) return;
  const Date later = std::max(counts_from, c.command.date);
  for (const auto& grant : grants_of(c.state, person)) {
    const bool stands = !grant.to || (grant.from <= *grant.to && (later <= *grant.to || counts_from < grant.from));
    if (stands && grant.programme != programme.id &&
        grant.exclusive_group == programme.entitlement->exclusive_group) {
      c.no.add(Reason::exclusive_scheme, "doc.beneficiary", person.str(), grant.programme.str());
    }
  }
}

void check_eligible(Context& c, const Policy& policy, const Programme& programme,
                    const EntitlementApplication& d) {
  std::optional<int> age;
  if (!c.command.births.empty() && c.command.births[0]) {
    age = age_on(*c.command.births[0], c.command.date);
  }
  const auto judge = [&](const Eligibility& rule) {
    auto found = ineligible(policy, rule, d.channel, d.category, d.care_level, items(d.facts), age,
                            "doc.");
    if (found) c.no.add(std::move(*found));
  };
  judge(policy.eligibility);
  if (programme.entitlement && programme.entitlement->eligibility) {
    judge(*programme.entitlement->eligibility);
  }
}

void check_documents(Context& c, const Policy& policy, const EntitlementApplication& d) {
  if (!policy.approval) return;
  for (const auto& required : items(policy.approval->documents)) {
    if (required.category != d.category) continue;
    for (const auto& document : required.documents) {
      if (std::find(d.documents.begin(), d.documents.end(), document) == d.documents.end()) {
        c.no.add(Reason::documents_missing, "doc.documents", document.str());
      }
    }
  }
}

void check_provider(Context& c, const Programme& programme, const EntitlementApplication& d) {
  const bool required = programme.entitlement &&
                        programme.entitlement->payee == PayeeKind::assigned_provider;
  if (d.provider) {
    c.need_provider(*d.provider);
  } else if (required) {
    c.no.add(Reason::missing_field, "doc.provider", "provider");
  }
}

// --- steps ---------------------------------------------------------------------------------------

// A step of an application as far as everything that it names is known.
struct Step {
  Context& c;
  const ApplicationStep& d;
  const ApplicationRow& row;
  const Policy& policy;
  const ApprovalStepTerms& terms;
  bool last = false;
};

void wrong_step(Context& c, const ApplicationStep& d, std::string_view state) {
  c.no.add(Reason::wrong_step, "doc.step", d.application.str(), std::string(state));
}

// Whoever may do the steps before the last one proposes a withdrawal; the approver decides it.
bool proposes(Role role) { return role == Role::preparer || role == Role::reviewer; }

void check_role(const Step& s) {
  const Role role = s.c.command.actor.role;
  if (s.row.granted() && proposes(role)) return;
  const bool approves = s.last || s.terms.kind == StepKind::approval;
  const bool fits = approves ? role == Role::approver : proposes(role);
  if (!fits) {
    s.c.no.add(Reason::role_not_permitted, "actor", std::string(name_of(role)),
               "application_step");
  }
}

void check_different_people(const Step& s) {
  s.c.separate_from(s.row.actor, "entitlement_application");
  for (std::size_t i = 0; i < s.row.steps.size(); ++i) {
    s.c.separate_from(s.row.steps[i].actor, s.policy.approval->steps[i].id.str());
  }
}

// After the day of the step before, and after the end of a public notice.
void check_step_date(const Step& s) {
  if (s.row.steps.empty()) return s.c.need_not_before(s.row.date);
  const DoneStep& before = s.row.steps.back();
  const auto& kind = s.policy.approval->steps[s.row.steps.size() - 1].kind;
  s.c.need_not_before(kind == StepKind::notice ? std::max(before.date, before.ended + 1)
                                               : before.date);
}

void check_notice(const Step& s) {
  if (s.terms.kind != StepKind::notice) {
    if (s.d.from) s.c.no.add(Reason::unknown_field, "doc.from", "from");
    if (s.d.to) s.c.no.add(Reason::unknown_field, "doc.to", "to");
    return;
  }
  if (s.d.outcome == StepOutcome::rejected && !s.d.from && !s.d.to) return;  // taken down
  if (!s.d.from) s.c.no.add(Reason::missing_field, "doc.from", "from");
  if (!s.d.to) s.c.no.add(Reason::missing_field, "doc.to", "to");
  if (!s.d.from || !s.d.to) return;
  const Date from = *s.d.from, to = *s.d.to;
  if (to < from) return s.c.no.add(Reason::invalid_period, "doc.to", from.str(), to.str());
  const Date earlier = s.row.steps.empty() ? s.row.date : s.row.steps.back().ended;
  if (from < earlier) {
    s.c.no.add(Reason::date_too_early, "doc.from", from.str(), earlier.str());
  }
  if (s.d.outcome == StepOutcome::rejected) return;
  // Nobody knows before its end that nobody objected.
  if (s.c.command.date < to) s.c.no.add(Reason::date_in_future, "doc.to", to.str(), s.c.command.date.str());
  const auto* calendar = s.policy.calendar ? &*s.policy.calendar : nullptr;
  const std::uint64_t days = s.terms.notice_in_working_days.value_or(false)
                                 ? working_days_between(calendar, from + -1, to)
                                 : static_cast<std::uint64_t>(to - from + 1);
  const std::uint64_t required = s.terms.min_days.value_or(1);
  if (days < required) {
    s.c.no.add(Reason::notice_too_short, "doc.to", std::to_string(days), std::to_string(required));
  }
}

// People beside whoever records the step; one who signs twice is one person.
void check_signers(const Step& s) {
  if (!s.terms.min_signers) return;
  std::vector<ActorId> people;
  for (const auto& signer : items(s.d.signers)) {
    const bool known = std::any_of(people.begin(), people.end(), [&](const ActorId& other) {
      return same_actor(signer, other);
    });
    if (!known && !same_actor(signer, s.c.command.actor.id)) people.push_back(signer);
  }
  if (people.size() < *s.terms.min_signers) {
    s.c.no.add(Reason::signers_missing, "doc.signers", std::to_string(people.size()),
               std::to_string(*s.terms.min_signers));
  }
}

void check_pass(const Step& s) {
  const auto& application = s.row.application;
  const bool entitled = check_person(s.c, application.beneficiary);
  if (!s.last) return;
  check_still_taken(s.c, s.policy, application.programme);
  const Programme* programme = s.policy.programme(application.programme);
  FT_CHECK(programme != nullptr);
  if (!entitled) return;
  check_exclusive(s.c, *programme, application.beneficiary,
                  effective_day(s.policy.approval->effective, s.c.command.date));
}

// An approval is taken back by the last step, `rejected`: `to` is the last day that counts. The
// approver does so alone from today on; what takes back days that were granted is proposed by one
// and decided by another, as the grant was. Today is the day of recording: the business date is the
// approver's own to choose.
void check_withdrawal(const Step& s) {
  const bool proposed = s.row.progress == Progress::withdrawal_proposed;
  if (s.d.outcome != StepOutcome::rejected) {
    return wrong_step(s.c, s.d, name_of(s.row.progress));
  }
  s.c.need_not_before(proposed ? s.row.withdrawal.date : s.row.steps.back().date);
  if (s.d.from) s.c.no.add(Reason::unknown_field, "doc.from", "from");
  if (!s.d.to) return s.c.no.add(Reason::missing_field, "doc.to", "to");
  const Date today = s.c.command.time.date();
  if (proposes(s.c.command.actor.role) || today <= *s.d.to) return;
  if (!proposed || s.row.withdrawal.ended != *s.d.to) {
    return s.c.no.add(Reason::withdrawal_not_proposed, "doc.to", s.d.to->str(),
                      today.str());
  }
  s.c.separate_from(s.row.withdrawal.actor, "application_step");
}

void check_reason(Context& c, const ApplicationStep& d) {
  if (d.outcome == StepOutcome::rejected && !d.reason) {
    c.no.add(Reason::missing_field, "doc.reason", "reason");
  }
}

void check_step(const Step& s) {
  check_role(s);
  if (s.row.granted()) return check_withdrawal(s);
  check_different_people(s);
  check_step_date(s);
  check_notice(s);
  check_signers(s);
  if (s.d.outcome == StepOutcome::passed) check_pass(s);
}

Policy policy_of(const StateSource& state, const ApplicationRow& row) {
  const std::string* policy = state.find(policy_key(row.policy));
  FT_CHECK(policy != nullptr);
  return decode_policy(*policy);
}

Grant grant_of(const ApplicationRow& row, const Policy& policy, Date approved_on) {
  const auto& d = row.application;
  Grant grant;
  grant.application = d.application;
  grant.policy = row.policy;
  grant.programme = d.programme;
  grant.applied_on = row.date;
  grant.from = effective_day(policy.approval->effective, approved_on);
  grant.channel = d.channel;
  grant.category = d.category;
  grant.care_level = d.care_level;
  grant.facts = items(d.facts);
  if (d.provider) grant.provider = *d.provider;
  const Programme* programme = policy.programme(d.programme);
  FT_CHECK(programme != nullptr);
  if (programme->entitlement) grant.exclusive_group = programme->entitlement->exclusive_group;
  return grant;
}

}  // namespace

void check(Context& c, const EntitlementApplication& d) {
  c.refuse_registered(application_key(d.application), "doc.application", d.application.str());
  const bool entitled = check_person(c, d.beneficiary);
  const Policy* policy = c.need_policy();
  if (!policy) return;
  check_in_force(c, *policy);
  const Programme* programme = need_programme(c, *policy, d.programme, "doc.programme");
  if (!programme) return;
  if (!needs_approval(*policy, *programme)) {
    c.no.add(Reason::instrument_mismatch, "doc.programme", d.programme.str());
  }
  check_eligible(c, *policy, *programme, d);
  check_documents(c, *policy, d);
  if (entitled) check_exclusive(c, *programme, d.beneficiary, c.command.date);
  check_provider(c, *programme, d);
}
void record(Overlay& state, const Entry& entry, const EntitlementApplication& d) {
  FT_CHECK(entry.policy.has_value());
  ApplicationRow row;
  row.policy = *entry.policy;
  row.date = entry.date;
  row.actor = entry.actor.id;
  row.entry = entry.index;
  row.application = d;
  state.put(application_key(d.application), row.encode());
}

void check(Context& c, const ApplicationStep& d) {
  check_reason(c, d);
  const std::string* bytes = c.need(application_key(d.application), Reason::unknown_application,
                                    "doc.application", d.application.str());
  if (!bytes) return;
  const ApplicationRow row = ApplicationRow::decode(*bytes);
  if (c.command.policy && *c.command.policy != row.policy) {
    c.no.add(Reason::invalid_value, "policy", c.command.policy->str(), row.policy.str());
  }
  if (row.progress == Progress::rejected || row.progress == Progress::withdrawn) {
    return wrong_step(c, d, name_of(row.progress));
  }
  const Policy policy = policy_of(c.state, row);
  const auto& steps = policy.approval->steps;
  const bool granted = row.granted();
  const std::size_t due = granted ? steps.size() - 1 : row.steps.size();
  if (steps[due].id != d.step) {
    const auto state = granted || row.steps.empty() ? name_of(row.progress)
                                                    : steps[row.steps.size() - 1].id.str();
    return wrong_step(c, d, state);
  }
  check_step({c, d, row, policy, steps[due], due + 1 == steps.size()});
}
void record(Overlay& state, const Entry& entry, const ApplicationStep& d) {
  const std::string key = application_key(d.application);
  ApplicationRow row = ApplicationRow::decode(*state.find(key));
  const Pseudonym person = row.application.beneficiary;
  const DoneStep step{entry.actor.id, entry.date, d.to.value_or(entry.date), entry.index};
  if (row.granted()) {
    row.withdrawal = step;
    const bool proposed = proposes(entry.actor.role);
    row.progress = proposed ? Progress::withdrawal_proposed : Progress::withdrawn;
    if (!proposed) withdraw_grant(state, person, d.application, *d.to);
  } else {
    row.steps.push_back(step);
    const Policy policy = policy_of(state, row);
    if (d.outcome == StepOutcome::rejected) {
      row.progress = Progress::rejected;
    } else if (row.steps.size() == policy.approval->steps.size()) {
      row.progress = Progress::approved;
      add_grant(state, person, grant_of(row, policy, entry.date));
    }
  }
  state.put(key, row.encode());
}

std::optional<Pseudonym> applicant_of(const StateSource& state, const ApplicationId& application) {
  const std::string* row = state.find(application_key(application));
  if (!row) return std::nullopt;
  return ApplicationRow::decode(*row).application.beneficiary;
}

}  // namespace fundtrail::rules
