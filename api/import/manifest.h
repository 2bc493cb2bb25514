// The manifest of an import: an imported_record document of table `import_manifest` at its end, by the
// operator, with one line a file: its name, digest and encoding, and how many rows and documents.
// People in the files act under their own ids; this is the trace of the one who typed the command.
#pragma once

#include "api/import/importer.h"

namespace fundtrail::api::import {

// Its file_digest is the digest of "<digest>  <file>\n" of every line in order. A refusal goes to
// report.findings. Errors: those of the ledger.
Status record_manifest(Ledger& staged, const ImportRequest& request, ImportReport& report);

}  // namespace fundtrail::api::import
