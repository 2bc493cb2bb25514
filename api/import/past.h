// A past that FundTrail did not control: rows of a bureau's files as imported_record documents, each
// as it was found (docs/IMPORT.md).
#pragma once

#include "api/import/importer.h"
#include "api/import/sheet.h"
#include "ledger/vault.h"

namespace fundtrail::api::import {

// Records every file of the folder in documents of up to 1,000 rows. A document's command id carries
// the digest of its file, so the same file is recorded once. Errors: those of the ledger and of the
// folder; what is unreadable goes to report.findings.
Status record_past(Ledger& staged, const ImportRequest& request, ImportReport& report);

// One row without the people in it.
ImportedRow imported_row(const Table& table, const Row& row, const Vault& vault);

}  // namespace fundtrail::api::import
