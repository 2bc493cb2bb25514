#include <chrono>

#include "audit/bundle_layout.h"
#include "audit/integrity/bundle_files.h"
#include "audit/integrity/partial_check.h"
#include "audit/integrity/pass.h"
#include "audit/integrity/verify.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::audit {
namespace {

namespace fs = std::filesystem;

Finding of_file(Flaw flaw, const char* file) {
  Finding finding{flaw};
  finding.subject = file;
  return finding;
}

// What both kinds of bundle begin with.
struct Beginning {
  std::optional<Opening> opening;
  TrustedKey key;
  Checkpoints checkpoints;
  bool has_checkpoint = false;
  chain::Suite suite = chain::Suite::sha256_ed25519;
  chain::Hash genesis{};  // leaf hash of the first line
};

Result<Beginning> begin(const fs::path& bundle, const VerifyOptions& options) {
  Beginning b;
  std::ifstream entries(bundle / bundle::kEntries, std::ios::binary);
  std::string first;
  if (entries && std::getline(entries, first)) b.opening = read_opening(first);
  b.key = choose_key(options, b.opening);
  if (b.key.key) b.has_checkpoint = read_bundle_checkpoints(bundle, *b.key.key, b.checkpoints);
  if (!b.key.key) b.has_checkpoint = fs::exists(bundle / bundle::kCheckpoint);
  if (b.opening && b.opening->suite) b.suite = *b.opening->suite;
  b.genesis = chain::Hasher(b.suite).leaf(first);
  return b;
}

Ending ending_of(const fs::path& bundle, const Beginning& b) {
  Ending ending;
  const std::uint64_t size = b.checkpoints.newest();
  if (size == 0) return ending;
  ending.size = size;
  // Entries behind the newest checkpoint are too many only when that one is really the newest.
  if (b.has_checkpoint && !b.checkpoints.fault()) ending.at_most = size;
  if (const auto proof = read_entry_proof(bundle, size - 1)) {
    ending.last_leaf.push_back(proof->leaf);
  }
  return ending;
}

// The last entry's own inclusion proof.
std::optional<Finding> check_last_proof(const fs::path& bundle, const Beginning& b,
                                        const chain::Hash& leaf) {
  const std::uint64_t size = b.checkpoints.newest();
  if (size == 0) return std::nullopt;
  const std::string file = bundle::entry_proof(size - 1);
  const auto proof = read_entry_proof(bundle, size - 1);
  chain::Hasher hasher(b.suite);
  if (proof && proof->size == size && proof->leaf == leaf &&
      chain::verify_inclusion(hasher, size - 1, size, leaf, proof->path,
                              b.checkpoints.valid().at(size)).ok()) {
    return std::nullopt;
  }
  return of_file(Flaw::proof_mismatch, file.c_str());
}

// What bundle.json says of the ledger is what entry 0 and the newest checkpoint say.
std::optional<Finding> check_description(const BundleDescription& description, const Beginning& b) {
  if (b.opening && description.ledger == b.opening->ledger.str() && description.suite == chain::name(b.suite) &&
      description.size == b.checkpoints.newest()) {
    return std::nullopt;
  }
  auto finding = of_file(Flaw::file_altered, bundle::kDescription);
  finding.detail = in_both("所载账套、算法或条数与记录和检查点不符",
                           "ledger, suite or size are not those of the entries and the checkpoint");
  return finding;
}

// Everything but the entries, in a fixed order.
std::optional<Finding> check_rest(const fs::path& bundle, const BundleDescription& description, const Beginning& b) {
  if (b.key.fault) return b.key.fault;
  if (!b.has_checkpoint) return of_file(Flaw::checkpoint_missing, bundle::kCheckpoint);
  if (b.checkpoints.fault()) return b.checkpoints.fault();
  if (auto bad = check_consistency_proofs(bundle, b.suite, b.checkpoints)) return bad;
  if (auto bad = check_key_files(bundle, *b.key.key)) return bad;
  if (auto bad = check_description(description, b)) return bad;
  return check_manifest(bundle);
}

Status check_full(const fs::path& bundle, const VerifyOptions& options, const Beginning& b,
                  Report& report) {
  ChainCheck check(b.suite, b.checkpoints.valid(), [](std::uint64_t) { return std::nullopt; },
                   [](unsigned, std::uint64_t, const chain::Hash&) {}, options.threads);
  BundleSource source(bundle);
  auto pass = run_pass(source, b.suite, b.genesis, check, options, b.checkpoints.newest());
  if (!pass.ok()) return pass.error();
  if (!report.finding) report.finding = std::move(pass->damaged);
  if (!report.finding) report.finding = check.finish(ending_of(bundle, b));
  if (!report.finding && b.has_checkpoint && !b.key.fault && !b.checkpoints.fault()) {
    report.finding = check_last_proof(bundle, b, check.last_leaf());
  }
  fill_report(report, check, b.checkpoints, b.key, b.opening);
  return success();
}

Status check_partial(const fs::path& bundle, const BundleDescription& description,
                     const Beginning& b, Report& report) {
  PartialCheck check(bundle, description, b.suite, b.genesis, b.checkpoints);
  if (auto status = check.run(); !status.ok()) return status;
  if (!report.finding) report.finding = check.finding();
  report.entries = check.entries();
  report.lines = check.lines();
  report.bytes = check.bytes();
  for (const auto& [size, root] : b.checkpoints.valid()) {
    report.checkpoints.push_back(size);
    report.root = chain::to_hex(root);
  }
  if (b.opening) report.ledger = b.opening->ledger.str();
  report.suite = chain::name(b.suite);
  if (b.key.key) {
    report.key = chain::encode_verifier_key(b.key.key->name, b.key.key->key);
    report.fingerprint = b.key.key->key.fingerprint();
  }
  return success();
}

}  // namespace

Result<Report> verify_bundle(const fs::path& bundle, const VerifyOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  if (!fs::is_directory(bundle)) {
    return Error{Fault::not_found, in_both("没有证据包目录“" + bundle.string() + "”。", "there is no bundle " + bundle.string())};
  }
  Report report;
  report.kind = "bundle";
  report.key_was_given = options.key.has_value();
  report.finding = check_kinds(bundle);
  const auto description = report.finding ? std::nullopt : read_description(bundle);
  const bool readable = fs::is_regular_file(bundle / bundle::kEntries);
  if (report.finding) {
    // Nothing of it is read.
  } else if (!readable) {
    report.finding = of_file(Flaw::file_missing, bundle::kEntries);
  } else if (!description) {
    const bool there = fs::exists(bundle / bundle::kDescription);
    report.finding =
        of_file(there ? Flaw::file_altered : Flaw::file_missing, bundle::kDescription);
  } else {
    const auto b = begin(bundle, options);
    if (!b.ok()) return b.error();
    if (description->partial) report.kind = "partial_bundle";
    if (b->opening && !b->opening->suite) report.finding = Finding{Flaw::unknown_version, 0};
    const auto status = description->partial ? check_partial(bundle, *description, *b, report)
                                             : check_full(bundle, options, *b, report);
    if (!status.ok()) return status.error();
    if (!report.finding) report.finding = check_rest(bundle, *description, *b);
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  report.seconds = passed.count();
  return report;
}

}  // namespace fundtrail::audit
