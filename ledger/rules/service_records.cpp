// A provider's upload of delivered services, and the certificates of those who deliver them. Each
// service is judged by the policy, the contract, the grant and the certificates of its own day; what
// of it is paid is calculated later.
#include <algorithm>
#include <unordered_map>

#include "ledger/rules/bills.h"
#include "ledger/rules/entitlement.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

const Quantity kHoursOfADay(2400);
// Services of one person and day under one programme. More are no care but an error, and every
// calculation reads them all.
constexpr std::size_t kServicesOfADay = 48;

std::string_view worker_of(const ServiceRecord& line) {
  return line.worker ? std::string_view(line.worker->str()) : std::string_view();
}

// `folded`: of the bill's number; the result points into all three.
Delivered delivered_of(const ProviderId& provider, const ServiceRecord& line,
                       const std::string& folded) {
  Delivered service;
  service.day = line.date.day();
  service.hours = line.hours.hundredths();
  service.bill = fen_of(line.bill.value_or(Money()));
  service.insurance = fen_of(line.insurance.value_or(Money()));
  service.provider = provider.str();
  service.item = line.item.str();
  service.worker = worker_of(line);
  service.bill_no = folded;
  return service;
}

class ServiceLines {
 public:
  ServiceLines(Context& c, const ServiceRecords& d, const EntitlementRules& rules)
      : c_(c), d_(d), rules_(rules) {
    if (const auto* row = c.state.find(provider_key(d.provider))) contracts_ = contracts_of(*row);
  }

  void check_line(std::size_t at) {
    const ServiceRecord& line = d_.lines[at];
    Findings no;
    check_repetition(no, at);
    if (c_.command.date < line.date) {
      no.add(Reason::date_in_future, "date", line.date.str(), c_.command.date.str());
    }
    if (line.hours == Quantity() || kHoursOfADay < line.hours) {
      no.add(Reason::invalid_value, "hours", line.hours.str(), "0.01-" + kHoursOfADay.str());
    }
    check_bill(no, line);
    check_bill_once(no, at);
    check_contract(no, line);
    const Policy* policy = rules_.versions().on(line.date);
    const Programme* programme = policy ? policy->programme(d_.programme) : nullptr;
    if (!programme || !programme->entitlement) {
      no.add(Reason::policy_not_in_force, "date", rules_.versions().named().name.str(),
             line.date.str());
    } else {
      check_scope(no, line, *programme->entitlement);
      check_certificates(no, line, *programme->entitlement);
      check_person(no, line, *policy, *programme);
    }
    if (!no.none()) c_.refuse_line(at, no.first()->field, *no.first());
  }

 private:
  // The same service of one document, or of an earlier one.
  void check_repetition(Findings& no, std::size_t at) {
    const ServiceRecord& line = d_.lines[at];
    std::string service = line.beneficiary.str() + "/" + line.date.str() + "/" + line.item.str();
    if (line.worker) service += "/" + line.worker->str();
    const auto [first, added] = seen_.emplace(service, at);
    if (!added) no.add(Reason::duplicate_line, "item", service, std::to_string(first->second));
    delivered_key(key_, line.beneficiary, d_.programme, Month::of(line.date));
    row_ = c_.state.find(key_);
    std::size_t& of_day = of_day_[line.beneficiary.str() + "/" + line.date.str()];
    if (of_day++ == 0) of_day += recorded_on(line.date);
    if (of_day > kServicesOfADay) {
      no.add(Reason::invalid_value, "date", line.date.str(),
             "<= " + std::to_string(kServicesOfADay));
    }
    if (!row_) return;
    Delivered other;
    for (DeliveredRow rows(*row_); rows.next(other);) {
      if (other.day == line.date.day() && other.provider == d_.provider.str() &&
          other.item == line.item.str() && other.worker == worker_of(line)) {
        no.add(Reason::already_registered, "item", service);
      }
    }
  }

  // Of the line's person, in the row of the month.
  std::size_t recorded_on(Date date) const {
    if (!row_) return 0;
    std::size_t count = 0;
    Delivered other;
    for (DeliveredRow rows(*row_); rows.next(other);) count += other.day == date.day() ? 1 : 0;
    return count;
  }

  void check_bill(Findings& no, const ServiceRecord& line) {
    const bool share_of_bill = rules_.programme().instrument == Instrument::bill_share;
    if (share_of_bill && !line.bill) no.add(Reason::missing_field, "bill", "bill");
    if (line.bill && !line.bill->is_positive()) {
      no.add(Reason::amount_not_positive, "bill", line.bill->str());
    }
    const Money bill = line.bill.value_or(Money());
    if (line.insurance && (line.insurance->is_negative() || bill < *line.insurance)) {
      no.add(Reason::invalid_value, "insurance", line.insurance->str(), "0.00-" + bill.str());
    }
  }

  // One bill counts under one programme and for one person, also within the document; withdrawn, it
  // stays theirs while money stands on it.
  void check_bill_once(Findings& no, std::size_t at) {
    const ServiceRecord& line = d_.lines[at];
    const std::string folded = line.bill_no ? folded_number(*line.bill_no) : std::string();
    const auto key = bill_key(line.beneficiary, delivered_of(d_.provider, line, folded),
                              Month::of(line.date));
    if (!key) return;
    const std::string name = line.bill_no ? line.bill_no->str() : line.item.str();
    const auto [first, added] = bills_.emplace(*key, line.beneficiary);
    if (!added && first->second != line.beneficiary) {
      no.add(Reason::duplicate_bill, "bill_no", name, first->second.str());
    }
    const std::string* row = c_.state.find(*key);
    if (!row) return;
    const BillRow bill = BillRow::decode(*row);
    if (is_of(bill, d_.programme, line.beneficiary)) return;
    if (bill.services == 0) {
      if (is_free(c_.state, bill, d_.provider)) return;
      no.add(Reason::bill_calculated, "bill_no", name, bill.person.str());
    } else if (bill.programme != d_.programme) {
      no.add(Reason::duplicate_bill, "bill_no", name, bill.programme.str());
    } else {
      no.add(Reason::duplicate_bill, "bill_no", name, bill.person.str());
    }
  }

  void check_contract(Findings& no, const ServiceRecord& line) {
    const auto covers = [&](const ProviderRow::Period& p) { return p.covers(line.date); };
    if (contracts_.empty() || std::any_of(contracts_.begin(), contracts_.end(), covers)) return;
    no.add(Reason::contract_not_valid, "date", d_.provider.str(), line.date.str());
  }

  void check_scope(Findings& no, const ServiceRecord& line, const EntitlementTerms& terms) {
    if (!terms.items) return;
    if (std::find(terms.items->begin(), terms.items->end(), line.item) != terms.items->end()) return;
    no.add(Reason::item_out_of_scope, "item", line.item.str());
  }

  void check_certificates(Findings& no, const ServiceRecord& line, const EntitlementTerms& terms) {
    const auto& needed = items(terms.worker_certificates);
    if (needed.empty()) return;
    if (!line.worker) return no.add(Reason::missing_field, "worker", "worker");
    const auto held = certificates_of(c_.state, d_.provider, *line.worker);
    for (const auto& code : needed) {
      const auto valid = [&](const CertificateRow& row) {
        return row.certificate == code && row.from <= line.date && line.date <= row.to;
      };
      if (std::any_of(held.begin(), held.end(), valid)) continue;
      no.add(Reason::certificate_not_valid, "worker", line.worker->str(), code.str());
    }
  }

  void check_person(Findings& no, const ServiceRecord& line, const Policy& policy,
                    const Programme& programme) {
    const std::string id = line.beneficiary.str();
    const std::string* row = c_.state.find(beneficiary_key(line.beneficiary));
    if (!row) return no.add(Reason::unknown_beneficiary, "beneficiary", id);
    const BeneficiaryView person(*row);
    if (const auto away = absence_on(c_.state, person, line.beneficiary, line.date)) {
      no.add(Reason::entitlement_ended, "date", id, away->ended_on.str());
    }
    if (line.date < person.entitled_from()) {
      no.add(Reason::not_yet_entitled, "date", id, person.entitled_from().str());
    }
    if (const auto end = person.end_reason()) {
      const bool unpaid_day = *end == EndReason::death && !policy.death_day_payable &&
                              line.date == person.ended_on();
      if (person.ended_on() < line.date || unpaid_day) {
        no.add(Reason::entitlement_ended, "date", id, person.ended_on().str());
      }
    }
    Channel channel = facts_on(facts_of(c_.state, line.beneficiary), line.date).channel;
    if (needs_approval(policy, programme)) {
      const auto grants = grants_of(c_.state, line.beneficiary);
      const Grant* grant = grant_on(grants, d_.programme, line.date);
      if (!grant) return no.add(Reason::not_granted, "date", id, line.date.str());
      if (!grant->provider.empty() && grant->provider != d_.provider) {
        no.add(Reason::payee_mismatch, "beneficiary", grant->provider.str());
      }
      channel = grant->channel;
    }
    check_exclusion(no, line, policy, *programme.entitlement, channel);
  }

  // Nobody is served at home and in an institution on one day (HC-16): neither by two programmes that
  // exclude each other, nor by anybody beside the institution.
  void check_exclusion(Findings& no, const ServiceRecord& line, const Policy& policy,
                       const EntitlementTerms& terms, Channel channel) {
    const std::string id = line.beneficiary.str();
    if (channel == Channel::institution && row_) {
      Delivered other;
      for (DeliveredRow rows(*row_); rows.next(other);) {
        if (other.day == line.date.day() && other.provider != d_.provider.str()) {
          no.add(Reason::exclusive_scheme, "date", id, std::string(other.provider));
        }
      }
    }
    if (!terms.exclusive_group) return;
    for (const auto& programme : policy.programmes) {
      if (programme.id == d_.programme || !programme.entitlement ||
          programme.entitlement->exclusive_group != terms.exclusive_group) {
        continue;
      }
      delivered_key(key_, line.beneficiary, programme.id, Month::of(line.date));
      const std::string* row = c_.state.find(key_);
      if (!row) continue;
      Delivered other;
      for (DeliveredRow rows(*row); rows.next(other);) {
        if (other.day == line.date.day()) {
          no.add(Reason::exclusive_scheme, "date", id, programme.id.str());
        }
      }
    }
  }

  Context& c_;
  const ServiceRecords& d_;
  const EntitlementRules& rules_;
  std::vector<ProviderRow::Period> contracts_;
  std::unordered_map<std::string, std::size_t> seen_;
  std::unordered_map<std::string, Pseudonym> bills_;
  std::unordered_map<std::string, std::size_t> of_day_;  // services of a person and day
  std::string key_;
  const std::string* row_ = nullptr;  // of the line's person and month
};

}  // namespace

void check(Context& c, const ServiceRecords& d) {
  c.need_own_provider(d.provider);
  if (!c.need_policy()) return;
  const EntitlementRules rules(c.state, *c.command.policy, d.programme);
  if (rules.problem()) return c.no.add(*rules.problem());
  const Instrument instrument = rules.programme().instrument;
  if (instrument != Instrument::service_hours && instrument != Instrument::bill_share) {
    return c.no.add(Reason::instrument_mismatch, "doc.programme", d.programme.str());
  }
  ServiceLines lines(c, d, rules);
  for (std::size_t i = 0; i < d.lines.size(); ++i) lines.check_line(i);
}

void record(Overlay& state, const Entry& entry, const ServiceRecords& d) {
  std::string key;
  for (const auto& line : d.lines) {
    delivered_key(key, line.beneficiary, d.programme, Month::of(line.date));
    const std::string folded = line.bill_no ? folded_number(*line.bill_no) : std::string();
    const Delivered service = delivered_of(d.provider, line, folded);
    append(state.edit(key), service);
    const auto bill = bill_key(line.beneficiary, service, Month::of(line.date));
    if (!bill) continue;
    std::string& bytes = state.edit(*bill);
    BillRow row = BillRow::decode(bytes);
    if (!is_of(row, d.programme, line.beneficiary)) row = {d.programme, line.beneficiary};
    ++row.services;
    row.policy = entry.policy;
    bytes = row.encode();
  }
}

void check(Context& c, const WorkerCertificate& d) {
  c.need_provider(d.provider);
  if (d.to < d.from) c.no.add(Reason::invalid_period, "doc.to", d.from.str(), d.to.str());
}
void record(Overlay& state, const Entry&, const WorkerCertificate& d) {
  add_certificate(state, d.provider, d.worker, {d.certificate, d.from, d.to});
}

}  // namespace fundtrail::rules
