// Applications with the step that is due and its limit, and beneficiaries with what they are entitled to on a day:
// pseudonyms only, never who it is. Somebody limited to regions is shown the people who live there by what was recorded
// last, as in identity_read.cpp.
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

constexpr std::string_view kId = "1 to 64 of A-Z a-z 0-9 . _ -";
constexpr std::string_view kProgress[] = {"open", "rejected", "approved", "withdrawn", "withdrawal_proposed"};

std::string_view name_of_progress(Progress progress) { return kProgress[static_cast<std::size_t>(progress)]; }

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

// The step that an open application waits for, and until when it should be done (reports/applications.cpp).
struct Due {
  const ApprovalStepTerms& terms;
  Date since;
  std::optional<Date> by = {};
};
std::optional<Due> due_of(const rules::ApplicationRow& row, const Policy& policy) {
  if (row.progress != Progress::open || !policy.approval || row.steps.size() >= policy.approval->steps.size()) {
    return std::nullopt;
  }
  Due due{policy.approval->steps[row.steps.size()], row.steps.empty() ? row.date : row.steps.back().ended};
  if (due.terms.working_days) {
    due.by = working_days_after(policy.calendar ? &*policy.calendar : nullptr, due.since, *due.terms.working_days);
  }
  return due;
}

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
  bool fits(const std::optional<Due>& due) const {
    return (!step || (due && *step == due->terms.id)) && (!due_before || (due && due->by && *due->by < *due_before));
  }
};

Json step_json(const ApprovalStepTerms& terms, const rules::DoneStep& done) {
  Json json = {{"step", terms.id.str()}, {"kind", name_of(terms.kind)}, {"date", done.date.str()}};
  if (terms.kind == StepKind::notice) json["ended"] = done.ended.str();
  json["by"] = done.actor.str();
  return json;
}

Json application_json(const rules::ApplicationRow& row, const Policy& policy, const RegionCode& region,
                      const std::optional<Due>& due) {
  const auto& d = row.application;
  Json json = {{"application", d.application.str()},
               {"state", name_of_progress(row.progress)},
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
  auto& steps = json["steps"] = Json::array();
  for (std::size_t i = 0; i < row.steps.size(); ++i) {
    steps.push_back(step_json(policy.approval->steps[i], row.steps[i]));
  }
  if (due) {
    auto& next = json["due"] = {{"step", due->terms.id.str()},
                                {"kind", name_of(due->terms.kind)},
                                {"title", due->terms.title.str()},
                                {"since", due->since.str()}};
    if (due->by) {
      next["working_days"] = *due->terms.working_days;
      next["by"] = due->by->str();
    }
  }
  const bool was_granted = row.granted() || row.progress == Progress::withdrawn;
  if (was_granted) json["counts_from"] = effective_day(policy.approval->effective, row.steps.back().date).str();
  return json;
}

ShowRow show_applications(const Exchange& exchange, People& people, WantedApplications wanted) {
  return [&, wanted = std::move(wanted)](std::string_view, std::string_view bytes) -> std::optional<Json> {
    const auto row = rules::ApplicationRow::decode(bytes);
    if (!wanted.fits(row)) return std::nullopt;
    const auto region = people.region_of(row.application.beneficiary);
    if (!exchange.caller->covers(region) || (wanted.region && !lies_in(region, *wanted.region))) return std::nullopt;
    const auto& policy = people.policy(row.policy);
    if (!policy.approval || row.steps.size() > policy.approval->steps.size()) rules::Unpacker::damaged();
    const auto due = due_of(row, policy);
    if (!wanted.fits(due)) return std::nullopt;
    return application_json(row, policy, region, due);
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
  return [&, wanted = std::move(wanted)](std::string_view key, std::string_view bytes) -> std::optional<Json> {
    if (key.size() != 8) rules::Unpacker::damaged();
    const Pseudonym person(rules::get_big_endian(key.data(), 8));
    const rules::BeneficiaryView row(bytes);
    const auto region = People::region_of(row);
    if (!exchange.caller->covers(region) || (wanted.region && !lies_in(region, *wanted.region))) return std::nullopt;
    const auto reason = row.end_reason();
    if (wanted.ended && *wanted.ended != reason.has_value()) return std::nullopt;
    const auto history = rules::facts_of(people.state(), person);
    if (history.empty()) rules::Unpacker::damaged();
    const auto& facts = rules::facts_on(history, wanted.as_of);
    if (wanted.category && *wanted.category != facts.category) return std::nullopt;
    const auto grants = rules::grants_of(people.state(), person);
    if (wanted.programme && !rules::grant_on(grants, *wanted.programme, wanted.as_of)) return std::nullopt;
    Json json = {{"beneficiary", person.str()},
                 {"region", region.str()},
                 {"channel", name_of(facts.channel)},
                 {"category", facts.category.str()}};
    if (facts.care_level) json["care_level"] = facts.care_level->str();
    json["entitled_from"] = row.entitled_from().str();
    if (reason) {
      json["ended_on"] = row.ended_on().str();
      json["end_reason"] = name_of(*reason);
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
    const auto* found = std::find(std::begin(kProgress), std::end(kProgress), *text);
    if (found == std::end(kProgress)) {
      return answer(exchange, response,
                    problem_of(Protocol::bad_parameter,
                               "open, rejected, approved, withdrawn or withdrawal_proposed", "state", *text));
    }
    wanted.progress = static_cast<Progress>(found - std::begin(kProgress));
  }
  auto problem = read_value(request, "step", kId, wanted.step);
  if (!problem) problem = read_date(request, "due_before", wanted.due_before);
  if (!problem) problem = read_value(request, "programme", kId, wanted.programme);
  if (!problem) problem = read_value(request, "provider", kId, wanted.provider);
  if (!problem) problem = read_value(request, "region", "6, 9 or 12 digits", wanted.region);
  if (!problem) problem = read_value(request, "beneficiary", "a pseudonym of 16 hex digits", wanted.beneficiary);
  const auto view = service.ledger().view();
  if (!problem) problem = refuse_filters(exchange, *view, wanted.region, wanted.provider);
  if (problem) return answer(exchange, response, *problem);
  People people(*view);
  answer_rows(service, exchange, request, response, *view, 'a', "applications",
              show_applications(exchange, people, std::move(wanted)));
}

void get_application(Service& service, Exchange& exchange, const httplib::Request& request,
                     httplib::Response& response) {
  const auto view = service.ledger().view();
  const auto id = ApplicationId::parse(exchange.path[1]);
  People people(*view);
  answer_row(exchange, request, response, *view, 'a', id ? id->str() : "", show_applications(exchange, people, {}),
             problem_of_hidden(*exchange.caller, "application"));
}

// Without If-None-Match: what counts today does not follow from the head alone.
void get_beneficiaries(Service& service, Exchange& exchange, const httplib::Request& request,
                       httplib::Response& response) {
  WantedBeneficiaries wanted;
  auto problem = read_day(service, request, wanted.as_of);
  if (!problem) problem = read_value(request, "region", "6, 9 or 12 digits", wanted.region);
  if (!problem) problem = read_value(request, "programme", kId, wanted.programme);
  if (!problem) problem = read_value(request, "category", kId, wanted.category);
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
