// The first pass of an import: which documents there are, where their rows stand, and in which order
// they are recorded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "api/import/importer.h"
#include "api/import/sheet.h"
#include "ledger/chain/document_codec.h"
#include "ledger/vault.h"

namespace fundtrail::api::import {

// The rows of one document.
struct PlannedDocument {
  Run first;
  std::vector<Run> more;  // when its rows do not stand together
  std::uint32_t rows() const {
    std::uint32_t count = first.rows;
    for (const auto& run : more) count += run.rows;
    return count;
  }
};

// One command to be built.
struct PlannedStep {
  std::int32_t date = 0;       // days
  std::uint16_t order = 0;     // of the table; 0: policies
  std::uint16_t step = 0;      // of the table's steps
  std::uint32_t row = 0;       // the first one
  std::uint32_t document = 0;  // index in its sheet's documents (or in policies)
};

struct PlannedSheet {
  std::unique_ptr<Sheet> sheet;
  std::vector<PlannedDocument> documents;
};

struct PlannedPolicy {
  std::string file;  // "policies/wujin-2008.json"
  Policy policy;
};

// What will be missing because its row was bad or refused: others that refer to it are refused, too,
// and that is a consequence, not another mistake of the people who wrote the files.
class Missing {
 public:
  // The things that rows would have brought into the ledger: documents, people, vouchers.
  void add(const Table& table, const Row& row, const Vault& vault);
  void add_file(const Table& table);
  void add_policy_file() { file_ = true; }
  void add_key(const Table& table, const std::string& key);
  // Whether a refusal follows from them.
  bool explains(const Rejection& refusal) const;
  bool has(const std::string& thing) const { return things_.contains(thing); }

 private:
  std::unordered_set<std::string> things_;
  bool money_ = false;  // receipts or allotments are among them
  bool came_back_ = false;  // vouchers that came back are
  bool file_ = false;   // a whole file is
};

struct Plan {
  std::vector<PlannedSheet> sheets;  // by table order; without a sheet where there is no file
  std::vector<PlannedPolicy> policies;
  std::vector<PlannedStep> steps;    // in the order of recording
  Missing missing;
};

// Reads every file. What is wrong goes to report.findings; bad documents are not planned.
// Errors: the folder cannot be read.
Result<Plan> plan_import(const ImportRequest& request, const Ledger& staged, ImportReport& report);

// The files of a folder: tables in their order and policies. Of others, spreadsheets and (unless it
// is a past) unknown CSV files are findings; in a past those go to report.ignored.
struct TableFile {
  const Table* table = nullptr;
  std::string name;  // in the folder
};
struct FolderFiles {
  std::vector<TableFile> tables;  // in the order of the import, each table once
  std::vector<std::string> policies;
};
// A file of it; nothing when it cannot be read, and findings why. Removed then, when the request says so.
std::unique_ptr<Sheet> open_sheet(const ImportRequest& request, const std::string& file, const Table& table,
                                  Strictness strictness, std::vector<Finding>& findings, WorkbookReading& reading);
Result<FolderFiles> list_folder(const std::filesystem::path& folder, bool past,
                                ImportReport& report);

// Reads one policy file into the plan.
void plan_policy(const ImportRequest& request, const std::string& file, chain::Suite suite,
                 Plan& plan, ImportReport& report);
// A file's part in the report, with nothing counted yet.
FileSummary summary_of(const Sheet& sheet, chain::Suite suite);
Command policy_command(const Policy& policy, const ImportRequest& request);

}  // namespace fundtrail::api::import
