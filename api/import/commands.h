// From the rows of one document to the command that records it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/import/sheet.h"
#include "ledger/core/entry.h"
#include "ledger/core/result.h"
#include "ledger/vault.h"

namespace fundtrail::api::import {

// Asks the ledger about documents that were recorded before: in the same import or long ago.
struct Recorded {
  std::function<Result<std::optional<std::uint64_t>>(const std::string& command_id)> find;
  std::function<Result<Entry>(std::uint64_t index)> entry;
};

struct Builder {
  const Vault& vault;
  const Recorded& recorded;
  Timestamp time;
  std::vector<Finding>& findings;

  // The command of one step of the rows (all of one document, the first decides). Nothing when
  // something is wrong, and `findings` says what. Errors: those of the ledger that was asked.
  Result<std::optional<Command>> build(const Sheet& sheet, const Step& step,
                                       const std::vector<Row>& rows) const;
};

// "SK2008-01", or what stands for it where the key must not be shown (a person's pseudonym) or is
// not unique by itself (a provider's changes, a month's bank statement).
std::string document_key(const Table& table, const Row& row, const Vault& vault);
std::string command_id(const Table& table, const std::string& key, const Step& step);
// The business date of a step; nothing when the row does not have that step.
std::optional<Date> date_of(const Table& table, const Step& step, const Row& row);

// Which column a refusal is about ("doc.amount", "lines[3].voucher"), if one.
std::optional<std::size_t> column_of(const Table& table, const Step& step, std::string_view field);

// Whether a document that needs others' entry numbers is built of this step.
bool needs_recorded(const Table& table, const Step& step);

}  // namespace fundtrail::api::import
