// START HERE for the import of a bureau's files (docs/IMPORT.md).
//
// Two passes. The first reads every row of every file, lists what cannot be read and plans the
// documents (where their rows stand, business date); the second builds the commands in the order of
// the year and submits them to a private copy of the ledger. Only when nothing at all was wrong, and
// it was no dry run, does the copy become the ledger. So a dry run and an import find the same.
//
// An import that records something ends with a manifest: who ran it over which files
// (api/import/manifest.h).
//
// Memory: about 70 bytes a document and step, never the rows themselves (files are mapped), so about
// 80 MB for the 1.1 million documents of 1,000,000 elders and 9,000,000 vouchers. Measured with
// 20,000 elders (361,000 rows): 157 MB in all, the store and the mapped files included, in 6 s.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "api/import/csv_file.h"
#include "api/import/findings.h"
#include "ledger/ledger.h"

namespace fundtrail::api::import {

struct ImportRequest {
  std::filesystem::path folder;
  bool dry_run = false;
  bool past = false;  // as imported_record documents
  Timestamp time;
  ActorId actor;      // of policies, which name nobody, and of a past year's records
  ActorId operator_id;  // who runs the import: stands in its manifest
  std::optional<Encoding> encoding = {};  // of CSV files without a byte order mark; absent: detected
  // Called now and then with what was recorded and what there is; may be empty.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  // Whether to give up: then nothing is recorded and the answer is unavailable. May be empty.
  std::function<bool()> cancelled = {};
  // Whom the rows of documents may act as; absent: whomever they name.
  std::optional<Actor> only = {};
  // Whether refusals tell who the people of the rows are: to whoever has the ledger's files they may.
  Telling people = Telling::told;
  // Whether files may name people by identity number: what becomes of such a row tells whether somebody is registered,
  // where, and whether they were paid. For whoever may look people up.
  bool by_number = true;
  // The folder is a copy made for this import: each file of rows is removed as soon as it is open, so that
  // what stands in it about people lies on no disk while the rows are recorded, nor after a crash.
  bool remove_files = false;
};

struct FileSummary {
  std::string file;
  std::string encoding;
  std::string digest;  // hex, of the whole file, by the ledger's suite
  std::uint64_t rows = 0;
  std::uint64_t documents = 0;  // and steps of documents
};

struct ImportReport {
  std::vector<FileSummary> files;
  std::vector<std::string> ignored;  // files that were not read (only of a past)
  std::vector<Finding> findings;
  // Whom rows name by number, once for each row: of an import whose refusals do not tell it (Telling::withheld).
  std::vector<Pseudonym> people;
  std::uint64_t recorded = 0;  // new entries, the manifest not counted
  std::uint64_t repeated = 0;  // commands that had been recorded before
  bool adopted = false;        // the ledger has changed
  std::uint64_t size = 0;      // of the ledger afterwards
  chain::Hash root{};
};

// Errors are faults of the ledger or of the folder as a whole; what is wrong with files is in the
// report. The ledger is unchanged unless `adopted`.
Result<ImportReport> import_folder(Ledger& ledger, const ImportRequest& request);

}  // namespace fundtrail::api::import
