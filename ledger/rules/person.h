// What is recorded about a person beside the beneficiary row: the facts that eligibility asks for,
// as of any day, and the grants that approved applications gave. Reads the state only.
//
// Rows: f pseudonym: facts by the day from which they count; g pseudonym: grants; n pseudonym: absences.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/core/policy.h"
#include "ledger/core/rejection.h"
#include "ledger/rules/rows.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

struct PersonFacts {
  Date from;   // first day that counts: none before the entitlement begins
  Date dated;  // the day for which it was recorded
  Channel channel = Channel::home;
  Code category;
  std::optional<Code> care_level;
  RegionCode region;
  std::vector<Code> facts;
  // What was recorded for this first day; the rest is as it was before.
  struct Said {
    bool channel = false, category = false, care_level = false, region = false, facts = false;
    bool any() const { return channel || category || care_level || region || facts; }
    Said without(const Said& other) const {
      return {channel && !other.channel, category && !other.category, care_level && !other.care_level,
              region && !other.region, facts && !other.facts};
    }
  };
  Said said = {};
};

// Everything that was ever recorded, ascending by the day for which it was; the first element is the registration, the
// last one of those that count on a day holds. Empty: no such beneficiary.
std::vector<PersonFacts> facts_of(const StateSource& state, Pseudonym person);
// Whether there is more than the registration, as the beneficiary row has it. Most people have no more.
bool has_more_facts(const StateSource& state, Pseudonym person);
// Of those, what counts on a day (the first when the day is earlier). `history` is not empty.
const PersonFacts& facts_on(const std::vector<PersonFacts>& history, Date day);

// Keeps what a registration or an amendment said. A registration without care level and facts says
// nothing that the beneficiary row does not say. Call the second one before the beneficiary row is
// amended.
void record_facts(Overlay& state, const BeneficiaryRegistration& d);
void record_facts(Overlay& state, Date date, const BeneficiaryAmendment& d);

// Days between an end of entitlement and the day on which somebody came back: they do not count.
struct Absence {
  Date ended_on;
  Date returned;  // the first day that counts again
  bool covers(Date day) const { return ended_on < day && day < returned; }
};
// In the order in which they were recorded; they may overlap.
std::vector<Absence> absences_of(const StateSource& state, Pseudonym person);
void add_absence(Overlay& state, Pseudonym person, const Absence& absence);
// Those that began with an end that was an error.
void drop_absences(Overlay& state, Pseudonym person, Date ended_on);
// The absence that a day lies in. `row`: the person's own.
std::optional<Absence> absence_on(const StateSource& state, const BeneficiaryView& row,
                                  Pseudonym person, Date day);

// An approved application. Until the next grant of the same programme takes its place.
struct Grant {
  ApplicationId application;
  PolicyRef policy;
  ProgrammeId programme;
  Date from;
  std::optional<Date> to;  // last day; absent: open; before `from`: it never counted
  Channel channel = Channel::home;
  Code category;
  std::optional<Code> care_level;
  std::vector<Code> facts;
  ProviderId provider;  // empty: none named
  std::optional<Code> exclusive_group;
  Date applied_on = {};  // what was recorded about the person since then, the grant does not know
};
// In the order of `from`; of the same day, in that in which they were approved.
std::vector<Grant> grants_of(const StateSource& state, Pseudonym person);
// The grant of a programme that counts on a day.
const Grant* grant_on(const std::vector<Grant>& grants, const ProgrammeId& programme, Date day);

// A new grant takes the place of those of its programme from its own first day on; one that begins
// later still takes its place then.
void add_grant(Overlay& state, Pseudonym person, Grant grant);
// The grant of an application ends with `last`, unless it ended before.
void withdraw_grant(Overlay& state, Pseudonym person, const ApplicationId& application, Date last);

// Of the row of an application (key: 'a', its id): for whom and what, as long as it is not decided.
struct OpenApplication {
  Pseudonym person;
  ProgrammeId programme;
};
std::optional<OpenApplication> open_application(std::string_view row);

// Whether the facts fulfil a condition: the fact itself, or a definition of the policy any of whose
// facts was shown.
bool holds(const Policy& policy, const Code& condition, const std::vector<Code>& facts);

// "a, b"
std::string listed(const std::vector<Code>& codes);

// Why somebody is not eligible, or nothing: in the terms of the policy, never in those of the person,
// whose age and condition are nobody's business who reads a refusal. `age` in full years; absent: not
// known, which no age limit accepts. Fields of the rejection are named under `at` ("doc.", "lines[3].").
std::optional<Rejection> ineligible(const Policy& policy, const Eligibility& rule, Channel channel,
                                    const Code& category, const std::optional<Code>& care_level,
                                    const std::vector<Code>& facts, std::optional<int> age,
                                    const std::string& at);

// What counts of somebody on one day: what was recorded, or what an approval found. Points into what it was made of.
struct CountingFacts {
  explicit CountingFacts(const PersonFacts& recorded);
  explicit CountingFacts(const Grant& approved);
  // What was recorded anew counts, so far as it is said. Where somebody belongs no approval found.
  void amend(const PersonFacts& change, const PersonFacts::Said& said);

  Channel channel;
  const Code* category;
  const std::optional<Code>* care_level;
  const std::vector<Code>* facts;
  const RegionCode* region;      // nothing: of an approval
  PersonFacts::Said amended = {};
};
// ineligible() of these; the field is the person, for whoever asks names nothing else of them.
std::optional<Rejection> ineligible(const Policy& policy, const Eligibility& rule, const CountingFacts& facts,
                                    std::optional<int> age);
// What a rule asks of that which was amended: the rest an approval has answered.
Eligibility asked_of(const PersonFacts::Said& amended, const Eligibility& rule);

// Whether persons need an approved application for the programme. Never where a provider is entitled
// in its own right, nor for projects and points.
bool needs_approval(const Policy& policy, const Programme& programme);

}  // namespace fundtrail::rules
