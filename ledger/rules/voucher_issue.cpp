// Issuing vouchers: one document for one month and region, each voucher to one entitled person, on
// exactly the policy's terms.
#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/core/policy_check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/families.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/person.h"
#include "ledger/rules/policy_force.h"
#include "ledger/rules/voucher_blocks.h"
#include "ledger/rules/voucher_terms.h"

namespace fundtrail::rules {

// The last valid day of vouchers of a month under the policy's terms.
Date last_valid_day(Month month, const VoucherTerms& terms) {
  for (const auto& batch : items(terms.batches)) {
    if (batch.first <= month && month <= batch.last) return batch.valid_to;
  }
  return month.plus(static_cast<int>(terms.validity_months) - 1).last_day();
}

namespace {

// A face value that the terms let be handed out.
bool is_face(const VoucherTerms& terms, const Money& face) {
  const auto& list = items(terms.denominations);
  return face == terms.face || std::find(list.begin(), list.end(), face) != list.end();
}

bool calendar_holds(Month month, const VoucherTerms& terms) {
  return month.plus(static_cast<int>(terms.validity_months) - 1).in_calendar();
}

// Issued at most a month ahead, and while the vouchers can still be used.
void check_date(Context& c, const VoucherIssue& d) {
  const Date from = d.month.plus(-1).first_day();
  if (c.command.date < from || d.valid_to < c.command.date) {
    c.no.add(Reason::invalid_value, "date", c.command.date.str(),
             from.str() + ".." + d.valid_to.str());
  }
}

// Whatever the day of issue: people who are served alike get the same.
void check_month_in_force(Context& c, const VoucherIssue& d, const Policy& policy) {
  if (version_of_month(c.state, policy.ref(), d.month) == policy.ref()) return;
  c.no.add(Reason::policy_not_in_force, "doc.month", policy.ref().str(), d.month.first_day().str());
}

void check_terms(Context& c, const VoucherIssue& d, const Policy& policy) {
  check_month_in_force(c, d, policy);
  const Programme* programme = need_programme(c, policy, d.programme, "doc.programme");
  // That points are no money decide() says.
  if (programme && programme->instrument != Instrument::voucher &&
      programme->instrument != Instrument::points) {
    c.no.add(Reason::programme_not_voucher, "doc.programme", d.programme.str());
  }
  if (!policy.voucher || !calendar_holds(d.month, *policy.voucher)) return;
  const Date expected_to = last_valid_day(d.month, *policy.voucher);
  if (Month::of(d.valid_from) != d.month || d.valid_to != expected_to) {
    c.no.add(Reason::wrong_validity, "doc.valid_to", d.valid_from.str() + ".." + d.valid_to.str(),
             d.month.first_day().str() + ".." + expected_to.str());
  }
}

// The checks of one line, with what they share over the whole document.
class IssueLines {
 public:
  IssueLines(Context& c, const VoucherIssue& d, const Policy* policy)
      : c_(c), d_(d), policy_(policy), blocks_(c.state), month_first_(d.month.first_day()),
        month_last_(d.month.last_day()),
        programme_(policy ? policy->programme(d.programme) : nullptr) {
    earlier_.reserve(d.lines.size());
    if (policy) closed_ = closed_days(c.state, *policy, d.programme);
    if (programme_ && !needs_approval(*policy, *programme_)) beside_age_ = policy->eligibility;
    beside_age_.min_age = 0;
    beside_age_.max_age.reset();
  }

  void check_line(std::size_t at) {
    const IssuedVoucher& line = d_.lines[at];
    Findings no;
    check_number(no, at);
    check_person(no, at);
    if (!line.face.is_positive()) {
      no.add(Reason::amount_not_positive, "face", line.face.str());
    }
    const Money& one_face = d_.lines[0].face;  // a document has one
    if (policy_ && policy_->voucher && !is_face(*policy_->voucher, line.face)) {
      no.add(Reason::wrong_face_value, "face", line.face.str(), policy_->voucher->face.str());
    } else if (policy_ && policy_->voucher && policy_->voucher->denominations &&
               line.face != one_face) {
      no.add(Reason::wrong_face_value, "face", line.face.str(), one_face.str());
    }
    if (!no.none()) c_.refuse_line(at, no.first()->field, *no.first());
  }

 private:
  void check_number(Findings& no, std::size_t at) {
    const VoucherNumber& number = d_.lines[at].voucher;
    const VoucherNumber& first = d_.lines[0].voucher;
    const auto found = blocks_.find(number);
    if (found.seen_before) refuse_duplicate(no, d_.lines, at);
    if (number.series() != first.series() || number.serial() != first.serial() + at) {
      const auto expected =
          VoucherNumber(first.series(), static_cast<std::uint32_t>(first.serial() + at));
      no.add(Reason::serial_not_consecutive, "voucher", number.str(), expected.str());
    }
    if (found.status != VoucherStatus::none) {
      no.add(Reason::serial_taken, "voucher", number.str());
    }
  }

  void check_person(Findings& no, std::size_t at) {
    const IssuedVoucher& line = d_.lines[at];
    const std::string* row = c_.state.find(beneficiary_key(line.beneficiary));
    if (!row) {
      return no.add(Reason::unknown_beneficiary, "beneficiary", line.beneficiary.str());
    }
    const BeneficiaryView person(*row);
    const auto refuse = [&](Reason reason, std::string detail) {
      no.add(reason, "beneficiary", line.beneficiary.str(), std::move(detail));
    };
    const VoucherTerms* terms = policy_ && policy_->voucher ? &*policy_->voucher : nullptr;
    std::string region(person.region());
    PersonFacts facts;  // at the end of the month
    facts.channel = person.channel();
    facts.category = *Code::parse(person.category());
    std::vector<PersonFacts> history;
    if (has_more_facts(c_.state, line.beneficiary)) {
      history = facts_of(c_.state, line.beneficiary);
      region = facts_on(history, std::max(month_first_, person.entitled_from())).region.str();
      facts = facts_on(history, month_last_);
    } else {
      history.push_back(facts);
    }
    const Days entitled = entitled_days(line.beneficiary, person);
    std::optional<Grant> granted;
    if (programme_) granted = check_programme(no, at, history, entitled);
    const Days served = granted ? entitled & days(granted->from, granted->to.value_or(month_last_)) : entitled;
    if (terms) judge(no, beside_age_, facts, {});
    const Days in_channel = terms ? channel_days(history, granted ? &*granted : nullptr, terms->channel) : 0;
    if (terms && (served == 0 ? in_channel : in_channel & served) == 0) {
      refuse(Reason::channel_not_voucher, {});
    }
    if (month_last_ < person.entitled_from()) {
      refuse(Reason::not_yet_entitled, person.entitled_from().str());
    }
    if (person.end_reason() &&
        (person.ended_on() < c_.command.date || person.ended_on() < month_first_)) {
      refuse(Reason::entitlement_ended, person.ended_on().str());
    } else if (entitled == 0 && person.was_away()) {
      refuse(Reason::entitlement_ended, last_end(line.beneficiary).str());
    }
    if (region != d_.region.str()) refuse(Reason::region_mismatch, region);
    for (const auto& closed : closed_) {
      if (!closed.hold(person.entitled_from())) continue;
      no.add(Reason::policy_closed, "beneficiary", policy_->ref().str(), (closed.from + -1).str());
    }
    if (terms) check_month(no, line, person, *terms);
  }

  void check_month(Findings& no, const IssuedVoucher& line, const BeneficiaryView& person,
                   const VoucherTerms& terms) {
    const std::string id = line.beneficiary.str();
    const Money limit = terms.face * static_cast<std::int64_t>(terms.max_per_month);
    const Money before = person.issued_in(d_.programme, terms.face, d_.month);
    // Without denominations each counts as one, whatever somebody wrote on it.
    const Money counted = terms.denominations ? line.face : terms.face;
    Money& here = earlier_[line.beneficiary.value()];
    here += counted;
    if (limit < before + (terms.denominations ? here : counted)) {
      no.add(Reason::already_issued, "beneficiary", id, d_.month.str());
    } else if (limit < before + here) {
      no.add(Reason::duplicate_line, "beneficiary", id, first_line_of(line.beneficiary));
    }
    if (!terms.replaced_after_working_days) return;
    const std::string* lost = c_.state.find(lost_key(line.beneficiary, d_.programme, d_.month));
    if (!lost) return;
    const Date lost_on = Unpacker(*lost).date();
    const Date from =
        working_days_after(policy_->calendar ? &*policy_->calendar : nullptr, lost_on,
                           *terms.replaced_after_working_days);
    if (c_.command.date < from) {
      no.add(Reason::date_too_early, "beneficiary", c_.command.date.str(),
             from.str() + std::string(kWorkingDays) + std::to_string(*terms.replaced_after_working_days));
    }
  }

  std::string first_line_of(Pseudonym person) const {
    const auto first = std::find_if(d_.lines.begin(), d_.lines.end(),
                                    [&](const auto& line) { return line.beneficiary == person; });
    return std::to_string(first - d_.lines.begin());
  }

  // Days of the month, the first one in the lowest bit: what must hold on one day must hold on the same one.
  using Days = std::uint32_t;
  Days days(Date from, Date to) const {
    from = std::max(from, month_first_);
    to = std::min(to, month_last_);
    if (to < from) return 0;
    return static_cast<Days>((std::uint64_t{1} << (to - from + 1)) - 1) << (from - month_first_);
  }

  Days entitled_days(Pseudonym id, const BeneficiaryView& person) const {
    Days found = days(person.entitled_from(), person.end_reason() ? person.ended_on() : month_last_);
    if (!person.was_away()) return found;
    for (const auto& away : absences_of(c_.state, id)) found &= ~days(away.ended_on + 1, away.returned + -1);
    return found;
  }

  // The end behind which nothing of the month is left.
  Date last_end(Pseudonym id) const {
    Date found;
    for (const auto& away : absences_of(c_.state, id)) {
      if (days(away.ended_on + 1, away.returned + -1) != 0) found = std::max(found, away.ended_on);
    }
    return found;
  }

  // Of an approval that of its application, and what was recorded anew since.
  Days channel_days(const std::vector<PersonFacts>& history, const Grant* granted, Channel wanted) const {
    Channel channel = granted ? granted->channel : history.front().channel;
    Date since = month_first_;
    Days found = 0;
    for (std::size_t i = 1; i < history.size() && history[i].from <= month_last_; ++i) {
      const PersonFacts& change = history[i];
      if (!change.said.channel || (granted && change.dated <= granted->applied_on)) continue;
      if (channel == wanted) found |= days(since, change.from + -1);
      since = std::max(since, change.from);
      channel = change.channel;
    }
    return channel == wanted ? found | days(since, month_last_) : found;
  }

  // What the programme asks for beside the policy. Answers the approval under which the month is issued: the last of
  // those that count on a day on which the person was entitled, and in the channel where one is; of somebody who was
  // entitled on none, of the month.
  std::optional<Grant> check_programme(Findings& no, std::size_t at, const std::vector<PersonFacts>& history,
                                       Days entitled) const {
    const Pseudonym person = d_.lines[at].beneficiary;
    const bool approval = needs_approval(*policy_, *programme_);
    const auto& terms = programme_->entitlement;
    const bool group = terms && terms->exclusive_group;
    if (!approval && !group && !(terms && terms->eligibility)) return std::nullopt;
    const auto grants = grants_of(c_.state, person);  // the earliest first
    const Grant* granted = nullptr;
    bool in_channel = false;
    const auto* voucher = policy_->voucher ? &*policy_->voucher : nullptr;
    for (const auto& grant : grants) {
      const bool earlier = !approval || !granted;
      const Days of_grant = days(grant.from, grant.to.value_or(month_last_));
      if (grant.programme == d_.programme) {
        const Days common = entitled == 0 ? of_grant : of_grant & entitled;
        const bool fits = voucher && (common & channel_days(history, &grant, voucher->channel)) != 0;
        if (common == 0 || (in_channel && !fits)) continue;
        granted = &grant;
        in_channel = fits;
      } else if (group && grant.exclusive_group == terms->exclusive_group &&
                 ((earlier && of_grant != 0) || holds_vouchers_of(person, grant.programme))) {
        no.add(Reason::exclusive_scheme, "beneficiary", person.str(), grant.programme.str());
      }
    }
    if (approval && !granted) {
      no.add(Reason::not_granted, "beneficiary", person.str(), d_.month.str());
    }
    if (group) check_group(no, person);
    if (!approval || !granted) {
      if (terms && terms->eligibility) check_eligible(no, at, history, nullptr);
      return std::nullopt;
    }
    check_granted(no, at, history, *granted);
    return *granted;
  }

  // What an approval found stands until it ends, but for what was recorded anew since the application.
  void check_granted(Findings& no, std::size_t at, const std::vector<PersonFacts>& history, const Grant& granted) const {
    CountingFacts now(granted);
    for (std::size_t i = 1; i < history.size(); ++i) {  // the first is the registration
      const PersonFacts& change = history[i];
      PersonFacts::Said said = change.said;
      said.channel = false;  // check_person() asks for it: one day of the month is enough
      if (granted.applied_on < change.dated && change.from <= month_last_) now.amend(change, said);
    }
    refuse_ineligible(no, asked_of(now.amended, policy_->eligibility), now, {});
    const auto& terms = programme_->entitlement;
    if (terms && terms->eligibility) check_eligible(no, at, history, &now);
  }

  // Vouchers of the month under another programme of the group.
  void check_group(Findings& no, Pseudonym id) const {
    for (const auto& other : policy_->programmes) {
      if (other.id == d_.programme || !other.entitlement ||
          other.entitlement->exclusive_group != programme_->entitlement->exclusive_group) {
        continue;
      }
      if (holds_vouchers_of(id, other.id)) {
        no.add(Reason::exclusive_scheme, "beneficiary", id.str(), other.id.str());
      }
    }
  }

  bool holds_vouchers_of(Pseudonym id, const ProgrammeId& programme) const {
    const std::string* row = c_.state.find(beneficiary_key(id));
    if (!row) return false;
    constexpr std::int64_t kAnyFace = 1;
    return BeneficiaryView(*row).issued_in(programme, Money::of_fen(kAnyFace), d_.month).is_positive();
  }

  // The facts of an approval where the policy asks for one, otherwise those recorded at the end of the
  // month, as a change counts from the first of its month where whole months are paid; only of the channel
  // one day is enough. In the month of a birthday the better age counts: the months are whole ones.
  void check_eligible(Findings& no, std::size_t at, const std::vector<PersonFacts>& history,
                      const CountingFacts* approved) const {
    const Eligibility& rule = *programme_->entitlement->eligibility;
    std::optional<int> age;
    if (at < c_.command.births.size() && c_.command.births[at]) {
      const Date birth = *c_.command.births[at];
      age = age_on(birth, month_last_);
      if (rule.max_age && *age > static_cast<int>(*rule.max_age)) age = age_on(birth, month_first_);
    }
    if (approved) return refuse_ineligible(no, rule, *approved, age);
    judge(no, rule, facts_on(history, month_last_), age);
  }

  // Whoever had no day of the channel that the vouchers are for is refused already.
  void judge(Findings& no, const Eligibility& rule, const PersonFacts& recorded, std::optional<int> age) const {
    CountingFacts facts(recorded);
    if (policy_->voucher) facts.channel = policy_->voucher->channel;
    refuse_ineligible(no, rule, facts, age);
  }

  void refuse_ineligible(Findings& no, const Eligibility& rule, const CountingFacts& facts,
                         std::optional<int> age) const {
    if (auto found = ineligible(*policy_, rule, facts, age)) no.add(std::move(*found));
  }

  Context& c_;
  const VoucherIssue& d_;
  const Policy* policy_;
  VoucherBlocks blocks_;
  const Date month_first_, month_last_;
  const Programme* programme_;  // of the policy, or nothing
  // What the policy asks of each month; an approval has answered it. The age is asked when people are registered and
  // approved: it would need everybody's identity, each month.
  Eligibility beside_age_;
  std::vector<ClosedDays> closed_;  // of the programme
  std::unordered_map<std::uint64_t, Money> earlier_;  // to a person in this document
};

Dimensions dimensions_of(const VoucherIssue& d) { return {d.fund, d.programme, d.region, {}}; }

}  // namespace

void check(Context& c, const VoucherIssue& d) {
  c.need_fund(d.fund);
  c.need_region(d.region);
  const Policy* policy = c.need_policy();
  if (policy) check_terms(c, d, *policy);
  if (policy && policy->voucher && !calendar_holds(d.month, *policy->voucher)) {
    c.no.add(Reason::invalid_value, "doc.month", d.month.str(), "<= 2999-12");
  }
  check_date(c, d);
  IssueLines lines(c, d, policy);
  Money total;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    lines.check_line(i);
    total += d.lines[i].face;
  }
  move(c.postings, total, FundAccount::committed, dimensions_of(d), FundAccount::allotted,
       dimensions_of(d));
}

void record(Overlay& state, const Entry& entry, const VoucherIssue& d) {
  FT_CHECK(!d.lines.empty() && entry.policy);
  const std::string* policy = state.find(policy_key(*entry.policy));
  FT_CHECK(policy != nullptr);
  IssueRow row;
  row.month = d.month;
  row.face = d.lines[0].face;
  row.issued_on = entry.date;
  row.valid_from = d.valid_from;
  row.valid_to = d.valid_to;
  row.at = dimensions_of(d);
  const Policy terms = decode_policy(*policy);
  row.death_day_payable = terms.death_day_payable;
  if (terms.voucher && terms.voucher->denominations) row.unit = voucher_unit(*terms.voucher);
  if (terms.voucher) {
    row.replaced_after =
        static_cast<std::uint32_t>(terms.voucher->replaced_after_working_days.value_or(0));
  }
  state.put(issue_key(entry.index), row.encode());

  VoucherWriter writer(state);
  const VoucherCount counted = count_of(row);
  for (const auto& line : d.lines) {
    FT_CHECK(line.face == row.face);
    writer.issue(line.voucher, line.beneficiary, entry.index);
    BeneficiaryView::add_vouchers(state.edit(beneficiary_key(line.beneficiary)), counted.id,
                                  d.month, counted.units);
  }
  count_vouchers(state, d.fund, VoucherStatus::none, VoucherStatus::outstanding, d.lines.size(),
                 row.face * static_cast<std::int64_t>(d.lines.size()));
  check_vouchers(state, d.fund);
}

}  // namespace fundtrail::rules
