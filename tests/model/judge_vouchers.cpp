// People and vouchers, judged by the reference ledger.
#include <algorithm>
#include <cctype>

#include "tests/model/judge.h"

namespace fundtrail::model {

namespace {

// Full years on a day; whoever was born on 29 February has the birthday on 1 March.
int full_years(const std::string& id_number, Date on) {
  const int year = std::stoi(id_number.substr(6, 4));
  const int birthday = std::stoi(id_number.substr(10, 4));  // MMDD
  return on.year() - year - (int(on.month() * 100 + on.day()) < birthday ? 1 : 0);
}

bool in_categories(const Policy& policy, const Code& category) {
  const auto& list = policy.eligibility.categories;
  return list.empty() || std::find(list.begin(), list.end(), category) != list.end();
}

}  // namespace

void Judge::see(const BeneficiaryRegistration& d) {
  no_if(b_.people.contains(d.beneficiary), Reason::already_registered);
  need_region(d.region);
  const Policy* policy = need_policy();
  const bool valid = check_id_number(c_.identity->id_number) == IdNumberFault::none;
  no_if(!valid, Reason::invalid_id_number);
  if (policy) {
    no_if(valid && full_years(c_.identity->id_number, d.entitled_from) <
                       int(policy->eligibility.min_age), Reason::under_age);
    no_if(!in_categories(*policy, d.category), Reason::category_not_eligible);
  }
  then_.push_back([this, d](auto) {
    Person& person = b_.people[d.beneficiary] = {d.entitled_from};
    person.regions = {{d.entitled_from, d.region.str()}};
    person.channels = {{d.entitled_from, d.channel}};
    person.categories = {{d.entitled_from, d.category}};
  });
}

void Judge::see(const BeneficiaryAmendment& d) {
  no_if(!b_.people.contains(d.beneficiary), Reason::unknown_beneficiary);
  no_if(!d.category && !d.channel && !d.region, Reason::missing_field);
  if (d.region) need_region(*d.region);
  if (d.category) {
    const Policy* policy = need_policy();
    no_if(policy && !in_categories(*policy, *d.category), Reason::category_not_eligible);
  }
  then_.push_back([this, d](auto) {
    Person& person = b_.people.at(d.beneficiary);
    if (d.channel) person.channels.emplace_back(std::max(c_.date, person.from), *d.channel);
    if (d.category) person.categories.emplace_back(std::max(c_.date, person.from), *d.category);
    if (d.region) person.regions.emplace_back(std::max(c_.date, person.from), d.region->str());
  });
}

void Judge::see(const EntitlementEnd& d) {
  const auto person = b_.people.find(d.beneficiary);
  no_if(person == b_.people.end(), Reason::unknown_beneficiary);
  no_if(c_.date < d.ended_on, Reason::date_in_future);
  no_if(person != b_.people.end() && person->second.end, Reason::entitlement_ended);
  then_.push_back([this, d](auto) {
    b_.people.at(d.beneficiary).end = {d.reason, d.ended_on};
    b_.ended_by[d.beneficiary] = me_;
  });
}

void Judge::see(const EntitlementReinstatement& d) {
  const auto person = b_.people.find(d.beneficiary);
  const bool back = d.reason == ReinstatementReason::returned;
  no_if(!d.reason || (back && !d.from), Reason::missing_field);
  no_if(!back && d.from, Reason::unknown_field);
  no_if(d.from && c_.date < *d.from, Reason::date_in_future);
  no_if(person == b_.people.end(), Reason::unknown_beneficiary);
  if (person == b_.people.end()) return;
  const auto& end = person->second.end;
  no_if(!end, Reason::wrong_step);
  no_if(b_.erased.contains(d.beneficiary), Reason::already_erased);
  no_if(end && back && end->first == EndReason::death, Reason::invalid_value);
  no_if(end && back && d.from && *d.from <= end->second, Reason::date_too_early);
  then_.push_back([this, d, back](auto) {
    auto& them = b_.people.at(d.beneficiary);
    if (back) {
      them.away.emplace_back(them.end->second, *d.from);
    } else {
      std::erase_if(them.away, [&](const auto& away) { return away.first == them.end->second; });
    }
    them.end.reset();
  });
}

void Judge::see(const PersonErasure& d) {
  const auto person = b_.people.find(d.beneficiary);
  no_if(person == b_.people.end(), Reason::unknown_beneficiary);
  if (person != b_.people.end()) {
    no_if(!person->second.end, Reason::wrong_step);
    no_if(person->second.end && b_.ended_by.at(d.beneficiary) == me_, Reason::same_person);
    no_if(d.ground != ErasureGround::ordered && open_money(d.beneficiary), Reason::wrong_step);
  }
  std::string orders = d.ordered_by.str();
  for (char& c : orders) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  no_if(orders == me_, Reason::same_person);
  no_if(b_.erased.contains(d.beneficiary), Reason::already_erased);
  then_.push_back([this, d](auto) { b_.erased.insert(d.beneficiary); });
}

// The version on the first day of the month that has one.
const Policy* Judge::version_of(Month month) const {
  for (Date day = month.first_day(); day <= month.last_day(); day = day + 1) {
    const Policy* latest = nullptr;
    for (const auto& [ref, policy] : b_.policies) {
      if (policy.name != c_.policy->name || day < policy.in_force_from) continue;
      if (!latest || latest->version < policy.version) latest = &policy;
    }
    if (latest && latest->in_force_on(day)) return latest;
  }
  return nullptr;
}

void Judge::see(const VoucherIssue& d) {
  need_fund(d.fund);
  need_region(d.region);
  const Policy* policy = need_policy();
  no_if(policy && policy != version_of(d.month), Reason::policy_not_in_force);
  const Programme* programme = need_programme(policy, d.programme);
  no_if(programme && programme->instrument != Instrument::voucher, Reason::programme_not_voucher);
  const VoucherTerms* terms = policy && policy->voucher ? &*policy->voucher : nullptr;
  if (terms) {
    const Date end = d.month.plus(int(terms->validity_months) - 1).last_day();
    no_if(Month::of(d.valid_from) != d.month || d.valid_to != end, Reason::wrong_validity);
  }
  no_if(c_.date < d.month.plus(-1).first_day() || d.valid_to < c_.date, Reason::invalid_value);
  const std::string at = place(d.fund.str(), d.programme.str(), d.region.str(), "");
  std::set<std::string> seen;
  std::map<Pseudonym, unsigned> here;
  Fen total = 0;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const auto& [holder, face, number] = d.lines[i];
    total += fen(face);
    line_if(!seen.insert(number.str()).second, i, Reason::duplicate_line);
    const auto& first = d.lines[0].voucher;
    line_if(number.series() != first.series() || number.serial() != first.serial() + i, i,
            Reason::serial_not_consecutive);
    line_if(b_.vouchers.contains(number.str()), i, Reason::serial_taken);
    line_if(fen(face) <= 0, i, Reason::amount_not_positive);
    line_if(terms && face != terms->face, i, Reason::wrong_face_value);
    const auto person = b_.people.find(holder);
    if (person == b_.people.end()) {
      line(i, Reason::unknown_beneficiary);
      continue;
    }
    const auto& [from, end, away, regions, channels, categories] = person->second;
    const Date begins = std::max(from, d.month.first_day());
    // One day of the month is enough, on which the person is entitled; of whoever is on none, any day.
    const auto entitled = [&, from = from, end = end](Date day) {
      const bool absent = std::any_of(away.begin(), away.end(), [&](const auto& gone) {
        return gone.first < day && day < gone.second;
      });
      return from <= day && (!end || day <= end->second) && !absent;
    };
    bool any = false, so = false, ever = false;
    for (Date day = d.month.first_day(); day <= d.month.last_day(); day = day + 1) {
      const bool fits = terms && on_day(channels, day) == terms->channel;
      any = any || entitled(day);
      so = so || (fits && entitled(day));
      ever = ever || fits;
    }
    line_if(terms && !(any ? so : ever), i, Reason::channel_not_voucher);
    line_if(terms && !in_categories(*policy, on_day(categories, d.month.last_day())), i, Reason::category_not_eligible);
    line_if(d.month.last_day() < from, i, Reason::not_yet_entitled);
    line_if(end && (end->second < c_.date || end->second < d.month.first_day()), i,
            Reason::entitlement_ended);
    line_if(!any && !away.empty(), i, Reason::entitlement_ended);
    line_if(on_day(regions, begins) != d.region.str(), i, Reason::region_mismatch);
    // What has expired serves nobody who came after it.
    const auto expired = policy ? policy->in_force_to : std::nullopt;
    line_if(expired && *expired < from && !replaced_by(from), i, Reason::policy_closed);
    if (!terms) continue;
    unsigned held = 0;  // of that month, and neither given back nor void
    for (const auto& [n, v] : b_.vouchers) {
      const Issue& issue = b_.issues.at(v.issue);
      held += v.holder == holder && issue.programme == d.programme.str() &&
              issue.month == d.month && v.fate != Fate::returned && v.fate != Fate::voided;
    }
    ++here[holder];
    line_if(held + 1 > terms->max_per_month, i, Reason::already_issued);
    line_if(held + 1 <= terms->max_per_month && held + here[holder] > terms->max_per_month, i,
            Reason::duplicate_line);
  }
  move(total, FundAccount::committed, at, FundAccount::allotted, at);
  const bool death_day = policy && policy->death_day_payable;
  then_.push_back([this, d, death_day](std::uint64_t index) {
    b_.issues[index] = {d.fund.str(), d.programme.str(), d.region.str(), d.month, c_.date,
                        d.valid_from, d.valid_to, fen(d.lines[0].face), death_day};
    for (const auto& l : d.lines) b_.vouchers[l.voucher.str()] = {l.beneficiary, index};
  });
}

void Judge::hold_voucher(std::size_t at, const VoucherNumber& number,
                         std::set<std::string>& seen) {
  line_if(!seen.insert(number.str()).second, at, Reason::duplicate_line);
  const auto voucher = b_.vouchers.find(number.str());
  if (voucher == b_.vouchers.end()) return line(at, Reason::unknown_voucher);
  switch (voucher->second.fate) {
    case Fate::outstanding:
      return line_if(voucher->second.withdrawn && c_.date < *voucher->second.withdrawn, at, Reason::date_too_early);
    case Fate::redeemed: return line(at, Reason::voucher_already_redeemed);
    case Fate::returned: return line(at, Reason::voucher_returned);
    case Fate::voided: return line(at, Reason::voucher_voided);
    case Fate::expired: return line(at, Reason::voucher_expired);
  }
}

void Judge::see(const Redemption& d) {
  no_if(c_.actor.role == Role::provider && c_.actor.id.str() != d.provider.str(),
        Reason::not_own_provider);
  const auto provider = b_.providers.find(d.provider.str());
  no_if(provider == b_.providers.end(), Reason::unknown_provider);
  std::set<std::string> seen;
  Upload upload{c_.date, d.provider.str(), {}, {}};
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const auto& l = d.lines[i];
    const Date day = l.service_date;
    hold_voucher(i, l.voucher, seen);
    line_if(c_.date < day, i, Reason::date_in_future);
    line_if(l.hours.hundredths() <= 0 || l.hours.hundredths() > 2400, i, Reason::invalid_value);
    if (provider != b_.providers.end()) {
      const auto& contracts = provider->second.contracts;
      line_if(std::none_of(contracts.begin(), contracts.end(), [&](const auto& contract) {
                return contract.second.first <= day && day <= contract.second.second;
              }), i, Reason::contract_not_valid);
    }
    const auto found = b_.vouchers.find(l.voucher.str());
    if (found == b_.vouchers.end()) continue;
    const auto& [holder, index, fate, withdrawn] = found->second;
    const Issue& issue = b_.issues.at(index);
    line_if(day < issue.from || day < issue.on, i, Reason::voucher_not_yet_valid);
    line_if(issue.to < day, i, Reason::voucher_past_validity);
    line_if(l.beneficiary && *l.beneficiary != holder, i, Reason::holder_mismatch);
    const Person& person = b_.people.at(holder);
    line_if(day < person.from, i, Reason::not_yet_entitled);
    line_if(person.end && (person.end->second < day ||
                           (person.end->second == day && person.end->first == EndReason::death &&
                            !issue.death_day)), i, Reason::entitlement_ended);
    for (const auto& [last, first_again] : person.away) {
      line_if(last < day && day < first_again, i, Reason::entitlement_ended);
    }
    if (!stays(i)) continue;
    upload.parts[place(issue.fund, issue.programme, issue.region, "")] += issue.face;
    upload.vouchers.insert(l.voucher.str());
    then_.push_back([this, number = l.voucher.str()](auto) {
      b_.vouchers.at(number).fate = Fate::redeemed;
    });
  }
  for (const auto& [at, amount] : upload.parts) {
    move(amount, FundAccount::accrued, at + d.provider.str(), FundAccount::committed, at);
  }
  then_.push_back([this, upload](std::uint64_t index) { b_.uploads[index] = upload; });
}

void Judge::see(const RedemptionWithdrawal& d) {
  no_if(c_.actor.role == Role::provider && c_.actor.id.str() != d.provider.str(), Reason::not_own_provider);
  no_if(!b_.providers.contains(d.provider.str()), Reason::unknown_provider);
  const auto upload = b_.uploads.find(d.redemption);
  if (upload == b_.uploads.end() || upload->second.calculated || upload->second.provider != d.provider.str()) {
    return no(Reason::unknown_redemption);
  }
  not_before(upload->second.date);
  no_if(!upload->second.settlement.empty(), Reason::already_settled);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const std::string number = d.lines[i].voucher.str();
    line_if(!seen.insert(number).second, i, Reason::duplicate_line);
    const auto voucher = b_.vouchers.find(number);
    line_if(voucher == b_.vouchers.end(), i, Reason::unknown_voucher);
    if (voucher == b_.vouchers.end()) continue;
    line_if(!upload->second.vouchers.contains(number), i, Reason::voucher_not_redeemed);
    const Issue& issue = b_.issues.at(voucher->second.issue);
    const std::string at = place(issue.fund, issue.programme, issue.region, "");
    move(issue.face, FundAccount::committed, at, FundAccount::accrued, at + d.provider.str());
    then_.push_back([this, number, at, face = issue.face, index = d.redemption](auto) {
      b_.vouchers.at(number).fate = Fate::outstanding;
      b_.vouchers.at(number).withdrawn = c_.date;
      Upload& of = b_.uploads.at(index);
      of.vouchers.erase(number);
      if ((of.parts[at] -= face) == 0) of.parts.erase(at);
      of.lowered = std::max(of.lowered, c_.date);
    });
  }
}

void Judge::see_release(const std::vector<VoucherLine>& lines, Fate fate, std::optional<Month> of) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    hold_voucher(i, lines[i].voucher, seen);
    const auto found = b_.vouchers.find(lines[i].voucher.str());
    if (found == b_.vouchers.end()) continue;
    const Issue& issue = b_.issues.at(found->second.issue);
    line_if(c_.date < issue.on, i, Reason::date_too_early);
    line_if(fate == Fate::expired && c_.date <= issue.to, i, Reason::voucher_not_past_validity);
    line_if(of && *of != issue.month, i, Reason::invalid_value);
    if (!stays(i)) continue;
    const std::string at = place(issue.fund, issue.programme, issue.region, "");
    move(issue.face, FundAccount::allotted, at, FundAccount::committed, at);
    then_.push_back([this, fate, number = lines[i].voucher.str()](auto) {
      b_.vouchers.at(number).fate = fate;
    });
  }
}

}  // namespace fundtrail::model
