#include "ledger/rules/identity_need.h"

#include "ledger/rules/balances.h"
#include "ledger/rules/entitlement_rows.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {
namespace {

HotKey end_key(Pseudonym person) { return key_of('u', person.value()); }
HotKey recoveries_key(Pseudonym person) { return key_of('o', person.value()); }
HotKey claims_key(Pseudonym person) { return key_of('y', person.value()); }
HotKey erasure_key(Pseudonym person) { return key_of('z', person.value()); }

// What something was calculated in, one after the other.
template <class Take>
void each_claim(const StateSource& state, Pseudonym person, const Take& take) {
  const std::string* row = state.find(claims_key(person));
  if (!row) return;
  const std::string items = *row;
  for (Unpacker u(items); !u.rest().empty();) {
    Dimensions at;
    at.programme = u.id<ProgrammeId>();
    at.region = u.id<RegionCode>();
    at.counterparty = u.text();
    take(at);
  }
}

std::optional<std::string> open_claim(const StateSource& state, Dimensions at) {
  for (const auto& source : ProgrammeRow::find(state, at.programme).sources) {
    at.fund = source.fund;
    for (const auto account : {FundAccount::accrued, FundAccount::payable}) {
      if (balance(state, account, at).is_zero()) continue;
      return std::string(name_of(account)) + " " + at.fund.str() + "/" + at.programme.str() + "/" +
             at.region.str() + "/" + at.counterparty;
    }
  }
  return std::nullopt;
}

}  // namespace

void note_end(Overlay& state, Pseudonym person, const ActorId& actor) {
  state.put(end_key(person), actor.str());
}
std::optional<ActorId> ended_by(const StateSource& state, Pseudonym person) {
  const std::string* row = state.find(end_key(person));
  return row ? ActorId::parse(*row) : std::nullopt;
}

void note_recovery(Overlay& state, Pseudonym person, const RecoveryId& recovery) {
  state.edit(recoveries_key(person)) += Packer().text(recovery.str()).take();
}

CalculatedPeople::CalculatedPeople(Overlay& state, const EntitlementCalculation& d)
    : state_(state),
      item_(Packer().text(d.programme.str()).text(d.region.str()).text(d.payee.str()).take()) {}

// A handful of items in a life, so they are looked through; no id has a byte of a size in front of it,
// so none is found inside another.
void CalculatedPeople::add(Pseudonym person) {
  const HotKey key = claims_key(person);
  const std::string* row = state_.find(key);
  if (!row || row->find(item_) == std::string::npos) state_.edit(key) += item_;
}

std::vector<RegionCode> regions_calculated(const StateSource& state, Pseudonym person,
                                           const ProgrammeId& programme, const ProviderId& payee) {
  std::vector<RegionCode> regions;
  each_claim(state, person, [&](const Dimensions& at) {
    if (at.programme == programme && at.counterparty == payee.str()) regions.push_back(at.region);
  });
  return regions;
}

void note_erasure(Overlay& state, Pseudonym person, std::uint64_t entry) {
  state.put(erasure_key(person), std::to_string(entry));
}

std::optional<std::string> erased_by(const StateSource& state, Pseudonym person) {
  const std::string* row = state.find(erasure_key(person));
  return row ? std::optional(*row) : std::nullopt;
}

std::optional<std::string> open_money(const StateSource& state, Pseudonym person) {
  std::optional<std::string> open;
  each_claim(state, person, [&](const Dimensions& at) {
    if (!open) open = open_claim(state, at);
  });
  if (open) return open;
  if (const std::string* row = state.find(recoveries_key(person))) {
    const std::string items = *row;
    for (Unpacker u(items); !u.rest().empty();) {
      const auto id = u.id<RecoveryId>();
      const std::string* bytes = state.find(recovery_key(id));
      if (!bytes) Unpacker::damaged();
      const auto recovery = RecoveryRow::decode(*bytes);
      if (recovery.received < recovery.decided) return "in_recovery " + id.str();
    }
  }
  return std::nullopt;
}

}  // namespace fundtrail::rules
