// What is due to everybody under a programme, minus what was calculated.
#include <algorithm>

#include "ledger/core/in_order.h"
#include "ledger/core/work_calendar.h"
#include "ledger/planning/concern.h"
#include "ledger/planning/grouping.h"
#include "ledger/planning/people.h"
#include "ledger/planning/planners.h"
#include "ledger/planning/reductions.h"
#include "ledger/rules/entitlement.h"

namespace fundtrail::planning {
namespace {

using rules::EntitlementRules;

// Whom a programme may owe something: a person, or a provider in its own right.
struct Subject {
  std::string id;
  std::optional<Pseudonym> person;
  std::optional<Date> birth;
  RegionCode region;
  Month since;  // in the first period that counts
};

// What came out for a range of subjects.
struct Part {
  std::vector<GroupedLine> lines;
  Exceptions exceptions;
  std::map<Reason, std::uint64_t> outside;
  Comparison comparison;
  std::uint64_t subjects = 0;
};

// Looks at one subject after the other; one a thread.
class Assessor {
 public:
  Assessor(const rules::StateSource& state, const Run& run, const Concern& concern)
      : state_(state), run_(run), concern_(concern), rules_(state, run.policy, run.programme) {}

  const EntitlementRules& rules() const { return rules_; }
  void assess(const Subject& subject, Part& part);

 private:
  struct Amounts {
    Money due;
    Money so_far;
    std::optional<Rejection> why = {};    // nothing, or not the whole period
    std::optional<Rejection> noted = {};  // as rules::Assessment::noted
    bool unknown = false;               // that nobody could judge
  };
  std::vector<ProviderId> payees(const Subject& subject, Month period);
  Amounts assess_period(const Subject& subject, Month period, Part& part);
  bool is_concerned(const Subject& subject, Reason why) const;
  std::optional<Month> given(const Subject& subject, const ProviderId& payee) const;
  void add_line(const Subject& subject, Month period, const ProviderId& payee,
                const rules::Assessment& found, Part& part) const;

  const rules::StateSource& state_;
  const Run& run_;
  const Concern& concern_;
  EntitlementRules rules_;
};

// Whoever is to be paid for a period now, and whoever was.
std::vector<ProviderId> Assessor::payees(const Subject& subject, Month period) {
  if (!subject.person) return {*ProviderId::parse(subject.id)};
  auto list = rules_.payees_of(*subject.person, subject.birth, period, period < run_.from);
  const auto add = [&](const ProviderId& payee) {
    if (std::find(list.begin(), list.end(), payee) == list.end()) list.push_back(payee);
  };
  if (rules_.terms_in(period).payee != PayeeKind::paying_agent) return list;
  for (const auto& c : rules::calculated_in(state_, rules::subject_of(*subject.person),
                                            run_.programme, period.first_day().year())) {
    if (c.period == period) add(c.payee);
  }
  if (run_.payee) add(*run_.payee);
  return list;
}

// For which period something was last given once.
std::optional<Month> Assessor::given(const Subject& subject, const ProviderId& payee) const {
  std::optional<Month> last;
  const auto whose = subject.person ? rules::subject_of(*subject.person) : rules::subject_of(payee);
  for (const auto& c : rules::calculated_in(state_, whose, run_.programme, 0)) {
    if (c.payee == payee && c.amount().is_positive() && (!last || *last < c.period)) last = c.period;
  }
  return last;
}

void Assessor::add_line(const Subject& subject, Month period, const ProviderId& payee,
                        const rules::Assessment& found, Part& part) const {
  GroupedLine line{found.region, payee, {}, {}};
  line.line.amount = found.difference();
  line.line.beneficiary = subject.person;
  if (period != run_.from) line.line.period = period;
  line.line.shares = found.share_differences();
  line.line.units = found.due.units;
  const auto& shares = line.line.shares;
  if (std::any_of(shares.begin(), shares.end(), [](const Money& m) { return m.is_negative(); })) {
    for (const auto& borne : found.borne) {
      line.borne.push_back({borne.level, rules_.sources()[borne.source].fund, borne.amount});
    }
    if (rules_.once(period)) line.given = given(subject, payee);
  }
  part.lines.push_back(std::move(line));
}

Assessor::Amounts Assessor::assess_period(const Subject& subject, Month period, Part& part) {
  const bool current = period == run_.from;
  auto payees = this->payees(subject, period);
  // Nobody to pay through: the rules say why.
  if (payees.empty() && current) payees.emplace_back();
  Amounts amounts;
  const bool by_agent = rules_.terms_in(period).payee == PayeeKind::paying_agent;
  bool added = false;
  for (const auto& payee : payees) {
    auto found = subject.person ? rules_.of_person(*subject.person, subject.birth, period, payee,
                                                   period < run_.from)
                                : rules_.of_provider(payee, period, subject.region, run_.date);
    amounts.so_far += found.calculated();
    amounts.due += found.calculated();
    // Paying agents are judged each as if the others stayed as they are: what is still owed is owed
    // once, through the one that the run names.
    const bool other_is_paid =
        by_agent && found.difference().is_positive() &&
        (added || (run_.payee && payee != *run_.payee));
    if (!payee.empty() && !found.unknown && !found.settled() && !other_is_paid) {
      amounts.due += found.difference();
      added = added || found.difference().is_positive();
      add_line(subject, period, payee, found, part);
    }
    amounts.unknown = amounts.unknown || found.unknown;
    if (found.why && !amounts.why) amounts.why = std::move(found.why);
    if (found.noted && !amounts.noted) amounts.noted = std::move(found.noted);
  }
  return amounts;
}

// Of those who get nothing, and got nothing before, only some are to be named.
bool Assessor::is_concerned(const Subject& subject, Reason why) const {
  if (subject.person) {
    return concern_.left_out(state_, *subject.person, why, [&] {
      return rules_.fits(*subject.person, subject.birth, run_.from);
    });
  }
  const auto& kind = rules_.terms_in(run_.from).assessment;
  return why != Reason::assessment_missing || !kind ||
         !rules::assessments_of(state_, *ProviderId::parse(subject.id), *kind).empty();
}

void Assessor::assess(const Subject& subject, Part& part) {
  ++part.subjects;
  Money before;
  if (!rules_.once(run_.from)) {
    const auto start = [&](Month month) { return cycle_start(rules_.terms_in(month).cycle, month); };
    const auto next = [&](Month month) {
      return month.plus(months_in(rules_.terms_in(month).cycle));
    };
    Month period = start(subject.since);
    if (subject.person) {
      const auto settled =
          rules_.settled(*subject.person, subject.birth, period, run_.from, run_.payee);
      period = settled.until;
      if (period == run_.from) before = settled.calculated;
    }
    for (; period < run_.from; period = next(period)) {
      Amounts amounts = assess_period(subject, period, part);
      before = next(period) == run_.from ? amounts.so_far : Money();
      // Of earlier periods only what nobody could judge: the rest was told when they were current.
      if (amounts.why && amounts.unknown) {
        part.exceptions.add({subject.id, subject.region, period, std::move(*amounts.why)});
      }
    }
  }
  Amounts now = assess_period(subject, run_.from, part);
  // What is given once has no period before: it is compared with what was given so far.
  if (rules_.once(run_.from)) before = now.so_far;
  part.comparison.count(before, now.due);
  if (!now.why) now.why = std::move(now.noted);
  if (!now.why) return;
  const bool something = !now.due.is_zero() || !now.so_far.is_zero() || !before.is_zero();
  if (now.unknown || something || is_concerned(subject, now.why->reason)) {
    part.exceptions.add({subject.id, subject.region, run_.from, std::move(*now.why)});
  } else {
    ++part.outside[now.why->reason];
  }
}

// The first month in which anything can be due to somebody who counts from a day on.
Month first_month(const EntitlementRules& rules, Date from) {
  return Month::of(std::max(from, rules.versions().all().front().in_force_from));
}

// Everybody, on all cores, in the order of pseudonyms.
void assess_people(const View& view, const Vault& vault, const Run& run, const Progress& progress,
                   const std::function<void(Part)>& take) {
  const Concern concern(view.raw(), run);
  PerThread<SnapshotState> states([&](std::size_t) { return SnapshotState(view.raw()); });
  std::uint64_t next = 0, done = 0;
  InOrder<std::uint64_t, Part> order;
  order.take = [&]() -> std::optional<std::uint64_t> {
    if (next == kRanges) return std::nullopt;
    return next++;
  };
  order.work = [&](std::size_t thread, std::uint64_t number) {
    SnapshotState& state = states.of(thread);
    Part part;
    const KeyRange range = range_of(number);
    const auto people = people_in(state, range);
    if (!people.empty()) {
      Assessor assessor(state, run, concern);
      std::vector<std::optional<Date>> births(people.size());
      if (assessor.rules().needs_ages()) births = births_of(view.raw(), vault, range, people);
      for (std::size_t i = 0; i < people.size(); ++i) {
        const Person& person = people[i];
        assessor.assess({person.id.str(), person.id, births[i], person.region,
                         first_month(assessor.rules(), person.entitled_from)},
                        part);
      }
    }
    state.forget();
    return part;
  };
  order.fold = [&](Part part) {
    take(std::move(part));
    progress(++done, kRanges);
    return true;
  };
  order.run();
}

void assess_providers(const View& view, const Run& run, const std::function<void(Part)>& take) {
  SnapshotState state(view.raw());
  const Concern concern(view.raw(), run);
  Assessor assessor(state, run, concern);
  Part part;
  for (const auto& [key, row] : rows_under(view.raw(), "O")) {
    const auto provider = rules::ProviderRow::decode(row).provider.provider;
    if (run.payee && provider != *run.payee) continue;
    assessor.assess({provider.str(), {}, {}, *run.region, first_month(assessor.rules(), Date())},
                    part);
  }
  take(std::move(part));
}

// Whether an award is given, whatever periods brought it and took it back.
bool has_award(const rules::StateSource& state, const Run& run, const ProviderId& provider) {
  Money sum;
  for (const auto& c : rules::calculated_in(state, rules::subject_of(provider), run.programme, 0)) sum += c.amount();
  return sum.is_positive();
}

// How many awards are given already, and which of this run's are more than are planned. Each provider has
// one document.
void check_plan(const View& view, const rules::StateSource& state, const Run& run, const EntitlementRules& rules,
                Plan& plan) {
  const auto& planned = rules.terms().planned_count;
  if (!planned || rules.programme().instrument != Instrument::award) return;
  BeyondPlan beyond{*planned, 0, {}};
  each_row_under(view.raw(), "O", [&](std::string_view, std::string_view row) {
    if (has_award(state, run, rules::ProviderRow::decode(std::string(row)).provider.provider)) ++beyond.before;
  });
  std::uint64_t count = beyond.before;
  for (const auto& document : plan.documents) {
    const auto* d = std::get_if<EntitlementCalculation>(&document.command.document);
    if (d == nullptr) continue;  // lowers what was given
    if (has_award(state, run, d->payee) || !document.sum.amount.is_positive()) continue;
    if (++count > *planned) beyond.subjects.push_back(d->payee.str());
  }
  if (!beyond.subjects.empty()) plan.beyond_plan = std::move(beyond);
}

}  // namespace

Result<Plan> plan_entitlements(const View& view, const Vault& vault, const Run& run,
                               const Progress& progress) {
  SnapshotState state(view.raw());
  const EntitlementRules rules(state, run.policy, run.programme);
  if (rules.problem()) {
    return Error{Fault::invalid_argument, rules.problem()->zh() + " / " + rules.problem()->en()};
  }
  Plan plan;
  Groups groups;
  const auto take = [&](Part part) {
    groups.add(std::move(part.lines));
    plan.exceptions.add(std::move(part.exceptions));
    for (const auto& [reason, count] : part.outside) plan.outside[reason] += count;
    plan.comparison.add(part.comparison);
    plan.subjects += part.subjects;
  };
  if (rules.terms().payee == PayeeKind::claimant) {
    assess_providers(view, run, take);
  } else {
    assess_people(view, vault, run, progress, take);
  }
  Reductions reductions(view.raw(), run);
  std::move(groups).into_documents(run, rules, reductions, plan);
  check_plan(view, state, run, rules, plan);
  plan.not_over = rules.waits_for_services(run.from) && run.date <= run.last().last_day();
  return plan;
}

}  // namespace fundtrail::planning
