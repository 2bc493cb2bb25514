// What somebody's identity is still needed for: to erase it takes an end of entitlement that somebody else
// recorded, and that no money is open.
//
//   o pseudonym   recoveries of what was calculated for the person
//   u pseudonym   who recorded the latest end of entitlement
//   y pseudonym   programmes, regions and payees that something was calculated in
//   z pseudonym   the entry by which the identity was erased
//
// Entries from before these rows were kept have left none. Private to ledger/rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/entitlement_documents.h"
#include "ledger/core/ids.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

void note_end(Overlay& state, Pseudonym person, const ActorId& actor);
std::optional<ActorId> ended_by(const StateSource& state, Pseudonym person);

void note_recovery(Overlay& state, Pseudonym person, const RecoveryId& recovery);

// One a document: its people have one programme, region and payee.
class CalculatedPeople {
 public:
  CalculatedPeople(Overlay& state, const EntitlementCalculation& d);
  void add(Pseudonym person);

 private:
  Overlay& state_;
  std::string item_;
};

// Where something was calculated for the person of the programme through the payee, the latest region last.
std::vector<RegionCode> regions_calculated(const StateSource& state, Pseudonym person,
                                           const ProgrammeId& programme, const ProviderId& payee);

void note_erasure(Overlay& state, Pseudonym person, std::uint64_t entry);
// The entry by which the identity was erased.
std::optional<std::string> erased_by(const StateSource& state, Pseudonym person);

// What is open, in words of the fund view: money that accrued to a payee of the person's programme and
// region, or is payable to it, though it may be other people's (the books do not split it); or a recovery
// that has not come back in full. Nothing: none.
std::optional<std::string> open_money(const StateSource& state, Pseudonym person);

}  // namespace fundtrail::rules
