// What the tests of this folder share: which call fails how, what lies in a directory, and whether a
// closed ledger is whole.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "audit/integrity/verify.h"
#include "ledger/engine/directory.h"
#include "tests/engine/helpers.h"
#include "tests/faults/sampling.h"
#include "tests/machine/machine.h"

namespace fundtrail::machine {

namespace fs = std::filesystem;

inline constexpr std::size_t kSample = 3;  // of each kind of call and failure

inline std::vector<Failure> failures_of(Operation operation) {
  switch (operation) {
    case Operation::write:
      return {Failure::eio, Failure::enospc, Failure::short_write, Failure::torn_write,
              Failure::power, Failure::kill};
    case Operation::make:
      return {Failure::eio, Failure::enospc, Failure::power, Failure::kill};
    case Operation::look:
    case Operation::read:
      return {Failure::eio};
    default:
      return {Failure::eio, Failure::power, Failure::kill};
  }
}

// Whether only what was synced is left when it has happened.
inline bool takes_power(Failure failure) {
  return failure == Failure::power || failure == Failure::torn_write;
}

// Every file below, by its path, with its content; links by where they lead.
inline std::map<std::string, std::string> files_below(const fs::path& place) {
  std::map<std::string, std::string> files;
  for (const auto& item : fs::recursive_directory_iterator(place)) {
    const std::string name = item.path().lexically_relative(place);
    if (item.is_symlink()) {
      files[name] = fs::read_symlink(item.path());
    } else if (item.is_directory()) {
      files[name + "/"];
    } else {
      std::ifstream in(item.path(), std::ios::binary);
      files[name] = std::string((std::istreambuf_iterator<char>(in)), {});
    }
  }
  return files;
}

// The names in a directory, in order.
inline std::string listing(const fs::path& directory) {
  std::string all;
  for (const auto& [name, content] : files_below(directory)) {
    const auto slash = name.find('/');
    if (slash == name.npos || slash + 1 == name.size()) all += name.substr(0, slash) + " ";
  }
  return all;
}

// `fundtrail verify` of a closed ledger. Empty: everything holds.
inline std::string verify(const fs::path& root) {
  const auto report = audit::verify_ledger(root, {});
  if (!report.ok()) return report.error().message;
  return report->fine() ? "" : report->finding->en() + " " + std::string(report->finding->detail_en());
}

// Which entry recorded each command.
inline std::map<std::string, std::uint64_t> recorded(const View& view) {
  std::map<std::string, std::uint64_t> found;
  test::require_ok(view.scan(0, view.size(), View::Lines::without,
                             [&](std::uint64_t index, std::string_view, std::string_view) {
                               found[view.decoded(index)->command.str()] = index;
                               return true;
                             }));
  return found;
}

// Entries that were acknowledged, by command. Nothing is added when the ledger does not record it.
using Acknowledged = std::map<std::string, std::uint64_t>;
inline bool try_to_record(Ledger& ledger, std::vector<Command> commands, Acknowledged& acknowledged) {
  const auto answers = ledger.submit(std::move(commands), BatchMode::atomic);
  if (!answers.ok()) return false;
  for (const auto& answer : *answers) {
    const auto& receipt = std::get<Receipt>(answer);
    acknowledged[receipt.command.str()] = receipt.index;
  }
  return true;
}

}  // namespace fundtrail::machine
