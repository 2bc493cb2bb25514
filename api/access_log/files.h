// The files of an access log: one a month, `access-log/2026-11.jsonl`, and HEAD, what the ledger's key
// signed last. One process writes; any number read meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access_log/record.h"
#include "api/files.h"
#include "ledger/chain/note.h"

namespace fundtrail::api {

// The directory of a ledger's access log.
std::filesystem::path access_log_of(const std::filesystem::path& ledger);
inline constexpr char kHeadFile[] = "HEAD";  // in that directory
// Beside that directory: a head as HEAD has it, at most a minute old. A log that is gone, with its directory, is
// missed by it.
std::filesystem::path access_seal_of(const std::filesystem::path& log);

// "2026-11.jsonl" → that file; ascending. Empty when there is no directory.
Result<std::vector<std::filesystem::path>> access_log_files(const std::filesystem::path& directory);

// Calls `visit` with each whole line (without its line feed) until it answers false. Gives the number of
// bytes behind the last line feed: a record that is being written, or one that a crash cut off.
using VisitLine = std::function<bool(std::uint64_t number, std::string_view line)>;
Result<std::uint64_t> read_lines(const std::filesystem::path& file, const VisitLine& visit);

// Whether any record in it was finished.
Result<bool> has_whole_line(const std::filesystem::path& file);

// What HEAD says: so many records, and the leaf hash of the last one.
struct AccessHead {
  std::uint64_t records = 0;
  chain::Hash last{};
};
// "<name of the key>/access-log\n<records>\n<base64 of last>\n": what is signed.
std::string head_body(std::string_view key_name, const AccessHead& head);
// A signed note over such a body. Faults: unreadable, tampered (signature), not_found (other key).
Result<AccessHead> read_head(std::string_view note, const chain::VerifierKey& key);

}  // namespace fundtrail::api
