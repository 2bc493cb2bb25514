#include "ledger/rules/person.h"

#include <algorithm>
#include <tuple>

#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

HotKey facts_key(Pseudonym person) { return key_of('f', person.value()); }
HotKey grants_key(Pseudonym person) { return key_of('g', person.value()); }
HotKey absences_key(Pseudonym person) { return key_of('n', person.value()); }

void put_absences(Overlay& state, Pseudonym person, const std::vector<Absence>& absences) {
  Packer p;
  for (const auto& absence : absences) p.date(absence.ended_on).date(absence.returned);
  state.put(absences_key(person), p.take());
}

void pack(Packer& p, const std::vector<Code>& codes) {
  p.u32(static_cast<std::uint32_t>(codes.size()));
  for (const auto& code : codes) p.text(code.str());
}
std::vector<Code> unpack_codes(Unpacker& u) {
  std::vector<Code> codes;
  for (std::uint32_t n = u.u32(); n > 0; --n) codes.push_back(u.id<Code>());
  return codes;
}
std::optional<Code> unpack_code(Unpacker& u) {
  Code code = u.id<Code>();
  if (code.empty()) return std::nullopt;
  return code;
}
std::string text_of(const std::optional<Code>& code) { return code ? code->str() : std::string(); }

// --- facts ---------------------------------------------------------------------------------------

// What one document said. Kept as it was said, so that an amendment with an earlier date than one
// already recorded changes only what the later one left alone.
struct Change {
  Date from;
  std::optional<Channel> channel;
  std::optional<Code> category;
  std::optional<Code> care_level;
  std::optional<RegionCode> region;
  std::optional<std::vector<Code>> facts;
};

constexpr unsigned kNoChannel = 0xFF;

std::string encode(const Change& change) {
  Packer p;
  p.date(change.from).u8(change.channel ? static_cast<unsigned>(*change.channel) : kNoChannel);
  p.text(text_of(change.category)).text(text_of(change.care_level));
  p.text(change.region ? change.region->str() : std::string()).u8(change.facts ? 1 : 0);
  if (change.facts) pack(p, *change.facts);
  return p.take();
}

Change decode_change(Unpacker& u) {
  Change change;
  change.from = u.date();
  if (const unsigned channel = u.u8(); channel != kNoChannel) {
    change.channel = static_cast<Channel>(channel);
  }
  change.category = unpack_code(u);
  change.care_level = unpack_code(u);
  if (RegionCode region = u.id<RegionCode>(); !region.empty()) change.region = std::move(region);
  if (u.u8() != 0) change.facts = unpack_codes(u);
  return change;
}

Change change_of(const BeneficiaryRegistration& d) {
  return {d.entitled_from, d.channel, d.category, d.care_level, d.region, items(d.facts)};
}

// Of somebody about whom nothing but the beneficiary row was recorded.
Change change_of(const BeneficiaryView& row) {
  Change change;
  change.from = row.entitled_from();
  change.channel = row.channel();
  change.category = Code::parse(row.category());
  change.region = RegionCode::parse(row.region());
  if (!change.category || !change.region) Unpacker::damaged();
  change.facts.emplace();
  return change;
}

void take_over(PersonFacts& facts, const Change& change) {
  facts.said.channel |= change.channel.has_value();
  facts.said.category |= change.category.has_value();
  facts.said.care_level |= change.care_level.has_value();
  facts.said.region |= change.region.has_value();
  facts.said.facts |= change.facts.has_value();
  if (change.channel) facts.channel = *change.channel;
  if (change.category) facts.category = *change.category;
  if (change.care_level) facts.care_level = change.care_level;
  if (change.region) facts.region = *change.region;
  if (change.facts) facts.facts = *change.facts;
}

std::vector<Change> changes_of(const StateSource& state, Pseudonym person) {
  std::vector<Change> changes;
  if (const std::string* row = state.find(facts_key(person))) {
    for (Unpacker u(*row); !u.rest().empty();) changes.push_back(decode_change(u));
  } else if (const std::string* plain = state.find(beneficiary_key(person))) {
    changes.push_back(change_of(BeneficiaryView(*plain)));
  }
  return changes;
}

// --- grants --------------------------------------------------------------------------------------

void pack(Packer& p, const Grant& grant) {
  p.text(grant.application.str()).text(grant.policy.str()).text(grant.programme.str());
  p.date(grant.from).u8(grant.to ? 1 : 0).date(grant.to.value_or(Date()));
  p.u8(static_cast<unsigned>(grant.channel)).text(grant.category.str());
  p.text(text_of(grant.care_level));
  pack(p, grant.facts);
  p.text(grant.provider.str()).text(text_of(grant.exclusive_group)).date(grant.applied_on);
}

Grant unpack_grant(Unpacker& u) {
  Grant grant;
  grant.application = u.id<ApplicationId>();
  const auto policy = PolicyRef::parse(u.text());
  if (!policy) Unpacker::damaged();
  grant.policy = *policy;
  grant.programme = u.id<ProgrammeId>();
  grant.from = u.date();
  const bool closed = u.u8() != 0;
  const Date to = u.date();
  if (closed) grant.to = to;
  grant.channel = static_cast<Channel>(u.u8());
  grant.category = u.id<Code>();
  grant.care_level = unpack_code(u);
  grant.facts = unpack_codes(u);
  grant.provider = u.id<ProviderId>();
  grant.exclusive_group = unpack_code(u);
  grant.applied_on = u.date();
  return grant;
}

// As they were given and withdrawn. Until when each counts follows from those that come after it: so
// one that is withdrawn before it began takes nobody's place.
std::vector<Grant> recorded_grants(const StateSource& state, Pseudonym person) {
  std::vector<Grant> grants;
  if (const std::string* row = state.find(grants_key(person))) {
    for (Unpacker u(*row); !u.rest().empty();) grants.push_back(unpack_grant(u));
  }
  return grants;
}

void put_grants(Overlay& state, Pseudonym person, const std::vector<Grant>& grants) {
  Packer p;
  for (const auto& grant : grants) pack(p, grant);
  state.put(grants_key(person), p.take());
}

bool never_counts(const Grant& grant) { return grant.to && *grant.to < grant.from; }

void end_by(Grant& grant, Date last) {
  if (!grant.to || last < *grant.to) grant.to = last;
}

bool contains(const std::vector<Code>& list, const Code& code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

std::string joined(const std::vector<Channel>& channels) {
  std::string text;
  for (const auto channel : channels) {
    text += (text.empty() ? "" : " | ") + std::string(name_of(channel));
  }
  return text;
}

}  // namespace

std::string listed(const std::vector<Code>& codes) {
  std::string text;
  for (const auto& code : codes) text += (text.empty() ? "" : ", ") + code.str();
  return text;
}

void record_facts(Overlay& state, const BeneficiaryRegistration& d) {
  if (d.care_level || d.facts) state.put(facts_key(d.beneficiary), encode(change_of(d)));
}

void record_facts(Overlay& state, Date date, const BeneficiaryAmendment& d) {
  std::string row;
  for (const auto& change : changes_of(state, d.beneficiary)) row += encode(change);
  row += encode({date, d.channel, d.category, d.care_level, d.region, d.facts});
  state.put(facts_key(d.beneficiary), std::move(row));
}

bool has_more_facts(const StateSource& state, Pseudonym person) {
  return state.find(facts_key(person)) != nullptr;
}

std::vector<PersonFacts> facts_of(const StateSource& state, Pseudonym person) {
  auto changes = changes_of(state, person);
  if (changes.empty()) return {};
  const Date begins = changes.front().from;
  std::stable_sort(changes.begin() + 1, changes.end(),
                   [](const Change& a, const Change& b) { return a.from < b.from; });
  std::vector<PersonFacts> history;
  for (const auto& change : changes) {
    if (history.size() < 2 || history.back().dated != change.from) {
      history.push_back(history.empty() ? PersonFacts() : history.back());
      history.back().dated = change.from;
      history.back().from = std::max(change.from, begins);  // nothing counts before the registration does
      history.back().said = {};
    }
    take_over(history.back(), change);
  }
  return history;
}

const PersonFacts& facts_on(const std::vector<PersonFacts>& history, Date day) {
  const PersonFacts* found = &history.front();
  for (const auto& facts : history) {
    if (facts.from <= day) found = &facts;
  }
  return *found;
}

std::vector<Absence> absences_of(const StateSource& state, Pseudonym person) {
  std::vector<Absence> absences;
  const std::string* row = state.find(absences_key(person));
  if (!row) return absences;
  for (Unpacker u(*row); !u.rest().empty();) {
    const Date ended_on = u.date();
    absences.push_back({ended_on, u.date()});
  }
  return absences;
}

void add_absence(Overlay& state, Pseudonym person, const Absence& absence) {
  auto absences = absences_of(state, person);
  absences.push_back(absence);
  put_absences(state, person, absences);
}

void drop_absences(Overlay& state, Pseudonym person, Date ended_on) {
  auto absences = absences_of(state, person);
  if (std::erase_if(absences, [&](const Absence& a) { return a.ended_on == ended_on; }) == 0) return;
  put_absences(state, person, absences);
}

std::optional<Absence> absence_on(const StateSource& state, const BeneficiaryView& row,
                                  Pseudonym person, Date day) {
  if (!row.was_away()) return std::nullopt;
  for (const auto& absence : absences_of(state, person)) {
    if (absence.covers(day)) return absence;
  }
  return std::nullopt;
}

std::vector<Grant> grants_of(const StateSource& state, Pseudonym person) {
  auto grants = recorded_grants(state, person);
  const std::vector<Grant> own = grants;
  for (std::size_t i = 0; i < own.size(); ++i) {
    for (std::size_t k = i + 1; k < own.size(); ++k) {
      if (own[k].programme != own[i].programme || never_counts(own[k])) continue;
      end_by(grants[i], own[k].from + -1);
      break;
    }
  }
  return grants;
}

const Grant* grant_on(const std::vector<Grant>& grants, const ProgrammeId& programme, Date day) {
  for (const auto& grant : grants) {
    if (grant.programme == programme && grant.from <= day && (!grant.to || day <= *grant.to)) {
      return &grant;
    }
  }
  return nullptr;
}

void add_grant(Overlay& state, Pseudonym person, Grant grant) {
  auto grants = recorded_grants(state, person);
  const auto at = std::find_if(grants.begin(), grants.end(),
                               [&](const Grant& other) { return grant.from < other.from; });
  grants.insert(at, std::move(grant));
  put_grants(state, person, grants);
}

void withdraw_grant(Overlay& state, Pseudonym person, const ApplicationId& application, Date last) {
  auto grants = recorded_grants(state, person);
  for (auto& grant : grants) {
    if (grant.application == application) end_by(grant, last);
  }
  put_grants(state, person, grants);
}

bool holds(const Policy& policy, const Code& condition, const std::vector<Code>& facts) {
  if (contains(facts, condition)) return true;
  for (const auto& definition : items(policy.definitions)) {
    if (definition.id != condition) continue;
    for (const auto& fact : definition.any_of) {
      if (contains(facts, fact)) return true;
    }
  }
  return false;
}

std::optional<Rejection> ineligible(const Policy& policy, const Eligibility& rule, Channel channel,
                                    const Code& category, const std::optional<Code>& care_level,
                                    const std::vector<Code>& facts, std::optional<int> age,
                                    const std::string& at) {
  const bool born = age && *age >= 0;
  if (rule.min_age > 0 && !(born && static_cast<std::uint64_t>(*age) >= rule.min_age)) {
    return Rejection{Reason::under_age, at + "beneficiary", std::to_string(rule.min_age)};
  }
  if (rule.max_age && !(born && static_cast<std::uint64_t>(*age) <= *rule.max_age)) {
    return Rejection{Reason::over_age, at + "beneficiary", std::to_string(*rule.max_age)};
  }
  if (!rule.categories.empty() && !contains(rule.categories, category)) {
    return Rejection{Reason::category_not_eligible, at + "category", listed(rule.categories)};
  }
  const auto& levels = items(rule.care_levels);
  if (!levels.empty() && !(care_level && contains(levels, *care_level))) {
    return Rejection{Reason::care_level_not_eligible, at + "care_level", listed(levels)};
  }
  const auto& channels = items(rule.channels);
  if (!channels.empty() && std::find(channels.begin(), channels.end(), channel) == channels.end()) {
    return Rejection{Reason::condition_not_met, at + "channel", joined(channels)};
  }
  for (const auto& condition : items(rule.conditions)) {
    if (!holds(policy, condition, facts)) {
      return Rejection{Reason::condition_not_met, at + "facts", condition.str()};
    }
  }
  return std::nullopt;
}

CountingFacts::CountingFacts(const PersonFacts& recorded)
    : channel(recorded.channel), category(&recorded.category), care_level(&recorded.care_level),
      facts(&recorded.facts), region(&recorded.region) {}

CountingFacts::CountingFacts(const Grant& approved)
    : channel(approved.channel), category(&approved.category), care_level(&approved.care_level),
      facts(&approved.facts), region(nullptr) {}

void CountingFacts::amend(const PersonFacts& change, const PersonFacts::Said& said) {
  if (said.channel) channel = change.channel;
  if (said.category) category = &change.category;
  if (said.care_level) care_level = &change.care_level;
  if (said.facts) facts = &change.facts;
  amended.channel |= said.channel;
  amended.category |= said.category;
  amended.care_level |= said.care_level;
  amended.facts |= said.facts;
}

std::optional<Rejection> ineligible(const Policy& policy, const Eligibility& rule, const CountingFacts& facts,
                                    std::optional<int> age) {
  auto no = ineligible(policy, rule, facts.channel, *facts.category, *facts.care_level, *facts.facts, age, "");
  if (no) no->field = "beneficiary";
  return no;
}

Eligibility asked_of(const PersonFacts::Said& amended, const Eligibility& rule) {
  Eligibility asked;
  if (amended.category) asked.categories = rule.categories;
  if (amended.care_level) asked.care_levels = rule.care_levels;
  if (amended.channel) asked.channels = rule.channels;
  if (amended.facts) asked.conditions = rule.conditions;
  return asked;
}

bool needs_approval(const Policy& policy, const Programme& programme) {
  if (!policy.approval || policy.approval->steps.empty()) return false;
  switch (programme.instrument) {
    case Instrument::voucher:
    case Instrument::allowance:
    case Instrument::service_hours:
    case Instrument::bill_share: break;
    case Instrument::grant:
    case Instrument::bed_subsidy:
    case Instrument::award:
    case Instrument::points: return false;
  }
  if (programme.entitlement && programme.entitlement->payee == PayeeKind::claimant) return false;
  const auto& only = policy.approval->programmes;
  return !only || std::find(only->begin(), only->end(), programme.id) != only->end();
}

}  // namespace fundtrail::rules
