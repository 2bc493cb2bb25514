// Whether the state that the rules decide on is the one that the entries lead to. The integrity check
// (audit/) proves the entries and compares balances; of the other rows (vouchers, claims, calculations,
// grants, keys, bank references, the ids of commands) it knows nothing, and whoever can write the disk could
// change one and be paid twice. Here every entry is applied again, by the rules themselves, into a store of
// its own, and every row of both is compared.
//
// Not part of audit, which shares nothing with the rules: this finds rows that somebody changed, not rules
// that are wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/core/result.h"
#include "ledger/engine/replayed_state.h"
#include "ledger/ledger.h"
#include "ledger/store/store.h"

namespace fundtrail {

struct StateCheckOptions {
  // Where the store of its own is made, and removed again; it becomes as large as the state. Empty: the
  // system's directory for temporary files (TMPDIR).
  std::filesystem::path scratch;
  std::size_t max_differences = 20;  // that are kept; all are counted
  ReplayWatch watch = {};
};

struct StateDifference {
  store::Table table = store::Table::state;  // or commands
  std::string key;
  std::optional<std::string> stored, replayed;  // nothing: there is no such row

  // What the row is, and what is wrong with it.
  std::string zh() const;
  std::string en() const;
};

struct StateReport {
  std::uint64_t entries = 0;   // applied
  std::uint64_t rows = 0;      // of the state, as stored
  // Root (RFC 9162) over the stored rows of the state in the order of keys, each as its key's length in 8
  // bytes, key, value: the same in every sound copy of the ledger.
  chain::Hash root{};
  std::uint64_t commands = 0;  // rows of the commands, as stored
  std::uint64_t different = 0;
  std::vector<StateDifference> differences;  // the first of them, by table and key
  std::optional<ReplayedState::Stopped> stopped;  // then nothing was compared

  bool fine() const { return different == 0 && !stopped; }
};

// Of entries that hold (audit::verify_store): what they say is believed. Memory is bounded. Which lines of
// a document were refused when it was recorded is no part of the book and cannot be checked. Faults: io,
// unreadable, unavailable (cancelled), unknown_version (the state is of an older layout).
Result<StateReport> check_state(const View& view, const StateCheckOptions& options);

// A row of the state in words, by the first byte of its key; empty when there is no such kind.
struct RowName {
  std::string_view zh, en;
};
RowName name_of_row(char kind);

}  // namespace fundtrail
