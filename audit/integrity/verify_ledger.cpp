#include "audit/integrity/source.h"
#include "audit/integrity/verify.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail::audit {
namespace {

// Empty when there is no such file. One that may not be read is no missing one: that would be a finding.
Result<std::string> read_anchor_bytes(const std::filesystem::path& file) {
  auto bytes = read_file(file);
  if (bytes.ok() || bytes.error().fault != Fault::not_found) return bytes;
  std::error_code ignored;
  if (std::filesystem::symlink_status(file, ignored).type() == std::filesystem::file_type::not_found) return std::string();
  return Error{Fault::io, in_both("无法读取“" + file.string() + "”：请检查权限。",
                                  "cannot read " + file.string() + ": check the permissions")};
}

}  // namespace

Result<Report> verify_ledger(const std::filesystem::path& ledger, VerifyOptions options) {
  auto anchor = read_anchor_bytes(ledger / "ANCHOR");  // first: a writer may be running
  if (!anchor.ok()) return anchor.error();
  options.anchor = std::move(*anchor);
  const auto store = store::RocksStore::open_read_only(ledger / "db");
  if (!store.ok()) return store.error();
  const auto snapshot = (*store)->snapshot();
  auto report = verify_store(*snapshot, options);
  if (!report.ok() || report->finding) return report;
  // What no entry is made of, but the ledger reads when it decides.
  if (auto damaged = (*store)->find_damaged_file()) {
    report->finding = Finding{Flaw::file_altered};
    report->finding->subject = "db/" + damaged->name;
    report->finding->detail = in_both(Error{Fault::unreadable, std::move(damaged->why)});
  }
  return report;
}

}  // namespace fundtrail::audit
