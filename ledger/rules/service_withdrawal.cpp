// Service records that were wrong are taken back by whoever uploads for the provider. What was calculated
// from them stands until the next calculation, which takes it off or leaves it to be recovered.
#include <unordered_map>

#include "ledger/core/check.h"
#include "ledger/rules/entitlement_rows.h"
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

// The bill of the service that was recorded counts for one service less.
void free_bill(Overlay& state, Pseudonym person, const Delivered& recorded, Month month) {
  const auto key = bill_key(person, recorded, month);
  if (!key || !state.find(*key)) return;  // recorded before bills were kept
  std::string& row = state.edit(*key);
  BillRow bill = BillRow::decode(row);
  FT_CHECK(bill.services > 0);
  --bill.services;
  row = bill.encode();
}

}  // namespace

void check(Context& c, const ServiceWithdrawal& d) {
  const Actor& actor = c.command.actor;
  if (actor.role == Role::provider && actor.id.str() != d.provider.str()) {
    c.no.add(Reason::not_own_provider, "doc.provider", d.provider.str());
  }
  c.need_provider(d.provider);
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
    bool found = false;
    Delivered other;
    for (DeliveredRow rows(row ? std::string_view(*row) : std::string_view());
         !found && rows.next(other);) {
      found = other.is_same(service);
    }
    if (!found) no.add(Reason::unknown_service, "item", name);
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
    Delivered recorded;
    DeliveredRow rows(before);
    while (rows.next(recorded) && !recorded.is_same(service)) {
    }
    free_bill(state, line.beneficiary, recorded, month);
    FT_CHECK(remove(state.edit(key), service));
  }
}

}  // namespace fundtrail::rules
