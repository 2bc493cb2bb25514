// One record of the access log: who did what, when, why, and what came of it. Ids and pseudonyms only,
// never a name, an identity number or a secret.
//
// A record is one line of canonical JSON, chained like the entries of a ledger: "n" counts from 0
// without gaps, "prev" is the leaf hash of the line before. docs/FORMAT.md, "The access log".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/chain/digest.h"
#include "ledger/core/date.h"
#include "ledger/core/names.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

enum class AccessAction : std::uint8_t {
  opened,   // the log was opened by a server
  read,     // somebody was answered with data about people
  refused,  // somebody was refused
  removed,  // old files were removed: the chain begins at from_n now
  lost,     // `count` records could not be kept
  managed,     // the book of users was changed
  signed_in,   // a session was opened
  signed_out,  // it was closed
  locked,      // a user was locked out, after too many failures
};

struct AccessRecord {
  AccessAction action = AccessAction::read;
  Timestamp time = {};
  std::string actor = {};    // empty: nobody known
  std::string role = {};
  std::string address = {};
  std::string user = {};     // of the book of users, where that is another name than the actor's
  std::string request = {};  // id of the request
  std::string route = {};    // "GET /v1/ledgers/{ledger}/entries/{index}": the pattern, never the address
  int status = 0;       // of the answer; 0: none
  std::string outcome = {};  // code of the problem; empty: answered
  std::string person = {};   // pseudonym
  std::string subject = {};  // what was read: "masked", "full", "entry 17", "2026-01.jsonl"
  std::string command = {};  // id of the refused command
  std::string purpose = {};  // as the caller gave it
  std::uint64_t count = 0;   // of lines refused, people not named, or records lost
  std::uint64_t repeats = 0;  // it stands for so many refusals like one before; 0: for itself
  std::string key = {};           // opened, removed: verifier key of the heads
  std::optional<std::uint64_t> from_n = {};  // removed: number and prev of the first record that stays
  std::string from_prev = {};
};
}  // namespace fundtrail::api

namespace fundtrail {
template <>
struct Names<api::AccessAction> {
  static constexpr std::string_view list[] = {"opened",  "read",      "refused",    "removed", "lost",
                                              "managed", "signed_in", "signed_out", "locked"};
};
}  // namespace fundtrail

namespace fundtrail::api {

// The line, without a line feed. Text that may not stand in a canonical line, and runs of digits that
// may be an identity number, are replaced.
std::string encode(const AccessRecord& record, std::string_view ledger, std::uint64_t n,
                   const chain::Hash& prev);

// What the chain of a line hangs on.
inline constexpr char kNewLog[] = "new-log";  // outcome of an opening: the log of before was gone

struct AccessLink {
  std::string ledger;
  std::uint64_t n = 0;
  chain::Hash prev{};
  std::string action;
  Timestamp time;
  std::string key;
  std::optional<std::uint64_t> from_n;
  std::string from_prev;
  std::uint64_t former_records = 0;  // of an opening with that outcome
};
// Fault::unreadable with the reason, unknown_version for records of a newer program.
Result<AccessLink> read_link(std::string_view line);

}  // namespace fundtrail::api
