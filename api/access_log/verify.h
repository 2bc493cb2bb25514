// Checks an access log from its bytes: canonical records, numbers without gaps, the chain across files,
// the signed head. Names the first record that does not fit. Reads while a server writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access_log/files.h"

namespace fundtrail::api {

enum class AccessFault : std::uint8_t {
  unreadable, altered, missing, foreign, cut_beginning, cut_end, other_history, no_head, false_head,
  no_key,
};
struct AccessFaultText {
  AccessFault what;
  std::string_view code;
  Fault fault;
  std::string_view zh;
  std::string_view en;
};
const AccessFaultText& info(AccessFault what);

struct AccessFinding {
  AccessFault what = AccessFault::unreadable;
  std::string file;        // name in the directory
  std::uint64_t line = 0;  // from 1; 0: the file as a whole
  std::string detail;      // in_both(), or what has no language; may be empty
};

struct AccessVerifyOptions {
  std::optional<chain::VerifierKey> key = {};  // nothing: the one that the log names itself
  std::string ledger = {};                // empty: the one of the first record
  std::vector<std::string> heads = {};    // signed notes kept elsewhere
  std::string heads_from = "--head";      // what a finding calls them
  bool newest_file_only = false;          // what a server does when it starts
  std::function<bool()> cancelled = {};   // asked now and then whether to give up, with Fault::unavailable
};

struct AccessReport {
  std::vector<std::string> files;
  std::uint64_t first = 0;       // number of the first record that is there
  std::uint64_t next = 0;        // and behind the last one
  chain::Hash last{};            // leaf hash of the last one
  std::uint64_t signed_records = 0;
  std::uint64_t unfinished = 0;  // bytes behind the last line feed of all
  std::vector<std::string> torn;  // the files that they stand in: the newest with a whole line, and later ones
  std::string ledger;
  std::string key;
  std::string fingerprint;
  // How many records the log had that was gone when this one began, as its first record says; 0: none was.
  std::uint64_t former_records = 0;
  std::optional<AccessFinding> finding;
};

// Errors are those of reading only.
Result<AccessReport> verify_access_log(const std::filesystem::path& directory,
                                       const AccessVerifyOptions& options);

}  // namespace fundtrail::api
