// 申请办理情况表: every step of every application with its limit, and the open ones with the step that
// is due. Days are working days of the policy's calendar, counted from the day after the step before;
// a public notice is done on its last day. Nothing is refused for being late (ledger/rules/
// application.cpp), so this is where it shows.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/core/wording.h"
#include "ledger/core/work_calendar.h"
#include "reports/application_scan.h"

namespace fundtrail::reports {
namespace {

// --- days ----------------------------------------------------------------------------------------

// What a limit says, and the days of each policy that its calendar does not know.
class Limits {
 public:
  struct Figures {
    Cell limit, due, used, over;
    std::uint64_t days_over = 0;
  };
  // `until`: when the step was done, or the day of the report.
  Figures of(const Policy& policy, const ApprovalStepTerms& terms, Date since, Date until) {
    const WorkCalendar* calendar = policy.calendar ? &*policy.calendar : nullptr;
    Figures figures;
    const std::uint64_t used = working_days_between(calendar, since, until);
    figures.used = used;
    Date last = until;
    if (terms.working_days) {
      const Date due = rules::limit_of(policy, terms, since).value();
      figures.limit = *terms.working_days;
      figures.due = due;
      figures.days_over = used > *terms.working_days ? used - *terms.working_days : 0;
      figures.over = figures.days_over;
      last = std::max(last, due);
    }
    if (since < last) remember(policy, calendar, since + 1, last);
    return figures;
  }
  std::vector<Words> notes() const {
    std::vector<Words> result;
    for (const auto& [policy, days] : unknown_) {
      const std::string from = days.first.str(), to = days.second.str();
      result.push_back({"政策 " + policy + " 的工作日历未涵盖 " + from + " 至 " + to +
                            " 间的部分日期，这些日期仅按周末推算工作日。",
                        "The calendar of policy " + policy + " does not cover every day from " +
                            from + " to " + to + "; there, only weekends are left out."});
    }
    return result;
  }

 private:
  void remember(const Policy& policy, const WorkCalendar* calendar, Date from, Date to) {
    if (covers(calendar, from) && covers(calendar, to)) return;
    // What lies at the edge of the calendar is covered.
    if (covers(calendar, from)) from = calendar->to + 1;
    if (covers(calendar, to)) to = calendar->from + -1;
    const auto [at, added] = unknown_.try_emplace(policy.ref().str(), from, to);
    if (added) return;
    at->second.first = std::min(at->second.first, from);
    at->second.second = std::max(at->second.second, to);
  }
  std::map<std::string, std::pair<Date, Date>> unknown_;
};

// --- the table -----------------------------------------------------------------------------------

using State = rules::Progress;
constexpr State kStates[] = {State::open, State::approved, State::rejected, State::withdrawn};  // as the columns stand

Words words_of(State state) { return {in_words(name_of(state), true), in_words(name_of(state), false)}; }
Label label_of(State state) { return {std::string(name_of(state)), words_of(state)}; }
Label label_of(const ApprovalStepTerms& step) {
  return {step.id.str(), {step.title.str(), step.title.str()}};
}
Label outcome_of(const Application& application, std::size_t step) {
  if (application.steps[step].proposal) {
    return {"proposed", {"提出撤销", "withdrawal proposed"}};
  }
  const std::size_t approval = application.policy->approval->steps.size() - 1;
  const State state = application.state;
  if (step > approval) return label_of(State::withdrawn);
  if (step == approval && (state == State::approved || state == State::withdrawn)) {
    return label_of(State::approved);
  }
  if (state == State::rejected && step + 1 == application.steps.size()) return label_of(state);
  return {"passed", {"通过", "passed"}};
}

std::string joined(const OptionalList<ActorId>& people) {
  std::string text;
  for (const auto& person : items(people)) text += (text.empty() ? "" : ", ") + person.str();
  return text;
}

std::vector<Column> about_application() {
  return {{"application", {"申请编号", "Application"}, ColumnType::text},
          {"programme", {"项目", "Programme"}, ColumnType::text},
          {"beneficiary", {"受益人代号", "Beneficiary"}, ColumnType::text}};
}
std::vector<Cell> about(const Application& application, const NameBook& names) {
  return {application.document.application.str(),
          names.label(NameOf::programme, application.document.programme.str()),
          application.document.beneficiary.str()};
}
void add_limit_columns(std::vector<Column>& columns) {
  columns.push_back({"limit", {"时限（工作日）", "Limit (working days)"}, ColumnType::count});
  columns.push_back({"due", {"应办结日", "Due"}, ColumnType::date});
}
void add_day_columns(std::vector<Column>& columns) {
  columns.push_back({"used", {"已用（工作日）", "Used (working days)"}, ColumnType::count});
  columns.push_back({"over", {"超时（工作日）", "Over (working days)"}, ColumnType::count});
}

Section steps_section(bool everything) {
  Section section;
  section.key = "steps";
  section.title = everything ? Words{"办理环节", "Steps"}
                             : Words{"超过时限的环节", "Steps beyond their limit"};
  section.columns = about_application();
  section.columns.push_back({"step", {"环节", "Step"}, ColumnType::text});
  add_limit_columns(section.columns);
  section.columns.push_back({"done", {"办结日", "Done"}, ColumnType::date});
  add_day_columns(section.columns);
  for (Column column : {Column{"outcome", {"结果", "Outcome"}, ColumnType::text},
                        Column{"effective", {"待遇起始日", "Counts from"}, ColumnType::date, true},
                        Column{"who", {"经办人", "By"}, ColumnType::text},
                        Column{"signers", {"签字人", "Signed by"}, ColumnType::text, true},
                        Column{"entry", {"记录号", "Entry"}, ColumnType::entry}}) {
    section.columns.push_back(std::move(column));
  }
  return section;
}

Row application_row(const Application& application, const NameBook& names) {
  Row row{about(application, names)};
  row.cells.push_back(Label{"application", {"申请", "Application"}});
  for (Cell cell : {Cell(), Cell(), Cell(application.date), Cell(), Cell(), Cell(), Cell(),
                    Cell(application.who), Cell(), Cell(application.entry)}) {
    row.cells.push_back(std::move(cell));
  }
  return row;
}

Row step_row(const Application& application, std::size_t number, const Limits::Figures& figures,
             const NameBook& names) {
  const DoneStep& step = application.steps[number];
  Row row{about(application, names)};
  const Label outcome = outcome_of(application, number);
  Cell effective;
  if (outcome.code == "approved") {
    effective = effective_day(application.policy->approval->effective, step.done);
  }
  for (Cell cell : {Cell(label_of(*step.terms)), figures.limit, figures.due, Cell(step.done),
                    figures.used, figures.over, Cell(outcome), effective, Cell(step.who),
                    Cell(joined(step.step.signers)), Cell(step.entry)}) {
    row.cells.push_back(std::move(cell));
  }
  return row;
}

Section open_section() {
  Section section;
  section.key = "open";
  section.title = {"在办申请", "Open applications"};
  section.columns = about_application();
  section.columns.push_back({"applied", {"申请日", "Applied"}, ColumnType::date});
  section.columns.push_back({"step", {"待办环节", "Step due"}, ColumnType::text});
  section.columns.push_back({"since", {"上一环节办结日", "Step before done"}, ColumnType::date});
  add_limit_columns(section.columns);
  add_day_columns(section.columns);
  return section;
}

// By programme.
struct Tally {
  std::uint64_t states[std::size(Names<State>::list)] = {};
  std::uint64_t late_steps = 0;
  std::uint64_t late_open = 0;
};
using Tallies = std::map<std::string, Tally>;

std::vector<Cell> cells_of(const Tally& tally) {
  std::uint64_t all = 0;
  for (const auto count : tally.states) all += count;
  std::vector<Cell> cells = {all};
  for (const auto state : kStates) cells.emplace_back(tally.states[static_cast<std::size_t>(state)]);
  cells.emplace_back(tally.late_steps);
  cells.emplace_back(tally.late_open);
  return cells;
}

Section summary_section(const Tallies& tallies, const NameBook& names) {
  Section section;
  section.key = "summary";
  section.title = {"按项目汇总", "By programme"};
  section.columns = {{"programme", {"项目", "Programme"}, ColumnType::text},
                     {"applications", {"申请", "Applications"}, ColumnType::count}};
  for (const auto state : kStates) {
    section.columns.push_back({std::string(name_of(state)), words_of(state), ColumnType::count});
  }
  section.columns.push_back({"late_steps", {"超时环节", "Steps beyond the limit"}, ColumnType::count});
  section.columns.push_back(
      {"late_open", {"在办超时", "Open beyond the limit"}, ColumnType::count});
  Tally total;
  for (const auto& [programme, tally] : tallies) {
    Row row{{names.label(NameOf::programme, programme)}};
    for (auto& cell : cells_of(tally)) row.cells.push_back(std::move(cell));
    section.rows.push_back(std::move(row));
    for (std::size_t i = 0; i < std::size(total.states); ++i) total.states[i] += tally.states[i];
    total.late_steps += tally.late_steps;
    total.late_open += tally.late_open;
  }
  Row sum{{Label{"total", total_words()}}};
  for (auto& cell : cells_of(total)) sum.cells.push_back(std::move(cell));
  section.totals.push_back(std::move(sum));
  return section;
}

struct Tables {
  Section steps, open;
  Tallies tallies;
  Limits limits;
};

void add(Tables& tables, const Application& application, const Request& request, Date as_of,
         const NameBook& names) {
  Tally& tally = tables.tallies[application.document.programme.str()];
  ++tally.states[static_cast<std::size_t>(application.state)];
  if (request.entries) tables.steps.rows.push_back(application_row(application, names));
  for (std::size_t i = 0; i < application.steps.size(); ++i) {
    const DoneStep& step = application.steps[i];
    // Taking an approval back has no limit.
    const bool timed = i < application.policy->approval->steps.size();
    const auto figures = timed ? tables.limits.of(*application.policy, *step.terms, step.since,
                                                  step.done)
                               : Limits::Figures();
    if (figures.days_over > 0) ++tally.late_steps;
    if (!request.entries && figures.days_over == 0) continue;
    tables.steps.rows.push_back(step_row(application, i, figures, names));
  }
  if (application.state != State::open) return;
  const auto due = application.due();
  const auto figures = tables.limits.of(*application.policy, due.terms, due.since, as_of);
  if (figures.days_over > 0) ++tally.late_open;
  Row row{about(application, names)};
  for (Cell cell : {Cell(application.date), Cell(label_of(due.terms)), Cell(due.since), figures.limit, figures.due, figures.used,
                    figures.over}) {
    row.cells.push_back(std::move(cell));
  }
  tables.open.rows.push_back(std::move(row));
}

}  // namespace

Result<Report> make_applications(const View& view, const Request& request) {
  auto period = period_of(view, request);
  if (!period.ok()) return period.error();
  const auto names = NameBook::read(view);
  if (!names.ok()) return names.error();
  const auto read = read_applications(view, period.value());
  if (!read.ok()) return read.error();
  if (!request.as_of) period->as_of = std::max(period->as_of, read->latest);
  Report report = report_head(view, request, period.value());
  Tables tables{steps_section(request.entries), open_section(), {}, {}};
  Date first = report.as_of;
  for (const auto& application : read->all) {
    if (request.from && application.date < *request.from) continue;
    first = std::min(first, application.date);
    add(tables, application, request, report.as_of, names.value());
  }
  if (!request.from) report.from = first;
  report.sections.push_back(summary_section(tables.tallies, names.value()));
  report.sections.push_back(std::move(tables.open));
  report.sections.push_back(std::move(tables.steps));
  report.notes = tables.limits.notes();
  return report;
}

}  // namespace fundtrail::reports
