#include "audit/integrity/pass.h"

#include <algorithm>

#include "ledger/chain/document_codec.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/core/in_order.h"

namespace fundtrail::audit {

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
    trusted.fault->detail =
        stated ? in_both("第 0 号记录所载为 " + text(*opening->key), "entry 0 names " + text(*opening->key))
               : in_both("第 0 号记录没有可读的公钥", "entry 0 names no key that can be read");
  }
  return trusted;
}

Result<PassOutcome> run_pass(RecordSource& source, chain::Suite suite, const chain::Hash& genesis,
                             ChainCheck& check, const VerifyOptions& options,
                             std::uint64_t expected) {
  PassOutcome outcome;
  std::optional<Error> fault;
  const auto fold = [&](Examination examination) {
    if (examination.stray) {
      outcome.stray = std::min(*examination.stray, outcome.stray.value_or(*examination.stray));
    }
    bool more = !examination.last && !examination.fault;
    fault = std::move(examination.fault);
    if (!check.feed(std::move(examination))) {
      fault.reset();
      more = false;
    }
    if (options.progress) options.progress(check.records(), expected);
    if (options.cancelled && options.cancelled()) {
      fault = Error{Fault::unavailable, "the verification was cancelled"};
      more = false;
    }
    return more;
  };
  PerThread<Examiner> examiners(
      [&](std::size_t n) { return Examiner(suite, genesis, n); });
  InOrder<RecordSource::Piece, Examination>{
      options.threads, [&] { return source.take(); },
      [&](std::size_t thread, RecordSource::Piece piece) {
        return source.examine(std::move(piece), examiners.of(thread));
      },
      fold}
      .run();
  if (fault && fault->fault != Fault::unreadable && fault->fault != Fault::tampered) return *fault;
  if (fault) {
    outcome.damaged = Finding{Flaw::unreadable, check.records()};
    outcome.damaged->detail = in_both(*fault);
  }
  return outcome;
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
