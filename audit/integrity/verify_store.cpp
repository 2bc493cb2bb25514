#include <chrono>

#include "audit/integrity/anchor_file.h"
#include "audit/integrity/pass.h"
#include "audit/integrity/stored_tree.h"
#include "audit/integrity/verify.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/store/layout.h"

namespace fundtrail::audit {
namespace {

Result<Checkpoints> read_checkpoints(const store::Snapshot& snapshot,
                                     const std::optional<chain::VerifierKey>& key) {
  Checkpoints checkpoints;
  if (!key) return checkpoints;
  const auto status = snapshot.scan(
      store::Table::meta, store::kFirstCheckpoint, store::kBehindCheckpoints,
      [&](std::string_view row, std::string_view note) {
        const auto size = store::index_of(row.substr(store::kFirstCheckpoint.size()));
        checkpoints.add(note, size.ok() ? std::to_string(*size) : "?", *key,
                        size.ok() ? *size : ~std::uint64_t{0});
        return true;
      });
  if (!status.ok()) return status.error();
  return checkpoints;
}

struct StoredHead {
  std::optional<store::Head> head;
  std::string fault;  // why there is none
};

Result<StoredHead> read_head(const store::Snapshot& snapshot) {
  const auto bytes = snapshot.get(store::Table::meta, store::kHeadKey);
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) return StoredHead{std::nullopt, in_both("没有链头", "there is no head")};
  auto head = store::Head::decode(**bytes);
  if (!head.ok()) return StoredHead{std::nullopt, in_both(head.error())};
  return StoredHead{std::move(head).value(), {}};
}

Ending ending_of(const StoredHead& stored, const Checkpoints& checkpoints, chain::Suite suite) {
  Ending ending;
  ending.size = checkpoints.newest();
  if (!stored.head) return ending;
  const auto size = stored.head->size();
  ending.at_most = std::max(size, checkpoints.newest());
  if (size < checkpoints.newest()) return ending;
  chain::Hasher hasher(suite);
  ending.size = size;
  ending.last_leaf.push_back(stored.head->last_leaf);
  ending.root = stored.head->frontier.root(hasher);
  return ending;
}

std::optional<Finding> compare_head(const StoredHead& stored, ChainCheck& check) {
  Finding finding{Flaw::head_mismatch};
  if (!stored.head) {
    finding.detail = stored.fault;
  } else if (!(stored.head->frontier == check.trail().frontier())) {
    finding.detail = in_both("其中的树不符", "its tree differs");
  } else if (stored.head->last_leaf != check.last_leaf()) {
    finding.detail = in_both("其中末条的叶哈希不符", "its last leaf hash differs");
  } else if (stored.head->last_time != check.last_time()) {
    finding.detail = in_both("其中末条的时间不符", "its time differs");
  } else {
    return std::nullopt;
  }
  return finding;
}

// The anchor, and the leaf hash that was read where it stands.
struct Anchored {
  std::optional<AnchorFile> anchor;
  std::optional<Finding> fault;
  std::optional<chain::Hash> read;
};

Anchored read_anchored(const VerifyOptions& options, const TrustedKey& key) {
  Anchored anchored;
  if (!options.anchor || !key.key) return anchored;
  if (options.anchor->find_first_not_of('\0') == std::string::npos) {
    anchored.fault = Finding{Flaw::anchor_missing};
    return anchored;
  }
  const auto anchor = decode_anchor(*options.anchor, *key.key);
  if (anchor.ok()) {
    anchored.anchor = *anchor;
  } else {
    anchored.fault = Finding{Flaw::anchor_mismatch};
    anchored.fault->detail = in_both(anchor.error());
  }
  return anchored;
}

void consider_anchor(Ending& ending, const Anchored& anchored) {
  if (!anchored.anchor || anchored.anchor->size < ending.size.value_or(0)) return;
  if (anchored.anchor->size > ending.size.value_or(0)) {
    ending.last_leaf.clear();
    ending.root.reset();
    ending.size = anchored.anchor->size;
  }
  ending.last_leaf.push_back(anchored.anchor->last_leaf);
}

std::optional<Finding> compare_anchor(const Anchored& anchored,
                                      const std::optional<chain::Hash>& root) {
  if (anchored.fault || !anchored.anchor || anchored.anchor->size == 0) return anchored.fault;
  if (anchored.read == anchored.anchor->last_leaf && root == anchored.anchor->root) {
    return std::nullopt;
  }
  return Finding{Flaw::anchor_mismatch, anchored.anchor->size - 1};
}

// Whether all checkpoints are kept that were handed out: as many as the store says, and at least as
// many as its anchor, which may be one behind.
Result<std::optional<Finding>> count_checkpoints(const store::Snapshot& snapshot,
                                                 const Checkpoints& checkpoints,
                                                 const Anchored& anchored) {
  const auto row = snapshot.get(store::Table::meta, store::kCheckpointsKey);
  if (!row.ok()) return row.error();
  const std::uint64_t kept = checkpoints.valid().size();
  std::uint64_t expected = anchored.anchor ? anchored.anchor->checkpoints : 0;
  if (*row) {
    const auto noted = store::index_of(**row);
    if (!noted.ok()) return noted.error();
    expected = std::max(expected, *noted);
  }
  if (kept >= expected) return std::optional<Finding>();
  Finding finding{Flaw::checkpoint_missing};
  const std::string has = std::to_string(kept), of = std::to_string(expected);
  finding.detail = in_both("应有 " + of + " 个，现存 " + has + " 个", has + " of " + of + " are kept");
  return std::optional(finding);
}

}  // namespace

Result<Report> verify_store(const store::Snapshot& snapshot, const VerifyOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto first = snapshot.get(store::Table::entries, store::key_of(0));
  if (!first.ok()) return first.error();
  const auto opening = *first ? read_opening(**first) : std::nullopt;
  const TrustedKey key = choose_key(options, opening);
  auto checkpoints = read_checkpoints(snapshot, key.key);
  if (!checkpoints.ok()) return checkpoints.error();
  const auto head = read_head(snapshot);
  if (!head.ok()) return head.error();
  const auto suite = opening && opening->suite ? *opening->suite : chain::Suite::sha256_ed25519;
  Anchored anchored = read_anchored(options, key);
  Ending ending = ending_of(*head, *checkpoints, suite);
  consider_anchor(ending, anchored);

  StoredTree tree(snapshot);
  ChainCheck check(
      suite, checkpoints->valid(), [&](std::uint64_t index) { return tree.leaf(index); },
      [&](unsigned level, std::uint64_t index, const chain::Hash& hash) {
        tree.closed(level, index, hash);
        if (level == 0 && anchored.anchor && index + 1 == anchored.anchor->size) {
          anchored.read = hash;
        }
      },
      options.threads);
  if (anchored.anchor) check.trail().watch(anchored.anchor->size);
  StoreSource source(snapshot);
  const auto genesis = *first ? chain::Hasher(suite).leaf(**first) : chain::Hash{};
  auto pass = run_pass(source, suite, genesis, check, options, ending.size.value_or(0));
  if (!pass.ok()) return pass.error();

  Report report;
  report.kind = "store";
  report.key_was_given = options.key.has_value();
  if (opening && !opening->suite) report.finding = Finding{Flaw::unknown_version, 0};
  if (!report.finding) report.finding = std::move(pass->damaged);
  if (!report.finding) report.finding = check.finish(ending);
  if (!report.finding && pass->stray) {
    report.finding = Finding{Flaw::lines_inserted, pass->stray};
  }
  if (!report.finding) report.finding = key.fault;
  if (!report.finding) report.finding = checkpoints->fault();
  if (!report.finding) {
    auto counted = count_checkpoints(snapshot, *checkpoints, anchored);
    if (!counted.ok()) return counted.error();
    report.finding = std::move(counted).value();
  }
  if (!report.finding) report.finding = compare_head(*head, check);
  if (!report.finding) report.finding = compare_anchor(anchored, check.trail().watched_root());
  if (!report.finding) report.finding = tree.fault();
  if (!report.finding) {
    auto balances = check.replay().compare(snapshot);
    if (!balances.ok()) return balances.error();
    report.finding = std::move(balances).value();
  }
  fill_report(report, check, *checkpoints, key, opening);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  report.seconds = passed.count();
  return report;
}

}  // namespace fundtrail::audit
