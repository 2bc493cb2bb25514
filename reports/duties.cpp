// 履职情况表: which visits and inspections that a policy asks for were missed, by period and region,
// and whose complaints call for action.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ledger/engine/kinds.h"
#include "reports/duty_periods.h"
#include "reports/entry_scan.h"
#include "reports/making.h"

namespace fundtrail::reports {
namespace {

struct Record {
  std::uint64_t entry = 0;
  Date date;
  std::string policy;  // its name
  DutyRecord document;
  bool bad() const {
    return document.outcome == DutyOutcome::complaint ||
           document.outcome == DutyOutcome::unsatisfied;
  }
};

struct Facts {
  std::map<std::string, Versions> policies;
  std::set<std::string> regions;
  std::vector<Record> records;  // by date
};

Result<Facts> read_facts(const View& view, const Period& period) {
  Kinds wanted{};
  wanted[kind_index<LedgerOpening>()] = wanted[kind_index<PolicyRegistration>()] = true;
  wanted[kind_index<RegionRegistration>()] = wanted[kind_index<DutyRecord>()] = true;
  const auto found = entries_of_kinds(view.raw(), view.size(), wanted);
  if (!found.ok()) return found.error();
  Facts facts;
  for (const auto index : *found) {
    auto entry = view.decoded(index);
    if (!entry.ok()) return entry.error();
    if (auto* policy = std::get_if<PolicyRegistration>(&entry->document)) {
      const auto version = policy->policy.version;
      facts.policies[policy->policy.name.str()].emplace(version, std::move(policy->policy));
    } else if (const auto* region = std::get_if<RegionRegistration>(&entry->document)) {
      facts.regions.insert(region->region.str());
    } else if (const auto* opening = std::get_if<LedgerOpening>(&entry->document)) {
      facts.regions.insert(opening->region.str());
    } else if (entry->date <= period.last) {
      facts.records.push_back({index, entry->date, entry->policy ? entry->policy->name.str() : "",
                               std::get<DutyRecord>(std::move(entry->document))});
    }
  }
  std::stable_sort(facts.records.begin(), facts.records.end(),
                   [](const Record& a, const Record& b) { return a.date < b.date; });
  return facts;
}

// The duties that any version of a policy has, as the latest of them says.
std::map<std::string, const Duty*> duties_of(const Versions& versions) {
  std::map<std::string, const Duty*> duties;
  for (const auto& [number, policy] : versions) {
    for (const auto& duty : items(policy.duties)) duties[duty.id.str()] = &duty;
  }
  return duties;
}

Label label_of(const Duty& duty) {
  const std::string text = duty.id.str() + " " + duty.title.str();
  return {duty.id.str(), {text, text}};
}

const Words kEverybody{"整体", "all together"};

struct Tables {
  Section summary, missed, action;
  std::vector<Words> notes;
};

Tables empty_tables() {
  Tables t;
  const Column policy{"policy", {"政策", "Policy"}}, duty{"duty", {"职责", "Duty"}};
  const Column region{"region", {"区划", "Region"}};
  t.summary = {"summary", {"履职汇总", "Duties in sum"}, {policy, duty}, {}, {}};
  for (const auto& [key, words] : std::vector<std::pair<const char*, Words>>{
           {"owed", {"应履职", "Owed"}}, {"done", {"已履职", "Done"}}, {"missed", {"缺", "Missed"}}}) {
    t.summary.columns.push_back({key, words, ColumnType::count});
  }
  t.missed = {"missed", {"未履职", "Missed"}, {policy, duty, region}, {}, {}};
  t.missed.columns.push_back({"from", {"期间起", "From"}, ColumnType::date});
  t.missed.columns.push_back({"to", {"期间止", "To"}, ColumnType::date});
  t.action = {"action", {"应处理的投诉", "Complaints that call for action"},
              {policy, duty, {"provider", {"服务机构", "Provider"}},
               {"worker", {"服务人员", "Worker"}}}, {}, {}};
  t.action.columns.push_back({"from", {"首次", "First"}, ColumnType::date});
  t.action.columns.push_back({"to", {"末次", "Last"}, ColumnType::date});
  t.action.columns.push_back({"count", {"次数", "Records"}, ColumnType::count});
  t.action.columns.push_back({"entries", {"记录", "Entries"}, ColumnType::entries});
  return t;
}

// --- what was missed -----------------------------------------------------------------------------

// Who owes a duty: regions of its level, or everybody together under an empty code.
std::vector<std::string> owing(const Facts& facts, const Duty& duty, const Request& request) {
  if (!duty.region_digits) return {std::string()};
  std::vector<std::string> regions;
  for (const auto& region : facts.regions) {
    if (region.size() != *duty.region_digits) continue;
    if (in_region(request, region)) regions.push_back(region);
  }
  return regions;
}

bool was_done(const Facts& facts, const std::string& policy, const Duty& duty,
              const std::string& region, const Days& period) {
  return std::any_of(facts.records.begin(), facts.records.end(), [&](const Record& record) {
    return record.policy == policy && record.document.duty == duty.id &&
           period.from <= record.date && record.date <= period.to &&
           (region.empty() || (record.document.region && record.document.region->str() == region));
  });
}

void add_recurring(Tables& tables, const Facts& facts, const std::string& policy, const Duty& duty,
                   const std::vector<Days>& periods, const Request& request,
                   const NameBook& names) {
  const auto regions = owing(facts, duty, request);
  if (regions.empty() && !request.region) {
    tables.notes.push_back({"没有登记 " + std::to_string(*duty.region_digits) + " 位区划，“" +
                                duty.title.str() + "”无法核对。",
                            "No region of " + std::to_string(*duty.region_digits) +
                                " digits is registered: \"" + duty.title.str() +
                                "\" cannot be checked."});
  }
  std::uint64_t owed = 0, missed = 0;
  for (const auto& period : periods) {
    for (const auto& region : regions) {
      ++owed;
      if (was_done(facts, policy, duty, region, period)) continue;
      ++missed;
      const Label where = region.empty() ? Label{"", kEverybody} : names.label(NameOf::region, region);
      tables.missed.rows.push_back({{policy, label_of(duty), where, period.from, period.to}});
    }
  }
  tables.summary.rows.push_back({{policy, label_of(duty), owed, owed - missed, missed}});
}

// --- complaints ----------------------------------------------------------------------------------

// Bad records one after the other that may be counted together.
using Run = std::vector<const Record*>;

class Complaints {
 public:
  Complaints(Tables& tables, const std::string& policy, const Duty& duty, const NameBook& names)
      : tables_(tables), policy_(policy), duty_(duty), names_(names) {}

  void add(const Record& record) {
    if (!record.bad()) {
      if (duty_.consecutive.value_or(false)) finish();
      return;
    }
    if (duty_.every) {
      if (!run_.empty() && period_around(*duty_.every, run_.front()->date) !=
                               period_around(*duty_.every, record.date)) {
        finish();
      }
      run_.push_back(&record);
      return;
    }
    // Rolling days: what lies too far back no longer counts.
    const auto days = static_cast<std::int32_t>(duty_.window_days.value_or(1));
    std::erase_if(run_, [&](const Record* earlier) { return record.date - earlier->date >= days; });
    run_.push_back(&record);
    if (run_.size() >= duty_.count.value_or(1)) finish();
  }
  void finish() {
    if (!run_.empty() && run_.size() >= duty_.count.value_or(1)) tell();
    run_.clear();
  }

 private:
  void tell() {
    const DutyRecord& d = run_.front()->document;
    Row row{{policy_, label_of(duty_), names_.label(NameOf::provider, d.provider->str()),
             d.worker ? d.worker->str() : std::string(), run_.front()->date, run_.back()->date,
             std::uint64_t(run_.size())}};
    std::vector<std::uint64_t> entries;
    for (const auto* record : run_) entries.push_back(record->entry);
    std::sort(entries.begin(), entries.end());
    row.cells.emplace_back(std::move(entries));
    tables_.action.rows.push_back(std::move(row));
  }

  Tables& tables_;
  const std::string& policy_;
  const Duty& duty_;
  const NameBook& names_;
  Run run_;
};

void add_complaints(Tables& tables, const Facts& facts, const std::string& policy,
                    const Duty& duty, Date from, const Request& request, const NameBook& names) {
  std::map<std::pair<std::string, std::string>, Complaints> about;
  for (const auto& record : facts.records) {
    const DutyRecord& d = record.document;
    if (record.policy != policy || d.duty != duty.id || record.date < from || !d.provider) continue;
    if (request.provider && *request.provider != *d.provider) continue;
    if (request.region && !(d.region && lies_in(*d.region, *request.region))) continue;
    const std::pair key(d.provider->str(), d.worker ? d.worker->str() : std::string());
    about.try_emplace(key, tables, policy, duty, names).first->second.add(record);
  }
  for (auto& [key, complaints] : about) complaints.finish();
}

}  // namespace

Result<Report> make_duties(const View& view, const Request& request) {
  auto period = period_of(view, request);
  if (!period.ok()) return period.error();
  const auto names = NameBook::read(view);
  if (!names.ok()) return names.error();
  const auto facts = read_facts(view, period.value());
  if (!facts.ok()) return facts.error();
  if (!request.as_of && !facts->records.empty()) {
    period->as_of = std::max(period->as_of, facts->records.back().date);
  }
  Report report = report_head(view, request, period.value());
  if (auto named = name_region(*names, request, report); !named.ok()) return named.error();
  if (request.provider) {
    if (!names->knows(NameOf::provider, request.provider->str())) {
      return Error{Fault::not_found, "there is no provider of that id"};
    }
    report.parameters.push_back({"provider", {"服务机构", "Provider"},
                                 names->label(NameOf::provider, request.provider->str())});
  }
  Tables tables = empty_tables();
  for (const auto& [policy, versions] : facts->policies) {
    for (const auto& [id, duty] : duties_of(versions)) {
      if (duty->kind == DutyKind::complaint) {
        add_complaints(tables, *facts, policy, *duty, report.from, request, *names);
      } else {
        add_recurring(tables, *facts, policy, *duty,
                      periods_owed(versions, duty->id, report.from, report.as_of), request, *names);
      }
    }
  }
  report.sections = {std::move(tables.summary), std::move(tables.missed), std::move(tables.action)};
  report.notes = std::move(tables.notes);
  return report;
}

}  // namespace fundtrail::reports
