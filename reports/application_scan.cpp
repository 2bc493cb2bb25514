#include "reports/application_scan.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "ledger/chain/document_codec.h"
#include "reports/entry_scan.h"

namespace fundtrail::reports {
namespace {

struct Event {
  std::uint64_t index = 0;
  Date date;
  std::string who;
  Role role = Role::preparer;
  std::optional<PolicyRef> policy;
  Document document;
};

// Only the entries of these kinds are decoded.
bool wanted(std::string_view bytes) {
  const auto kind = kind_of_line(bytes);
  return kind == kind_index<PolicyRegistration>() || kind == kind_index<EntitlementApplication>() ||
         kind == kind_index<ApplicationStep>();
}

void take_step(Applications& into, const Event& event, const ApplicationStep& d) {
  const auto found = into.by_id.find(d.application.str());
  if (found == into.by_id.end()) return;  // the application is dated after the report's last day
  Application& application = into.all[found->second];
  // What follows an approval withdraws it: proposed by whoever does the steps before, decided by the
  // approver.
  const bool proposal = event.role != Role::approver;
  if (application.state == rules::Progress::approved) {
    if (!proposal) application.state = rules::Progress::withdrawn;
  } else if (application.steps.size() < application.policy->approval->steps.size()) {
    const Date done = d.to && d.from ? *d.to : event.date;
    const ApprovalStepTerms& terms = application.policy->approval->steps[application.steps.size()];
    application.steps.push_back({&terms, event.index, event.who, application.since(), done, d, false});
    const bool last = application.steps.size() == application.policy->approval->steps.size();
    if (d.outcome == StepOutcome::rejected) application.state = rules::Progress::rejected;
    else if (last) application.state = rules::Progress::approved;
    return;
  }
  application.steps.push_back({application.steps.back().terms, event.index, event.who,
                               application.since(), event.date, d, proposal});
}

Status take(Applications& into, Event event, const Period& period) {
  if (auto* policy = std::get_if<PolicyRegistration>(&event.document)) {
    const std::string ref = policy->policy.ref().str();
    into.policies.emplace(ref, std::move(policy->policy));
    return success();
  }
  if (event.date > period.last) return success();
  into.latest = std::max(into.latest, event.date);
  if (const auto* step = std::get_if<ApplicationStep>(&event.document)) {
    take_step(into, event, *step);
    return success();
  }
  const auto policy = event.policy ? into.policies.find(event.policy->str()) : into.policies.end();
  if (policy == into.policies.end() || !policy->second.approval) {
    return Error{Fault::unreadable, "an application names no policy with steps"};
  }
  auto& document = std::get<EntitlementApplication>(event.document);
  into.by_id[document.application.str()] = into.all.size();
  into.all.push_back({event.index, event.date, event.who, &policy->second, document, {}});
  return success();
}

}  // namespace

Result<Applications> read_applications(const View& view, const Period& period) {
  using Part = std::vector<Event>;
  Applications result;
  const ReadInto<Part> read = [](Part& part, std::uint64_t index, std::string_view bytes,
                                 std::string_view) -> Status {
    if (!wanted(bytes)) return success();
    auto entry = chain::decode_entry(bytes);
    if (!entry.ok()) return entry.error();
    part.push_back({index, entry->date, entry->actor.id.str(), entry->actor.role, entry->policy,
                    std::move(entry->document)});
    return success();
  };
  const auto status = scan_stretches<Part>(
      view, View::Lines::without, [] { return Part(); }, [&](std::size_t) { return read; },
      [&](Part part) {
        for (auto& event : part) {
          if (auto taken = take(result, std::move(event), period); !taken.ok()) return taken;
        }
        return success();
      });
  if (!status.ok()) return status.error();
  return result;
}

}  // namespace fundtrail::reports
