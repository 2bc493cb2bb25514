#include "audit/integrity/pass.h"

#include <future>

#include "ledger/chain/document_codec.h"

namespace fundtrail::audit {
namespace {

constexpr std::size_t kBatchRecords = 512;
constexpr std::size_t kBatchBytes = 4u << 20;

struct Batch {
  std::vector<Examined> records;
  std::optional<Error> fault;
  bool last = false;
};

Batch next_batch(RecordSource& source, chain::Hasher& hasher) {
  Batch batch;
  std::size_t bytes = 0;
  while (batch.records.size() < kBatchRecords && bytes < kBatchBytes) {
    Record record;
    const auto more = source.next(record);
    if (!more.ok()) batch.fault = more.error();
    if (!more.ok() || !*more) {
      batch.last = true;
      break;
    }
    bytes += record.bytes.size() + (record.lines ? record.lines->size() : 0);
    batch.records.push_back(examine(hasher, std::move(record)));
  }
  return batch;
}

}  // namespace

std::optional<Opening> read_opening(std::string_view line) {
  const auto entry = chain::decode_entry(line);
  if (!entry.ok()) return std::nullopt;
  const auto* document = std::get_if<LedgerOpening>(&entry->document);
  if (!document) return std::nullopt;
  Opening opening{entry->ledger, std::nullopt, std::nullopt};
  if (const auto suite = chain::suite_from_name(document->suite); suite.ok()) {
    opening.suite = *suite;
  }
  if (auto key = chain::decode_verifier_key(document->public_key); key.ok()) {
    opening.key = std::move(key).value();
  }
  return opening;
}

TrustedKey choose_key(const VerifyOptions& options, const std::optional<Opening>& opening) {
  const auto text = [](const chain::VerifierKey& key) {
    return chain::encode_verifier_key(key.name, key.key);
  };
  TrustedKey trusted;
  const bool stated = opening && opening->key;
  if (options.key) {
    trusted.key = options.key;
  } else if (stated) {
    trusted.key = opening->key;
  }
  if (!stated || (options.key && text(*options.key) != text(*opening->key))) {
    trusted.fault = Finding{Flaw::wrong_key, 0};
    trusted.fault->detail = stated ? "entry 0 names " + text(*opening->key)
                                   : "entry 0 names no key that can be read";
  }
  return trusted;
}

Result<std::optional<Finding>> run_pass(RecordSource& source, chain::Suite suite, ChainCheck& check,
                                        const VerifyOptions& options, std::uint64_t expected) {
  chain::Hasher hasher(suite);
  const auto start = [&] {
    return std::async(std::launch::async, [&] { return next_batch(source, hasher); });
  };
  std::optional<Finding> damaged;
  auto next = start();
  for (bool more = true; more;) {
    Batch batch = next.get();
    more = !batch.last;
    if (more) next = start();
    for (auto& record : batch.records) {
      if (!check.feed(std::move(record))) {
        if (more) next.wait();
        more = false;
        batch.fault.reset();
        break;
      }
    }
    if (batch.fault) {
      if (batch.fault->fault != Fault::unreadable && batch.fault->fault != Fault::tampered) {
        return *batch.fault;
      }
      damaged = Finding{Flaw::unreadable, check.records()};
      damaged->detail = batch.fault->message;
    }
    if (options.progress) options.progress(check.records(), expected);
  }
  return damaged;
}

void fill_report(Report& report, ChainCheck& check, const Checkpoints& checkpoints,
                 const TrustedKey& key, const std::optional<Opening>& opening) {
  report.entries = check.records();
  report.bytes = check.bytes();
  report.lines = check.lines();
  report.root = chain::to_hex(check.trail().root());
  for (const auto& [size, root] : checkpoints.valid()) report.checkpoints.push_back(size);
  if (opening) {
    report.ledger = opening->ledger.str();
    if (opening->suite) report.suite = chain::name(*opening->suite);
  }
  if (key.key) {
    report.key = chain::encode_verifier_key(key.key->name, key.key->key);
    report.fingerprint = key.key->key.fingerprint();
  }
  report.states = check.replay().states().str();
  report.sources = check.replay().sources().str();
}

}  // namespace fundtrail::audit
