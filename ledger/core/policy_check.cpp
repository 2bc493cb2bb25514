#include "ledger/core/policy_check.h"

#include <algorithm>
#include <map>
#include <type_traits>

#include "ledger/core/policy_codes.h"
#include "ledger/core/policy_findings.h"
#include "ledger/core/wording.h"

namespace fundtrail {

using namespace policy_findings;

namespace {

// Counts what stands in the lists, and those within them, until there are too many: a visitor for fields().
class ItemCounter {
 public:
  template <class T>
  void operator()(std::string_view, const T& value) {
    add(value);
  }
  template <class T>
  void operator()(std::string_view, const std::optional<T>& value) {
    if (value) add(*value);
  }
  bool too_many() const { return items_ > kMaxPolicyItems; }

 private:
  template <class T>
  void add(const T& value) {
    if constexpr (requires(ItemCounter& v) { T::fields(value, v); }) T::fields(value, *this);
  }
  template <class T>
  void add(const std::vector<T>& list) {
    items_ += list.size();
    for (const auto& item : list) {
      if (too_many()) return;
      add(item);
    }
  }
  std::size_t items_ = 0;
};

void check_force(const Finder& f, const Policy& policy) {
  if (policy.in_force_to && *policy.in_force_to < policy.in_force_from) {
    f.fault(Reason::invalid_period, "in_force_to", policy.in_force_from.str(),
            policy.in_force_to->str());
  }
  if (!policy.transition) return;
  const Date until = policy.transition->serves_until;
  if (!policy.in_force_to) {
    f.bad("transition", until.str(), "policy.transition_without_end");
  } else if (until <= *policy.in_force_to) {
    f.bad("transition.serves_until", until.str(), "policy.transition_not_after_end");
  }
}

// Whether some condition of the policy names it.
bool is_asked(const Policy& policy, const Code& condition) {
  const auto names = [&](const OptionalList<Code>& conditions) {
    return std::find(items(conditions).begin(), items(conditions).end(), condition) != items(conditions).end();
  };
  if (names(policy.eligibility.conditions)) return true;
  for (const auto& programme : policy.programmes) {
    const auto& terms = programme.entitlement;
    if (!terms) continue;
    if (terms->eligibility && names(terms->eligibility->conditions)) return true;
    for (const auto& band : terms->tariff) {
      if (names(band.conditions)) return true;
    }
  }
  return false;
}

void check_definitions(const Finder& f, const Policy& policy) {
  f.not_empty("definitions", policy.definitions);
  const auto& definitions = items(policy.definitions);
  f.unique("definitions", definitions, [](const Definition& d) { return d.id.str(); }, "id");
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    const Finder at = f.in("definitions", i);
    if (definitions[i].any_of.empty()) at.bad("any_of", "[]", ">= 1");
    at.unique_ids("any_of", definitions[i].any_of);
    for (std::size_t k = 0; k < definitions[i].any_of.size(); ++k) {
      const Code& fact = definitions[i].any_of[k];
      const bool defined = std::any_of(definitions.begin(), definitions.end(),
                                       [&](const Definition& d) { return d.id == fact; });
      if (defined) at.bad(Finder::element("any_of", k), fact.str(), "policy.definition_of_definition");
    }
    if (!is_asked(policy, definitions[i].id)) at.warn("id", definitions[i].id.str(), "policy.definition_unused");
  }
}

void check_programmes(const Finder& f, const Policy& policy) {
  if (policy.programmes.empty()) f.bad("programmes", "[]", ">= 1");
  f.unique("programmes", policy.programmes, [](const Programme& p) { return p.id.str(); }, "id");
  bool vouchers = false;
  for (std::size_t i = 0; i < policy.programmes.size(); ++i) {
    check_programme(f.in("programmes", i), policy, policy.programmes[i]);
    vouchers = vouchers || policy.programmes[i].instrument == Instrument::voucher;
  }
  if (vouchers && !policy.voucher) f.missing("voucher");
  if (!vouchers && policy.voucher) f.warn("voucher", "voucher", "policy.voucher_unused");
}

// A group of one keeps nobody apart, unless its other programmes are another policy's.
void check_groups(const Finder& f, const Policy& policy) {
  const auto group_of = [](const Programme& programme) -> const Code* {
    const auto& terms = programme.entitlement;
    return terms && terms->exclusive_group ? &*terms->exclusive_group : nullptr;
  };
  std::map<Code, std::size_t> members;
  for (const auto& programme : policy.programmes) {
    if (const Code* group = group_of(programme)) ++members[*group];
  }
  for (std::size_t i = 0; i < policy.programmes.size(); ++i) {
    const Code* group = group_of(policy.programmes[i]);
    if (group && members[*group] == 1) {
      f.in("programmes", i).warn("entitlement.exclusive_group", group->str(), "policy.group_of_one");
    }
  }
}

void check_codes(const Finder& f, const Policy& policy) {
  for (const auto& [rare, other] : alike(codes_of(policy))) {
    f.warn(rare.field, rare.code + ", " + other.code, "policy.codes_alike");
  }
}

// Working days are counted, but for some days of the policy's force only weekends are known.
void check_coverage(const Finder& f, const Policy& policy) {
  const auto& steps = policy.approval ? policy.approval->steps : std::vector<ApprovalStepTerms>();
  const bool counts = std::any_of(steps.begin(), steps.end(), [](const auto& step) {
    return step.working_days || step.notice_in_working_days.value_or(false);
  }) || (policy.voucher && policy.voucher->replaced_after_working_days);
  if (!counts && policy.calendar) f.warn("calendar", "calendar", "policy.calendar_unused");
  if (!counts) return;
  if (!policy.calendar) return f.warn("calendar", "calendar", "policy.calendar_absent");
  const WorkCalendar& calendar = *policy.calendar;
  if (policy.in_force_from < calendar.from) {
    f.warn("calendar.from", calendar.from.str(), "policy.calendar_begins_late");
  }
  if (!policy.in_force_to || calendar.to < *policy.in_force_to) {
    f.warn("calendar.to", calendar.to.str(), "policy.calendar_ends_early");
  }
}

void check_performance(const Finder& f, const Performance& performance) {
  if (performance.filing_days) f.range("filing_days", *performance.filing_days, 1, kMaxDays);
  f.not_empty("targets", performance.targets);
  f.unique("targets", items(performance.targets), [](const Target& t) { return t.id.str(); }, "id");
}

void check_settings(const Finder& f, const Policy& policy) {
  f.unique("settings", policy.settings, [](const PolicySetting& s) { return s.id; }, "id");
  for (std::size_t i = 0; i < policy.settings.size(); ++i) {
    if (policy.settings[i].id.empty()) f.in("settings", i).missing("id");
  }
  for (std::size_t i = 0; i < policy.attachments.size(); ++i) {
    if (policy.attachments[i].present) continue;
    f.warn(Finder::element("attachments", i), policy.attachments[i].title.str(),
           "policy.attachment_missing");
  }
}

}  // namespace

std::string PolicyWarning::zh() const {
  return sentence_in_words(token, subject, true).value_or(in_words(token, true) + "：" + masked(subject));
}
std::string PolicyWarning::en() const {
  return sentence_in_words(token, subject, false).value_or(in_words(token, false) + ": " + masked(subject));
}

std::optional<Rejection> policy_too_large(const Policy& policy, const std::string& at) {
  if (policy.programmes.size() > kMaxProgrammes) {
    return Rejection{Reason::invalid_value, at + "programmes", std::to_string(policy.programmes.size()),
                     "1-" + std::to_string(kMaxProgrammes)};
  }
  ItemCounter counter;
  Policy::fields(policy, counter);
  if (!counter.too_many()) return std::nullopt;
  const std::string whole = at.substr(0, at.find_last_not_of('.') + 1);
  return Rejection{Reason::invalid_value, whole, "> " + std::to_string(kMaxPolicyItems), "policy.too_many_items"};
}

PolicyFindings check_policy(const Policy& policy, const std::string& at) {
  PolicyFindings found;
  if (auto large = policy_too_large(policy, at)) {
    found.faults.push_back(std::move(*large));
    return found;
  }
  const Finder f(found, at);
  f.range("version", policy.version, 1, UINT32_MAX);
  check_force(f, policy);
  check_definitions(f, policy);
  check_eligibility(f.in("eligibility"), policy, policy.eligibility);
  check_programmes(f, policy);
  check_groups(f, policy);
  check_codes(f, policy);
  if (policy.voucher) check_voucher_terms(f.in("voucher"), *policy.voucher);
  if (policy.approval) check_approval(f.in("approval"), policy, *policy.approval);
  if (policy.calendar) check_calendar(f.in("calendar"), *policy.calendar);
  check_coverage(f, policy);
  f.not_empty("duties", policy.duties);
  check_duties(f, items(policy.duties));
  if (policy.performance) check_performance(f.in("performance"), *policy.performance);
  if (policy.counterpart.ratio_percent) {
    f.range("counterpart.ratio_percent", *policy.counterpart.ratio_percent, 1, 1000);
    if (!policy.counterpart.required) {
      f.warn("counterpart.ratio_percent", std::to_string(*policy.counterpart.ratio_percent),
             "policy.ratio_not_required");
    }
  }
  f.unique_ids("banned_economic_codes", policy.banned_economic_codes);
  check_settings(f, policy);
  return found;
}

}  // namespace fundtrail
