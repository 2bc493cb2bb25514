// The files of an evidence bundle: the one place where their names stand (docs/FORMAT.md, "Evidence
// bundles").
#pragma once

#include <cstdint>
#include <string>

namespace fundtrail::audit::bundle {

inline constexpr const char* kFormat = "fundtrail-bundle/1";
inline constexpr const char* kDescription = "bundle.json";
inline constexpr const char* kEntries = "entries.jsonl";
inline constexpr const char* kCheckpoint = "checkpoint";
inline constexpr const char* kManifest = "manifest.sha256";
inline constexpr const char* kPublicKey = "keys/ledger.pub.pem";
inline constexpr const char* kVerifierKey = "keys/ledger.vkey";
inline constexpr const char* kFingerprint = "keys/fingerprint.txt";
inline constexpr const char* kVerifier = "verify.py";
inline constexpr const char* kReadMe = "README.md";
inline constexpr const char* kReadMeZh = "README.zh-CN.md";

std::string lines_of(std::uint64_t index);           // "lines/00000012.jsonl"
std::string earlier_checkpoint(std::uint64_t size);  // "checkpoints/00000020"
std::string entry_proof(std::uint64_t index);        // "proofs/entry-00000012.json"
std::string line_proofs(std::uint64_t index);        // "proofs/lines-00000012.json"
// "proofs/consistency-00000020-00000060.json"
std::string consistency_proof(std::uint64_t old_size, std::uint64_t new_size);

}  // namespace fundtrail::audit::bundle
