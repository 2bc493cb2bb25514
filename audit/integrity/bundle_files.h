// The files of a bundle other than its entries: description, checkpoints, keys, proofs, manifest.
// What is absent or malformed becomes a finding. Private to audit/integrity.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "audit/integrity/checkpoints.h"
#include "audit/integrity/finding.h"
#include "ledger/chain/merkle.h"
#include "ledger/chain/note.h"

namespace fundtrail::audit {

// What is neither a file nor a folder: a pipe would be waited for, a link leads out of the bundle. Asked first of all.
std::optional<Finding> check_kinds(const std::filesystem::path& bundle);

struct BundleDescription {
  bool partial = false;
  std::string ledger;
  std::string suite;
  std::optional<std::uint64_t> size;
  std::vector<std::uint64_t> entries;  // of a partial bundle, ascending
};
// Nothing when bundle.json is not there or not what it should be.
std::optional<BundleDescription> read_description(const std::filesystem::path& bundle);

// The checkpoint and the earlier ones. False when the file `checkpoint` is absent.
bool read_bundle_checkpoints(const std::filesystem::path& bundle, const chain::VerifierKey& key,
                             Checkpoints& checkpoints);

struct InclusionProof {
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  chain::Hash leaf{};
  std::vector<chain::Hash> path;
};
std::optional<InclusionProof> read_entry_proof(const std::filesystem::path& bundle,
                                               std::uint64_t index);

struct LineProof {
  std::uint64_t line = 0;
  std::vector<chain::Hash> path;
};
// Of a document of which only some lines are there; nothing when the file is absent or malformed.
std::optional<std::vector<LineProof>> read_line_proofs(const std::filesystem::path& bundle,
                                                       std::uint64_t index);

// Every consistency proof of the bundle, between validly signed checkpoints.
std::optional<Finding> check_consistency_proofs(const std::filesystem::path& bundle,
                                                chain::Suite suite, const Checkpoints& checkpoints);

// The key files say what entry 0 says.
std::optional<Finding> check_key_files(const std::filesystem::path& bundle,
                                       const chain::VerifierKey& key);

// manifest.sha256 against the files, in the order of the manifest; then files it does not name.
std::optional<Finding> check_manifest(const std::filesystem::path& bundle);

}  // namespace fundtrail::audit
