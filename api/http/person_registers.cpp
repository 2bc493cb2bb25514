// Applications with the step that is due and its limit, and beneficiaries with what they are entitled to on a day:
// pseudonyms only, never who it is. Somebody limited to regions is shown the people who live there by what was recorded
// last, as in identity_read.cpp, as of days on which they did.
#include <algorithm>
#include <map>

#include "api/http/handlers.h"
#include "api/http/row_page.h"
#include "api/http/service.h"
#include "ledger/core/work_calendar.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/application_row.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/person.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
using rules::Progress;

// What both need of the state.
class People {
 public:
  explicit People(const View& view) : state_(view.raw()) {}

  const rules::StateSource& state() const { return state_; }
  RegionCode region_of(Pseudonym person) const {
    const auto* row = state_.find(rules::beneficiary_key(person));
    if (!row) rules::Unpacker::damaged();
    return region_of(rules::BeneficiaryView(*row));
  }
  static RegionCode region_of(const rules::BeneficiaryView& row) {
    const auto region = RegionCode::parse(row.region());
    if (!region) rules::Unpacker::damaged();
    return *region;
  }
  const Policy& policy(const PolicyRef& ref) {
    const auto found = policies_.find(ref.str());
    if (found != policies_.end()) return found->second;
    const auto* row = state_.find(rules::policy_key(ref));
    if (!row) rules::Unpacker::damaged();
    return policies_.emplace(ref.str(), rules::decode_policy(*row)).first->second;
  }

 private:
  planning::SnapshotState state_;
  std::map<std::string, Policy> policies_;
};

// --- applications --------------------------------------------------------------------------------

struct WantedApplications {
  std::optional<Progress> progress;
  std::optional<Code> step;
  std::optional<Date> due_before;
  std::optional<ProgrammeId> programme;
  std::optional<ProviderId> provider;
  std::optional<RegionCode> region;
  std::optional<Pseudonym> beneficiary;

  bool fits(const rules::ApplicationRow& row) const {
    const auto& d = row.application;
    return (!progress || *progress == row.progress) && (!programme || *programme == d.programme) &&
           (!provider || (d.provider && *provider == *d.provider)) && (!beneficiary || *beneficiary == d.beneficiary);
  }
  bool fits(const std::optional<rules::DueStep>& due) const {
    return (!step || (due && *step == due->terms.id)) &&
           (!due_before || (due && due->limit && *due->limit < *due_before));
  }
};

Json step_json(const ApprovalStepTerms& terms, const rules::DoneStep& done, StepOutcome outcome) {
  Json json = {{"step", terms.id.str()},
               {"kind", name_of(terms.kind)},
               {"outcome", name_of(outcome)},
               {"date", done.date.str()}};
  if (terms.kind == StepKind::notice) json["ended"] = done.ended.str();
  json["by"] = done.actor.str();
  json["entry"] = done.entry;
  return json;
}

Json withdrawal_json(const rules::DoneStep& done, const std::string& reason) {
  return {{"by", done.actor.str()},
          {"date", done.date.str()},
          {"to", done.ended.str()},
          {"reason", reason},
          {"entry", done.entry}};
}

Json application_json(const rules::ApplicationRow& row, const Policy& policy, const RegionCode& region,
                      const std::optional<rules::DueStep>& due, const std::string& reason) {
  const auto& d = row.application;
  Json json = {{"application", d.application.str()},
               {"state", name_of(row.progress)},
               {"policy", row.policy.str()},
               {"programme", d.programme.str()},
               {"beneficiary", d.beneficiary.str()},
               {"region", region.str()},
               {"channel", name_of(d.channel)},
               {"category", d.category.str()}};
  if (d.care_level) json["care_level"] = d.care_level->str();
  if (d.provider) json["provider"] = d.provider->str();
  json["applied_on"] = row.date.str();
  json["applied_by"] = row.actor.str();
  json["entry"] = row.entry;
  auto& steps = json["steps"] = Json::array();
  for (std::size_t i = 0; i < row.steps.size(); ++i) {
    // A rejection ends it: only the last step can be one.
    const bool rejected = row.progress == Progress::rejected && i + 1 == row.steps.size();
    steps.push_back(step_json(policy.approval->steps[i], row.steps[i],
                              rejected ? StepOutcome::rejected : StepOutcome::passed));
    if (rejected) steps.back()["reason"] = reason;
  }
  if (due) {
    auto& next = json["due"] = {{"step", due->terms.id.str()},
                                {"kind", name_of(due->terms.kind)},
                                {"title", due->terms.title.str()},
                                {"since", due->since.str()}};
    if (due->limit) {
      next["working_days"] = *due->terms.working_days;
      next["by"] = due->limit->str();
    }
  }
  if (row.progress == Progress::withdrawal_proposed) json["proposal"] = withdrawal_json(row.withdrawal, reason);
  if (row.progress == Progress::withdrawn) json["withdrawal"] = withdrawal_json(row.withdrawal, reason);
  const bool was_granted = row.granted() || row.progress == Progress::withdrawn;
  if (was_granted) json["counts_from"] = effective_day(policy.approval->effective, row.steps.back().date).str();
  return json;
}

// Why it was refused or taken back, which stands in the entry only; empty: it was not. A fault ends the answer as one
// of the state does.
std::string reason_of(const View& view, const rules::ApplicationRow& row) {
  const bool rejected = row.progress == Progress::rejected;
  if (!rejected && !row.has_withdrawal()) return {};
  const auto entry = view.decoded(rejected ? row.steps.back().entry : row.withdrawal.entry);
  if (!entry) throw rules::StateUnreadable{entry.error()};
  const auto* step = std::get_if<ApplicationStep>(&entry->document);
  if (!step || !step->reason) rules::Unpacker::damaged();
  return step->reason->str();
}

ShowRow show_applications(const Exchange& exchange, const View& view, People& people,
                          WantedApplications wanted) {
  return [&, wanted = std::move(wanted)](std::string_view, std::string_view bytes,
                                         std::size_t& looked) -> std::optional<Json> {
    const auto row = rules::ApplicationRow::decode(bytes);
    if (!wanted.fits(row)) return std::nullopt;
    const auto region = people.region_of(row.application.beneficiary);
    if (!exchange.caller->covers(region) || (wanted.region && !lies_in(region, *wanted.region))) return std::nullopt;
    const auto& policy = people.policy(row.policy);
    if (!policy.approval || row.steps.size() > policy.approval->steps.size()) rules::Unpacker::damaged();
    const auto due = rules::due_of(row, policy);
    if (!wanted.fits(due)) return std::nullopt;
    const auto reason = reason_of(view, row);
    looked += reason.empty() ? 0 : 1;
    return application_json(row, policy, region, due, reason);
  };
}

// --- beneficiaries -------------------------------------------------------------------------------

struct WantedBeneficiaries {
  Date as_of;
  std::optional<RegionCode> region;
  std::optional<ProgrammeId> programme;
  std::optional<Code> category;
  std::optional<bool> ended;
};

// The end of an entitlement that lies before the day: of one that was ended for good, or of the gap until it began
// again. The last day still counts.
struct Ended {
  Date on;
  std::optional<EndReason> reason = {};  // of a gap the state does not know it
};
std::optional<Ended> ended_before(const rules::StateSource& state, const rules::BeneficiaryView& row, Pseudonym person,
                                  Date day) {
  const auto reason = row.end_reason();
  if (reason && row.ended_on() < day) return Ended{row.ended_on(), reason};
  if (const auto absence = rules::absence_on(state, row, person, day)) return Ended{absence->ended_on};
  return std::nullopt;
}

Json grants_json(const std::vector<rules::Grant>& grants, Date day) {
  auto all = Json::array();
  for (const auto& grant : grants) {
    if (rules::grant_on(grants, grant.programme, day) != &grant) continue;
    Json json = {{"programme", grant.programme.str()},
                 {"policy", grant.policy.str()},
                 {"application", grant.application.str()},
                 {"from", grant.from.str()}};
    if (grant.to) json["to"] = grant.to->str();
    if (grant.care_level) json["care_level"] = grant.care_level->str();
    if (!grant.provider.empty()) json["provider"] = grant.provider.str();
    all.push_back(std::move(json));
  }
  return all;
}

ShowRow show_beneficiaries(const Exchange& exchange, People& people, WantedBeneficiaries wanted) {
  return [&, wanted = std::move(wanted)](std::string_view key, std::string_view bytes,
                                         std::size_t&) -> std::optional<Json> {
    if (key.size() != 8) rules::Unpacker::damaged();
    const Pseudonym person(rules::get_big_endian(key.data(), 8));
    const rules::BeneficiaryView row(bytes);
    if (!exchange.caller->covers(People::region_of(row))) return std::nullopt;
    const auto history = rules::facts_of(people.state(), person);
    if (history.empty()) rules::Unpacker::damaged();
    const auto& facts = rules::facts_on(history, wanted.as_of);
    // Who lived elsewhere then was not theirs then.
    if (!exchange.caller->covers(facts.region)) return std::nullopt;
    if (wanted.region && !lies_in(facts.region, *wanted.region)) return std::nullopt;
    if (wanted.category && *wanted.category != facts.category) return std::nullopt;
    const auto ended = ended_before(people.state(), row, person, wanted.as_of);
    if (wanted.ended && *wanted.ended != ended.has_value()) return std::nullopt;
    std::vector<rules::Grant> grants;
    if (!ended && row.entitled_from() <= wanted.as_of) grants = rules::grants_of(people.state(), person);
    if (wanted.programme && !rules::grant_on(grants, *wanted.programme, wanted.as_of)) return std::nullopt;
    Json json = {{"beneficiary", person.str()},
                 {"region", facts.region.str()},
                 {"channel", name_of(facts.channel)},
                 {"category", facts.category.str()}};
    if (facts.care_level) json["care_level"] = facts.care_level->str();
    json["entitled_from"] = row.entitled_from().str();
    if (ended) {
      json["ended_on"] = ended->on.str();
      if (ended->reason) json["end_reason"] = name_of(*ended->reason);
    }
    json["programmes"] = grants_json(grants, wanted.as_of);
    return json;
  };
}

// The day that is asked about: today, unless one is named.
std::optional<Problem> read_day(const Service& service, const httplib::Request& request, Date& out) {
  std::optional<Date> as_of;
  auto problem = read_date(request, "as_of", as_of);
  out = as_of.value_or(service.now().date());
  return problem;
}

}  // namespace

void get_applications(Service& service, Exchange& exchange, const httplib::Request& request,
                      httplib::Response& response) {
  WantedApplications wanted;
  if (const auto text = parameter(request, "state")) {
    wanted.progress = parse_name<Progress>(*text);
    if (!wanted.progress) {
      return answer(exchange, response,
                    problem_of(Protocol::bad_parameter,
                               "open, rejected, approved, withdrawn or withdrawal_proposed", "state", *text));
    }
  }
  auto problem = read_value(request, "step", kIdForm, wanted.step);
  if (!problem) problem = read_date(request, "due_before", wanted.due_before);
  if (!problem) problem = read_value(request, "programme", kIdForm, wanted.programme);
  if (!problem) problem = read_value(request, "provider", kIdForm, wanted.provider);
  if (!problem) problem = read_value(request, "region", kRegionForm, wanted.region);
  if (!problem) problem = read_value(request, "beneficiary", "a pseudonym of 16 hex digits", wanted.beneficiary);
  const auto view = service.ledger().view();
  if (!problem) problem = refuse_filters(exchange, *view, wanted.region, wanted.provider);
  if (problem) return answer(exchange, response, *problem);
  People people(*view);
  answer_rows(service, exchange, request, response, *view, 'a', "applications",
              show_applications(exchange, *view, people, std::move(wanted)));
}

void get_application(Service& service, Exchange& exchange, const httplib::Request& request,
                     httplib::Response& response) {
  const auto view = service.ledger().view();
  const auto id = ApplicationId::parse(exchange.path[1]);
  People people(*view);
  answer_row(exchange, request, response, *view, 'a', id ? id->str() : "",
             show_applications(exchange, *view, people, {}), problem_of_hidden(*exchange.caller, "application"));
}

// Without If-None-Match: what counts today does not follow from the head alone.
void get_beneficiaries(Service& service, Exchange& exchange, const httplib::Request& request,
                       httplib::Response& response) {
  WantedBeneficiaries wanted;
  auto problem = read_day(service, request, wanted.as_of);
  if (!problem) problem = read_value(request, "region", kRegionForm, wanted.region);
  if (!problem) problem = read_value(request, "programme", kIdForm, wanted.programme);
  if (!problem) problem = read_value(request, "category", kIdForm, wanted.category);
  bool ended = false;
  if (!problem) problem = read_flag(request, "ended", ended);
  if (request.has_param("ended")) wanted.ended = ended;
  const auto view = service.ledger().view();
  if (!problem) problem = refuse_filters(exchange, *view, wanted.region, std::nullopt);
  if (problem) return answer(exchange, response, *problem);
  People people(*view);
  answer_rows(service, exchange, request, response, *view, 'N', "beneficiaries",
              show_beneficiaries(exchange, people, std::move(wanted)), Tagged::no);
}

void get_beneficiary(Service& service, Exchange& exchange, const httplib::Request& request,
                     httplib::Response& response) {
  WantedBeneficiaries wanted;
  if (auto problem = read_day(service, request, wanted.as_of)) return answer(exchange, response, *problem);
  const auto view = service.ledger().view();
  const auto person = Pseudonym::parse(exchange.path[1]);
  std::string key;
  if (person) key = std::string(std::string_view(rules::beneficiary_key(*person)).substr(1));
  People people(*view);
  answer_row(exchange, request, response, *view, 'N', key, show_beneficiaries(exchange, people, std::move(wanted)),
             problem_of_hidden(*exchange.caller, "beneficiary"), Tagged::no);
}

}  // namespace fundtrail::api
