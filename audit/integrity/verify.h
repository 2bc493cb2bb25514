// START HERE for integrity: proves from the bytes alone that a ledger, or a bundle taken from one, is
// what was recorded and signed. Reads entries only and trusts nothing that is derived from them; it
// shares encoding and hashing with the writer and nothing else (never ledger/rules).
//
//   bytes → canonical form → leaf hashes → links and numbers → tree → signed checkpoints
//         → lines → postings → balances, head, stored tree, anchor
//
// Answers with the first bad entry and the reason (audit/integrity/finding.h, docs/FORMAT.md "Naming
// the first bad entry"). Memory does not grow with the number of entries, only with that of
// balances, checkpoints and documents with lines. Functions may run in several threads at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/integrity/finding.h"
#include "ledger/chain/note.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

struct VerifyOptions {
  // The key that checkpoints must be signed by, from somewhere the verifier trusts. Without it the
  // key of entry 0 is taken: then whoever wrote the ledger anew with a key of his own goes unseen,
  // and the report says so.
  std::optional<chain::VerifierKey> key;
  // The bytes of the ANCHOR file beside a store, read before the snapshot was taken (a writer may
  // be running); empty when there is no such file. Nothing: not to be looked at.
  std::optional<std::string> anchor;
  // Threads that examine entries, beside the one that follows their order; 0: one a core.
  unsigned threads = 0;
  // Called now and then, by the calling thread, with the number of entries that were checked and,
  // when known, of all.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
  // Asked as often: whether to give up, with Fault::unavailable. May be empty.
  std::function<bool()> cancelled = {};
};

struct Report {
  std::string kind;  // "store", "bundle" or "partial_bundle"
  std::string ledger;
  std::string suite;
  std::uint64_t entries = 0;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::string root;                        // hex, of the entries as they are
  std::vector<std::uint64_t> checkpoints;  // sizes of those that the key signed
  std::string key;                         // verifier key that was used; empty: none found
  std::string fingerprint;
  bool key_was_given = false;
  std::string states;   // Σ states and Σ sources, replayed; empty for a partial bundle
  std::string sources;
  double seconds = 0;
  std::optional<Finding> finding;  // what is first wrong; nothing: everything holds

  bool fine() const { return !finding; }
  std::uint64_t signed_entries() const { return checkpoints.empty() ? 0 : checkpoints.back(); }
};

// Errors are those of reading only (io, not_found): what can be read and is wrong is a finding.
// A ledger's directory as it lies, also while a server runs: anchor, store, and the files of the
// tables that the check itself does not read.
Result<Report> verify_ledger(const std::filesystem::path& ledger, VerifyOptions options);
Result<Report> verify_store(const store::Snapshot& snapshot, const VerifyOptions& options);
Result<Report> verify_bundle(const std::filesystem::path& bundle, const VerifyOptions& options);

}  // namespace fundtrail::audit
