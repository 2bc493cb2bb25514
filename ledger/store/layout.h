// The keys of the tables: the one place where the physical layout stands. Integers in keys are
// big-endian so that keys sort and grow in the order of the chain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/chain/merkle.h"
#include "ledger/core/accounts.h"
#include "ledger/core/date.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::store {

// Big-endian, 8 bytes.
std::string key_of(std::uint64_t index);
Result<std::uint64_t> index_of(std::string_view key);
// A key, or a damaged value, for people: what cannot be printed as \xNN.
std::string printable(std::string_view key);

// The head: everything about the end of the chain that the writer carries on from.
struct Head {
  chain::Frontier frontier;  // frontier.size() is the number of entries
  chain::Hash last_leaf{};   // of the newest entry; zero when empty
  std::int64_t last_time = 0;  // unix seconds of the newest entry

  std::uint64_t size() const { return frontier.size(); }
  std::string encode() const;
  static Result<Head> decode(std::string_view bytes);
};
inline constexpr std::string_view kHeadKey = "head";

// meta: somebody's identity was removed from the vault; until the next opening has seen to it, its
// bytes may still lie in the store's files.
inline constexpr std::string_view kExpungeKey = "expunge";

// meta: the epoch of the newest claim, 8 bytes; and the version of all that stands in this file and
// in ledger/rules/rows.h, noted by the first claim.
inline constexpr std::string_view kEpochKey = "epoch";
inline constexpr std::string_view kLayoutKey = "layout";
// Whoever changes which rows the state has, or what is in them, raises it, and the state of older stores is
// made again from their entries when they are opened for writing (ledger/engine/state_upgrade.h).
inline constexpr std::string_view kLayout = "5";
// Their other tables are as those of kLayout, and so are their rows 'B' and 'T', which readers without the
// rules take out of the state of any layout (verification, View). Who changes those keeps older stores from
// being verified, and has to find a way.
inline constexpr std::string_view kLayoutsOfOtherState[] = {"1", "2", "3", "4"};
// While the state is made again: rows of two layouts, on which nobody decides. An older program does not
// know the word; this one, and every later one that keeps the other tables, begins anew.
inline constexpr std::string_view kLayoutBeingMade = "being-made";
// Whether this program knows the layout of a store with this row. Fault::unknown_version.
Status check_layout(const std::optional<std::string>& row);
// For whoever reads the state and cannot bring it up to date. Faults: unknown_version, io.
Status need_current_state(const Snapshot& snapshot);

// meta: "checkpoint/" + size (big-endian) → signed note
std::string checkpoint_key(std::uint64_t size);
inline constexpr std::string_view kFirstCheckpoint = "checkpoint/";
inline constexpr std::string_view kBehindCheckpoints = "checkpoint0";  // '/' + 1
// meta: how many of them are kept, 8 bytes; absent in stores of before 2026-11-28 until the next one.
inline constexpr std::string_view kCheckpointsKey = "checkpoints";

// tree: the leaf hashes of 256 entries in one value, written when the 256th is appended, and the
// root of every complete subtree whose height is a multiple of 8. What is not complete is computed
// from what is.
inline constexpr unsigned kTileHeight = 8;
std::string tile_key(std::uint64_t tile);                       // 256 × 32 bytes
std::string subtree_key(unsigned level, std::uint64_t index);   // 32 bytes; level = 8, 16, ...

// state: first byte tells the kind of row. Rows of the fund view are here because the integrity
// check reads them without the rules; all others belong to ledger/rules/state.h.
inline constexpr char kBalanceRow = 'B';
inline constexpr char kTurnoverRow = 'T';

// 'B' account, dimensions → the balance in its normal direction, as decimal text ("100.00").
std::string balance_key(FundAccount account, const Dimensions& at);
struct BalanceKey {
  FundAccount account;
  Dimensions at;
};
Result<BalanceKey> parse_balance_key(std::string_view key);

// 'T' business date, account, dimensions → debit and credit of that day, as "debit credit" in decimal text.
std::string turnover_key(Date date, FundAccount account, const Dimensions& at);
struct TurnoverKey {
  Date date;
  FundAccount account;
  Dimensions at;
};
Result<TurnoverKey> parse_turnover_key(std::string_view key);
struct Turnover {
  Money debit;
  Money credit;
};
std::string encode_turnover(const Turnover& turnover);
Result<Turnover> decode_turnover(std::string_view value);
std::string encode_balance(const Money& balance);
Result<Money> decode_balance(std::string_view value);

}  // namespace fundtrail::store
