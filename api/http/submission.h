// The body of POST .../entries as commands: one, or a batch of them.
// Thread-safety: free functions, from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/http/exchange.h"
#include "api/http/problem.h"
#include "ledger/core/entry.h"
#include "ledger/ledger.h"

namespace fundtrail::api {

struct Submission {
  std::vector<Command> commands;
  BatchMode mode = BatchMode::atomic;
  bool batch = false;
  // Of an independent batch: what keeps a command from the ledger, in its place; the others are `commands`,
  // in their order.
  std::vector<std::optional<Problem>> turned_away;
  // Of a dry run: the size of the ledger that it is tried on. Nothing is recorded.
  std::optional<std::uint64_t> tried_on;
  // Of whoever registers people, by the command's id: the receipt names the pseudonym.
  std::map<std::string, std::string> registered;

  bool turns_away() const { return batch && mode == BatchMode::independent; }
};

// A problem with one command of several.
Problem problem_about(Problem problem, const CommandId& command);

// What keeps the whole request from the ledger, if anything does; in an independent batch, what keeps one
// command from it is in `turned_away`.
std::optional<Problem> read_submission(const Exchange& exchange, const std::string& body,
                                       const Timestamp& time, Submission& out);

}  // namespace fundtrail::api
