// Service records that were wrong are taken back by whoever uploads for the provider; those of a bill on
// which money stands by a preparer only. What was calculated from them stands until the next calculation,
// which takes it off or leaves it to be recovered; so long the bill is nobody else's (bills.h).
#include <unordered_map>

#include "ledger/core/check.h"
#include "ledger/rules/bills.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

Delivered service_of(const ServiceWithdrawal& d, const WithdrawnService& line) {
  Delivered service;
  service.day = line.date.day();
  service.provider = d.provider.str();
  service.item = line.item.str();
  if (line.worker) service.worker = line.worker->str();
  return service;
}

// The recorded service that the line names; the result points into the row.
std::optional<Delivered> recorded_in(const std::string* row, const Delivered& service) {
  Delivered other;
  for (DeliveredRow rows(row ? std::string_view(*row) : std::string_view()); rows.next(other);) {
    if (other.is_same(service)) return other;
  }
  return std::nullopt;
}

// Whether the bill's row counts the service: one that was recorded before bills were kept is in none,
// and the row may be another programme's by now.
bool counts(const BillRow& bill, const ServiceWithdrawal& d, const WithdrawnService& line) {
  return is_of(bill, d.programme, line.beneficiary) && bill.services > 0;
}

// Whoever could claim the bill for somebody else does not alone free it of the money on it.
void check_bill(const Context& c, const ServiceWithdrawal& d, const WithdrawnService& line,
                const Delivered& recorded, Findings& no) {
  if (c.command.actor.role != Role::provider) return;
  const Month month = Month::of(line.date);
  const auto key = bill_key(line.beneficiary, recorded, month);
  const std::string* row = key ? c.state.find(*key) : nullptr;
  if (!row) return;
  const BillRow bill = BillRow::decode(*row);
  if (!counts(bill, d, line) || calculated_on(c.state, bill, d.provider, month) <= 0) return;
  const auto name = recorded.bill_no.empty() ? recorded.item : recorded.bill_no;
  no.add(Reason::bill_calculated, "item", std::string(name), line.beneficiary.str());
}

// The bill of the service that was recorded counts for one service less.
void free_bill(Overlay& state, const ServiceWithdrawal& d, const WithdrawnService& line,
               const Delivered& recorded) {
  const Month month = Month::of(line.date);
  const auto key = bill_key(line.beneficiary, recorded, month);
  const std::string* row = key ? state.find(*key) : nullptr;
  if (!row) return;  // recorded before bills were kept
  BillRow bill = BillRow::decode(*row);
  if (!counts(bill, d, line)) return;
  withdraw_from(state, bill, d.provider, month);
  state.put(*key, bill.encode());
}

}  // namespace

void check(Context& c, const ServiceWithdrawal& d) {
  c.need_own_provider(d.provider);
  std::unordered_map<std::string, std::size_t> seen;
  std::string key;
  for (std::size_t at = 0; at < d.lines.size(); ++at) {
    const WithdrawnService& line = d.lines[at];
    const std::string name = line.beneficiary.str() + "/" + line.date.str() + "/" + line.item.str();
    Findings no;
    const auto [first, added] =
        seen.emplace(name + "/" + (line.worker ? line.worker->str() : std::string()), at);
    if (!added) no.add(Reason::duplicate_line, "item", name, std::to_string(first->second));
    delivered_key(key, line.beneficiary, d.programme, Month::of(line.date));
    const std::string* row = c.state.find(key);
    const Delivered service = service_of(d, line);
    if (const auto recorded = recorded_in(row, service)) {
      check_bill(c, d, line, *recorded, no);
    } else {
      no.add(Reason::unknown_service, "item", name);
    }
    if (!no.none()) c.refuse_line(at, no.first()->field, *no.first());
  }
}

void record(Overlay& state, const Entry&, const ServiceWithdrawal& d) {
  std::string key;
  for (const auto& line : d.lines) {
    const Month month = Month::of(line.date);
    delivered_key(key, line.beneficiary, d.programme, month);
    const Delivered service = service_of(d, line);
    const std::string before = *state.find(key);
    const auto recorded = recorded_in(&before, service);
    FT_CHECK(recorded.has_value());
    free_bill(state, d, line, *recorded);
    FT_CHECK(remove(state.edit(key), service));
  }
}

}  // namespace fundtrail::rules
