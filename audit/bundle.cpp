#include "audit/bundle.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "audit/bundle_files.h"
#include "audit/bundle_layout.h"
#include "audit/bundle_selection.h"
#include "audit/bundle_guides.h"
#include "audit/integrity/pass.h"
#include "audit/store_records.h"
#include "audit/subtrees.h"
#include "ledger/chain/document_codec.h"
#include "ledger/core/bilingual.h"
#include "ledger/store/layout.h"

namespace fundtrail::audit {
namespace {

using Json = nlohmann::ordered_json;

Json hex_list(const std::vector<chain::Hash>& hashes) {
  Json list = Json::array();
  for (const auto& hash : hashes) list.push_back(chain::to_hex(hash));
  return list;
}

std::string text_of(const Json& value) { return value.dump() + "\n"; }

struct KeptCheckpoint {
  std::uint64_t size = 0;
  std::string note;
};

Result<std::vector<KeptCheckpoint>> kept_checkpoints(const store::Snapshot& snapshot) {
  constexpr std::string_view prefix = store::kFirstCheckpoint, behind = store::kBehindCheckpoints;
  std::vector<KeptCheckpoint> kept;
  const auto status = snapshot.scan(
      store::Table::meta, prefix, behind, [&](std::string_view key, std::string_view note) {
        const auto size = store::index_of(key.substr(prefix.size()));
        if (size.ok()) kept.push_back({*size, std::string(note)});
        return true;
      });
  if (!status.ok()) return status.error();
  if (kept.empty() || kept.back().size == 0) {
    return Error{Fault::not_found, "the ledger has no checkpoint of its entries"};
  }
  return kept;
}

// Leaf hashes of a block's lines, and where each begins.
struct SplitLines {
  std::vector<std::string_view> lines;  // with their line feed
  std::vector<chain::Hash> leaves;
};
SplitLines split_lines(chain::Hasher& hasher, std::string_view block) {
  SplitLines split;
  while (!block.empty()) {
    const auto length = std::min(block.find('\n'), block.size() - 1) + 1;
    split.lines.push_back(block.substr(0, length));
    split.leaves.push_back(hasher.leaf(block.substr(0, length - 1)));
    block.remove_prefix(length);
  }
  return split;
}

class BundleWriter {
 public:
  BundleWriter(const store::Snapshot& snapshot, const BundleSelection& selection, Opening opening,
               std::vector<KeptCheckpoint> kept, BundleFolder folder)
      : snapshot_(snapshot), selection_(selection), opening_(std::move(opening)),
        kept_(std::move(kept)), size_(kept_.back().size), hasher_(*opening_.suite),
        subtrees_(snapshot, *opening_.suite, size_), filter_(selection),
        folder_(std::move(folder)) {
    summary_.size = size_;
  }

  Result<BundleSummary> run() {
    for (const auto step :
         {&BundleWriter::learn, &BundleWriter::write_entries, &BundleWriter::write_inclusions,
          &BundleWriter::write_checkpoints, &BundleWriter::write_description,
          &BundleWriter::write_key_and_guides}) {
      if (auto status = (this->*step)(); !status.ok()) return status.error();
    }
    if (auto status = folder_.publish(bundle::kManifest); !status.ok()) return status.error();
    summary_.files = folder_.files();
    return summary_;
  }

 private:
  using Visit = std::function<Status(const Record&)>;
  Status each(const Visit& visit);  // every covered entry; stops at the first failure
  Status learn();
  Status write_entries();
  Status put(BundleFile& entries, const Record& record);
  Status put_some(BundleFile& entries, const Record& record,
                  const std::vector<std::uint64_t>& wanted);
  Status put_line(BundleFile& entries, const Record& record);
  Status write_inclusions();
  Status write_checkpoints();
  Status write_description();
  Status write_key_and_guides();

  const store::Snapshot& snapshot_;
  const BundleSelection& selection_;
  Opening opening_;
  std::vector<KeptCheckpoint> kept_;
  std::uint64_t size_;
  chain::Hasher hasher_;
  Subtrees subtrees_;
  BundleFilter filter_;
  BundleFolder folder_;
  BundleSummary summary_;
  std::vector<std::uint64_t> indices_;  // of a partial bundle
};

Result<Entry> decode(const Record& record) {
  auto entry = chain::decode_entry(record.bytes);
  if (entry.ok() && record.lines) {
    if (auto status = chain::decode_lines(*record.lines, entry->document); !status.ok()) {
      return status.error();
    }
  }
  return entry;
}

Status BundleWriter::each(const Visit& visit) {
  StoreRecords source(snapshot_);
  Record record;
  for (std::uint64_t index = 0; index < size_; ++index) {
    const auto more = source.next(record);
    if (!more.ok()) return more.error();
    if (!*more || record.key != index) {
      return Error{Fault::unreadable, "entry " + std::to_string(index) + " is not there"};
    }
    if (auto status = visit(record); !status.ok()) return status;
  }
  return success();
}

Status BundleWriter::learn() {
  if (!selection_.provider) return success();
  auto status = each([this](const Record& record) -> Status {
    const auto entry = decode(record);
    if (!entry.ok()) return entry.error();
    filter_.learn(*entry);
    return success();
  });
  if (!status.ok() || filter_.knows_provider()) return status;
  const auto provider = selection_.provider->str();
  return Error{Fault::invalid_argument, in_both("检查点所覆盖的记录中没有服务机构 " + provider,
                                                "no provider " + provider + " in what the checkpoint covers")};
}

Status BundleWriter::write_entries() {
  auto file = folder_.open(bundle::kEntries);
  if (!file.ok()) return file.error();
  const auto status = each([&](const Record& record) -> Status {
    if (selection_.everything()) return put(*file, record);
    const auto entry = decode(record);
    if (!entry.ok()) return entry.error();
    if (filter_.whole(*entry)) return put(*file, record);
    const auto wanted = filter_.lines(*entry);
    return wanted.empty() ? success() : put_some(*file, record, wanted);
  });
  if (!status.ok()) return status;
  return folder_.close(*file);
}

Status BundleWriter::put_line(BundleFile& entries, const Record& record) {
  ++summary_.entries;
  if (!selection_.everything()) indices_.push_back(record.key);
  return entries.append(record.bytes + "\n");
}

Status BundleWriter::put(BundleFile& entries, const Record& record) {
  if (auto status = put_line(entries, record); !status.ok()) return status;
  if (!record.lines) return success();
  summary_.lines +=
      static_cast<std::uint64_t>(std::count(record.lines->begin(), record.lines->end(), '\n'));
  return folder_.write(bundle::lines_of(record.key), *record.lines);
}

Status BundleWriter::put_some(BundleFile& entries, const Record& record,
                              const std::vector<std::uint64_t>& wanted) {
  if (auto status = put_line(entries, record); !status.ok()) return status;
  const SplitLines split = split_lines(hasher_, *record.lines);
  const chain::SubtreeHash subtree = [&](unsigned level, std::uint64_t index) {
    return Result<chain::Hash>(chain::root_of(
        hasher_, std::span(split.leaves).subspan(index << level, std::size_t{1} << level)));
  };
  std::string block;
  Json proofs = Json::array();
  for (const auto line : wanted) {
    const auto proof = chain::inclusion_proof(hasher_, line, split.lines.size(), subtree);
    if (!proof.ok()) return proof.error();
    block += split.lines[line];
    proofs.push_back({{"line", line}, {"proof", hex_list(*proof)}});
  }
  summary_.lines += wanted.size();
  const Json all = {{"index", record.key}, {"lines", std::move(proofs)}};
  if (auto status = folder_.write(bundle::line_proofs(record.key), text_of(all)); !status.ok()) {
    return status;
  }
  return folder_.write(bundle::lines_of(record.key), block);
}

Status BundleWriter::write_inclusions() {
  const std::vector<std::uint64_t> last = {size_ - 1};
  for (const auto index : selection_.everything() ? last : indices_) {
    const auto leaf = subtrees_.get(0, index);
    if (!leaf.ok()) return leaf.error();
    const auto proof = subtrees_.inclusion(index);
    if (!proof.ok()) return proof.error();
    const Json value = {{"index", index},
                        {"size", size_},
                        {"leaf", chain::to_hex(*leaf)},
                        {"proof", hex_list(*proof)}};
    if (auto status = folder_.write(bundle::entry_proof(index), text_of(value)); !status.ok()) {
      return status;
    }
  }
  return success();
}

Status BundleWriter::write_checkpoints() {
  if (auto s = folder_.write(bundle::kCheckpoint, kept_.back().note); !s.ok()) return s;
  for (std::size_t i = 0; i + 1 < kept_.size(); ++i) {
    const auto old_size = kept_[i].size, new_size = kept_[i + 1].size;
    if (auto s = folder_.write(bundle::earlier_checkpoint(old_size), kept_[i].note); !s.ok()) {
      return s;
    }
    const auto proof = subtrees_.consistency(old_size, new_size);
    if (!proof.ok()) return proof.error();
    const Json value = {
        {"old_size", old_size}, {"new_size", new_size}, {"proof", hex_list(*proof)}};
    if (auto s = folder_.write(bundle::consistency_proof(old_size, new_size), text_of(value));
        !s.ok()) {
      return s;
    }
  }
  return success();
}

Status BundleWriter::write_description() {
  Json value = {{"format", bundle::kFormat},
                {"kind", selection_.everything() ? "full" : "partial"},
                {"ledger", opening_.ledger.str()},
                {"suite", chain::name(*opening_.suite)},
                {"size", size_}};
  if (!selection_.everything()) {
    Json selection = Json::object();
    if (selection_.provider) selection["provider"] = selection_.provider->str();
    if (selection_.from) selection["from"] = selection_.from->str();
    if (selection_.to) selection["to"] = selection_.to->str();
    value["selection"] = std::move(selection);
    value["entries"] = indices_;
  }
  return folder_.write(bundle::kDescription, text_of(value));
}

Status BundleWriter::write_key_and_guides() {
  const auto& key = *opening_.key;
  const GuideFacts facts{opening_.ledger.str(), key.name, *opening_.suite, size_,
                         summary_.entries, !selection_.everything(), key.key.fingerprint()};
  const std::pair<const char*, std::string> files[] = {
      {bundle::kVerifierKey, chain::encode_verifier_key(key.name, key.key) + "\n"},
      {bundle::kPublicKey, key.key.to_pem()},
      {bundle::kFingerprint, key.key.fingerprint() + "\n"},
      {bundle::kReadMe, guide_en(facts)},
      {bundle::kReadMeZh, guide_zh(facts)},
      {bundle::kVerifier, std::string(verifier_script())},
  };
  for (const auto& [name, content] : files) {
    if (auto status = folder_.write(name, content); !status.ok()) return status;
  }
  return success();
}

}  // namespace

Result<BundleSummary> write_bundle(const store::Snapshot& snapshot,
                                   const std::filesystem::path& target,
                                   const BundleSelection& selection) {
  const auto first = snapshot.get(store::Table::entries, store::key_of(0));
  if (!first.ok()) return first.error();
  auto opening = *first ? read_opening(**first) : std::nullopt;
  if (!opening || !opening->suite || !opening->key) {
    return Error{Fault::unreadable, "entry 0 does not open a ledger"};
  }
  auto kept = kept_checkpoints(snapshot);
  if (!kept.ok()) return kept.error();
  auto folder = BundleFolder::create(target);
  if (!folder.ok()) return folder.error();
  BundleWriter writer(snapshot, selection, std::move(*opening), std::move(kept).value(),
                      std::move(folder).value());
  return writer.run();
}

}  // namespace fundtrail::audit
